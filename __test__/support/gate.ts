/** Something that the program waits for, until the test lets it go on. */
export class Gate {
  #come!: () => void
  #go!: () => void
  readonly reached: Promise<void> = new Promise((resolve) => {
    this.#come = resolve
  })
  readonly #gone: Promise<void> = new Promise((resolve) => {
    this.#go = resolve
  })

  /** Comes to the gate, and waits there. */
  pass(): Promise<void> {
    this.#come()
    return this.#gone
  }

  open(): void {
    this.#go()
  }
}
