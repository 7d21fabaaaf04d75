import type { PostgresError, PostgresLogMessage } from './errors/index.ts'
import {
  checkNotificationOptions,
  type NotificationOptions,
  type NotificationStream,
} from './notifications.ts'
import type { LogRecord } from './observer.ts'
import { Queryable, type Runner } from './queryable.ts'
import type { ChannelListener, Listeners } from './session-listeners.ts'

/** What can be listened to: the channels of a connection `C`, its server's log, its end, and its calls. */
export abstract class Listenable<C extends object> extends Queryable {
  readonly #listeners: Listeners<C>

  protected constructor(...args: never[])
  protected constructor(runner: Runner, listeners: Listeners<C>) {
    super(runner as never)
    this.#listeners = listeners
  }

  /**
   * Calls `callback` with every notification of a channel, in their order, on a later tick than the one that read it.
   * Notifications that this session sends itself come too; theirs is the number of `getServerPid()`. `payload` is `''`
   * where none was given. Adding a callback twice is adding it once.
   *
   * The first listener of a channel sends LISTEN, and the promise is fulfilled when the server has answered. In a
   * transaction that counts from its COMMIT on; after a rollback LISTEN is sent again. While there is a listener, the
   * process stays alive unless `unref()` was called.
   *
   * ```ts
   * await connection.addListener('news', (_connection, pid, channel, payload) => {
   *   console.log(channel, payload)
   * })
   * ```
   *
   * @param channel Its exact name, in any characters: `"` and capitals are part of it. At most 63 bytes.
   *
   * Rejects with an InterfaceError for a channel that cannot be or a callback that is no function, with the server's
   * error, or with a TimeoutError after the connection's `commandTimeout`; the callback is not added then.
   */
  async addListener(channel: string, callback: ChannelListener<C>): Promise<void> {
    this.#listeners.checkUsable()
    await this.#listeners.channels.add(channel, callback)
  }

  /**
   * Takes a listener back, at once. When it was the last one of its channel, UNLISTEN is sent, and the promise is fulfilled
   * when the server has answered. Does nothing when it is not there or the connection is closed.
   */
  async removeListener(channel: string, callback: ChannelListener<C>): Promise<void> {
    await this.#listeners.channels.remove(channel, callback)
  }

  /**
   * The notifications of a channel, one after the other. LISTEN is sent by this call and not by the first `next()`, so
   * that calls made behind it may already cause notifications; `listening` of the iterator tells when it was answered.
   * Leaving the loop sends UNLISTEN.
   *
   * Notifications wait until they are read, `limit` of them at most. One more ends the iteration with an InterfaceError
   * behind those that wait: none is lost silently. The loss of the connection ends it in the same way, with a
   * ConnectionDoesNotExistError; `close()`, `terminate()` and `reset()` end it without an error. An abort drops what waits
   * and throws `signal.reason`.
   *
   * ```ts
   * const news = connection.notifications('news')
   * await connection.execute("notify news, 'hello'")
   * for await (const { channel, payload } of news) {
   *   console.log(channel, payload) // => news hello
   *   break
   * }
   * ```
   *
   * @param options.limit How many may wait, default 10,000.
   * @throws InterfaceError when the connection is closed, or for a channel or an option that cannot be;
   * ConnectionDoesNotExistError when the connection was lost.
   */
  notifications(channel: string, options?: NotificationOptions): NotificationStream {
    this.#listeners.checkUsable()
    return this.#listeners.channels.stream(channel, checkNotificationOptions(options))
  }

  /**
   * Calls `callback` with every notice and warning of the server, in order, never inside the call that caused it. A
   * message is a PostgresLogMessage; one that carries the code of an error is an instance of that error's class.
   *
   * @throws InterfaceError when the connection is closed or `callback` is no function; ConnectionDoesNotExistError when the
   * connection was lost.
   */
  addLogListener(callback: (connection: C, message: PostgresLogMessage | PostgresError) => void): void {
    this.#listeners.checkUsable()
    this.#listeners.addToLog(callback)
  }

  /** Takes a log listener back; does nothing when it is not there. */
  removeLogListener(callback: (connection: C, message: PostgresLogMessage | PostgresError) => void): void {
    this.#listeners.removeFromLog(callback)
  }

  /** Calls `callback` once when the connection has ended, however that happened. */
  addTerminationListener(callback: (connection: C) => void): void {
    this.#listeners.termination.add(callback)
  }

  /** Takes a termination listener back; does nothing when it is not there. */
  removeTerminationListener(callback: (connection: C) => void): void {
    this.#listeners.termination.delete(callback)
  }

  /**
   * Calls `callback` when a call has ended, whether it succeeded, failed or was aborted, on a later tick: with its text,
   * arguments, limit, milliseconds and error. What the driver asks for itself is told too, as `internal`.
   *
   * ```ts
   * connection.addQueryLogger(({ query, elapsed }) => {
   *   if (elapsed > 1_000) console.warn(`slow, ${Math.round(elapsed)} ms: ${query}`)
   * })
   * ```
   *
   * @throws InterfaceError when `callback` is no function.
   */
  addQueryLogger(callback: (record: LogRecord<C>) => void): void {
    this.#listeners.loggers.add(callback)
  }

  /** Takes a query logger back; does nothing when it is not there. */
  removeQueryLogger(callback: (record: LogRecord<C>) => void): void {
    this.#listeners.loggers.delete(callback)
  }
}
