import { InterfaceError } from '../errors/index.ts'
import { nextTick } from '../timers.ts'
import { lengthOf, writeArgument } from './arguments.ts'
import { Operation } from './generated.ts'
import { Queries, type Query } from './queries.ts'
import { Writer } from './writer.ts'

/** The protocol counts them with 16 bits. */
const MOST_ARGUMENTS = 65_535

/** Stands for no time limit. */
export const NO_TIMEOUT = 0xffffffff

/** The buffer's usual size in bytes; it grows for what does not fit and shrinks when that has gone. */
const SIZE = 64 * 1024

/** The size of a buffer for a request that is made while another one is being written. */
const NESTED_SIZE = 256

/** A tick's requests are handed over early beyond this, in bytes. */
const FULL = 4 * 1024 * 1024

/** Bytes of a request that has words and nothing else: more than any has. */
const WORDS = 64

/** An argument could not be written: what JSON.stringify or a getter of the argument threw, or there is no memory. */
export class ArgumentFailure {
  /** From 0. */
  readonly index: number
  readonly error: unknown

  constructor(index: number, error: unknown) {
    this.index = index
    this.error = error
  }
}

/**
 * The requests of the current tick, written as they are made and handed over together, in their order.
 *
 * A request may be made while another one is being written, by code of the user's that its arguments call. It has a
 * buffer of its own and is handed over behind that one.
 */
export class Submission {
  readonly #hand: (bytes: Uint8Array, length: number) => void
  readonly queries: Queries = new Queries()
  readonly #writer = new Writer(SIZE)
  #isWriting = false
  #nested: Writer[] = []
  #isScheduled = false

  constructor(hand: (bytes: Uint8Array, length: number) => void) {
    this.#hand = hand
  }

  /**
   * Writes a call, or nothing when it throws.
   *
   * @throws InterfaceError for a text that cannot be sent, {@link ArgumentFailure} for an argument.
   */
  call(
    session: number,
    request: number,
    sql: string,
    args: readonly unknown[] | undefined,
    flags: number,
    rowLimit: number,
    timeout: number,
  ): void {
    const count = args === undefined ? 0 : lengthOf(args)
    const query = this.queries.get(sql) ?? this.#define(sql)
    const types = count > 0 && query.sessions.has(session) ? query.parameters : undefined
    // More cannot be sent: their count is enough to say so.
    const written = count > MOST_ARGUMENTS ? 0 : count
    const isNested = this.#isWriting
    const writer = this.#begin()
    const start = writer.position
    let index = 0
    try {
      writer.words(0, Operation.Call, session, request, query.number, flags, rowLimit, timeout, count)
      for (; index < written; index++) {
        writeArgument(writer, (args as readonly unknown[])[index], types?.[index])
      }
      writer.patch(start, writer.position - start)
    } catch (error) {
      writer.truncate(start)
      throw new ArgumentFailure(index, error)
    } finally {
      if (!isNested) this.#end()
    }
  }

  /** The caller of a request was answered: its answer is not wanted any more. */
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
    const isNested = this.#isWriting
    const writer = this.#begin()
    const start = writer.position
    const query = this.queries.add(sql)
    try {
      writer.reserve()
      writer.uint32(Operation.Define)
      writer.uint32(query.number)
      writer.text(sql)
      writer.patch(start, writer.position - start)
    } catch (error) {
      // There is no memory for it: it is as if it had never come.
      writer.truncate(start)
      this.queries.remove(query)
      throw error
    } finally {
      if (!isNested) this.#end()
    }
    return query
  }

  /** A request without arguments. It needs no memory unless another one is being written. */
  #words(...words: number[]): void {
    const isNested = this.#isWriting
    if (!isNested && this.#writer.room < WORDS) this.flush()
    const writer = this.#begin()
    writer.uint32(4 + words.length * 4)
    for (const word of words) writer.uint32(word)
    if (!isNested) this.#end()
  }

  /** Where the next request is written. */
  #begin(): Writer {
    if (!this.#isWriting) {
      this.#isWriting = true
      return this.#writer
    }
    const writer = new Writer(NESTED_SIZE)
    this.#nested.push(writer)
    return writer
  }

  /** A request that was not nested is written, or was given up. */
  #end(): void {
    this.#isWriting = false
    if (this.#writer.position >= FULL || this.#nested.length > 0) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      nextTick(flush, this)
    }
  }

  /** Hands over what was written. */
  flush(): void {
    this.#isScheduled = false
    if (this.#isWriting) return
    const nested = this.#nested
    this.#nested = []
    this.#handOver(this.#writer)
    for (const writer of nested) this.#handOver(writer)
    this.#forget()
    this.#writer.shrink(SIZE, FULL)
  }

  #handOver(writer: Writer): void {
    const { position, buffer } = writer
    if (position === 0) return
    writer.truncate(0)
    this.#hand(buffer, position)
  }

  /** Tells which texts are not known any more, behind every call that uses them. */
  #forget(): void {
    const { forgotten } = this.queries
    if (forgotten.length === 0) return
    for (const number of forgotten.splice(0, Math.floor(SIZE / WORDS))) {
      this.#writer.uint32(12)
      this.#writer.uint32(Operation.Forget)
      this.#writer.uint32(number)
    }
    this.#handOver(this.#writer)
  }
}

function flush(submission: Submission): void {
  submission.flush()
}
