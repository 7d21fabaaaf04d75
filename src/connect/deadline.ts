import { onAbort } from '../abort.ts'
import { TimeoutError } from '../errors/index.ts'
import type { LoopReference } from '../loop-reference.ts'
import { clearTimeout, setImmediate, setTimeout } from '../timers.ts'
import type { Stop } from './stop.ts'

/** The longest delay that timers know; a longer one would fire at once. */
const LONGEST_DELAY = 2147483647

/** A limit within the whole budget, that of one address. */
export interface Window {
  /** When it ends, by the clock of `now`; undefined = never. */
  readonly end: number | undefined
  /** What it was when it began, in milliseconds; `null` for none. */
  readonly limit: number | null
}

/** One step of connecting that is waited for. */
export interface Step<T> {
  /** What `TimeoutError` calls it. */
  readonly phase: string
  /** The step in words, as the message of the TimeoutError has it. */
  readonly what: () => string
  readonly window?: Window | undefined
  /** Milliseconds that the step may answer late: it has the same limit and knows more about it. */
  readonly grace?: number
  /** Gets the result that comes after nobody waits any more. */
  readonly late?: (result: T) => void
}

/** Thrown through everything: the whole budget is used up, or the caller gave up. */
export class GivenUp {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** One budget and one signal over every step of a connect. */
export class Deadline {
  readonly #budget: number | null
  readonly #end: number | undefined
  readonly #signal: AbortSignal | undefined
  readonly #now: () => number
  readonly #reference: LoopReference | undefined

  /** @param reference says whether its timers keep the process alive; they do without. */
  constructor(
    budget: number | null,
    signal: AbortSignal | undefined,
    now: () => number,
    reference: LoopReference | undefined,
  ) {
    this.#budget = budget
    this.#end = budget === null ? undefined : now() + budget
    this.#signal = signal
    this.#now = now
    this.#reference = reference
  }

  /** A limit that begins now. */
  window(limit: number | null): Window {
    return { end: limit === null ? undefined : this.#now() + limit, limit }
  }

  /** Milliseconds left of the budget and of the window; undefined = no limit. */
  remaining(window?: Window): number | undefined {
    const end = earlier(this.#end, window?.end)
    return end === undefined ? undefined : Math.min(Math.max(0, end - this.#now()), LONGEST_DELAY)
  }

  /** Whether the whole budget, and not just a window, is used up; timers may fire a moment early. */
  get isOver(): boolean {
    return this.#end !== undefined && this.#now() >= this.#end - 1
  }

  /** The error that the whole budget gives. */
  overrun(phase: string, what: string): GivenUp {
    return new GivenUp(timedOut(this.#budget, phase, what))
  }

  /** Throws when there is no use in beginning a step. */
  check({ phase, what }: Pick<Step<unknown>, 'phase' | 'what'>): void {
    if (this.#signal?.aborted) throw new GivenUp(this.#signal.reason)
    if (this.#end !== undefined && this.#now() >= this.#end) throw this.overrun(phase, what())
  }

  /**
   * Runs a step until it settles, time is up or the caller gives up, of which the step is told. `GivenUp` ends the
   * whole connect; a `TimeoutError` is the window's.
   */
  async run<T>(step: Step<T>, begin: (stop: Stop) => Promise<T>): Promise<T> {
    this.check(step)
    const stop: Stop = { onStop: undefined }
    const signal = this.#signal
    return new Promise<T>((resolve, reject) => {
      let settled = false
      let timer: NodeJS.Timeout | undefined
      let forget: (() => void) | undefined
      let unwatch: (() => void) | undefined
      const settle = (): boolean => {
        if (settled) return false
        settled = true
        if (timer !== undefined) clearTimeout(timer)
        unwatch?.()
        forget?.()
        return true
      }
      const giveUp = (reason: unknown): void => {
        if (!settle()) return
        stop.onStop?.(reason instanceof GivenUp ? reason.reason : reason)
        reject(reason)
      }
      forget = signal && onAbort(signal, () => giveUp(new GivenUp(signal.reason)))
      const work = (async () => begin(stop))()
      work.then(
        // What comes when nobody waits any more must not be left open.
        (result) => (settle() ? resolve(result) : step.late?.(result)),
        (error) => settle() && reject(error),
      )
      // The timer starts once the step has begun: what a timer costs is then no time that is waited for.
      if (settled) return
      timer = this.#startTimer(step, giveUp)
      unwatch = this.#reference?.watch((isHeld) => (isHeld ? timer?.ref?.() : timer?.unref?.()))
    })
  }

  #startTimer(
    step: Pick<Step<unknown>, 'phase' | 'what' | 'window' | 'grace'>,
    giveUp: (reason: unknown) => void,
  ): NodeJS.Timeout | undefined {
    const remaining = this.remaining(step.window)
    if (remaining === undefined) return undefined
    const delay = Math.min(Math.ceil(remaining) + (step.grace ?? 0), LONGEST_DELAY)
    const end = (): void =>
      giveUp(
        this.isOver
          ? this.overrun(step.phase, step.what())
          : timedOut(step.window?.limit ?? null, step.phase, step.what()),
      )
    // After the event loop was held up, timers come before answers that have been there for long: those count.
    return setTimeout(() => setImmediate(end), delay)
  }
}

function timedOut(limit: number | null, phase: string, what: string): TimeoutError {
  return new TimeoutError(`connecting timed out after ${limit} ms while ${what}`, { phase })
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}
