/** Milliseconds after the first failure; each one after it doubles them. */
const FIRST = 100

/** Where the reason may pass: so the pool is whole again within a second of the server's return. */
const LONGEST = 700

/** Where somebody has to change something, such as a password: a server may lock who asks too often. */
const LONGEST_LASTING = 5_000

/**
 * How long to wait before a server that could not be reached is tried again. Up to a quarter more is chance, so that many
 * pools do not come back at once.
 */
export class Backoff {
  readonly #random: () => number
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** Milliseconds to wait after one more failure; `mayPass` says whether its reason may pass by itself. */
  failed(mayPass: boolean): number {
    const longest = mayPass ? LONGEST : LONGEST_LASTING
    return Math.min(longest, FIRST * 2 ** Math.min(this.#failures++, 20)) * (1 + this.#random() / 4)
  }

  succeeded(): void {
    this.#failures = 0
  }
}
