import { InterfaceError } from '../errors/index.ts'
import { inQuery, withQuery } from '../errors/with-query.ts'
import type { SessionLimits } from '../types/session-limits.ts'
import type { RawBatch, RawResult, Want } from '../want.ts'
import type { Chunk } from './chunk.ts'
import type { Column } from './column.ts'
import type { Decoder } from './decoder.ts'
import { Ask, CallFlag } from './generated.ts'
import type { Query } from './queries.ts'
import { type CallSession, type CallWatcher, SessionCall } from './session-call.ts'
import type { Shape } from './shape.ts'
import type { Terms } from './terms.ts'

const { Rows, Tag } = CallFlag

/** What is asked for, by what the caller wants of it. */
const TERMS: { readonly [kind in Want['kind']]: Terms } = {
  rows: { ask: Ask.Statement, flags: Rows, rows: 0, portal: 0 },
  row: { ask: Ask.Statement, flags: Rows, rows: 1, portal: 0 },
  value: { ask: Ask.Statement, flags: Rows, rows: 1, portal: 0 },
  end: { ask: Ask.Statement, flags: 0, rows: 0, portal: 0 },
  tag: { ask: Ask.Statement, flags: Tag, rows: 0, portal: 0 },
  result: { ask: Ask.Statement, flags: Rows | Tag, rows: 0, portal: 0 },
  batch: { ask: Ask.Statement, flags: Rows | Tag, rows: 0, portal: 0 },
}

const SCRIPT: Terms = { ask: Ask.Script, flags: Tag, rows: 0, portal: 0 }

const NO_COLUMNS: readonly Column[] = []

/** Rows from which on making room pays. */
const MANY = 16

/** A part of a cursor's portal: how many rows of it are read. */
export interface PortalPart {
  readonly ask: typeof Ask.Open | typeof Ask.Fetch
  readonly portal: number
  readonly rows: number
}

/** A query on its way, from its submission to the promise it settles. */
export class Call extends SessionCall {
  readonly #want: Want
  #out: unknown[] | undefined
  #shape: Shape | undefined
  #error: unknown
  #isBroken = false

  constructor(session: CallSession, want: Want, sql: string, holder: object, watcher?: CallWatcher) {
    super(session, sql, holder, want.timed, watcher)
    this.#want = want
  }

  start(
    text: string | Query,
    args: readonly unknown[] | undefined,
    limits: SessionLimits,
    part?: PortalPart,
  ): Promise<unknown> {
    this.send(text, args, this.#terms(args, part), limits)
    return this.promise
  }

  #terms(args: readonly unknown[] | undefined, part: PortalPart | undefined): Terms {
    const { kind, told, isPlain, isSentAnyway, comment } = this.#want
    let extra = told === undefined ? 0 : CallFlag.Tag
    if (isPlain === true) extra |= CallFlag.Plain
    if (isSentAnyway === true) extra |= CallFlag.SentAnyway
    const isScript = kind === 'tag' && part === undefined && (args === undefined || args.length === 0)
    const terms = isScript ? SCRIPT : TERMS[kind]
    if (part === undefined && extra === 0 && comment === undefined) return terms
    return { ...terms, ...part, flags: terms.flags | extra, comment }
  }

  override rows(shape: Shape | undefined, count: number, word: number, chunk: Chunk): void {
    if (this.isSettled || this.#isBroken || shape === undefined) return
    this.#shape = shape
    // A decoder is made for no rows too: a column that is not there is an error whatever the table holds.
    const decode = this.#decoder(shape)
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

  #decoder(shape: Shape): Decoder {
    try {
      return decoderOf(shape, this.#want)
    } catch (error) {
      // No such column.
      throw withQuery(error as Error, this.sql)
    }
  }

  override broken(error: unknown): void {
    this.#isBroken = true
    this.#error = inQuery(error, this.sql)
  }

  override surplus(): void {
    warnOfSurplus(this.sql)
  }

  override complete(tag: string, status: number): void {
    this.answered(status)
    if (this.#isBroken) return this.reject(() => this.#error)
    const out = this.#out ?? []
    this.#out = undefined
    this.#want.told?.(tag)
    switch (this.#want.kind) {
      case 'rows':
        return this.resolve(out)
      case 'end':
        return this.resolve(undefined)
      case 'tag':
        return this.resolve(tag)
      case 'result':
        return this.resolve({
          rows: out,
          columns: this.#shape?.columns ?? NO_COLUMNS,
          tag,
        } satisfies RawResult)
      case 'batch':
        return this.resolve({ rows: out, isLast: tag !== '' } satisfies RawBatch)
      default:
        return this.resolve(out.length === 0 ? null : out[0])
    }
  }
}

function decoderOf(shape: Shape, want: Want): Decoder {
  switch (want.kind) {
    case 'value':
      return shape.value(columnOf(shape, want.column))
    case 'result':
      if (want.rows === 'array') return shape.arrays
  }
  return want.recordClass === undefined ? shape.rows : shape.records(want.recordClass)
}

function columnOf({ columns }: Shape, wanted: number | string): Column {
  if (typeof wanted === 'number') {
    const column = columns[wanted < 0 ? columns.length + wanted : wanted]
    if (column !== undefined) return column
    const count = columns.length === 1 ? '1 column' : `${columns.length} columns`
    throw new RangeError(`column ${wanted} is out of range: the result has ${count}`)
  }
  // With duplicate names the last wins, as in a row.
  const column = columns.findLast(({ name }) => name === wanted)
  if (column !== undefined) return column
  const names = columns.map(({ name }) => JSON.stringify(name)).join(', ')
  throw new InterfaceError(`the result has no column "${wanted}"`, { hint: `it has ${names}` })
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
