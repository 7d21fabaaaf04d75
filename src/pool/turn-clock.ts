import { nextTick } from '../timers.ts'

/**
 * A clock that is read once for all that happens in one turn of the program: what is answered together, and the calls that
 * are made of that. To read a clock for each is a visible share of a fast call.
 */
export class TurnClock {
  readonly #read: () => number
  #time = 0
  #isFresh = false

  /** @param read gives the time in milliseconds. */
  constructor(read: () => number) {
    this.#read = read
  }

  readonly now = (): number => {
    if (!this.#isFresh) {
      this.#isFresh = true
      this.#time = this.#read()
      nextTick(this.#turn)
    }
    return this.#time
  }

  readonly #turn = (): void => {
    this.#isFresh = false
  }
}
