import { isPromise } from '../iterable-source.ts'
import { readTag } from '../query-result.ts'
import { now } from '../timers.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { CopyLimits } from './limits.ts'

/** How far a COPY is. */
export interface CopyProgress {
  /** Bytes of data that were handed on: to the output, or towards the server. */
  readonly bytes: number
  /**
   * Rows: of a COPY out those that have come, of records those that were handed on. `undefined` while bytes are copied
   * into a table: only the server knows then. At the end it is always what the server has counted.
   */
  readonly rows: number | undefined
}

/** Who is told. */
export type Tell = (progress: CopyProgress) => Awaitable<void>

/** Milliseconds between two reports. */
const PAUSE = 100

/** Tells whoever wants to know how far a COPY is. */
export class Progress {
  readonly #tell: Tell | undefined
  readonly #limits: CopyLimits
  #next: number
  /** Calls that have not ended. */
  readonly #running = new Set<PromiseLike<unknown>>()
  #failure: { readonly error: unknown } | undefined

  constructor(tell: Tell | undefined, limits: CopyLimits) {
    this.#tell = tell
    this.#limits = limits
    this.#next = tell === undefined ? Number.POSITIVE_INFINITY : now() + PAUSE
  }

  /** It is so far; told unless that was done just now. Throws what it was answered with, and what one before has rejected with. */
  report(bytes: number, rows: number | undefined): void {
    if (this.#tell === undefined || now() < this.#next) return
    this.#throwIfFailed()
    this.#next = now() + PAUSE
    this.#call(this.#tell, { bytes, rows })
  }

  /** It is complete, with this command tag. Rejects as {@link report} throws, once all that was told has been taken. */
  async end(bytes: number, tag: string): Promise<void> {
    if (this.#tell === undefined) return
    this.#throwIfFailed()
    this.#call(this.#tell, { bytes, rows: readTag(tag).rowCount ?? 0 })
    while (this.#running.size > 0) await this.#limits.wait(Promise.race(this.#running))
    this.#throwIfFailed()
  }

  #call(tell: Tell, progress: CopyProgress): void {
    const told: unknown = tell(progress)
    if (!isPromise(told)) return
    const over = (): void => {
      this.#running.delete(running)
    }
    const running = told.then(over, (error) => {
      over()
      this.#failure ??= { error }
      // It is thrown with the next report.
      this.#next = Number.NEGATIVE_INFINITY
    })
    this.#running.add(running)
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
