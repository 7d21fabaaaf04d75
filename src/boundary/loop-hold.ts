/**
 * Whether the event loop is to be kept alive: while a request is pending that counts, and for those who ask for it. They
 * are kept from being collected, too.
 */
export class LoopHold {
  readonly #holders = new Set<object>()
  readonly #requests: { readonly size: number }
  /** Pending requests that nobody waits for. */
  readonly #uncounted = new Set<object>()
  readonly #tell: (hold: boolean) => void
  /** What the binding was told last. */
  #told = false

  constructor(requests: { readonly size: number }, tell: (hold: boolean) => void) {
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

  /** Whether a pending request counts. One that is none any more is to count again. */
  count(request: object, counts: boolean): void {
    if (counts) this.#uncounted.delete(request)
    else this.#uncounted.add(request)
    this.update()
  }

  /** What is to be told just now, for a caller that tells it with what the binding is called for anyway. */
  settle(): boolean {
    this.#told = this.#requests.size > this.#uncounted.size || this.#holders.size > 0
    return this.#told
  }

  /** Tells the binding if there is something new. */
  update(): void {
    const told = this.#told
    if (this.settle() !== told) this.#tell(this.#told)
  }
}
