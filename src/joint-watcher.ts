import type { CallWatcher } from './session.ts'

/** Several calls that are one to their watcher, which is told when the last of them is over, and {@link over} was called. */
export class JointWatcher implements CallWatcher {
  readonly #watcher: CallWatcher
  #open = 1

  constructor(watcher: CallWatcher) {
    this.#watcher = watcher
  }

  /** The watcher for one more call. */
  another(): this {
    this.#open++
    return this
  }

  refused(sqlstate: string | undefined): void {
    this.#watcher.refused(sqlstate)
  }

  over(): void {
    if (--this.#open === 0) this.#watcher.over()
  }
}
