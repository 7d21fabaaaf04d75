import { ConnectionDoesNotExistError, InterfaceError } from './errors/index.ts'

const IDLE = 'I'.charCodeAt(0)
const FAILED = 'E'.charCodeAt(0)

/** Whether a session can be used, and if not why: its transaction status, and its end. */
export class SessionLife {
  isClosing = false
  #status: number
  /** Why it ended, or how to tell: the error is made when somebody asks, most sessions ending as they should. */
  #end: Error | (() => Error) | undefined

  constructor(status: number) {
    this.#status = status
  }

  get isClosed(): boolean {
    return this.#end !== undefined
  }

  /** The server's view at its last ReadyForQuery that was read: in a transaction, failed or not. */
  get isInTransaction(): boolean {
    return this.#status !== IDLE
  }

  /** How the session stands, in words: open, in a transaction, closing or closed. */
  get state(): string {
    if (this.isClosed) return 'closed'
    if (this.isClosing) return 'closing'
    if (this.#status === IDLE) return 'open'
    return this.#status === FAILED ? 'in a failed transaction' : 'in a transaction'
  }

  /** Why it ended. */
  get end(): Error | undefined {
    if (typeof this.#end === 'function') this.#end = this.#end()
    return this.#end
  }

  /** The error of using it when it cannot be used: a misuse, or a loss that calls made later learn of too. */
  unusable(): InterfaceError | ConnectionDoesNotExistError | undefined {
    const { end } = this
    if (end instanceof InterfaceError) return new InterfaceError('connection is closed', { cause: end })
    if (end !== undefined) {
      return new ConnectionDoesNotExistError('connection is closed', { maybeExecuted: false, cause: end })
    }
    if (this.isClosing) return new InterfaceError('connection is closing')
    return undefined
  }

  /** The error of what waits for something of it, when it was lost; `undefined` when the program has ended it. */
  lost(): ConnectionDoesNotExistError | undefined {
    const { end } = this
    if (end === undefined || end instanceof InterfaceError) return undefined
    return new ConnectionDoesNotExistError('connection was lost', { maybeExecuted: false, cause: end })
  }

  /** Takes what a ReadyForQuery says; true when a transaction has ended with it. */
  statusChanged(status: number): boolean {
    if (this.isClosed) return false
    const before = this.#status
    this.#status = status
    return status === IDLE && before !== IDLE
  }

  finish(cause: Error | (() => Error)): void {
    this.#end = cause
    this.#status = IDLE
  }
}
