/** Whether what is being opened keeps the process alive, as `ref()` and `unref()` of timers have it. It may change meanwhile. */
export class LoopReference {
  #isHeld: boolean
  readonly #watchers = new Set<(isHeld: boolean) => void>()

  constructor(isHeld: boolean) {
    this.#isHeld = isHeld
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  set isHeld(isHeld: boolean) {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    for (const watcher of this.#watchers) watcher(isHeld)
  }

  /** Tells how it is now, and each change, until the function returned is called. */
  watch(watcher: (isHeld: boolean) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#isHeld)
    return () => this.#watchers.delete(watcher)
  }
}
