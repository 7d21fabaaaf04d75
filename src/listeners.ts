import { InterfaceError } from './errors/index.ts'
import { nextTick } from './timers.ts'

/** What a connection calls back, each function once however often it was added. */
export class Callbacks<Args extends unknown[]> {
  readonly #callbacks = new Set<(...args: Args) => unknown>()
  readonly #failed: (error: unknown) => void

  /** @param failed gets what a callback throws or rejects with. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  get size(): number {
    return this.#callbacks.size
  }

  /** @throws InterfaceError when it is no function. */
  static check(callback: unknown): void {
    if (typeof callback === 'function') return
    throw new InterfaceError(
      `a listener must be a function, got ${callback === null ? 'null' : typeof callback}`,
    )
  }

  /** @throws InterfaceError when it is no function. */
  add(callback: (...args: Args) => unknown): void {
    Callbacks.check(callback)
    this.#callbacks.add(callback)
  }

  delete(callback: unknown): void {
    this.#callbacks.delete(callback as (...args: Args) => unknown)
  }

  clear(): void {
    this.#callbacks.clear()
  }

  /** Calls them all on a later tick than this one, so that none runs inside the code that met the event. */
  notify(...args: Args): void {
    for (const callback of this.#callbacks) nextTick(() => this.#call(callback, args))
  }

  async #call(callback: (...args: Args) => unknown, args: Args): Promise<void> {
    try {
      await callback(...args)
    } catch (error) {
      this.#failed(error)
    }
  }
}

/** Where errors of callbacks go: the option of the connection, else a process warning. */
export function callbackFailure(
  onCallbackError: ((error: unknown) => void) | undefined,
): (error: unknown) => void {
  return async (error) => {
    if (onCallbackError === undefined) return warn(error)
    try {
      // It may be an async function: what that rejects with would end the process.
      await onCallbackError(error)
    } catch (second) {
      warn(second)
    }
  }
}

function warn(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  process.emitWarning(`a callback of a connection failed: ${message}`, {
    code: 'CORNAC_CALLBACK_ERROR',
    detail: error instanceof Error && error.stack !== undefined ? error.stack : '',
  })
}
