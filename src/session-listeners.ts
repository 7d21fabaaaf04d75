import type { CallLimits } from './call-options.ts'
import { Channels } from './channels.ts'
import { serverMessage } from './errors/from-server.ts'
import type { PostgresError, PostgresLogMessage } from './errors/index.ts'
import { Callbacks } from './listeners.ts'
import type { LogRecord } from './observer.ts'
import type { Runner } from './queryable.ts'
import type { Session } from './session.ts'
import { nextTick } from './timers.ts'

/** What is called with each notification of a channel. */
export type ChannelListener<C> = (connection: C, pid: number, channel: string, payload: string) => void

/** What the listeners of a connection need of it. */
export interface ListenersParts<C extends object> {
  readonly session: Session
  /** Runs LISTEN and UNLISTEN. */
  readonly runner: Runner
  readonly loggers: Callbacks<[record: LogRecord<any>]>
  /** Gets what a listener throws or rejects with. */
  readonly failed: (error: unknown) => void
  /** What listeners are called with. */
  readonly connection: () => C
  /** There is a listener of a channel now, or none any more. */
  readonly listens: (isListening: boolean) => void
}

/** How many listen. */
export interface ListenerCounts {
  readonly channels: number
  readonly log: number
}

/** What a LISTEN is: it is sent in one round trip, and told by its tag. */
const LISTEN = { kind: 'result', rows: 'object' } as const

const NO_LIMITS: CallLimits = { timeout: undefined, signal: undefined }

/** All that listens to a connection. */
export class Listeners<C extends object> {
  readonly #session: Session
  readonly #connection: () => C
  readonly #log: Callbacks<[connection: C, message: PostgresLogMessage | PostgresError]>
  readonly termination: Callbacks<[connection: C]>
  readonly loggers: Callbacks<[record: LogRecord<any>]>
  readonly channels: Channels

  constructor({ session, runner, loggers, failed, connection, listens }: ListenersParts<C>) {
    this.#session = session
    this.#connection = connection
    this.#log = new Callbacks(failed)
    this.termination = new Callbacks(failed)
    this.loggers = loggers
    this.channels = new Channels({
      run: (sql, told) => runner.send({ ...LISTEN, told }, sql, [], NO_LIMITS),
      isInTransaction: () => session.isInTransaction,
      changed: listens,
      failed,
    })
  }

  /** Nobody listens to a channel or to the log. */
  get isEmpty(): boolean {
    return this.#log.size === 0 && !this.channels.isListening
  }

  get counts(): ListenerCounts {
    return { channels: this.channels.listeners, log: this.#log.size }
  }

  /** @throws InterfaceError, or a ConnectionDoesNotExistError, when the connection is closed. */
  checkUsable(): void {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
  }

  addToLog(callback: (connection: C, message: PostgresLogMessage | PostgresError) => void): void {
    this.#log.add(callback)
    this.#session.wantNotices(true)
  }

  removeFromLog(callback: unknown): void {
    this.#log.delete(callback)
    if (this.#log.size === 0) this.#session.wantNotices(false)
  }

  notice(fields: { [letter: string]: string }, running: string | undefined): void {
    this.#log.notify(this.#connection(), serverMessage(fields, running))
  }

  notification(pid: number, channel: string, payload: string): void {
    this.channels.deliver(this.#connection(), pid, channel, payload)
  }

  transactionEnded(): void {
    if (this.channels.hasUnsure) nextTick(() => this.channels.transactionEnded())
  }

  /** Nobody listens to channels or to the log any more. */
  clear(): void {
    this.#log.clear()
    this.#session.wantNotices(false)
    this.channels.clear()
  }

  /** The session has ended: who listens for that is told. */
  ended(): void {
    this.channels.clear(() => this.#session.lost())
    this.#log.clear()
    this.termination.notify(this.#connection())
    this.termination.clear()
  }
}
