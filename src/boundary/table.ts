/** A number's lower bits are a place in a list, the upper ones tell apart what had that place one after the other. */
const PLACES = 0x1_0000

/** So many that numbers stay below 2^30, which V8 keeps without memory of their own. */
const GENERATIONS = 0x4000

/**
 * Values by numbers that are found by a place in a list on either side. A number that was released is not given again
 * for a long time: what still speaks of it does not mean what has its place now.
 */
export class Table<T> {
  readonly #values: (T | undefined)[] = []
  readonly #numbers: number[] = []
  readonly #free: number[] = []
  #generation = 0

  /** A number for a value that {@link set} may give it later. */
  reserve(): number {
    const place = this.#free.pop() ?? this.#values.push(undefined) - 1
    if (place >= PLACES) throw new RangeError(`there are ${PLACES} of a kind already, the most there can be`)
    this.#generation = (this.#generation % (GENERATIONS - 1)) + 1
    const number = this.#generation * PLACES + place
    this.#numbers[place] = number
    return number
  }

  set(number: number, value: T): void {
    this.#values[number % PLACES] = value
  }

  get(number: number): T | undefined {
    const place = number % PLACES
    return this.#numbers[place] === number ? this.#values[place] : undefined
  }

  release(number: number): void {
    const place = number % PLACES
    if (this.#numbers[place] !== number) return
    this.#numbers[place] = -1
    this.#values[place] = undefined
    this.#free.push(place)
  }

  /** All values there are. */
  values(): T[] {
    return this.#values.filter((value) => value !== undefined)
  }
}
