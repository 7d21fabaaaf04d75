import { onAbort } from '../abort.ts'
import { TimeoutError } from '../errors/index.ts'
import { clearTimeout, now, setTimeout } from '../timers.ts'
import type { Timed } from '../types/call-timing.ts'
import { lateWords, type SessionLimits } from '../types/session-limits.ts'

/** The longest time that a timer of the runtime takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** The limits of a COPY, which runs on both sides: the session keeps them while it runs there. */
export class CopyLimits {
  readonly #given: SessionLimits
  readonly #end: number | undefined
  readonly #ended: Promise<void>
  /** Is told its times, where somebody wants to know. */
  readonly timed: Timed | undefined
  readonly texts: string[]

  /**
   * @param ended rejects when the session ends before the COPY was sent.
   * @param texts gets what is run for it, where that is not the text that is told.
   */
  constructor(given: SessionLimits, ended: Promise<void>, timed: Timed | undefined, texts: string[]) {
    const { timeout } = given
    this.#given = given
    this.#end = timeout === undefined ? undefined : now() + timeout
    this.#ended = ended
    this.timed = timed
    this.texts = texts
  }

  /** Throws when they were over before anything was begun: no file is opened then. */
  throwIfOver(): void {
    const { timeout, signal } = this.#given
    signal?.throwIfAborted()
    if (timeout !== undefined && timeout <= 0) throw this.#timedOut(false)
  }

  /** What is left for the next of its calls. */
  get remaining(): SessionLimits {
    const { timeout, whole, signal } = this.#given
    if (timeout === undefined || this.#end === undefined) return this.#given
    return { timeout: this.#end - now(), whole: whole ?? { timeout, waited: 0 }, signal }
  }

  /** What a promise gives, unless the time is up or the signal aborts first. Everything was sent before. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    return this.#wait(promise, true)
  }

  /**
   * What a promise gives before the COPY is sent, unless the time is up, the signal aborts or the session ends first.
   *
   * @param drop gets what the promise gives when nobody waits for it any more.
   */
  waitUnsent<T>(promise: PromiseLike<T>, drop?: (late: T) => void): Promise<T> {
    return this.#wait(promise, false, drop)
  }

  #wait<T>(promise: PromiseLike<T>, isSent: boolean, drop?: (late: T) => void): Promise<T> {
    const { timeout: remaining, signal } = this.remaining
    return new Promise<T>((resolve, reject) => {
      let isOver = false
      const settle = (end: () => void): void => {
        isOver = true
        if (timer !== undefined) clearTimeout(timer)
        unlisten?.()
        end()
      }
      const fail = (error: unknown): void => settle(() => reject(error))
      const timer =
        remaining === undefined || remaining > LONGEST
          ? undefined
          : setTimeout(() => fail(this.#timedOut(isSent)), Math.max(remaining, 0))
      const unlisten = signal && onAbort(signal, () => fail(signal.reason))
      promise.then((value) => (isOver ? drop?.(value) : settle(() => resolve(value))), fail)
      if (!isSent) this.#ended.catch(fail)
      if (signal?.aborted) fail(signal.reason)
    })
  }

  #timedOut(maybeExecuted: boolean): TimeoutError {
    return new TimeoutError(lateWords(this.#given), { phase: 'query', maybeExecuted })
  }
}
