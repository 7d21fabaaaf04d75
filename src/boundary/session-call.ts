import { onAbort } from '../abort.ts'
import { DataError, TimeoutError } from '../errors/index.ts'
import { inQuery, withQuery } from '../errors/with-query.ts'
import type { Bridge } from './bridge.ts'
import { failure, unnamedType, withTypeName } from './failure.ts'
import { CallFlag, FailureClass } from './generated.ts'
import { Pending } from './pending.ts'
import type { Query } from './queries.ts'
import type { Field } from './record.ts'
import { ArgumentFailure, type CallPlace, NO_TIMEOUT, type Submission, type Terms } from './submission.ts'
import { reasonOf } from './unwritable.ts'

/** The session of a call, as far as the call uses it. */
export interface CallSession extends CallPlace {
  readonly bridge: Bridge
  /** Why it ended, if it has. */
  readonly end: Error | undefined
  statusChanged(status: number): void
  /** Finds out what a type is called, if it can. Never rejects. */
  learnType(oid: number, holder: object): Promise<void>
  /** What a type is called, if that is known. */
  typeName(oid: number): string | undefined
}

/** Milliseconds that fit the submission; beyond 49 days a limit is none. */
const LONGEST = NO_TIMEOUT - 1

/** What a session is asked, with a text, limits of time and a signal. */
export abstract class SessionCall<T = unknown> extends Pending<T> {
  readonly #session: CallSession
  /** The text, for errors. */
  protected readonly sql: string
  /** What must not be collected while the call runs. */
  readonly holder: object
  #request = -1
  /** Kept for the error of one that the server's type of its parameter does not take. */
  #args: readonly unknown[] | undefined
  #unlisten: (() => void) | undefined

  constructor(session: CallSession, sql: string, holder: object) {
    super(session.number)
    this.#session = session
    this.sql = sql
    this.holder = holder
  }

  /** Submits it, unless its limits have ended it already. `timeout` is in milliseconds. */
  protected send(
    text: string | Query,
    args: readonly unknown[] | undefined,
    terms: Terms,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
  ): void {
    if (signal === undefined) return this.#submit(text, args, terms, timeout)
    if (signal.aborted) return this.reject(() => signal.reason)
    this.#submit(text, args, { ...terms, flags: terms.flags | CallFlag.Signal }, timeout)
    if (this.isSettled) return
    // Code of an argument's own may have aborted it meanwhile.
    if (signal.aborted) this.#abort(signal)
    else this.#unlisten = onAbort(signal, () => this.#abort(signal))
  }

  #submit(
    text: string | Query,
    args: readonly unknown[] | undefined,
    terms: Terms,
    timeout: number | undefined,
  ): void {
    if (timeout !== undefined && timeout <= 0) {
      return this.reject(() => withQuery(timedOut(timeout), this.sql))
    }
    const limit = timeout === undefined || timeout > LONGEST ? NO_TIMEOUT : Math.ceil(timeout)
    const { bridge } = this.#session
    this.#request = bridge.add(this)
    try {
      this.#args = bridge.submission.call(this.#session, this.#request, text, args, terms, limit)
    } catch (error) {
      bridge.remove(this.#request)
      this.reject(() => this.#unsent(error))
    }
  }

  #unsent(error: unknown): unknown {
    if (error instanceof ArgumentFailure) return withQuery(unwritable(error), this.sql)
    return inQuery(error, this.sql)
  }

  /** Its number, once it was submitted. */
  protected get request(): number {
    return this.#request
  }

  protected get submission(): Submission {
    return this.#session.bridge.submission
  }

  /** Its last record has come. */
  protected answered(status: number): void {
    this.#session.statusChanged(status)
    this.#unlisten?.()
  }

  override done(): void {
    this.#unlisten?.()
  }

  override failed(kind: FailureClass, fields: readonly Field[], status: number): void {
    if (status !== 0) this.#session.statusChanged(status)
    this.#unlisten?.()
    const args = this.argumentsOf(fields)
    const type = kind === FailureClass.Data ? unnamedType(fields) : undefined
    if (type === undefined) return this.reject(() => failure(kind, fields, this.sql, this.#session.end, args))
    this.reject(
      () => {
        const named = withTypeName(fields, this.#session.typeName(type))
        return failure(kind, named, this.sql, this.#session.end, args)
      },
      this.#session.learnType(type, this.holder),
    )
  }

  /** The arguments that a failure is about. */
  protected argumentsOf(_fields: readonly Field[]): readonly unknown[] | undefined {
    return this.#args
  }

  #abort(signal: AbortSignal): void {
    if (!this.isSettled) this.abandon(signal.reason)
  }

  /** Gives it up: it rejects with this at once, and what still comes of it is dropped. */
  protected abandon(error: unknown): void {
    if (this.isSettled) return
    this.#unlisten?.()
    this.reject(() => error)
    this.submission.abandon(this.session, this.#request)
  }
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`query timed out: its limit was ${timeout} ms`, {
    phase: 'query',
    maybeExecuted: false,
  })
}

/** @param place where the argument stands, in words, when it is one of many sets, and the number of its set. */
export function unwritable(
  { index, value, error }: ArgumentFailure,
  place = '',
  set: { readonly element?: number } = {},
): DataError {
  const { reason, ...why } = reasonOf(error)
  return new DataError(`invalid input for query argument $${index + 1}${place}: ${reason}`, {
    sqlstate: '22000',
    argument: index + 1,
    value,
    ...set,
    ...why,
  })
}
