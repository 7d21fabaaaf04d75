import type { NativeAttempt } from '../config/attempt.ts'
import { AttemptFailure } from '../errors/attempt-failure.ts'
import { InterfaceError } from '../errors/index.ts'
import type { Want } from '../want.ts'
import { Call } from './call.ts'
import { environment, type PendingAttempt, type SessionEvents } from './environment.ts'
import { attemptReport, endOf, failure } from './failure.ts'
import { FailureClass } from './generated.ts'
import type { Pending } from './pending.ts'
import { byLetter, type Field } from './record.ts'
import { NO_TIMEOUT } from './submission.ts'

/** PostgreSQL reports about fifteen; extensions may report more. */
const MOST_PARAMETERS = 1_000

const IDLE = 'I'.charCodeAt(0)

/** What a session tells its owner outside of any call. */
export interface SessionOwner {
  notice(fields: { [letter: string]: string }): void
  notification(pid: number, channel: string, payload: string): void
  parameter(name: string, value: string): void
  /** Once, however the session ended. */
  ended(): void
}

/** One session with the server. Calls on it are pipelined in the order in which they are made. */
export class Session implements SessionEvents {
  readonly number: number
  readonly pid: number
  /** The server's parameters, kept as it reports them. */
  readonly parameters: Map<string, string>
  /** How the server authenticated us: `none`, `password`, `scram-sha-256` … */
  readonly authMethod: string
  readonly encrypted: boolean
  readonly protocol: string
  #status: number
  /** Why it ended, or how to tell: the error is made when somebody asks, most sessions ending as they should. */
  #end: Error | (() => Error) | undefined
  #closing = false
  #owner: WeakRef<SessionOwner> | undefined

  constructor(number: number, pid: number, status: number, fields: readonly Field[]) {
    this.number = number
    this.pid = pid
    this.#status = status
    const { a = '', e = '', p = '' } = byLetter(fields.slice(0, 3))
    this.authMethod = a
    this.encrypted = e === '1'
    this.protocol = p
    this.parameters = new Map()
    for (let i = 3; i + 1 < fields.length; i += 2) {
      this.parameters.set((fields[i] as Field)[1], (fields[i + 1] as Field)[1])
    }
    environment.register(number, this)
  }

  /** Held weakly: a session does not keep its connection from being collected. */
  set owner(owner: SessionOwner) {
    this.#owner = new WeakRef(owner)
  }

  get isClosed(): boolean {
    return this.#end !== undefined
  }

  /** The server's view at its last ReadyForQuery that was read: in a transaction, failed or not. */
  get isInTransaction(): boolean {
    return this.#status !== IDLE
  }

  /** Why it ended. */
  get end(): Error | undefined {
    if (typeof this.#end === 'function') this.#end = this.#end()
    return this.#end
  }

  /** The error of using it when it cannot be used. */
  unusable(): InterfaceError | undefined {
    if (this.#end !== undefined) return new InterfaceError('connection is closed', { cause: this.end })
    if (this.#closing) return new InterfaceError('connection is closing')
    return undefined
  }

  /**
   * Sends a call down; `timeout` is in milliseconds. `holder` is kept from being collected until it has ended.
   *
   * Rejects, before anything is sent, with an InterfaceError or a DataError for arguments that cannot be sent.
   */
  call<T>(
    want: Want,
    sql: string,
    args: readonly unknown[] | undefined,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
    holder: object,
  ): Promise<T> {
    const unusable = this.unusable()
    if (unusable !== undefined) return Promise.reject(unusable)
    return new Call(this, want, sql, holder).start(args, timeout, signal) as Promise<T>
  }

  /** Ends gracefully within `timeout` milliseconds, else the connection is dropped and a TimeoutError comes. */
  close(timeout: number | undefined, holder: object): Promise<void> {
    if (this.#end !== undefined) return Promise.resolve()
    this.#closing = true
    return new Promise((resolve, reject) => {
      const closing: Pending & { holder: object } = {
        holder,
        session: this.number,
        rows() {},
        complete() {},
        broken() {},
        // The session may end by itself before it is asked to.
        failed: (kind, fields) =>
          kind === FailureClass.Lost ? resolve() : reject(failure(kind, fields, undefined, undefined)),
        done: resolve,
      }
      const request = environment.add(closing)
      environment.submission.close(this.number, request, timeout ?? NO_TIMEOUT)
    })
  }

  /** Drops the connection: pending calls reject, nothing more is sent. */
  terminate(): void {
    if (this.#end !== undefined) return
    environment.submission.terminate(this.number)
    this.#finish(new InterfaceError('connection was terminated'))
  }

  /** Forgets the cached statements. */
  dropStatements(): void {
    if (this.#end === undefined) environment.submission.dropStatements(this.number)
  }

  /** Whether notices are handed up. */
  wantNotices(wanted: boolean): void {
    if (this.#end === undefined) environment.submission.notices(this.number, wanted)
  }

  statusChanged(status: number): void {
    this.#status = status
  }

  parameter(name: string, value: string): void {
    // A name more for every message would be a way to fill our memory.
    if (this.parameters.size >= MOST_PARAMETERS && !this.parameters.has(name)) return
    this.parameters.set(name, value)
    this.#owner?.deref()?.parameter(name, value)
  }

  notice(fields: readonly Field[]): void {
    this.#owner?.deref()?.notice(byLetter(fields))
  }

  notification(pid: number, channel: string, payload: string): void {
    this.#owner?.deref()?.notification(pid, channel, payload)
  }

  ended(kind: number, fields: readonly Field[]): void {
    this.#finish(() => endOf(kind, fields))
  }

  #finish(cause: Error | (() => Error)): void {
    if (this.#end !== undefined) return
    this.#end = cause
    this.#status = IDLE
    this.#owner?.deref()?.ended()
  }
}

/** Calls `onStop` when the attempt is to end early. */
export interface Stoppable {
  onStop: ((reason: unknown) => void) | undefined
}

/**
 * Makes one attempt to connect.
 *
 * Rejects with an {@link AttemptFailure}, or with the reason for which it is stopped first; nothing of the attempt is
 * left then.
 */
export function dial(attempt: NativeAttempt, stop: Stoppable): Promise<Session> {
  return new Promise((resolve, reject) => {
    const number = environment.sessionNumber()
    let settled = false
    const give = (settle: () => void): void => {
      if (settled) return
      settled = true
      settle()
    }
    stop.onStop = (reason) => {
      if (settled) return
      environment.abandonConnect(number)
      give(() => reject(reason))
    }
    const pending: PendingAttempt = {
      session: number,
      rows() {},
      complete() {},
      broken() {},
      done() {},
      connected(pid, status, fields) {
        const session = new Session(number, pid, status, fields)
        if (settled) session.terminate()
        give(() => resolve(session))
      },
      failed(kind, fields) {
        environment.release(number)
        const error =
          kind === FailureClass.Connect
            ? new AttemptFailure(attemptReport(fields))
            : failure(kind, fields, undefined, undefined)
        give(() => reject(error))
      },
    }
    const request = environment.add(pending)
    try {
      environment.connect(request, number, attempt)
    } catch (error) {
      environment.remove(request)
      pending.failed(FailureClass.Internal, [['M'.charCodeAt(0), `the attempt failed internally: ${error}`]])
    }
  })
}
