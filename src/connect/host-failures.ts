import type { ConnectPlan } from '../config/connect-plan.ts'
import type { HostPlan } from '../config/hosts.ts'
import { ConnectionFailureError, TargetServerAttributeNotMatched, TimeoutError } from '../errors/index.ts'
import { describeHost } from './describe-host.ts'

/** A host that was reached and is not of the kind that is wanted. */
export function mismatch(plan: ConnectPlan, host: HostPlan): TargetServerAttributeNotMatched {
  return new TargetServerAttributeNotMatched(
    `${describeHost(host)} does not match the target session attributes "${plan.targetSessionAttrs}"`,
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
    { severity: 'FATAL', ...(hint === undefined ? {} : { hint }), cause: aggregate(errors) },
  )
}

/** The error of a whole connect, from one error for each host tried. */
export function allFailed(plan: ConnectPlan, errors: readonly Error[]): Error {
  const [first] = errors
  if (errors.length === 1) return first as Error
  if (errors.every((error) => error instanceof TargetServerAttributeNotMatched)) {
    return new TargetServerAttributeNotMatched(
      `none of ${errors.length} hosts matches the target session attributes "${plan.targetSessionAttrs}"`,
      { detail: messages(errors), cause: new AggregateError(errors, messages(errors)) },
    )
  }
  return new ConnectionFailureError(
    `could not connect to any of ${errors.length} hosts: ${messages(errors)}`,
    {
      severity: 'FATAL',
      ...(plan.hosts.every((host) => host.entry === 0)
        ? { hint: 'no host was given: is a server running on this machine?' }
        : {}),
      cause: aggregate(errors),
    },
  )
}

function messages(errors: readonly Error[]): string {
  return errors.map((error) => error.message).join('; ')
}

/** With the first error's code, as Node's own sockets give it after trying several addresses. */
function aggregate(errors: readonly Error[]): AggregateError {
  const code = errors.map(codeOf).find((found) => found !== undefined)
  const all = new AggregateError(errors, messages(errors))
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
