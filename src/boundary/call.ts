import { DataError, InterfaceError, TimeoutError } from '../errors/index.ts'
import type { Want } from '../want.ts'
import { onAbort } from './abort.ts'
import type { Chunk } from './codec.ts'
import type { Shape } from './decoder.ts'
import { environment } from './environment.ts'
import { failure } from './failure.ts'
import { CallFlag } from './generated.ts'
import type { Pending } from './pending.ts'
import type { Field } from './record.ts'
import type { Session } from './session.ts'
import { ArgumentFailure, NO_TIMEOUT } from './submission.ts'

/** Milliseconds that fit the submission; beyond 49 days a limit is none. */
const LONGEST = NO_TIMEOUT - 1

/** Rows from which on making room pays. */
const MANY = 16

/** A query on its way, from its submission to the promise it settles. */
export class Call implements Pending {
  readonly session: number
  readonly #session: Session
  readonly #want: Want
  readonly #sql: string
  /** What must not be collected while the call runs. */
  readonly holder: object
  #out: unknown[] | undefined
  #resolve!: (value: unknown) => void
  #settled = false
  #request = -1
  #error: unknown
  #broken = false
  #unlisten: (() => void) | undefined

  constructor(session: Session, want: Want, sql: string, holder: object) {
    this.session = session.number
    this.#session = session
    this.#want = want
    this.#sql = sql
    this.holder = holder
  }

  start(
    args: readonly unknown[] | undefined,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    let limit = NO_TIMEOUT
    if (timeout !== undefined) {
      if (timeout <= 0) {
        return Promise.reject(
          new TimeoutError(`query timed out: its limit was ${timeout} ms`, { phase: 'query' }),
        )
      }
      if (timeout <= LONGEST) limit = Math.ceil(timeout)
    }
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#submit(args, limit)
      if (signal !== undefined && !this.#settled) {
        this.#unlisten = onAbort(signal, () => this.#abort(signal))
      }
    })
  }

  #submit(args: readonly unknown[] | undefined, limit: number): void {
    const kind = this.#want.kind
    const isScript = args === undefined || args.length === 0
    const { Script, Rows, Tag } = CallFlag
    const flags = kind === 'tag' ? (isScript ? Script | Tag : Tag) : Rows
    const rowLimit = kind === 'row' || kind === 'value' ? 1 : 0
    this.#request = environment.add(this)
    try {
      environment.submission.call(this.session, this.#request, this.#sql, args, flags, rowLimit, limit)
    } catch (error) {
      environment.remove(this.#request)
      this.#reject(() => (error instanceof ArgumentFailure ? unwritable(error) : error))
    }
  }

  rows(shape: Shape | undefined, rows: number, word: number, chunk: Chunk): void {
    if (this.#settled || this.#broken || shape === undefined || rows === 0) return
    const want = this.#want
    const decode = want.kind === 'value' ? shape.value(columnOf(shape, want.column)) : shape.rows
    const at = this.#out?.length ?? 0
    decode(this.#room(rows), at, rows, word, chunk)
  }

  /** Where rows go. Room for many is made at once: an array that grows row by row is copied over and over. */
  #room(rows: number): unknown[] {
    if (this.#out === undefined) this.#out = rows < MANY ? [] : new Array(rows)
    else if (rows >= MANY) this.#out.length += rows
    return this.#out
  }

  broken(error: unknown): void {
    this.#broken = true
    this.#error = error
  }

  complete(tag: string): void {
    this.#unlisten?.()
    if (this.#broken) return this.#reject(() => this.#error)
    if (this.#settled) return
    this.#settled = true
    const out = this.#out ?? []
    this.#out = undefined
    switch (this.#want.kind) {
      case 'rows':
        return this.#resolve(out)
      case 'tag':
        return this.#resolve(tag)
      default:
        return this.#resolve(out.length === 0 ? null : out[0])
    }
  }

  failed(kind: number, fields: readonly Field[]): void {
    this.#unlisten?.()
    this.#reject(() => failure(kind, fields, this.#sql, this.#session.end))
  }

  done(): void {
    this.#unlisten?.()
  }

  #abort(signal: AbortSignal): void {
    if (this.#settled) return
    this.#reject(() => signal.reason)
    environment.submission.abandon(this.session, this.#request)
  }

  /**
   * Rejects with an error that is made in a promise reaction: the runtime then adds the caller's own `await`s to its
   * stack, at no cost for calls that succeed. The first, empty reaction gives the caller's promise time to be linked
   * to the one that throws.
   */
  #reject(make: () => unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#resolve(
      Promise.resolve()
        .then(() => {})
        .then(() => {
          throw make()
        }),
    )
  }
}

function columnOf(shape: Shape, column: number | string): number {
  const { cells } = shape
  if (typeof column === 'number') {
    const index = column < 0 ? cells.length + column : column
    if (Number.isInteger(index) && index >= 0 && index < cells.length) return index
    throw new RangeError(`column ${column} is out of range: the result has ${cells.length} columns`)
  }
  // With duplicate names the last wins, as in a row.
  const index = cells.findLastIndex((cell) => cell.name === column)
  if (index >= 0) return index
  const names = cells.map((cell) => JSON.stringify(cell.name)).join(', ')
  throw new InterfaceError(`the result has no column "${column}"`, { hint: `it has ${names}` })
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
