import type { ConnectPlan } from '../config/connect-plan.ts'
import type { HostPlan } from '../config/hosts.ts'
import {
  ConnectionDoesNotExistError,
  ConnectionFailureError,
  TargetServerAttributeNotMatched,
  TimeoutError,
} from '../errors/index.ts'
import { describeHost } from './describe-host.ts'

/** What became of one host. */
export interface HostFailure {
  readonly host: HostPlan
  readonly error: Error
}

/** A host that was reached and is not of the kind that is wanted. */
export function mismatch(plan: ConnectPlan, host: HostPlan): TargetServerAttributeNotMatched {
  return new TargetServerAttributeNotMatched(
    `${describeHost(host)} does not match the target session attributes "${plan.targetSessionAttrs}"`,
  )
}

/** A host that was reached and could not be asked of which kind it is: one that was lost was not reached in the end. */
export function unasked(host: HostPlan, error: Error): Error {
  if (!(error instanceof ConnectionDoesNotExistError)) return error
  return new ConnectionFailureError(
    `could not ask ${describeHost(host)} what kind of server it is: ${error.message}`,
    { severity: 'FATAL', cause: error },
  )
}

/** One error for one host: its only address's own, or all of them inside one. */
export function addressesFailed(host: HostPlan, errors: readonly Error[]): Error {
  const [first] = errors
  // Time that ran out on every address is a time-out still.
  if (errors.length === 1 || errors.every((error) => error instanceof TimeoutError)) return first as Error
  const { hint } = (errors.at(-1) ?? {}) as { hint?: string }
  return new ConnectionFailureError(
    `could not connect to ${describeHost(host)} by any of its ${errors.length} addresses: ${messages(errors)}`,
    {
      severity: 'FATAL',
      ...(hint === undefined ? {} : { hint }),
      cause: aggregate(errors, messages(errors)),
    },
  )
}

/** The error of a whole connect, from one failure for each host tried. */
export function allFailed(plan: ConnectPlan, failures: readonly HostFailure[]): Error {
  const errors = failures.map(({ error }) => error)
  const [first] = errors
  if (errors.length === 1) return first as Error
  const text = failures.map(named).join('; ')
  if (errors.every((error) => error instanceof TargetServerAttributeNotMatched)) {
    return new TargetServerAttributeNotMatched(
      `none of ${errors.length} hosts matches the target session attributes "${plan.targetSessionAttrs}"`,
      { detail: text, cause: new AggregateError(errors, text) },
    )
  }
  return new ConnectionFailureError(`could not connect to any of ${errors.length} hosts: ${text}`, {
    severity: 'FATAL',
    ...(plan.hosts.every((host) => host.entry === 0)
      ? { hint: 'no host was given: is a server running on this machine?' }
      : {}),
    cause: aggregate(errors, text),
  })
}

/** What became of a host, with its name: what a server says does not have it. */
function named({ host, error }: HostFailure): string {
  const { message } = error
  const isOurs =
    error instanceof ConnectionFailureError ||
    error instanceof TimeoutError ||
    error instanceof TargetServerAttributeNotMatched
  return isOurs ? message : `${describeHost(host)}: ${message}`
}

function messages(errors: readonly Error[]): string {
  return errors.map((error) => error.message).join('; ')
}

/** One error for several, with the first error's code, as Node's own sockets give it after trying several addresses. */
function aggregate(errors: readonly Error[], text: string): AggregateError {
  const code = errors.map(codeOf).find((found) => found !== undefined)
  const all = new AggregateError(errors, text)
  // The error that has this one as its cause carries the caller's stack; a stack for each host would bury it.
  for (const error of [all, ...errors]) error.stack = `${error.name}: ${error.message}`
  return code === undefined ? all : Object.assign(all, { code })
}

function codeOf(error: Error): unknown {
  const { cause } = error
  if (error instanceof ConnectionFailureError && cause instanceof Error)
    return (cause as { code?: unknown }).code
  return undefined
}
