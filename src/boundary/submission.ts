import { InterfaceError } from '../errors/index.ts'
import { nextTick, now } from '../timers.ts'
import { ArgumentFailure, type Written } from './argument-failure.ts'
import type { ArgumentTypes } from './argument-types.ts'
import { tryArgument, writeArgument } from './arguments.ts'
import type { Codecs } from './custom.ts'
import { CallFlag, Operation, type SetsEnd } from './generated.ts'
import { lengthOf } from './length.ts'
import { Queries, type Query } from './queries.ts'
import type { RecordWriter } from './record-writer.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { CallPlace, Terms } from './terms.ts'
import { Writer } from './writer.ts'

/** The protocol counts them with 16 bits. */
export const MOST_ARGUMENTS = 65_535

/** Stands for no time limit. */
const NO_TIMEOUT = 0xffffffff

/** A limit in milliseconds, as it is written; beyond 49 days it is none. */
export function limitWord(timeout: number | undefined): number {
  return timeout === undefined || timeout >= NO_TIMEOUT ? NO_TIMEOUT : Math.ceil(timeout)
}

/** The buffer's usual size in bytes; it grows for what does not fit and shrinks when that has gone. */
const SIZE = 64 * 1024

/** The size of a buffer for a request that is made while another one is being written. */
const NESTED_SIZE = 256

/** A tick's requests are handed over early beyond this, in bytes. */
const FULL = 4 * 1024 * 1024

/** Bytes of a request that has words and nothing else: more than any has. */
const WORDS = 64

/** Bytes of a request that a buffer of the usual size takes whatever else waits in it, once that is handed over. */
const SHORT = 8 * 1024

/** Stands for no name of the user's. */
const NO_NAME = 0xffffffff

const NO_BYTES = new Uint8Array()

/**
 * The requests of the current tick, written as they are made and handed over together, in their order.
 *
 * A request may be made while another one is being written, by code of the user's that its arguments call. It has a
 * buffer of its own and comes behind that one.
 */
export class Submission {
  readonly #hand: (bytes: Uint8Array, length: number) => void
  readonly queries: Queries = new Queries()
  readonly #writer = new Writer(SIZE)
  #isWriting = false
  #nested: Writer[] = []
  #isScheduled = false
  /** The stopwatches of calls that wait to be handed over. */
  #stopwatches: Stopwatch[] = []

  constructor(hand: (bytes: Uint8Array, length: number) => void) {
    this.#hand = hand
  }

  /**
   * Writes a call, or nothing when it throws.
   *
   * @throws InterfaceError for a text that cannot be sent, {@link ArgumentFailure} for an argument.
   */
  call(
    { number: session, within, at }: CallPlace,
    request: number,
    text: string | Query,
    args: readonly unknown[] | undefined,
    { ask, flags, rows, portal, comment }: Terms,
    timeout: number,
    argumentTypes: ArgumentTypes,
  ): Written {
    if (comment !== undefined) this.#tailed([Operation.Comment, session, request], Buffer.from(comment))
    const count = args === undefined ? 0 : lengthOf(args)
    const query =
      typeof text === 'string' ? (this.queries.get(text) ?? this.#define(text)) : this.#known(text)
    const types = count > 0 && query.sessions.has(session) ? query.parameters : undefined
    const isTyped = types !== undefined
    let failures: ArgumentFailure[] | undefined
    // More cannot be sent: their count is enough to say so.
    const written = count > MOST_ARGUMENTS ? 0 : count
    const isNested = this.#isWriting
    const writer = this.#begin()
    const start = writer.position
    const values: unknown[] = []
    let index = 0
    try {
      const all = isTyped ? flags | CallFlag.Typed : flags
      writer.call(session, request, query.number, ask, all, rows, timeout, portal, within, at, count)
      for (; index < written; index++) {
        const value = (args as readonly unknown[])[index]
        values.push(value)
        const oid = types?.[index]
        if (oid !== undefined) writeArgument(writer, value, argumentTypes.of(oid))
        else {
          const failed = tryArgument(writer, value)
          if (failed !== undefined) {
            failures ??= []
            failures.push(new ArgumentFailure(index, value, failed.error))
          }
        }
      }
      writer.patch(start, writer.position - start)
      return { values, isTyped, failures }
    } catch (error) {
      writer.truncate(start)
      throw new ArgumentFailure(index, values[index], error)
    } finally {
      if (!isNested) this.#end()
    }
  }

  /** The arguments of a call, written by the types of its parameters. Throws as {@link call} does. */
  arguments(
    session: number,
    request: number,
    values: readonly unknown[],
    types: readonly number[],
    argumentTypes: ArgumentTypes,
  ): void {
    const isNested = this.#isWriting
    const writer = this.#begin()
    const start = writer.position
    let index = 0
    try {
      writer.reserve()
      for (const word of [Operation.Arguments, session, request, values.length]) writer.uint32(word)
      for (; index < values.length; index++) {
        const type = types[index]
        writeArgument(writer, values[index], type === undefined ? undefined : argumentTypes.of(type))
      }
      writer.patch(start, writer.position - start)
    } catch (error) {
      writer.truncate(start)
      throw new ArgumentFailure(index, values[index], error)
    } finally {
      if (!isNested) this.#end()
    }
  }

  /** The codecs that calls go by from now on. */
  setCodecs(session: number, codecs: Codecs): void {
    const { number, byType, words } = codecs
    this.#tailed([Operation.SetCodecs, session, number, byType.size, ...words], NO_BYTES)
  }

  /** Tells the stopwatch of the next call when that is handed over. */
  time(stopwatch: Stopwatch): void {
    this.#stopwatches.push(stopwatch)
  }

  /**
   * The text of one prepared statement. `name` is what it is called on the server, `undefined` for a name of ours.
   *
   * @throws InterfaceError for a text or a name that cannot be sent.
   */
  define(sql: string, name: string | undefined): Query {
    checkText('query', sql)
    if (name !== undefined) checkText('name', name)
    const query = this.queries.own(sql)
    this.#defining(query, Operation.DefineOwn, (writer) => {
      writer.uint32(name === undefined ? NO_NAME : Buffer.byteLength(name))
      writer.text(name === undefined ? sql : name + sql)
    })
    return query
  }

  /** A prepared statement is of use to nobody any more. */
  letGo(session: number, query: Query): void {
    this.#words(Operation.LetGo, session, query.number)
    this.queries.release(query)
  }

  /** The caller of a request was answered: its answer is not wanted any more. */
  abandon(session: number, request: number): void {
    this.#words(Operation.Abandon, session, request)
  }

  /** @param timeout milliseconds, `undefined` for no limit. */
  close(session: number, request: number, timeout: number | undefined): void {
    this.#words(Operation.Close, session, request, limitWord(timeout))
  }

  terminate(session: number): void {
    this.#words(Operation.Terminate, session)
  }

  dropStatements(session: number): void {
    this.#words(Operation.DropStatements, session)
  }

  /** What was looked up of the database's types. */
  forgetTypes(session: number): void {
    this.#words(Operation.ForgetTypes, session)
  }

  notices(session: number, wanted: boolean): void {
    this.#words(Operation.Notices, session, wanted ? 1 : 0)
  }

  /** The consumer of a COPY has taken some of its data. To be told before the call's last record is read. */
  taken(session: number, request: number, bytes: number): void {
    this.#words(Operation.Taken, session, request, bytes)
  }

  /** Argument sets of a call for many, and what is behind them; their bytes are copied. */
  sets(session: number, request: number, count: number, end: SetsEnd, bytes: Uint8Array): void {
    this.#tailed([Operation.Sets, session, request, count, end], bytes)
  }

  /** The types of a text's parameters, where a session has described it. */
  typesOf(session: number, text: string | Query): Uint32Array | undefined {
    const query = typeof text === 'string' ? this.queries.get(text) : text
    return query?.sessions.has(session) ? query.parameters : undefined
  }

  /** Data for a COPY, which is copied. */
  copyData(session: number, request: number, data: Uint8Array): void {
    this.#tailed([Operation.CopyData, session, request], data)
  }

  /** The batch of records, which is empty then. Gives its bytes. */
  copyRecords(session: number, request: number, records: RecordWriter): number {
    const { layout, first, count, types, fields } = records
    const head = [Operation.CopyRecords, session, request, layout]
    this.#tailed(
      [...head, first % 2 ** 32, Math.floor(first / 2 ** 32), count, types.length, ...types],
      fields,
    )
    records.clear()
    return fields.length
  }

  /** All data for a COPY has come. */
  copyDone(session: number, request: number): void {
    this.#words(Operation.CopyDone, session, request)
  }

  /** The data for a COPY cannot be had to its end. */
  copyFailed(session: number, request: number, reason: string): void {
    this.#tailed([Operation.CopyFailed, session, request], Buffer.from(reason, 'utf8'))
  }

  /** A request that is words and bytes, or nothing when it throws. A short one needs no more memory than {@link #words}. */
  #tailed(words: readonly number[], bytes: Uint8Array): void {
    const isNested = this.#isWriting
    const length = 4 + words.length * 4 + bytes.length
    if (!isNested && length <= SHORT && this.#writer.room < length) this.flush()
    const writer = this.#begin()
    const start = writer.position
    try {
      writer.uint32(length)
      for (const word of words) writer.uint32(word)
      writer.raw(bytes)
    } catch (error) {
      writer.truncate(start)
      throw error
    } finally {
      if (!isNested) this.#end()
    }
  }

  /** A number that the other side does not know would be taken for damage. */
  #known(query: Query): Query {
    if (this.queries.holds(query)) return query
    throw new InterfaceError('the prepared statement is closed')
  }

  #define(sql: string): Query {
    checkText('query', sql)
    const query = this.queries.add(sql)
    this.#defining(query, Operation.Define, (writer) => writer.text(sql))
    return query
  }

  /** Tells of a query. Where there is no memory for that, it is as if it had never come. */
  #defining(query: Query, operation: number, write: (writer: Writer) => void): void {
    const isNested = this.#isWriting
    let writer: Writer | undefined
    let start = 0
    try {
      writer = this.#begin()
      start = writer.position
      writer.reserve()
      writer.uint32(operation)
      writer.uint32(query.number)
      write(writer)
      writer.patch(start, writer.position - start)
    } catch (error) {
      writer?.truncate(start)
      this.queries.remove(query)
      throw error
    } finally {
      if (!isNested) this.#end()
    }
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
    if (this.#stopwatches.length > 0) this.#timeHandOver()
    const nested = this.#nested
    this.#nested = []
    for (const writer of nested) this.#follow(writer)
    this.#handOver(this.#writer)
    this.#forget()
    this.#writer.shrink(SIZE, FULL)
  }

  #timeHandOver(): void {
    const at = now()
    for (const stopwatch of this.#stopwatches) stopwatch.handedOver(at)
    this.#stopwatches = []
  }

  /**
   * A request that was made while another one was written goes down with it, as far as no memory is needed for that. If that is
   * the end of its connection, the other one could be answered in between.
   */
  #follow(writer: Writer): void {
    const { position, buffer } = writer
    if (position <= this.#writer.room) return this.#writer.raw(buffer.subarray(0, position))
    this.#handOver(this.#writer)
    this.#handOver(writer)
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

function checkText(what: string, text: string): void {
  if (text.includes('\0'))
    throw new InterfaceError(`the ${what} contains a NUL character, which PostgreSQL cannot take`)
  if (!text.isWellFormed())
    throw new InterfaceError(`the ${what} contains a lone surrogate, which has no UTF-8 form`)
}

function flush(submission: Submission): void {
  submission.flush()
}
