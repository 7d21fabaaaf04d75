import { onAbort } from '../abort.ts'
import { TimeoutError } from '../errors/index.ts'
import { clearTimeout, now, setTimeout } from '../timers.ts'

/** The longest time that a timer of the runtime takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** The limits of a COPY, which runs on both sides: the session keeps them while it runs there. */
export class CopyLimits {
  readonly #timeout: number | undefined
  readonly #end: number | undefined
  readonly signal: AbortSignal | undefined

  /** @param timeout milliseconds, `undefined` for none. */
  constructor(timeout: number | undefined, signal: AbortSignal | undefined) {
    this.#timeout = timeout
    this.#end = timeout === undefined ? undefined : now() + timeout
    this.signal = signal
  }

  /** Milliseconds that are left, `undefined` for no limit. */
  get left(): number | undefined {
    return this.#end === undefined ? undefined : this.#end - now()
  }

  /** What a promise gives, unless the time is up or the signal aborts first. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    const { left, signal } = this
    if (left === undefined && signal === undefined) return Promise.resolve(promise)
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer =
        left === undefined || left > LONGEST
          ? undefined
          : setTimeout(() => settle(() => reject(this.#timedOut())), Math.max(left, 0))
      const unlisten = signal && onAbort(signal, () => settle(() => reject(signal.reason)))
      const settle = (end: () => void): void => {
        if (timer !== undefined) clearTimeout(timer)
        unlisten?.()
        end()
      }
      promise.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      )
    })
  }

  #timedOut(): TimeoutError {
    return new TimeoutError(`query timed out after ${this.#timeout} ms`, {
      phase: 'query',
      maybeExecuted: true,
    })
  }
}
