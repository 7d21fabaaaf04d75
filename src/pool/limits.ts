import { onAbort } from '../abort.ts'
import type { CallLimits } from '../call-options.ts'
import { TimeoutError } from '../errors/index.ts'
import type { LoopReference } from '../loop-reference.ts'
import { clearTimeout, now, setTimeout } from '../timers.ts'

/** The longest delay that timers know. */
export const LONGEST_DELAY = 2_147_483_647

const LATE = Symbol('late')

/** What the error is made of that tells of a step whose time was up. */
export type Late = ConstructorParameters<typeof TimeoutError>

/** Limits of several steps together, from now on. */
export class Limits {
  readonly signal: AbortSignal | undefined
  /** What was given, in milliseconds; `null` for none. */
  readonly timeout: number | null
  readonly #reference: LoopReference | undefined
  readonly #began = now()

  /** @param reference says whether timers keep the process alive; they do without. */
  constructor(timeout: number | null, signal: AbortSignal | undefined, reference?: LoopReference) {
    this.timeout = timeout
    this.signal = signal
    this.#reference = reference
  }

  /** What is left for the next step. */
  get remaining(): CallLimits & { readonly timeout: number | null } {
    const { timeout, signal } = this
    if (timeout === null) return { timeout, signal }
    const waited = now() - this.#began
    return { timeout: timeout - waited, whole: { timeout, waited }, signal }
  }

  /**
   * Waits for a step that knows no limits. It goes on when its time is up, but nobody waits for it.
   *
   * @param late is asked only then.
   */
  async over<T>(step: Promise<T>, late: () => Late = () => ['timed out']): Promise<T> {
    const { timeout, signal } = this.remaining
    if (timeout === null && signal === undefined) return step
    let timer: ReturnType<typeof setTimeout> | undefined
    let unlisten: (() => void) | undefined
    let unwatch: (() => void) | undefined
    const end = new Promise<typeof LATE>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (signal !== undefined) unlisten = onAbort(signal, () => reject(signal.reason))
      if (timeout === null || timeout > LONGEST_DELAY) return
      timer = setTimeout(() => resolve(LATE), Math.max(0, timeout))
      unwatch = this.#reference?.watch((isHeld) => (isHeld ? timer?.ref?.() : timer?.unref?.()))
    })
    try {
      const result = await Promise.race([step, end])
      if (result !== LATE) return result
      const error = new TimeoutError(...late())
      // Made here, it has who waits; above them stand up to three frames of timers, and a stack has ten.
      Error.captureStackTrace(error, this.over)
      throw error
    } finally {
      clearTimeout(timer)
      unlisten?.()
      unwatch?.()
    }
  }
}
