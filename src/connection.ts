import { type InspectOptions, inspect } from 'node:util'
import { type Args, CALL_OPTIONS, type CallLimits, type CallOptions, checkLimits } from './call-options.ts'
import { Channels } from './channels.ts'
import { type CursorFactory, type CursorOptions, newCursorFactory } from './cursor.ts'
import { serverMessage } from './errors/from-server.ts'
import { InterfaceError, type PostgresError, type PostgresLogMessage, TimeoutError } from './errors/index.ts'
import { inQuery } from './errors/with-query.ts'
import { Callbacks, callbackFailure } from './listeners.ts'
import { Liveness } from './liveness.ts'
import {
  checkNotificationOptions,
  type NotificationOptions,
  type NotificationStream,
} from './notifications.ts'
import { type ConnectionPlace, type LogRecord, Observer } from './observer.ts'
import { underlying } from './portal.ts'
import { type PreparedStatement, type PrepareOptions, prepareStatement } from './prepared-statement.ts'
import { Queryable, type Runner } from './queryable.ts'
import type { Session, SessionOwner } from './session.ts'
import { SessionRunner, type Watch } from './session-runner.ts'
import type { SqlQuery } from './sql.ts'
import { takeApart, textOf } from './sql-query.ts'
import { nextTick, now } from './timers.ts'
import { newTransaction, runBody, type TransactionOf } from './transaction.ts'
import type { TransactionOptions } from './transaction-options.ts'
import { TransactionScope } from './transaction-scope.ts'
import type { Awaitable } from './types/awaitable.ts'
import { type ConnectionSettings, settingsView } from './types/connection-settings.ts'
import type { Row } from './types/row.ts'
import { parseServerVersion, type ServerVersion } from './types/server-version.ts'
import { unwatchUnclosed, watchUnclosed } from './unclosed.ts'

/** What a connection is made of; `connect()` makes it. */
export interface ConnectionParts {
  readonly session: Session
  readonly place: ConnectionPlace
  /** Milliseconds, `null` for none. */
  readonly commandTimeout: number | null
  readonly onCallbackError: ((error: unknown) => void) | undefined
}

/** What query loggers get of a call that has ended. */
export type QueryLogRecord = LogRecord<Connection>

/** What is called with each notification of a channel. */
export type NotificationListener = (
  connection: Connection,
  pid: number,
  channel: string,
  payload: string,
) => void

/** What a LISTEN is: it is sent in one round trip, and told by its tag. */
const LISTEN = { kind: 'result', rows: 'object' } as const

const NO_LIMITS: CallLimits = { timeout: undefined, signal: undefined }

/** A transaction of a connection. */
export type Transaction = TransactionOf<Connection>

/** What a pool does with a connection beyond its public methods. */
export interface Pooled {
  /** What makes its calls, all of them. */
  readonly runner: Runner
  /** Gets each call when it is made. */
  watch: Watch | undefined
  /** Called once when it has ended. */
  ended: (() => void) | undefined
  /** What listeners and transactions get for the connection: that of the pool's which its user has. */
  face: WeakRef<Connection> | undefined
  /** Whether somebody listens to a channel or to the log. */
  readonly hasListeners: boolean
  /** As `reset()`, but cached statements stay; with `query` in place of the reset query. */
  restore(query: (() => Promise<unknown>) | undefined, timeout: number | null): Promise<void>
}

/** What a pool does with a connection beyond its public methods. */
export let pooled: (connection: Connection) => Pooled

/** `Connection` or a subclass of it. */
// biome-ignore lint/complexity/noBannedTypes: the constructor is protected, so no construct signature fits
export type ConnectionClass<C extends Connection = Connection> = Function & { prototype: C }

/**
 * One session with a server, made by `connect()`.
 *
 * Calls are pipelined: those made before an earlier one has ended are sent at once and answered in order, each with
 * its own result or error. A connection is one session: what is called while a transaction is open is part of it.
 */
export class Connection extends Queryable implements AsyncDisposable {
  readonly #session: Session
  readonly #runner: SessionRunner
  readonly #scope: TransactionScope
  readonly #observer: Observer
  readonly #settings: ConnectionSettings
  readonly #place: ConnectionPlace
  readonly #log: Callbacks<[connection: Connection, message: PostgresLogMessage | PostgresError]>
  readonly #termination: Callbacks<[connection: Connection]>
  readonly #pooled: Pooled
  readonly #channels: Channels
  readonly #liveness: Liveness

  /** Connections are made by `connect()`. */
  protected constructor(...args: never[])
  protected constructor(parts: ConnectionParts) {
    const failed = callbackFailure(parts.onCallbackError)
    const observer = new Observer(parts.place, failed)
    const runner = new SessionRunner(parts.session, parts.commandTimeout, observer)
    const scope = new TransactionScope(runner, () => parts.session.isInTransaction, observer)
    super(scope as never)
    runner.holder = this
    observer.connectionOf = () => this.#face
    this.#observer = observer
    this.#scope = scope
    this.#runner = runner
    this.#session = parts.session
    this.#place = parts.place
    this.#settings = settingsView(parts.session.parameters)
    this.#log = new Callbacks(failed)
    this.#termination = new Callbacks(failed)
    this.#pooled = this.#pool()
    this.#liveness = new Liveness(this, parts.session)
    this.#channels = new Channels({
      run: (sql, told) => scope.send({ ...LISTEN, told }, sql, [], NO_LIMITS),
      isInTransaction: () => parts.session.isInTransaction,
      changed: (isListening) => this.#liveness.listens(isListening),
      failed,
    })
    const owner: SessionOwner = {
      notice: (fields) => this.#log.notify(this.#face, serverMessage(fields)),
      notification: (pid, channel, payload) => this.#channels.deliver(this.#face, pid, channel, payload),
      parameter: () => {},
      transactionEnded: () => {
        if (this.#channels.hasUnsure) nextTick(() => this.#channels.transactionEnded())
      },
      ended: () => this.#ended(),
    }
    this.#owner = owner
    parts.session.owner = owner
    watchUnclosed(this, parts.session)
  }

  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept alive here, since the session holds it weakly
  readonly #owner: SessionOwner

  /** True once it was closed, terminated, or its loss was noticed. */
  isClosed(): boolean {
    return this.#session.isClosed
  }

  /** Within a transaction, also one that has failed, by what the server answered last or `transaction()` started. */
  isInTransaction(): boolean {
    return this.#session.isInTransaction || this.#scope.innermost !== undefined
  }

  /** The process id of the server's backend. */
  getServerPid(): number {
    return this.#session.pid
  }

  /**
   * The server's version.
   *
   * @throws UnsupportedServerFeatureError when the server, or a pooler before it, reports none, or one without a number.
   */
  getServerVersion(): ServerVersion {
    return parseServerVersion(this.#session.parameters.get('server_version'))
  }

  /** The server's parameters, live. */
  getSettings(): ConnectionSettings {
    return this.#settings
  }

  /**
   * Ends the session: a running call is cancelled and rejects with QueryCanceledError, waiting ones reject with
   * InterfaceError; then the server is told and its disconnect awaited. Does nothing on a closed connection.
   *
   * @param options.timeout Milliseconds for all of it, default the connection's `commandTimeout`; then the
   * connection is dropped and a TimeoutError comes.
   */
  async close(options?: CallOptions): Promise<void> {
    const limits = checkLimits(options, CALL_OPTIONS)
    const timeout = this.#runner.timeout(limits)
    const { signal } = limits
    if (this.#session.isClosed) return
    if (signal?.aborted || (timeout !== undefined && timeout <= 0)) {
      this.terminate()
      signal?.throwIfAborted()
      throw new TimeoutError(`close timed out: its limit was ${timeout} ms, the connection was dropped`, {
        phase: 'close',
      })
    }
    const drop = (): void => this.terminate()
    signal?.addEventListener('abort', drop, { once: true })
    try {
      await this.#session.close(timeout, this)
      signal?.throwIfAborted()
    } finally {
      signal?.removeEventListener('abort', drop)
    }
  }

  /** Drops the connection at once; a running call rejects with ConnectionDoesNotExistError. */
  terminate(): void {
    this.#session.terminate()
  }

  /**
   * Brings the session back to its state after connecting: an open transaction is rolled back, notification and log
   * listeners are removed, the reset query runs, and cached statements are forgotten. Termination listeners and query
   * loggers stay.
   *
   * @param options.timeout Milliseconds for all of it, default the connection's `commandTimeout`.
   */
  async reset(options?: CallOptions): Promise<void> {
    const error = this.#session.unusable()
    if (error !== undefined) throw error
    const limits = checkLimits(options, CALL_OPTIONS)
    await this.#restore(undefined, limits)
    this.#session.dropStatements()
  }

  async #restore(query: (() => Promise<unknown>) | undefined, limits: CallLimits): Promise<void> {
    const timeout = this.#runner.timeout(limits)
    const end = timeout === undefined ? undefined : now() + timeout
    const left = (): CallOptions => ({
      timeout: end === undefined ? null : end - now(),
      signal: limits.signal,
    })
    this.#log.clear()
    this.#session.wantNotices(false)
    this.#channels.clear()
    const text = query === undefined ? this.getResetQuery() : ''
    this.#scope.abandon()
    const run = async (): Promise<void> => {
      if (this.isInTransaction()) {
        process.emitWarning('resetting a connection with an open transaction: it is rolled back', {
          code: 'CORNAC_RESET_IN_TRANSACTION',
        })
        await this.execute('ROLLBACK', undefined, left())
      }
      if (text !== '') await this.execute(text, undefined, left())
    }
    await run()
    // A BEGIN that was still on its way when this was called.
    if (this.isInTransaction()) await run()
    await query?.()
  }

  /**
   * Forgets what is known of the database's types, and the statements that were prepared. Tables that change need no such
   * call: what a statement relied on is noticed when it runs. A type that was renamed, or moved to another schema, is told
   * by its new name from then on. Sends nothing: the next calls describe their texts anew.
   *
   * Rejects with an InterfaceError, or a ConnectionDoesNotExistError, when the connection is closed.
   *
   * ```ts
   * await connection.execute("create type mood as enum ('so', 'la la')")
   * await connection.reloadSchemaState()
   * ```
   */
  async reloadSchemaState(): Promise<void> {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    this.#session.forgetSchema()
  }

  /** The statements that `reset()` runs; a subclass may give others, or `''` for none. */
  getResetQuery(): string {
    return 'SELECT pg_catalog.pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;'
  }

  /**
   * Prepares a statement that the server keeps until it is closed or collected. The statement cache has no part in it.
   *
   * A type that is not built in is looked up when a connection first meets it, which is a query more; where that fails
   * the type has its OID for a name.
   *
   * Rejects with the server's error for a text that it cannot prepare, with a DuplicatePreparedStatementError (42P05)
   * when it has a statement of that name, and with an InterfaceError for a query of the `sql` tag that has arguments,
   * which are given when the statement is run.
   *
   * @param options.name Its name on the server. Default: one of the driver's, or none with `statementCacheSize: 0`.
   *
   * ```ts
   * const statement = await connection.prepare('select $1::int + 1 as next')
   * statement.getParameters().map(({ name }) => name) // => [ 'int4' ]
   * await statement.fetchValue([1]) // => 2
   * await statement.close()
   * ```
   */
  async prepare<T = Row>(
    query: string | SqlQuery<T>,
    options?: PrepareOptions,
  ): Promise<PreparedStatement<T>> {
    const unusable = this.#runner.unusable()
    if (unusable !== undefined) throw unusable
    const sql = textOf(query)
    try {
      const transaction = <R>(body: () => Promise<R>): Promise<R> => this.transaction(body)
      const parts = { runner: this.#runner, scope: this.#scope, transaction, refusal: this.#refusal() }
      return await prepareStatement<T>(parts, sql, options)
    } catch (error) {
      throw inQuery(error, sql)
    }
  }

  /**
   * A query whose rows are read in parts, by `for await` or by hand. Nothing is sent yet; reading must be within a
   * transaction, and ends with it.
   *
   * ```ts
   * await connection.transaction(async () => {
   *   for await (const { n } of connection.cursor('select n from generate_series(1, $1) n', [3])) console.log(n)
   * })
   * ```
   *
   * @param options.prefetch How many rows a round trip brings. Default 50.
   * @param options.timeout Milliseconds for each round trip. Default the connection's `commandTimeout`.
   * @throws InterfaceError for arguments or options that cannot be.
   */
  cursor<T = Row>(sql: string, args?: Args, options?: CursorOptions): CursorFactory<T>
  cursor<T = Row>(query: SqlQuery<T>, options?: CursorOptions): CursorFactory<T>
  cursor<T>(
    query: string | SqlQuery<T>,
    second?: Args | CursorOptions,
    third?: CursorOptions,
  ): CursorFactory<T> {
    const { sql, args, options } = takeApart(query, second, third)
    return newCursorFactory<T>(
      {
        runner: this.#runner,
        scope: this.#scope,
        text: sql,
        sql,
        args: args?.slice(),
        holder: this,
        refusal: this.#refusal(),
      },
      options,
    )
  }

  /**
   * A transaction to be started and ended by hand; within another one it is a savepoint. `await using` rolls it back
   * when it was not committed.
   *
   * ```ts
   * const tx = connection.transaction({ isolation: 'serializable' })
   * await tx.start()
   * await tx.execute('create temp table note(text text)')
   * await tx.commit()
   * ```
   *
   * @throws InterfaceError for options that cannot be.
   */
  transaction(options?: TransactionOptions): Transaction
  /**
   * Runs a body in a transaction: commits when it returns, rolls back when it throws, and gives or throws the same.
   * With `attempts` it runs again after a serialization failure or a deadlock.
   *
   * Rejects with what the body throws; with a TransactionRollbackError when a statement had failed and the body caught
   * its error; with the server's error when it could not commit; with a ConnectionDoesNotExistError (see its
   * `maybeExecuted`) when the answer to COMMIT was lost.
   *
   * ```ts
   * await connection.transaction((tx) => tx.fetchValue('select $1::int + 1', [1])) // => 2
   * ```
   */
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: TransactionOptions): Promise<R>
  transaction<R>(
    first?: TransactionOptions | ((tx: Transaction) => Awaitable<R>),
    second?: TransactionOptions,
  ): Transaction | Promise<R> {
    const make = (options: TransactionOptions | undefined, hasBody: boolean): Transaction =>
      newTransaction<Connection>({ connection: this.#face, scope: this.#scope, options, hasBody })
    return typeof first === 'function' ? runBody(() => make(second, true), first, second) : make(first, false)
  }

  /** Keeps the process alive while the connection is open, also when nothing runs on it. */
  ref(): this {
    this.#liveness.ref()
    return this
  }

  /**
   * Takes `ref()` back: an idle connection does not keep the process alive, even if it listens to channels. Running calls
   * still do.
   */
  unref(): this {
    this.#liveness.unref()
    return this
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
  async addListener(channel: string, callback: NotificationListener): Promise<void> {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    await this.#channels.add(channel, callback)
  }

  /**
   * Takes a listener back, at once. When it was the last one of its channel, UNLISTEN is sent, and the promise is fulfilled
   * when the server has answered. Does nothing when it is not there or the connection is closed.
   */
  async removeListener(channel: string, callback: NotificationListener): Promise<void> {
    await this.#channels.remove(channel, callback)
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
   * @throws InterfaceError when the connection is closed, or for a channel or an option that cannot be.
   */
  notifications(channel: string, options?: NotificationOptions): NotificationStream {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    return this.#channels.stream(channel, checkNotificationOptions(options))
  }

  /**
   * Calls `callback` with every notice and warning of the server, in order, never inside the call that caused it. A
   * message is a PostgresLogMessage; one that carries the code of an error is an instance of that error's class.
   *
   * @throws InterfaceError when the connection is closed or `callback` is no function.
   */
  addLogListener(
    callback: (connection: Connection, message: PostgresLogMessage | PostgresError) => void,
  ): void {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    this.#log.add(callback)
    this.#session.wantNotices(true)
  }

  /** Takes a log listener back; does nothing when it is not there. */
  removeLogListener(
    callback: (connection: Connection, message: PostgresLogMessage | PostgresError) => void,
  ): void {
    this.#log.delete(callback)
    if (this.#log.size === 0) this.#session.wantNotices(false)
  }

  /** Calls `callback` once when the connection has ended, however that happened. */
  addTerminationListener(callback: (connection: Connection) => void): void {
    this.#termination.add(callback)
  }

  /** Takes a termination listener back; does nothing when it is not there. */
  removeTerminationListener(callback: (connection: Connection) => void): void {
    this.#termination.delete(callback)
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
  addQueryLogger(callback: (record: QueryLogRecord) => void): void {
    this.#observer.loggers.add(callback)
  }

  /** Takes a query logger back; does nothing when it is not there. */
  removeQueryLogger(callback: (record: QueryLogRecord) => void): void {
    this.#observer.loggers.delete(callback)
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  static {
    pooled = (connection) => connection.#pooled
    // Where it leads and how it stands, for a log.
    Object.defineProperty(Connection.prototype, inspect.custom, {
      value(this: Connection, _depth: number, options: InspectOptions): string {
        const { host, port, database, user } = this.#place
        const shown = { host, port, database, user, process: this.#session.pid, state: this.#session.state }
        return `${this.constructor.name} ${inspect(shown, options)}`
      },
      configurable: true,
    })
  }

  /**
   * The error of using what was made of it, while that cannot be: by its user of now, for as long as that has it. It
   * keeps what that user has, so that a pool does not take the connection for lost.
   */
  #refusal(): (method: string) => Error | undefined {
    const face = this.#face
    return (method) => {
      if (this.#face === face) return underlying(method, this.#runner.unusable())
      return new InterfaceError(
        `cannot call ${method}: the underlying connection has been released back to the pool`,
      )
    }
  }

  /** What its user has for it. */
  get #face(): Connection {
    return this.#pooled.face?.deref() ?? this
  }

  #pool(): Pooled {
    const runner = this.#runner
    const listens = () => this.#log.size > 0 || this.#channels.isListening
    return {
      runner: this.#scope,
      get watch() {
        return runner.watch
      },
      set watch(watch) {
        runner.watch = watch
      },
      ended: undefined,
      face: undefined,
      get hasListeners() {
        return listens()
      },
      restore: (query, timeout) => this.#restore(query, { timeout, signal: undefined }),
    }
  }

  #ended(): void {
    unwatchUnclosed(this)
    this.#channels.clear(() => this.#session.lost())
    this.#liveness.ended()
    this.#scope.ended(() => this.#session.end)
    this.#pooled.ended?.()
    this.#log.clear()
    this.#termination.notify(this.#face)
    this.#termination.clear()
  }
}
