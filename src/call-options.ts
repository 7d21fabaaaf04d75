import { isAbortSignal } from './abort.ts'
import { InterfaceError } from './errors/index.ts'
import { nearestName } from './nearest-name.ts'
import type { Signal } from './types/platform.ts'
import type { WholeLimit } from './types/session-limits.ts'

/** The arguments of a statement: the first one for `$1`, the next for `$2` and so on. `null` is SQL NULL. */
export type Args = readonly unknown[]

/** What any call on a connection takes. `undefined` means not given. */
export interface CallOptions {
  /**
   * Milliseconds from the call on, waiting included, after which it rejects with a TimeoutError and the server is
   * asked to cancel it. Default: the connection's `commandTimeout`; `null` or `Infinity` for no limit; 0 or less
   * rejects at once and sends nothing.
   */
  timeout?: number | null | undefined
  /** Aborts the call: it rejects with `signal.reason` and the server is asked to cancel it. */
  signal?: Signal | undefined
}

/** The limits of a call that was checked. */
export interface CallLimits {
  /** Milliseconds; `null` for none, `undefined` for the default of what runs the call. */
  readonly timeout: number | null | undefined
  /** What errors name instead of `timeout`, where some of it has passed already. */
  readonly whole?: WholeLimit | undefined
  readonly signal: Signal | undefined
}

const NO_LIMITS: CallLimits = { timeout: undefined, signal: undefined }

/** The options of every call. */
export const CALL_OPTIONS: ReadonlySet<string> = new Set(['timeout', 'signal'])

/** Names that people bring along from elsewhere, without case and underscores, to the option meant. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['timeoutms', 'timeout'],
  ['querytimeout', 'timeout'],
  ['commandtimeout', 'timeout'],
  ['statementtimeout', 'timeout'],
  ['abortsignal', 'signal'],
])

/** @throws InterfaceError for anything that is none of the `known` options, or a wrong value of `timeout` or `signal`. */
export function checkLimits(options: CallOptions | null | undefined, known: ReadonlySet<string>): CallLimits {
  if (options === undefined || options === null) return NO_LIMITS
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new InterfaceError(`the options of a call must be an object, got ${shown(options)}`, {
      hint: isCallback(options)
        ? NO_CALLBACKS
        : "query arguments are one array: write fetch('select $1', [value], { timeout: 1000 })",
    })
  }
  checkNames(options, known)
  return { timeout: checkTimeout(options.timeout), signal: checkSignal(options.signal) }
}

function checkNames(options: object, known: ReadonlySet<string>): void {
  for (const name of Object.keys(options)) {
    if (known.has(name) || (options as { [name: string]: unknown })[name] === undefined) continue
    const bare = name.replaceAll('_', '').toLowerCase()
    const meant = SPELLINGS.get(bare) ?? nearestName(name, known)
    throw new InterfaceError(`invalid call options: there is no option ${JSON.stringify(name)}`, {
      hint: meant === undefined ? `there are ${[...known].join(', ')}` : `use ${meant}`,
    })
  }
}

/** Milliseconds, `null` for no limit, `undefined` when it was not given. */
function checkTimeout(timeout: unknown): number | null | undefined {
  if (timeout === undefined || timeout === null) return timeout
  if (timeout === Number.POSITIVE_INFINITY) return null
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new InterfaceError(
      `invalid timeout value: expected a number of milliseconds or null, got ${shown(timeout)}`,
    )
  }
  return timeout
}

function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || isAbortSignal(signal)) return signal
  const isController = isAbortSignal((signal as { signal?: unknown } | null)?.signal)
  throw new InterfaceError(`invalid signal: expected an AbortSignal, got ${shown(signal)}`, {
    ...(isController ? { hint: 'pass controller.signal' } : {}),
  })
}

export function checkArgs(args: unknown): Args | undefined {
  if (args === undefined || Array.isArray(args)) return args
  throw new InterfaceError(`query arguments must be one array, got ${shown(args)}`, {
    hint: isCallback(args) ? NO_CALLBACKS : "write fetch('select $1', [value])",
  })
}

/** What is said to who passes a function where results come by promises. */
const NO_CALLBACKS = 'await the promise that the call gives: there are no callbacks'

function isCallback(value: unknown): boolean {
  return typeof value === 'function'
}

/** A value by its kind: it may be a secret. */
export function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object' || typeof value === 'function') return `a value of type ${typeof value}`
  return typeof value === 'string' ? `a string` : String(value)
}
