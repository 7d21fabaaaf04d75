import { InterfaceError } from './errors/index.ts'
import { nextTick } from './timers.ts'
import { wordsOf } from './words-of.ts'

/** A callback that was added. */
interface Added<Args extends unknown[]> {
  readonly callback: (...args: Args) => unknown
  /** It was taken back: events that it was to be told of already are not its any more. */
  isGone: boolean
}

/** What a connection calls back, each function once however often it was added. */
export class Callbacks<Args extends unknown[]> {
  readonly #callbacks = new Map<unknown, Added<Args>>()
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
    if (!this.#callbacks.has(callback)) this.#callbacks.set(callback, { callback, isGone: false })
  }

  /** It is not called any more. */
  delete(callback: unknown): void {
    const added = this.#callbacks.get(callback)
    if (added === undefined) return
    added.isGone = true
    this.#callbacks.delete(callback)
  }

  /** Forgets all of them; what they are to be told of already they are told. */
  clear(): void {
    this.#callbacks.clear()
  }

  /** Calls them all on a later tick than this one, so that none runs inside the code that met the event. */
  notify(...args: Args): void {
    for (const added of this.#callbacks.values()) nextTick(() => this.#call(added, args))
  }

  async #call({ callback, isGone }: Added<Args>, args: Args): Promise<void> {
    if (isGone) return
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
  process.emitWarning(`a callback of a connection failed: ${wordsOf(error)}`, {
    code: 'CORNAC_CALLBACK_ERROR',
    detail: stackOf(error),
  })
}

function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.stack ?? ''}` : ''
  } catch {
    return ''
  }
}
