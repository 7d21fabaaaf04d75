import { InterfaceError } from '../errors/index.ts'
import { writeArgument } from './arguments.ts'
import { Queries, type Query } from './queries.ts'
import { Writer } from './writer.ts'

/** Operations, as crates/node's submission module reads them. */
const Operation = {
  Call: 1,
  Define: 2,
  Forget: 3,
  Abandon: 4,
  Close: 5,
  Terminate: 6,
  DropStatements: 7,
  Notices: 8,
} as const

/** Flags of a call. */
export const SCRIPT = 1
export const ROWS = 2
export const TAG = 4

export const NO_TIMEOUT = 0xffffffff

/** The buffer's usual size in bytes; it grows for what does not fit and shrinks when that has gone. */
const SIZE = 64 * 1024

/** A tick's requests are handed over early beyond this, in bytes. */
const FULL = 4 * 1024 * 1024

/** An argument could not be written: what JSON.stringify or a getter of the argument threw. */
export class ArgumentFailure {
  /** From 0. */
  readonly index: number
  readonly error: unknown

  constructor(index: number, error: unknown) {
    this.index = index
    this.error = error
  }
}

/** The requests of the current tick, written as they are made and handed over together. */
export class Submission {
  readonly #hand: (bytes: Uint8Array, length: number) => void
  readonly #queries = new Queries()
  #writer = new Writer(SIZE)
  /** Requests that were made while another was being written: by code of the user's that its arguments called. */
  #nested: Writer[] = []
  #writing = false
  #scheduled = false

  constructor(hand: (bytes: Uint8Array, length: number) => void) {
    this.#hand = hand
  }

  get queries(): Queries {
    return this.#queries
  }

  /** Writes a call. Nothing is written when it throws an {@link ArgumentFailure}. */
  call(
    session: number,
    request: number,
    sql: string,
    args: readonly unknown[] | undefined,
    flags: number,
    rowLimit: number,
    timeout: number,
  ): void {
    const query = this.#queries.get(sql) ?? this.#define(sql)
    this.#record((writer) => {
      const start = writer.reserve()
      writer.uint32(Operation.Call)
      writer.uint32(session)
      writer.uint32(request)
      writer.uint32(query.id)
      writer.uint32(flags)
      writer.uint32(rowLimit)
      writer.uint32(timeout)
      const count = args === undefined ? 0 : args.length
      writer.uint32(count)
      const types = query.parameters
      for (let i = 0; i < count; i++) {
        try {
          writeArgument(writer, (args as readonly unknown[])[i], types?.[i])
        } catch (error) {
          writer.truncate(start)
          throw new ArgumentFailure(i, error)
        }
      }
      writer.patch(start, writer.position - start)
    })
  }

  abandon(session: number, request: number): void {
    this.#words(Operation.Abandon, session, request)
  }

  close(session: number, request: number, timeout: number): void {
    this.#words(Operation.Close, session, request, timeout)
  }

  terminate(session: number): void {
    this.#words(Operation.Terminate, session)
  }

  dropStatements(session: number): void {
    this.#words(Operation.DropStatements, session)
  }

  notices(session: number, wanted: boolean): void {
    this.#words(Operation.Notices, session, wanted ? 1 : 0)
  }

  #define(sql: string): Query {
    if (sql.includes('\0'))
      throw new InterfaceError('the query contains a NUL character, which PostgreSQL cannot take')
    if (!sql.isWellFormed())
      throw new InterfaceError('the query contains a lone surrogate, which has no UTF-8 form')
    const query = this.#queries.add(sql, (id) => this.#words(Operation.Forget, id))
    this.#record((writer) => {
      const start = writer.reserve()
      writer.uint32(Operation.Define)
      writer.uint32(query.id)
      const text = Buffer.from(sql, 'utf8')
      writer.append(text)
      writer.patch(start, writer.position - start)
    })
    return query
  }

  #words(operation: number, ...words: number[]): void {
    this.#record((writer) => {
      writer.uint32(8 + words.length * 4)
      writer.uint32(operation)
      for (const word of words) writer.uint32(word)
    })
  }

  #record(write: (writer: Writer) => void): void {
    if (this.#writing) {
      const writer = new Writer(256)
      write(writer)
      this.#nested.push(writer)
      return
    }
    this.#writing = true
    try {
      write(this.#writer)
    } finally {
      this.#writing = false
      if (this.#nested.length > 0) this.#join()
    }
    if (this.#writer.position >= FULL) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(flush, this)
    }
  }

  #join(): void {
    for (const nested of this.#nested) this.#writer.append(nested.buffer.subarray(0, nested.position))
    this.#nested = []
  }

  /** Hands over what was written. */
  flush(): void {
    this.#scheduled = false
    const { position, buffer } = this.#writer
    if (position === 0 || this.#writing) return
    this.#writer.truncate(0)
    this.#hand(buffer, position)
    if (buffer.length > FULL) this.#writer = new Writer(SIZE)
  }
}

function flush(submission: Submission): void {
  submission.flush()
}
