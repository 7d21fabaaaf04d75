import { type InspectOptions, inspect } from 'node:util'
import { type Args, CALL_OPTIONS, type CallLimits, type CallOptions, checkLimits } from './call-options.ts'
import { codecInfo } from './codec-info.ts'
import { type ConnectionParts, connectionWorkings } from './connection-workings.ts'
import { type CursorFactory, type CursorOptions, newCursorFactory } from './cursor.ts'
import { InterfaceError } from './errors/index.ts'
import { fromCall } from './errors/with-query.ts'
import { Liveness } from './liveness.ts'
import type { ConnectionPlace, LogRecord } from './observer.ts'
import type { Pooled } from './pooled.ts'
import { underlying } from './portal.ts'
import { type PreparedStatement, type PrepareOptions, prepareStatement } from './prepared-statement.ts'
import { ofCall } from './queryable.ts'
import { resetQuery } from './reset-query.ts'
import type { Session } from './session.ts'
import { closeSession } from './session-closing.ts'
import type { ChannelListener, Listeners } from './session-listeners.ts'
import type { SessionOwner } from './session-owner.ts'
import { limitedReset, restoreSession } from './session-reset.ts'
import type { SessionRunner } from './session-runner.ts'
import type { SqlQuery } from './sql.ts'
import { takeApart, textOf } from './sql-query.ts'
import { newTransaction, runBody, type TransactionOf } from './transaction.ts'
import type { TransactionOptions } from './transaction-options.ts'
import type { TransactionScope } from './transaction-scope.ts'
import { Typed } from './typed.ts'
import type { Awaitable } from './types/awaitable.ts'
import { type ConnectionSettings, settingsView } from './types/connection-settings.ts'
import type { Row } from './types/row.ts'
import { parseServerVersion, type ServerVersion } from './types/server-version.ts'
import { unwatchUnclosed, watchUnclosed } from './unclosed.ts'

/** What query loggers get of a call that has ended. */
export type QueryLogRecord = LogRecord<Connection>

/** What is called with each notification of a channel. */
export type NotificationListener = ChannelListener<Connection>

/** A transaction of a connection. */
export type Transaction = TransactionOf<Connection>

/** What a pool does with a connection beyond its public methods. */
export let pooled: (connection: Connection) => Pooled<Connection>

/** `Connection` or a subclass of it. */
// biome-ignore lint/complexity/noBannedTypes: the constructor is protected, so no construct signature fits
export type ConnectionClass<C extends Connection = Connection> = Function & { prototype: C }

/**
 * One session with a server, made by `connect()`.
 *
 * Calls are pipelined: those made before an earlier one has ended are sent at once and answered in order, each with
 * its own result or error. A connection is one session: what is called while a transaction is open is part of it.
 */
export class Connection extends Typed<Connection> implements AsyncDisposable {
  readonly #session: Session
  readonly #runner: SessionRunner
  readonly #scope: TransactionScope
  readonly #settings: ConnectionSettings
  readonly #place: ConnectionPlace
  readonly #listeners: Listeners<Connection>
  readonly #liveness: Liveness
  readonly #pooled: Pooled<Connection>
  readonly #unclosed: { isPooled: boolean }
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept alive here, since a pool holds it weakly
  #heard: Connection | undefined

  /** Connections are made by `connect()`. */
  protected constructor(...args: never[])
  protected constructor(parts: ConnectionParts) {
    const { runner, scope, listeners } = connectionWorkings<Connection>(
      parts,
      () => this.#face,
      (isListening) => this.#listens(isListening),
    )
    super(scope as never, listeners as never, parts.session as never, parts.commandTimeout as never)
    runner.holder = this
    this.#scope = scope
    this.#runner = runner
    this.#session = parts.session
    this.#place = parts.place
    const { session } = parts
    this.#settings = settingsView(session.parameters, (type, options) =>
      codecInfo(session, type, options?.schema),
    )
    this.#listeners = listeners
    this.#liveness = new Liveness(this, parts.session)
    this.#pooled = this.#pool()
    const owner: SessionOwner = {
      notice: (fields, running) => listeners.notice(fields, running),
      notification: (pid, channel, payload) => listeners.notification(pid, channel, payload),
      parameter: () => {},
      transactionEnded: () => {
        scope.transactionEnded()
        listeners.transactionEnded()
      },
      ended: () => this.#ended(),
    }
    parts.session.owner = owner
    this.#owner = owner
    this.#unclosed = watchUnclosed(this, parts.session)
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
    await closeSession(this.#session, timeout, limits.signal, this)
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
   * Rejects with a TimeoutError, whose `phase` is `reset`, or with `signal.reason`; the connection stays usable then.
   *
   * @param options.timeout Milliseconds for all of it, default the connection's `commandTimeout`. 0 or less rejects at
   * once and does nothing.
   */
  async reset(options?: CallOptions): Promise<void> {
    const error = this.#session.unusable()
    if (error !== undefined) throw error
    const limits = checkLimits(options, CALL_OPTIONS)
    await limitedReset(this.#runner.timeout(limits), limits.signal, (limits) =>
      this.#restore(undefined, limits, true),
    )
    this.#session.dropStatements()
  }

  async #restore(
    query: (() => Promise<unknown>) | undefined,
    limits: CallLimits,
    isQuiet: boolean,
  ): Promise<void> {
    const text = query === undefined ? this.getResetQuery() : ''
    const parts = { session: this.#session, runner: this.#runner, scope: this.#scope }
    this.#listeners.clear()
    await restoreSession(parts, text, query, limits, isQuiet)
  }

  /**
   * The statements that `reset()` runs: those that the server takes, which relatives of PostgreSQL may not do. A subclass
   * may give others, or `''` for none.
   */
  getResetQuery(): string {
    return resetQuery(this.#session.parameters)
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
    if (unusable !== undefined) throw ofCall(unusable, query)
    const sql = textOf(query)
    try {
      const transaction = <R>(body: () => Promise<R>): Promise<R> => this.transaction(body)
      const parts = { runner: this.#runner, scope: this.#scope, transaction, refusal: this.#refusal() }
      return await prepareStatement<T>(parts, sql, options)
    } catch (error) {
      throw fromCall(error, sql, this.prepare)
    }
  }

  /** The rows of a query of the `sql` tag in parts, by `for await` or by hand, within a transaction. */
  cursor<T = Row>(query: SqlQuery<T>, options?: CursorOptions): CursorFactory<T>
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
   * @throws InterfaceError when the connection is closed, and for arguments or options that cannot be;
   * ConnectionDoesNotExistError when the connection was lost.
   */
  cursor<T = Row>(sql: string, args?: Args, options?: CursorOptions): CursorFactory<T>
  cursor<T>(
    query: string | SqlQuery<T>,
    second?: Args | CursorOptions,
    third?: CursorOptions,
  ): CursorFactory<T> {
    this.#checkUsable(query)
    const parts = { runner: this.#runner, scope: this.#scope, holder: this, refusal: this.#refusal() }
    try {
      const { sql, args, options } = takeApart(query, second, third)
      return newCursorFactory<T>(
        { ...parts, text: sql, sql, args: args?.slice(), recordClass: undefined },
        options,
      )
    } catch (error) {
      throw ofCall(error, query)
    }
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
   * @throws InterfaceError when the connection is closed, and for options that cannot be; ConnectionDoesNotExistError
   * when the connection was lost.
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
    const make = (options: TransactionOptions | undefined, hasBody: boolean): Transaction => {
      this.#checkUsable()
      return newTransaction<Connection>({ connection: this.#face, scope: this.#scope, options, hasBody })
    }
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

  /** Throws the error of what is called on a connection that cannot be used, ahead of any other. */
  #checkUsable(query?: string | SqlQuery<any>): void {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw query === undefined ? unusable : ofCall(unusable, query)
  }

  /** What its user has for it. */
  get #face(): Connection {
    return this.#pooled.face?.deref() ?? this
  }

  #pool(): Pooled<Connection> {
    return {
      runner: this.#scope,
      watched: this.#runner,
      listeners: this.#listeners,
      ended: undefined,
      face: undefined,
      joined: () => {
        this.#unclosed.isPooled = true
      },
      opened: () => this.#session.opened(),
      forgetUser: () => {
        this.#pooled.face = undefined
        this.#liveness.forget()
      },
      letStatementsGo: () => this.#runner.letWatchedGo(),
      restore: (query, timeout, isQuiet) => this.#restore(query, { timeout, signal: undefined }, isQuiet),
    }
  }

  /** Who listens may have nothing else of it: what listeners are called with is not to be taken for lost meanwhile. */
  #listens(isListening: boolean): void {
    this.#liveness.listens(isListening)
    this.#heard = isListening ? this.#face : undefined
  }

  #ended(): void {
    unwatchUnclosed(this)
    this.#liveness.ended()
    this.#scope.ended(() => this.#session.end)
    this.#pooled.ended?.()
    this.#listeners.ended()
  }
}
