import { InterfaceError } from '../errors/index.ts'
import { lengthOf, writeArgument } from './arguments.ts'
import { Operation } from './generated.ts'
import { Queries, type Query } from './queries.ts'
import { Writer } from './writer.ts'

/** The protocol counts them with 16 bits. */
const MOST_ARGUMENTS = 65_535

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
    const count = args === undefined ? 0 : lengthOf(args)
    const types = count > 0 && query.sessions.has(session) ? query.parameters : undefined
    // More cannot be sent: their count is enough to say so.
    const written = count > MOST_ARGUMENTS ? 0 : count
    const nested = this.#writing
    const writer = this.#begin()
    const start = writer.position
    let index = 0
    try {
      writer.words(0, Operation.Call, session, request, query.id, flags, rowLimit, timeout, count)
      for (; index < written; index++) {
        writeArgument(writer, (args as readonly unknown[])[index], types?.[index])
      }
      writer.patch(start, writer.position - start)
    } catch (error) {
      writer.truncate(start)
      throw new ArgumentFailure(index, error)
    } finally {
      this.#end(nested)
    }
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
    const text = Buffer.from(sql, 'utf8')
    const nested = this.#writing
    const writer = this.#begin()
    writer.uint32(12 + text.length)
    writer.uint32(Operation.Define)
    writer.uint32(query.id)
    writer.append(text)
    this.#end(nested)
    return query
  }

  #words(operation: number, ...words: number[]): void {
    const nested = this.#writing
    const writer = this.#begin()
    writer.uint32(8 + words.length * 4)
    writer.uint32(operation)
    for (const word of words) writer.uint32(word)
    this.#end(nested)
  }

  /** Where the next request goes: a place of its own while another is being written. */
  #begin(): Writer {
    if (!this.#writing) {
      this.#writing = true
      return this.#writer
    }
    const writer = new Writer(256)
    this.#nested.push(writer)
    return writer
  }

  #end(nested: boolean): void {
    if (nested) return
    this.#writing = false
    if (this.#nested.length > 0) this.#join()
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
