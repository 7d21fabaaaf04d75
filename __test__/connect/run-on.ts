import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { runPlan } from '../../src/connect/run-plan.ts'
import { type Link, type Network, networkOf, type Tape } from './network.ts'
import { planIn } from './world.ts'

export interface Outcome {
  io: Tape
  log: string[]
  link?: Link
  error?: Error
}

/** Runs a plan on an imagined network: what was done, and the connection or the error. */
export async function runOn(network: Network, dsn: string, options: ConnectOptions = {}): Promise<Outcome> {
  const io = networkOf(network)
  const plan = planIn({}, dsn, options)
  try {
    return { io, log: io.log, link: await runPlan(plan, io) }
  } catch (error) {
    return { io, log: io.log, error: error as Error }
  }
}

export const codeOf = (error: Error | undefined): string | undefined =>
  (error?.cause as { code?: string } | undefined)?.code

export const errorsOf = (error: Error | undefined): Error[] => (error!.cause as AggregateError).errors
