/**
 * Whether the event loop is to be kept alive: while a request is pending that somebody waits for, and for those who ask
 * for it. They are kept from being collected, too.
 */
export class LoopHold {
  readonly #holders = new Set<object>()
  readonly #requests: { readonly awaited: number }
  readonly #tell: (hold: boolean) => void
  /** What the binding was told last. */
  #told = false

  constructor(requests: { readonly awaited: number }, tell: (hold: boolean) => void) {
    this.#requests = requests
    this.#tell = tell
  }

  add(holder: object): void {
    this.#holders.add(holder)
    this.update()
  }

  delete(holder: object): void {
    if (this.#holders.delete(holder)) this.update()
  }

  /** What is to be told just now, for a caller that tells it with what the binding is called for anyway. */
  settle(): boolean {
    this.#told = this.#requests.awaited > 0 || this.#holders.size > 0
    return this.#told
  }

  /** Tells the binding if there is something new. */
  update(): void {
    const told = this.#told
    if (this.settle() !== told) this.#tell(this.#told)
  }
}
