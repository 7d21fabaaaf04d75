import { InterfaceError } from './errors/index.ts'

export type Args = readonly unknown[]

/** What any call on a connection takes. */
export interface CallOptions {
  /**
   * Milliseconds from the call on, waiting included, after which it rejects with a TimeoutError and the server is
   * asked to cancel it. Default: the connection's `commandTimeout`; `null` or `Infinity` for no limit; 0 or less
   * rejects at once and sends nothing.
   */
  timeout?: number | null
  /** Aborts the call: it rejects with `signal.reason` and the server is asked to cancel it. */
  signal?: AbortSignal
}

/** The limit of a call in milliseconds, `undefined` for none. */
export function effectiveTimeout(timeout: unknown, commandTimeout: number | null): number | undefined {
  if (timeout === undefined) return commandTimeout ?? undefined
  if (timeout === null || timeout === Number.POSITIVE_INFINITY) return undefined
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new InterfaceError(
      `invalid timeout value: expected a number of milliseconds or null, got ${shown(timeout)}`,
    )
  }
  return timeout
}

export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw new InterfaceError(`invalid signal: expected an AbortSignal, got ${shown(signal)}`)
}

export function checkSql(sql: unknown): string {
  if (typeof sql === 'string') return sql
  throw new InterfaceError(`the query must be a string, got ${shown(sql)}`)
}

export function checkArgs(args: unknown): Args | undefined {
  if (args === undefined || Array.isArray(args)) return args
  throw new InterfaceError(`query arguments must be one array, got ${shown(args)}`, {
    hint: "write fetch('select $1', [value])",
  })
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object' || typeof value === 'function') return `a value of type ${typeof value}`
  return typeof value === 'string' ? `a string` : String(value)
}
