import { dns } from '../builtins.ts'
import type { PlanWarning } from '../config/password-file.ts'
import { now } from '../timers.ts'
import type { ResolvedAddress } from './run-plan.ts'

/** The parts of `RunIo` that this process provides itself; dialling is the binding's. */
export const systemIo: {
  resolve(host: string): Promise<readonly ResolvedAddress[]>
  random(): number
  now(): number
} = {
  // The system's resolver, with its hosts file and its order of addresses, as libpq's getaddrinfo.
  resolve: (host) => dns().lookup(host, { all: true, verbatim: true }),
  random: Math.random,
  now,
}

/** Tells the process what the plan found odd, once for each connect. */
export function emitWarnings(warnings: readonly PlanWarning[]): void {
  for (const { code, message } of warnings) process.emitWarning(message, { code })
}
