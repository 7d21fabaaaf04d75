import {
  type Args,
  CALL_OPTIONS,
  type CallLimits,
  type CallOptions,
  checkLimits,
  shown,
} from '../call-options.ts'
import { InterfaceError } from '../errors/index.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { Bytes, NodeReadable, NodeWritable, WebReadable, WebWritable } from '../types/platform.ts'
import type { CopyProgress } from './progress.ts'

/** What any COPY takes. */
export interface CopyCallOptions extends CallOptions {
  /**
   * Is told how far it is: at most ten times a second while data goes through, and once at the end. What it throws, or
   * rejects with, ends the COPY, which is not over before what was told has been taken.
   */
  onProgress?: ((progress: CopyProgress) => Awaitable<void>) | undefined
}

/** The form of the data of a COPY. What is not given is PostgreSQL's own default. */
export interface CopyFormat extends CopyCallOptions {
  /** Default `text`. */
  format?: 'text' | 'csv' | 'binary' | undefined
  /** Whether a row's OID is part of the data. PostgreSQL 12 and newer have no such OIDs. */
  oids?: boolean | undefined
  /** One character between values. Default a tab, in CSV a comma. */
  delimiter?: string | undefined
  /** What stands for NULL. Default `\N`, in CSV an empty value without quotes. */
  null?: string | undefined
  /** The first line has the names of the columns; with `match` they must be those of the table. */
  header?: boolean | 'match' | undefined
  /** In CSV, the character around values. Default `"`. */
  quote?: string | undefined
  /** In CSV, the character in front of a quote that is part of a value. Default the same as `quote`. */
  escape?: string | undefined
  /** In CSV that comes out, the columns whose values are always quoted, `true` for all. */
  forceQuote?: boolean | readonly string[] | undefined
  /** The encoding of the data, as PostgreSQL names it. Default UTF-8. */
  encoding?: string | undefined
}

/** Where data goes. */
export type CopyOutput =
  | NodeWritable
  | WebWritable
  | ((piece: Bytes) => Awaitable<void>)
  | { readonly path: string }

/** Where data comes from. */
export type CopySource =
  | NodeReadable
  | WebReadable
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | Uint8Array
  | { readonly path: string }
  | { readonly text: string }

/** What `copyFromQuery` takes. */
export interface CopyFromOptions extends CopyFormat {
  /**
   * Where the data goes: a file that is written anew, a Node or web stream, or a function that is called with one piece
   * after the other and awaited. Pieces are runs of bytes, not rows.
   *
   * A stream is ended when all was written to it, and destroyed (a web stream: aborted) with the error when the COPY
   * fails; `process.stdout` and `process.stderr` stay open. A file keeps what was written to it.
   */
  output: CopyOutput
}

/** What `copyFromTable` takes. */
export interface CopyFromTableOptions extends CopyFromOptions {
  /** Which columns, in this order. Default all. */
  columns?: readonly string[] | undefined
  /** Default the first of the search path that has the table. */
  schema?: string | undefined
}

/** What `copyToTable` takes. */
export interface CopyToOptions extends CopyFormat {
  /**
   * Where the data comes from: bytes, text, a file, a Node or web stream, or an iterable of bytes. It is read no faster
   * than the server takes it.
   *
   * When the COPY ends before the source does, the source is told: a Node stream is destroyed, a web stream cancelled,
   * an iterator returned.
   */
  source: CopySource
  /** Which columns the data has, in this order. Default all. */
  columns?: readonly string[] | undefined
  /** Default the first of the search path that has the table. */
  schema?: string | undefined
  /** Rows are frozen at once, as VACUUM FREEZE does; the table must be new in this transaction. */
  freeze?: boolean | undefined
  /** In CSV, the columns whose values are never NULL, `true` for all (PostgreSQL 17). */
  forceNotNull?: boolean | readonly string[] | undefined
  /** In CSV, the columns in which a quoted value may be NULL too, `true` for all (PostgreSQL 17). */
  forceNull?: boolean | readonly string[] | undefined
  /** SQL that says which rows are kept. It becomes part of the statement: never put anything from outside into it. */
  where?: string | undefined
}

/** What `copyRecordsToTable` takes. */
export interface CopyRecordsOptions extends CopyCallOptions {
  /** One array of values for each record, `null` for SQL NULL. It is read no faster than the server takes them. */
  records: Iterable<Args> | AsyncIterable<Args>
  /** Which columns the records have, in this order. Default all. */
  columns?: readonly string[] | undefined
  /** Default the first of the search path that has the table. */
  schema?: string | undefined
  /** SQL that says which rows are kept. It becomes part of the statement: never put anything from outside into it. */
  where?: string | undefined
}

const FORMAT = [
  ...CALL_OPTIONS,
  'onProgress',
  'format',
  'oids',
  'delimiter',
  'null',
  'header',
  'quote',
  'escape',
  'forceQuote',
  'encoding',
]

const FROM_QUERY: ReadonlySet<string> = new Set([...FORMAT, 'output'])
const FROM_TABLE: ReadonlySet<string> = new Set([...FORMAT, 'output', 'columns', 'schema'])
const TO_TABLE: ReadonlySet<string> = new Set([
  ...FORMAT,
  'source',
  'columns',
  'schema',
  'freeze',
  'forceNotNull',
  'forceNull',
  'where',
])
const RECORDS: ReadonlySet<string> = new Set([
  ...CALL_OPTIONS,
  'onProgress',
  'records',
  'columns',
  'schema',
  'where',
])

export function checkFromQuery(options: CopyFromOptions): CallLimits {
  return check(options, FROM_QUERY, 'output')
}

export function checkFromTable(options: CopyFromTableOptions): CallLimits {
  return check(options, FROM_TABLE, 'output')
}

export function checkToTable(options: CopyToOptions): CallLimits {
  return check(options, TO_TABLE, 'source')
}

export function checkRecords(options: CopyRecordsOptions): CallLimits {
  return check(options, RECORDS, 'records')
}

function check(options: CopyCallOptions, known: ReadonlySet<string>, needed: string): CallLimits {
  const limits = checkLimits(options, known)
  const given = (options as { [option: string]: unknown } | null | undefined)?.[needed]
  if (given === undefined || given === null) {
    throw new InterfaceError(`COPY needs the option ${needed}`, { hint: HINTS[needed] as string })
  }
  const { onProgress } = options as { onProgress?: unknown }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InterfaceError(`onProgress must be a function, got ${shown(onProgress)}`)
  }
  return limits
}

const HINTS: { readonly [option: string]: string } = {
  output: 'give a stream, a function, or { path: file }',
  source: 'give bytes, a stream, an iterable of bytes, { path: file } or { text: string }',
  records: 'give an iterable of arrays, one value for each column',
}
