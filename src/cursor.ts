import { CALL_OPTIONS, type CallLimits, type CallOptions, checkLimits, shown } from './call-options.ts'
import { CursorIterator } from './cursor-iterator.ts'
import { InterfaceError } from './errors/index.ts'
import { fromCall } from './errors/with-query.ts'
import { FETCH_OPTIONS, type FetchOptions } from './fetch-options.ts'
import { type CursorSource, MOST_ROWS, Portal } from './portal.ts'
import { checkRecordClass } from './types/record.ts'
import type { Row } from './types/row.ts'

/** What a cursor takes. Its `timeout` is that of each round trip, not of the whole loop. */
export interface CursorOptions extends FetchOptions {
  /**
   * For iteration: how many rows a round trip brings, from 1 to 2,147,483,647. Default 50. As many are on their way
   * while the last ones are consumed.
   */
  prefetch?: number | undefined
}

const CURSOR_OPTIONS: ReadonlySet<string> = new Set([...FETCH_OPTIONS, 'prefetch'])

const PREFETCH = 50

/** Makes the factory of a cursor's source. */
export let newCursorFactory: <T>(source: CursorSource, options: CursorOptions | undefined) => CursorFactory<T>

/** Opens a portal for a cursor that is moved by hand. */
let openCursor: <T>(source: CursorSource, limits: CallLimits) => Promise<Cursor<T>>

/**
 * A query whose rows are read in parts, made by `connection.cursor()` and `statement.cursor()`. Nothing is sent before
 * it is iterated or opened, and that must be within a transaction.
 *
 * Each `for await` runs the query anew. The next rows are on their way while the last ones are consumed; leaving the
 * loop closes the cursor on the server.
 *
 * ```ts
 * await connection.transaction(async () => {
 *   for await (const { n } of connection.cursor('select n from generate_series(1, 3) n')) console.log(n)
 * })
 * ```
 */
export class CursorFactory<T = Row> implements AsyncIterable<T> {
  readonly #source: CursorSource
  readonly #limits: CallLimits
  readonly #prefetch: number | undefined

  static {
    newCursorFactory = (source, options) => new CursorFactory(source as never, options as never)
  }

  /** Made by `cursor()`. */
  protected constructor(...args: never[])
  protected constructor(source: CursorSource, options: CursorOptions | undefined) {
    this.#limits = checkLimits(options, CURSOR_OPTIONS)
    const recordClass = checkRecordClass(options?.recordClass)
    this.#source = recordClass === undefined ? source : { ...source, recordClass }
    const prefetch = options?.prefetch
    if (prefetch !== undefined) checkCount('prefetch', prefetch)
    this.#prefetch = prefetch
  }

  /**
   * Reads all rows, one after the other.
   *
   * Rejects with a NoActiveSQLTransactionError (25P01) outside of a transaction, with the server's error, with a
   * TimeoutError when one round trip takes longer than `timeout`, with `signal.reason`, and with an InterfaceError when
   * the statement or the connection is closed.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return new CursorIterator<T>(this.#source, this.#prefetch ?? PREFETCH, this.#limits)
  }

  /**
   * Opens a cursor that is moved by hand. Rejects as iteration does, and with an InterfaceError when `prefetch` was
   * given, which is for iteration.
   *
   * ```ts
   * await connection.transaction(async () => {
   *   const cursor = await connection.cursor('select n from generate_series(1, 9) n').open()
   *   await cursor.forward(4) // => 4
   *   await cursor.fetch(2) // => [ { n: 5 }, { n: 6 } ]
   *   await cursor.close()
   * })
   * ```
   *
   * @param options `timeout` and `signal` of opening it; default those that were given to `cursor()`.
   */
  async open(options?: CallOptions): Promise<Cursor<T>> {
    const source = this.#source
    try {
      const refusal = source.refusal('CursorFactory.open()')
      if (refusal !== undefined) throw refusal
      if (this.#prefetch !== undefined) {
        throw new InterfaceError('prefetch can only be specified for a cursor that is iterated', {
          hint: 'give the number of rows to fetch(n)',
        })
      }
      const limits = checkLimits(options, CALL_OPTIONS)
      return await openCursor<T>(source, over(limits, this.#limits))
    } catch (error) {
      throw fromCall(error, source.sql, this.open)
    }
  }
}

/** A cursor that is moved by hand, made by {@link CursorFactory.open}. It ends with its transaction. */
export class Cursor<T = Row> implements AsyncDisposable {
  readonly #source: CursorSource
  readonly #limits: CallLimits
  readonly #portal: Portal
  #isExhausted = false
  #isClosed = false

  static {
    openCursor = async (source, limits) => {
      const cursor = new Cursor<any>(source as never, limits as never)
      try {
        await cursor.#portal.open(0, limits)
      } catch (error) {
        cursor.#portal.close().catch(() => {})
        throw error
      }
      return cursor
    }
  }

  /** Made by `open()`. */
  protected constructor(...args: never[])
  protected constructor(source: CursorSource, limits: CallLimits) {
    this.#source = source
    this.#limits = { timeout: limits.timeout, signal: undefined }
    this.#portal = new Portal(source)
  }

  /** True once a call has met the end of the rows: each further one gives nothing and asks nobody. */
  get exhausted(): boolean {
    return this.#isExhausted
  }

  /**
   * The next `n` rows; fewer when there are no more, then `[]`.
   *
   * Rejects with the server's error, such as an InvalidCursorNameError (34000) when the transaction of the cursor has
   * ended, with a TimeoutError, with `signal.reason`, and with an InterfaceError for an `n` below 1, a cursor that is
   * closed, and one on which a call was given up.
   */
  fetch(n: number, options?: CallOptions): Promise<T[]> {
    return this.#fetch('Cursor.fetch()', n, options)
  }

  /** The next row, `null` when there are no more. Rejects as {@link fetch}. */
  async fetchRow(options?: CallOptions): Promise<T | null> {
    const [row = null] = await this.#fetch('Cursor.fetchRow()', 1, options)
    return row
  }

  /**
   * Skips `n` rows and gives how many there were. Rejects as {@link fetch}. It is a `MOVE` on the server, so that no row
   * is sent.
   */
  async forward(n: number, options?: CallOptions): Promise<number> {
    return this.#call('Cursor.forward()', n, options, 0, async (limits) => {
      const moved = await this.#portal.move(n, limits)
      if (moved < n) this.#isExhausted = true
      return moved
    })
  }

  /** Closes it on the server; does nothing when it is closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#portal.close()
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #fetch(method: string, n: number, options: CallOptions | undefined): Promise<T[]> {
    return this.#call<T[]>(method, n, options, [], async (limits) => {
      const { rows, isLast } = await this.#portal.read(n, limits)
      if (isLast) this.#isExhausted = true
      return rows as T[]
    })
  }

  /** `none` is what a call gives at the end of the rows. */
  async #call<R>(
    method: string,
    n: number,
    options: CallOptions | undefined,
    none: R,
    make: (limits: CallLimits) => Promise<R>,
  ): Promise<R> {
    try {
      const refusal = this.#refusal(method)
      if (refusal !== undefined) throw refusal
      checkCount('the number of rows', n)
      const limits = over(checkLimits(options, CALL_OPTIONS), this.#limits)
      return this.#isExhausted ? none : await make(limits)
    } catch (error) {
      throw fromCall(error, this.#source.sql, this.#call)
    }
  }

  #refusal(method: string): Error | undefined {
    if (!this.#isClosed) return this.#source.refusal(method)
    return new InterfaceError(`cannot call ${method}: the cursor is closed`)
  }
}

function over(limits: CallLimits, fallback: CallLimits): CallLimits {
  return {
    timeout: limits.timeout === undefined ? fallback.timeout : limits.timeout,
    signal: limits.signal ?? fallback.signal,
  }
}

function checkCount(what: string, count: unknown): void {
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MOST_ROWS) return
  throw new InterfaceError(
    `${what} must be a whole number that is greater than zero and at most ${MOST_ROWS}, got ${shown(count)}`,
  )
}
