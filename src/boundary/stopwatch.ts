import { now } from '../timers.ts'
import type { CallTiming } from '../types/call-timing.ts'

/** Takes the times of one call. The core's begin when the call was handed over. */
export class Stopwatch {
  readonly #made: number = now()
  #handed: number = this.#made
  #sent = 0
  #answered = 0
  #complete = 0
  #isAnswered = false

  /** It is handed over now. */
  handedOver(at: number): void {
    this.#handed = at
  }

  /** Microseconds from then on. */
  answered(sent: number, answered: number, complete: number): void {
    this.#isAnswered = true
    this.#sent = sent
    this.#answered = answered
    this.#complete = complete
  }

  /** `undefined` when the server has not answered it. */
  read(): CallTiming | undefined {
    if (!this.#isAnswered) return undefined
    const queued = this.#handed - this.#made
    return Object.freeze({
      queued,
      sent: queued + this.#sent / 1_000,
      firstByte: queued + this.#answered / 1_000,
      complete: queued + this.#complete / 1_000,
      decoded: now() - this.#made,
    })
  }
}
