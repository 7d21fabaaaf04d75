import { CALL_OPTIONS, type CallOptions, shown } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import { FETCH_OPTIONS, type FetchOptions, withRecordClass } from './fetch-options.ts'
import type { Want } from './want.ts'

export const END: Want = { kind: 'end' }
export const ROWS: Want = { kind: 'rows' }
export const ROW: Want = { kind: 'row' }
export const TAG: Want = { kind: 'tag' }
export const RESULT: Want = { kind: 'result', rows: 'object' }
export const FIRST_VALUE: Want = { kind: 'value', column: 0 }

/** What {@link Queryable.fetchValue} takes. */
export interface ValueOptions extends CallOptions {
  /** A name, or an index from 0; negative counts from the end. Default 0. */
  column?: number | string | undefined
}

/** What {@link Queryable.query} takes. */
export interface QueryOptions extends FetchOptions {
  /**
   * What each row is: an object, or an array of the values in column order. Default `object`. An InterfaceError for
   * `array` together with `recordClass`.
   */
  rows?: 'object' | 'array' | undefined
  /** Tells how long each part of the call took, as `timing` of the result. Default false. */
  timing?: boolean | undefined
}

export const QUERY_OPTIONS: ReadonlySet<string> = new Set([...FETCH_OPTIONS, 'rows', 'timing'])
export const VALUE_OPTIONS: ReadonlySet<string> = new Set([...CALL_OPTIONS, 'column'])

/** The want that a call's options leave, which were checked to be known ones. */
export function wanted(want: Want, options: CallOptions | null | undefined): Want {
  if (options === undefined || options === null) return want
  if (want === FIRST_VALUE) return wantedValue((options as ValueOptions).column)
  if (want === RESULT) return wantedResult(options as QueryOptions)
  return withRecordClass(want, options as FetchOptions)
}

function wantedValue(column: unknown): Want {
  if (column === undefined || column === 0) return FIRST_VALUE
  if (typeof column === 'number' || typeof column === 'string') return { kind: 'value', column }
  throw new InterfaceError(`column must be a name or an index, got ${shown(column)}`)
}

function wantedResult(options: QueryOptions): Want {
  const { rows = 'object', timing = false } = options
  if (rows !== 'object' && rows !== 'array') {
    throw new InterfaceError(`rows must be 'object' or 'array', got ${shown(rows)}`)
  }
  if (typeof timing !== 'boolean') {
    throw new InterfaceError(`timing must be a boolean, got ${shown(timing)}`)
  }
  if (rows === 'array' && options.recordClass !== undefined) {
    throw new InterfaceError("rows: 'array' and recordClass exclude each other")
  }
  const isPlain = rows === 'object' && !timing
  const want: Want = isPlain ? RESULT : { kind: 'result', rows, ...(timing ? { isTimed: true } : {}) }
  return withRecordClass(want, options)
}
