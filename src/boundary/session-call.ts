import { onAbort } from '../abort.ts'
import { DataError, TimeoutError } from '../errors/index.ts'
import { withQuery } from '../errors/with-query.ts'
import type { Bridge } from './bridge.ts'
import { failure } from './failure.ts'
import { CallFlag, type FailureClass } from './generated.ts'
import { Pending } from './pending.ts'
import type { Query } from './queries.ts'
import type { Field } from './record.ts'
import { ArgumentFailure, NO_TIMEOUT, type Terms } from './submission.ts'

/** The session of a call, as far as the call uses it. */
export interface CallSession {
  readonly number: number
  readonly bridge: Bridge
  /** Why it ended, if it has. */
  readonly end: Error | undefined
  statusChanged(status: number): void
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
    if (!this.isSettled) this.#unlisten = onAbort(signal, () => this.#abort(signal))
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
      bridge.submission.call(this.session, this.#request, text, args, terms, limit)
    } catch (error) {
      bridge.remove(this.#request)
      this.reject(() => (error instanceof ArgumentFailure ? withQuery(unwritable(error), this.sql) : error))
    }
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
    this.reject(() => failure(kind, fields, this.sql, this.#session.end))
  }

  #abort(signal: AbortSignal): void {
    if (this.isSettled) return
    this.reject(() => signal.reason)
    this.#session.bridge.submission.abandon(this.session, this.#request)
  }
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`query timed out: its limit was ${timeout} ms`, {
    phase: 'query',
    maybeExecuted: false,
  })
}

function unwritable({ index, error }: ArgumentFailure): DataError {
  const reason = messageOf(error)
  return new DataError(`invalid input for query argument $${index + 1}: ${reason}`, {
    sqlstate: '22000',
    argument: index + 1,
    cause: error,
  })
}

/** What was thrown, in words; it may be anything, and hostile. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error)
  } catch {
    return 'it threw something that cannot be shown'
  }
}
