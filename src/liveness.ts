import type { Session } from './session.ts'

/** Connections with listeners, which nobody else may hold. */
const listening = new Set<object>()

/** Whether a connection keeps the process alive while nothing runs on it: `ref()` and `unref()` rule, then listeners. */
export class Liveness {
  readonly #connection: object
  readonly #session: Session
  /** What was said last. */
  #isReferenced: boolean | undefined
  #isListening = false
  #isHeld = false

  constructor(connection: object, session: Session) {
    this.#connection = connection
    this.#session = session
  }

  ref(): void {
    this.#isReferenced = true
    this.#update()
  }

  unref(): void {
    this.#isReferenced = false
    this.#update()
  }

  /** What `ref()` and `unref()` have said counts no more. */
  forget(): void {
    if (this.#isReferenced === undefined) return
    this.#isReferenced = undefined
    this.#update()
  }

  /** Somebody listens to a channel, or nobody does any more. The connection is not collected meanwhile. */
  listens(isListening: boolean): void {
    this.#isListening = isListening
    if (isListening) listening.add(this.#connection)
    else listening.delete(this.#connection)
    this.#update()
  }

  /** The session has ended. */
  ended(): void {
    listening.delete(this.#connection)
    this.#update()
  }

  #update(): void {
    const isHeld = !this.#session.isClosed && (this.#isReferenced ?? this.#isListening)
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#session.hold(this.#connection)
    else this.#session.unhold(this.#connection)
  }
}
