/**
 * Tells a step of connecting that nobody waits for it any more. Every connect has some, and hardly any is used: an
 * AbortController for each would cost more than all the rest of the step.
 */
export class Stop {
  /** Called once, when that is so. */
  onStop: ((reason: unknown) => void) | undefined
  #controller: AbortController | undefined

  /** The same for those who want a signal; to be asked for before anything has stopped. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  stop(reason: unknown): void {
    this.#controller?.abort(reason)
    this.onStop?.(reason)
  }
}
