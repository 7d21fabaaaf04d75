/** Milliseconds after the first failure; each one after it doubles them. */
const FIRST = 50
const LONGEST = 5_000

/**
 * How long to wait before a server that could not be reached is tried again. A quarter of it is chance, so that many
 * pools do not come back at once.
 */
export class Backoff {
  readonly #random: () => number
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** Milliseconds to wait after one more failure. */
  failed(): number {
    const longest = Math.min(LONGEST, FIRST * 2 ** Math.min(this.#failures++, 20))
    return longest * (0.75 + this.#random() / 4)
  }

  succeeded(): void {
    this.#failures = 0
  }
}
