/**
 * Holds an object, and from {@link loosen} on only weakly, so that one is noticed that nobody else has any more. A weak
 * reference costs more than all the rest of an acquire: most connections are released before one is made.
 */
export class Hold<T extends object> {
  #strong: T | undefined
  #weak: WeakRef<T> | undefined

  constructor(object: T) {
    this.#strong = object
  }

  /** The object, as long as it is there. */
  deref(): T | undefined {
    return this.#strong ?? this.#weak?.deref()
  }

  loosen(): void {
    if (this.#strong === undefined) return
    this.#weak = new WeakRef(this.#strong)
    this.#strong = undefined
  }
}
