import { CALL_OPTIONS, type CallOptions } from './call-options.ts'
import { checkRecordClass, type RecordClass } from './types/record.ts'
import type { Want } from './want.ts'

/** What a call takes that gives rows. */
export interface FetchOptions extends CallOptions {
  /**
   * What each row is: `Record`, or a subclass of it. Default: what the connection was told, else plain objects. An
   * InterfaceError for anything else, and for a class with a constructor or fields of its own.
   */
  recordClass?: RecordClass | undefined
}

export const FETCH_OPTIONS: ReadonlySet<string> = new Set([...CALL_OPTIONS, 'recordClass'])

/** The want of a call with these options. */
export function withRecordClass(want: Want, options: FetchOptions | null | undefined): Want {
  const recordClass = checkRecordClass(options?.recordClass)
  return recordClass === undefined ? want : { ...want, recordClass }
}
