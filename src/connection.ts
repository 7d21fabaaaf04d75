import type { Want } from './boundary/call.ts'
import { environment } from './boundary/environment.ts'
import type { Session, SessionOwner } from './boundary/session.ts'
import {
  type Args,
  type CallOptions,
  checkArgs,
  checkSignal,
  checkSql,
  effectiveTimeout,
} from './call-options.ts'
import { serverMessage } from './errors/from-server.ts'
import { InterfaceError, type PostgresLogMessage, TimeoutError } from './errors/index.ts'
import { Callbacks, callbackFailure } from './listeners.ts'
import { type ConnectionSettings, settingsView } from './types/connection-settings.ts'
import type { Row } from './types/row.ts'
import { parseServerVersion, type ServerVersion } from './types/server-version.ts'

/** What a connection is made of; `connect()` makes it. */
export interface ConnectionParts {
  readonly session: Session
  /** Milliseconds, `null` for none. */
  readonly commandTimeout: number | null
  readonly onCallbackError: ((error: unknown) => void) | undefined
}

const ROWS: Want = { kind: 'rows' }
const ROW: Want = { kind: 'row' }
const TAG: Want = { kind: 'tag' }
const FIRST_VALUE: Want = { kind: 'value', column: 0 }

/**
 * One session with a server, made by `connect()`.
 *
 * Calls are pipelined: those made before an earlier one has ended are sent at once and answered in order, each with
 * its own result or error. A connection is one session: what is called while a transaction is open is part of it.
 */
export class Connection implements AsyncDisposable {
  readonly #session: Session
  readonly #commandTimeout: number | null
  readonly #settings: ConnectionSettings
  readonly #log: Callbacks<[connection: Connection, message: PostgresLogMessage]>
  readonly #termination: Callbacks<[connection: Connection]>
  #held = false

  /** @internal Connections are made by `connect()`. */
  constructor(parts: ConnectionParts) {
    this.#session = parts.session
    this.#commandTimeout = parts.commandTimeout
    this.#settings = settingsView(parts.session.parameters)
    const failed = callbackFailure(parts.onCallbackError)
    this.#log = new Callbacks(failed)
    this.#termination = new Callbacks(failed)
    const owner: SessionOwner = {
      notice: (fields) => this.#log.notify(this, serverMessage(fields) as PostgresLogMessage),
      notification: () => {},
      parameter: () => {},
      ended: () => this.#ended(),
    }
    this.#owner = owner
    parts.session.owner = owner
    unclosed.register(this, { session: parts.session, made: creationStack() }, this)
  }

  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept alive here, since the session holds it weakly
  readonly #owner: SessionOwner

  /**
   * Runs a statement and gives its command tag, such as `INSERT 0 2`.
   *
   * Without arguments the text may hold several statements: they are one implicit transaction, and the last one's
   * tag is given (`''` for an empty text). With arguments it is one statement.
   *
   * Rejects with the server's error (its class is that of the SQLSTATE), a DataError or InterfaceError for arguments
   * that cannot be sent, a TimeoutError, `signal.reason`, or a ConnectionDoesNotExistError when the connection is
   * lost meanwhile.
   *
   * ```ts
   * await connection.execute('create temp table t(a int); insert into t values (1), (2)') // => 'INSERT 0 2'
   * ```
   */
  execute(sql: string, args?: Args, options?: CallOptions): Promise<string> {
    return this.#call(TAG, sql, args, options)
  }

  /**
   * Runs a query and gives all its rows, `[]` when there are none.
   *
   * ```ts
   * await connection.fetch('select n from generate_series(1, $1) n', [2]) // => [ { n: 1 }, { n: 2 } ]
   * ```
   */
  fetch<T = Row>(sql: string, args?: Args, options?: CallOptions): Promise<T[]> {
    return this.#call(ROWS, sql, args, options)
  }

  /**
   * Runs a query and gives its first row, `null` when there is none. The server stops after that row; a statement
   * that changes data runs to its end.
   *
   * ```ts
   * await connection.fetchRow('select 1 as a, 2 as b') // => { a: 1, b: 2 }
   * ```
   */
  fetchRow<T = Row>(sql: string, args?: Args, options?: CallOptions): Promise<T | null> {
    return this.#call(ROW, sql, args, options)
  }

  /**
   * Runs a query and gives one value of its first row, `null` when there is no row.
   *
   * @param options.column Which column: a name, or an index from 0; negative counts from the end. Default 0. A
   * RangeError or an InterfaceError when there is no such column.
   *
   * ```ts
   * await connection.fetchValue('select count(*) from pg_class where oid < $1', [0]) // => 0
   * ```
   */
  fetchValue<T = any>(
    sql: string,
    args?: Args,
    options?: CallOptions & { column?: number | string },
  ): Promise<T | null> {
    let want: Want
    try {
      want = wantedValue(options?.column)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#call(want, sql, args, options)
  }

  #call<T>(want: Want, sql: string, args: Args | undefined, options: CallOptions | undefined): Promise<T> {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) return Promise.reject(unusable)
    let checked: Args | undefined
    let timeout: number | undefined
    let signal: AbortSignal | undefined
    try {
      checkSql(sql)
      checked = checkArgs(args)
      timeout = effectiveTimeout(options?.timeout, this.#commandTimeout)
      signal = checkSignal(options?.signal)
      return this.#session.call(want, sql, checked, timeout, signal, this)
    } catch (error) {
      // Also what getters of the options throw: a call never throws, it rejects.
      return Promise.reject(error)
    }
  }

  /** True once it was closed, terminated, or its loss was noticed. */
  isClosed(): boolean {
    return this.#session.isClosed
  }

  /** The server's view after its last answer: true within a transaction, also one that has failed. */
  isInTransaction(): boolean {
    return this.#session.isInTransaction
  }

  /** The process id of the server's backend. */
  getServerPid(): number {
    return this.#session.pid
  }

  /** The server's version. */
  getServerVersion(): ServerVersion {
    return parseServerVersion(this.#session.parameters.get('server_version') ?? '')
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
    const timeout = effectiveTimeout(options?.timeout, this.#commandTimeout)
    const signal = checkSignal(options?.signal)
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
   * Brings the session back to its state after connecting: an open transaction is rolled back, log listeners are
   * removed, the reset query runs, and cached statements are forgotten.
   *
   * @param options.timeout Milliseconds for all of it.
   */
  async reset(options?: CallOptions): Promise<void> {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    this.#log.clear()
    this.#session.wantNotices(false)
    const query = this.getResetQuery()
    const deadline = typeof options?.timeout === 'number' ? performance.now() + options.timeout : undefined
    const left = (): CallOptions => ({
      ...options,
      ...(deadline === undefined ? {} : { timeout: deadline - performance.now() }),
    })
    const run = async (): Promise<void> => {
      if (this.isInTransaction()) {
        process.emitWarning('resetting a connection with an open transaction: it is rolled back', {
          code: 'CORNAC_RESET_IN_TRANSACTION',
        })
        await this.execute('ROLLBACK', undefined, left())
      }
      if (query !== '') await this.execute(query, undefined, left())
    }
    await run()
    // A BEGIN that was still on its way when this was called.
    if (this.isInTransaction()) await run()
    this.#session.dropStatements()
  }

  /** The statements that `reset()` runs; a subclass may give others, or `''` for none. */
  getResetQuery(): string {
    return 'SELECT pg_catalog.pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;'
  }

  /** Keeps the process alive while the connection is open, also when nothing runs on it. */
  ref(): this {
    if (!this.#held && !this.isClosed()) {
      this.#held = true
      environment.hold(this)
    }
    return this
  }

  /** Takes `ref()` back: an idle connection does not keep the process alive. */
  unref(): this {
    if (this.#held) {
      this.#held = false
      environment.unhold(this)
    }
    return this
  }

  /**
   * Calls `callback` with every notice and warning of the server, in order, never inside the call that caused it.
   *
   * @throws InterfaceError when the connection is closed or `callback` is no function.
   */
  addLogListener(callback: (connection: Connection, message: PostgresLogMessage) => void): void {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    this.#log.add(callback)
    this.#session.wantNotices(true)
  }

  /** Takes a log listener back; does nothing when it is not there. */
  // biome-ignore lint/complexity/noBannedTypes: whatever was added may be taken back
  removeLogListener(callback: Function): void {
    this.#log.delete(callback)
    if (this.#log.size === 0) this.#session.wantNotices(false)
  }

  /** Calls `callback` once when the connection has ended, however that happened. */
  addTerminationListener(callback: (connection: Connection) => void): void {
    this.#termination.add(callback)
  }

  /** Takes a termination listener back; does nothing when it is not there. */
  // biome-ignore lint/complexity/noBannedTypes: whatever was added may be taken back
  removeTerminationListener(callback: Function): void {
    this.#termination.delete(callback)
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #ended(): void {
    unclosed.unregister(this)
    this.unref()
    this.#log.clear()
    this.#termination.notify(this)
    this.#termination.clear()
  }
}

function wantedValue(column: unknown): Want {
  if (column === undefined || column === 0) return FIRST_VALUE
  if (typeof column === 'number' || typeof column === 'string') return { kind: 'value', column }
  throw new InterfaceError('column must be a name or an index')
}

interface Unclosed {
  readonly session: Session
  readonly made: string | undefined
}

/** Connections that were collected without having been closed. */
const unclosed: FinalizationRegistry<Unclosed> = new FinalizationRegistry(({ session, made }) => {
  if (session.isClosed) return
  process.emitWarning(
    `unclosed connection to the server process ${session.pid} was collected: it is dropped`,
    {
      code: 'CORNAC_UNCLOSED_CONNECTION',
      detail: made ?? 'set NODE_DEBUG=cornac to see where it was made',
    },
  )
  session.terminate()
})

function creationStack(): string | undefined {
  if (!/\bcornac\b/.test(process.env.NODE_DEBUG ?? '')) return undefined
  return new Error('the connection was made here').stack
}
