/** Milliseconds that no call is slow for, on any machine. */
const SLOW_MS = 5

/** A call is slow when it takes so many times what half of all calls take. */
const SLOW_TIMES = 4

/** How far one call moves the median: it follows a pace ten times as slow within thirty calls. */
const STEP = 1.1

const LEAST_MS = 0.01

/**
 * What counts as slow, by what calls take lately. To a server that is far away, or has too much to do, every call takes
 * long: were that slow, no two calls would share a connection just where that pays most.
 */
export class Pace {
  #median = SLOW_MS / SLOW_TIMES

  /** A call that is slow holds up others: nothing more is sent behind one that has run for so many milliseconds. */
  get slowMs(): number {
    return Math.max(SLOW_MS, this.#median * SLOW_TIMES)
  }

  /** A call has run for so many milliseconds. */
  took(duration: number): void {
    const median = duration > this.#median ? this.#median * STEP : this.#median / STEP
    this.#median = Math.max(LEAST_MS, median)
  }
}
