import { onAbort } from '../abort.ts'
import { DataError, InterfaceError, TimeoutError } from '../errors/index.ts'
import { withQuery } from '../errors/with-query.ts'
import type { RawResult, Want } from '../want.ts'
import type { Bridge } from './bridge.ts'
import type { Chunk } from './chunk.ts'
import type { Column } from './column.ts'
import type { Decoder } from './decoder.ts'
import { failure } from './failure.ts'
import { CallFlag, type FailureClass } from './generated.ts'
import { Pending } from './pending.ts'
import type { Field } from './record.ts'
import type { Shape } from './shape.ts'
import { ArgumentFailure, NO_TIMEOUT } from './submission.ts'

/** The session of a call, as far as the call uses it. */
export interface CallSession {
  readonly number: number
  readonly bridge: Bridge
  /** Why it ended, if it has. */
  readonly end: Error | undefined
  statusChanged(status: number): void
}

/** Milliseconds that fit the submission; beyond 49 days a limit is none. */
const LONGEST = NO_TIMEOUT - 1

/** What is handed out of the result. */
const FLAGS: { readonly [kind in Want['kind']]: number } = {
  rows: CallFlag.Rows,
  row: CallFlag.Rows,
  value: CallFlag.Rows,
  tag: CallFlag.Tag,
  result: CallFlag.Rows | CallFlag.Tag,
}

const NO_COLUMNS: readonly Column[] = []

/** Rows from which on making room pays. */
const MANY = 16

/** A query on its way, from its submission to the promise it settles. */
export class Call extends Pending {
  readonly #session: CallSession
  readonly #want: Want
  readonly #sql: string
  /** What must not be collected while the call runs. */
  readonly holder: object
  #out: unknown[] | undefined
  #shape: Shape | undefined
  #request = -1
  #error: unknown
  #isBroken = false
  #unlisten: (() => void) | undefined

  constructor(session: CallSession, want: Want, sql: string, holder: object) {
    super(session.number)
    this.#session = session
    this.#want = want
    this.#sql = sql
    this.holder = holder
  }

  /** `timeout` is in milliseconds. */
  start(
    args: readonly unknown[] | undefined,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (signal?.aborted) this.reject(() => signal.reason)
    else if (timeout !== undefined && timeout <= 0) this.reject(() => withQuery(timedOut(timeout), this.#sql))
    else {
      const limit = timeout === undefined || timeout > LONGEST ? NO_TIMEOUT : Math.ceil(timeout)
      this.#submit(args, limit, signal !== undefined)
      if (signal !== undefined && !this.isSettled) {
        this.#unlisten = onAbort(signal, () => this.#abort(signal))
      }
    }
    return this.promise
  }

  #submit(args: readonly unknown[] | undefined, limit: number, hasSignal: boolean): void {
    const { bridge } = this.#session
    const { kind } = this.#want
    const isScript = kind === 'tag' && (args === undefined || args.length === 0)
    const flags = FLAGS[kind] | (isScript ? CallFlag.Script : 0) | (hasSignal ? CallFlag.Signal : 0)
    const rowLimit = kind === 'row' || kind === 'value' ? 1 : 0
    this.#request = bridge.add(this)
    try {
      bridge.submission.call(this.session, this.#request, this.#sql, args, flags, rowLimit, limit)
    } catch (error) {
      bridge.remove(this.#request)
      this.reject(() => (error instanceof ArgumentFailure ? withQuery(unwritable(error), this.#sql) : error))
    }
  }

  override rows(shape: Shape | undefined, count: number, word: number, chunk: Chunk): void {
    if (this.isSettled || this.#isBroken || shape === undefined) return
    this.#shape = shape
    // Also of no rows at all: a column that is not there is an error whatever the table holds.
    const decode = decoderOf(shape, this.#want)
    if (count === 0) return
    const at = this.#out?.length ?? 0
    decode(this.#room(count), at, count, word, chunk)
  }

  /** Where rows go. Room for many is made at once: an array that grows row by row is copied over and over. */
  #room(count: number): unknown[] {
    if (this.#out === undefined) this.#out = count < MANY ? [] : new Array(count)
    else if (count >= MANY) this.#out.length += count
    return this.#out
  }

  override broken(error: unknown): void {
    this.#isBroken = true
    this.#error = error
  }

  override surplus(): void {
    warnOfSurplus(this.#sql)
  }

  override complete(tag: string, status: number): void {
    this.#session.statusChanged(status)
    this.#unlisten?.()
    if (this.#isBroken) return this.reject(() => this.#error)
    const out = this.#out ?? []
    this.#out = undefined
    switch (this.#want.kind) {
      case 'rows':
        return this.resolve(out)
      case 'tag':
        return this.resolve(tag)
      case 'result':
        return this.resolve({
          rows: out,
          columns: this.#shape?.columns ?? NO_COLUMNS,
          tag,
        } satisfies RawResult)
      default:
        return this.resolve(out.length === 0 ? null : out[0])
    }
  }

  override failed(kind: FailureClass, fields: readonly Field[], status: number): void {
    if (status !== 0) this.#session.statusChanged(status)
    this.#unlisten?.()
    this.reject(() => failure(kind, fields, this.#sql, this.#session.end))
  }

  #abort(signal: AbortSignal): void {
    if (this.isSettled) return
    this.reject(() => signal.reason)
    this.#session.bridge.submission.abandon(this.session, this.#request)
  }
}

function decoderOf(shape: Shape, want: Want): Decoder {
  switch (want.kind) {
    case 'value':
      return shape.value(columnOf(shape, want.column))
    case 'result':
      return want.rows === 'array' ? shape.arrays : shape.rows
    default:
      return shape.rows
  }
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`query timed out: its limit was ${timeout} ms`, {
    phase: 'query',
    maybeExecuted: false,
  })
}

function columnOf({ columns }: Shape, wanted: number | string): Column {
  if (typeof wanted === 'number') {
    const column = columns[wanted < 0 ? columns.length + wanted : wanted]
    if (column !== undefined) return column
    throw new RangeError(`column ${wanted} is out of range: the result has ${columns.length} columns`)
  }
  // With duplicate names the last wins, as in a row.
  const column = columns.findLast(({ name }) => name === wanted)
  if (column !== undefined) return column
  const names = columns.map(({ name }) => JSON.stringify(name)).join(', ')
  throw new InterfaceError(`the result has no column "${wanted}"`, { hint: `it has ${names}` })
}

function unwritable({ index, error }: ArgumentFailure): DataError {
  const reason = messageOf(error)
  return new DataError(`invalid input for query argument $${index + 1}: ${reason}`, {
    sqlstate: '22000',
    argument: index + 1,
    cause: error,
  })
}

/** What was thrown, in words; it may be anything, and hostile. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error)
  } catch {
    return 'it threw something that cannot be shown'
  }
}

/** Statements whose surplus rows were told. Each is told once; so many different ones are enough. */
const MOST_TOLD = 100
const told = new Set<string>()

function warnOfSurplus(sql: string): void {
  if (told.size >= MOST_TOLD || told.has(sql)) return
  told.add(sql)
  const text = sql.length > 200 ? `${sql.slice(0, 200)} …` : sql
  process.emitWarning(
    'a query for one row has given more than 1 MiB of rows that are dropped: add LIMIT 1 to its text',
    { code: 'CORNAC_SURPLUS_ROWS', detail: text },
  )
}
