import { InternalClientError } from '../errors/index.ts'
import type { Chunk } from './chunk.ts'
import type { FailureClass } from './generated.ts'
import type { Field } from './record.ts'
import type { Shape } from './shape.ts'

/**
 * What waits for the records of one request, and the promise that they settle. Each kind of request is a class of its
 * own, which does what is its own with the records that answer it.
 */
export abstract class Pending<T = unknown> {
  /** The number of the session whose end ends it. */
  readonly session: number
  readonly promise: Promise<T>
  #settle: ((value: T | PromiseLike<T>) => void) | undefined

  constructor(session: number) {
    this.session = session
    this.promise = new Promise(take)
    this.#settle = taken
    // It would keep the promise, and with it the result, until another call is made.
    taken = undefined
  }

  /** The text that a call runs; `undefined` for what is no call. */
  get text(): string | undefined {
    return undefined
  }

  get isSettled(): boolean {
    return this.#settle === undefined
  }

  /** Rows that begin at `word`. May throw: then it is {@link broken}. */
  rows(_shape: Shape | undefined, _count: number, _word: number, _chunk: Chunk): void {}

  /** Its arguments are to be written by the types of its parameters. */
  argumentsWanted(_types: readonly number[]): void {}

  /** Its result is complete. */
  complete(_tag: string, _status: number): void {}

  /** Data of a COPY, in so many messages. The memory is used anew when this returns. */
  copied(_messages: number, _data: Uint8Array): void {}

  /** The socket has taken so much of the data of a COPY; of none at first, when the server asks for it. */
  copyRoom(_bytes: number): void {}

  /** The server sends many rows that nobody wants. */
  surplus(): void {}

  /** A batch of its argument sets was composed: another one may come. */
  setsComposed(): void {}

  /** Microseconds from its submission until it was sent, answered first, and answered. Its last record follows. */
  times(_sent: number, _answered: number, _complete: number): void {}

  /** It ended without a result. `status` is 0 where none is known. */
  done(_status: number): void {}

  /** No record of it comes any more; the last one may be read behind this. */
  released(): void {}

  /** A statement was prepared. */
  described(_shape: Shape | undefined, _parameters: Uint32Array, _name: string, _status: number): void {}

  /** An attempt to connect has a session. */
  connected(_pid: number, _status: number, _fields: readonly Field[]): void {}

  /** It failed; a `status` of 0 tells nothing about the transaction. */
  abstract failed(kind: FailureClass, fields: readonly Field[], status: number): void

  /** Something of its result could not be made into JavaScript values; its last record still comes. */
  broken(_error: unknown): void {}

  protected resolve(value: T | PromiseLike<T>): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    settle(value)
    this.settled()
  }

  /** It has its result, or its error. Not a reaction of its promise: a second one would hide who awaits it from stacks. */
  protected settled(): void {}

  /**
   * Rejects with an error that is made in a promise reaction: the runtime then adds the caller's own `await`s to its
   * stack, at no cost for calls that succeed. The first, empty reaction gives the caller's promise time to be linked
   * to the one that throws. `before` is waited for, and must not reject.
   */
  protected reject(make: () => unknown, before?: Promise<void>): void {
    this.#rejectBy(() => {
      throw make()
    }, before)
  }

  /** Rejects with an error that is made for it: its stack begins with the caller's own `await`. */
  protected failWith(make: () => Error, before?: Promise<void>): void {
    const fail = (): never => {
      const error = make()
      if (!(error instanceof InternalClientError)) Error.captureStackTrace(error, fail)
      throw error
    }
    this.#rejectBy(fail, before)
  }

  #rejectBy(fail: () => never, before?: Promise<void>): void {
    if (this.isSettled) return
    this.resolve(
      Promise.resolve(before)
        .then(() => {})
        .then(fail),
    )
  }
}

let taken: ((value: any) => void) | undefined

/** Gives the promise's own function out without making one for each promise. */
function take(resolve: (value: any) => void): void {
  taken = resolve
}
