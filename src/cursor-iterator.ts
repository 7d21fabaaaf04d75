import type { CallLimits } from './call-options.ts'
import { fromCall } from './errors/with-query.ts'
import { type CursorSource, Portal } from './portal.ts'
import { now, setImmediate } from './timers.ts'
import type { RawBatch } from './want.ts'

/** Milliseconds for which rows are given out before the event loop has a turn. */
const SLICE = 5

/** Rows between two looks at the clock. */
const ROWS_A_LOOK = 32

const END: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * Reads a portal to its end, one batch of rows ahead of the consumer. Whoever calls `next()` several times at once gets
 * the rows in the order of the calls.
 */
export class CursorIterator<T> implements AsyncIterator<T, undefined> {
  readonly #source: CursorSource
  readonly #prefetch: number
  readonly #limits: CallLimits
  #portal: Portal | undefined
  #rows: unknown[] = []
  #at = 0
  /** The batch that is on its way. */
  #ahead: Promise<RawBatch> | undefined
  /** No batch comes behind the rows that are here. */
  #isLast = false
  #isOver = false
  /** Calls of `next()` that wait for each other. */
  #waiting = 0
  readonly #turns: (() => void)[] = []
  /** When the event loop had its last turn, as far as is known here. */
  #since = 0

  constructor(source: CursorSource, prefetch: number, limits: CallLimits) {
    this.#source = source
    this.#prefetch = prefetch
    this.#limits = limits
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting === 0 && this.#isAtHand()) {
      return Promise.resolve({ done: false, value: this.#rows[this.#at++] as T })
    }
    this.#waiting++
    // At once when nothing is waited for: it is sent in the order of the calls.
    return this.#step(this.#waiting === 1 ? undefined : new Promise((resolve) => this.#turns.push(resolve)))
  }

  /** Ends it early. That the portal could not be closed is no error of the loop that is left. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#finish()
    await this.#portal?.close().catch(() => {})
    return END
  }

  /** A row is here and may be given out at once. */
  #isAtHand(): boolean {
    if (this.#at >= this.#rows.length || this.#limits.signal?.aborted) return false
    return this.#at % ROWS_A_LOOK !== 0 || now() - this.#since < SLICE
  }

  async #step(turn: Promise<void> | undefined): Promise<IteratorResult<T, undefined>> {
    try {
      if (turn !== undefined) await turn
      while (!this.#isOver) {
        this.#limits.signal?.throwIfAborted()
        if (this.#at < this.#rows.length) {
          if (!this.#isAtHand()) await this.#pause()
          if (this.#isOver) break
          return { done: false, value: this.#rows[this.#at++] as T }
        }
        if (this.#isLast) this.#finish()
        else await this.#take()
      }
      return END
    } catch (error) {
      this.#finish()
      this.#close()
      throw fromCall(error, this.#source.sql, this.#step)
    } finally {
      this.#waiting--
      this.#turns.shift()?.()
    }
  }

  /** Takes the next batch, and has the one behind it sent. */
  async #take(): Promise<void> {
    const batch = await (this.#ahead ?? this.#read())
    this.#ahead = undefined
    if (this.#isOver) return
    this.#rows = batch.rows
    this.#at = 0
    this.#since = now()
    this.#isLast = batch.isLast
    if (this.#isLast) this.#close()
    else {
      this.#ahead = this.#read()
      // It is told when its turn comes.
      this.#ahead.catch(() => {})
    }
  }

  async #read(): Promise<RawBatch> {
    const refusal = this.#source.refusal('CursorIterator.next()')
    if (refusal !== undefined) throw refusal
    if (this.#portal !== undefined) return this.#portal.read(this.#prefetch, this.#limits)
    this.#portal = new Portal(this.#source)
    return this.#portal.open(this.#prefetch, this.#limits)
  }

  /** What is called next on the connection finds it closed. */
  #close(): void {
    this.#portal?.close().catch(() => {})
  }

  #finish(): void {
    this.#isOver = true
    this.#rows = []
    this.#at = 0
  }

  async #pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#since = now()
  }
}
