import { type InspectOptions, inspect } from 'node:util'
import { CALL_OPTIONS, type CallOptions, checkLimits } from '../call-options.ts'
import type { ConnectOptions } from '../config/connect-options.ts'
import { Connection, type Transaction } from '../connection.ts'
import type { Connector } from '../connector.ts'
import { ClientConfigurationError, InterfaceError } from '../errors/index.ts'
import { Queryable } from '../queryable.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { checkTransactionOptions, type TransactionOptions } from '../transaction-options.ts'
import type { Awaitable } from '../types/awaitable.ts'
import { unwatchUnclosedPool, watchUnclosedPool } from '../unclosed.ts'
import type { PoolConnection } from './lease.ts'
import type { Leasing } from './leasing.ts'
import { type Late, Limits } from './limits.ts'
import type { Members } from './members.ts'
import type { OneShots } from './one-shots.ts'
import type { Opening } from './pool-io.ts'
import { checkConnectArgs, type PoolSettings } from './pool-options.ts'
import { PoolRunner } from './pool-runner.ts'
import type { PoolStats } from './pool-stats.ts'
import { type PoolReading, registerPool } from './registry.ts'
import { Sweeper } from './sweeper.ts'
import { poolWorkings } from './workings.ts'

/** What a pool is made of. */
export interface PoolParts {
  readonly settings: PoolSettings
  readonly connectOptions: ConnectOptions
  /** Checks the options, and gives what connects by them. */
  readonly connector: (options: ConnectOptions) => Connector
}

/** What a transaction on the pool takes: options of the transaction, and limits of getting a connection. */
export type PoolTransactionOptions = TransactionOptions & CallOptions

/** `Connection`, or a subclass of it. */
type ConnectionType = Opening['connectionClass']

/** After so many milliseconds `close()` tells that it still waits. */
const SLOW_CLOSE_MS = 60_000

/** The default of the option `timeout`, in milliseconds. */
const CONNECT_MS = 60_000

export let newPool: (parts: PoolParts) => Promise<Pool>

// Made where no pool is in scope: functions of the constructor would hold it.
let sweep: (pool: Pool) => void
let read: (pool: Pool) => PoolReading | undefined

/**
 * Connections to one database, opened as they are needed and used again. `createPool()` makes it.
 *
 * A call on the pool itself (`fetch`, `execute` …) needs no connection of its own: calls share the pool's
 * connections, several in flight on each. One that may change its session, or was slow lately, has a connection alone.
 * What needs one session (a transaction, a cursor, a listener) takes a connection with `transaction`, `withConnection`
 * or `acquire`.
 *
 * An idle pool does not keep the process alive.
 */
export class Pool extends Queryable implements AsyncDisposable {
  readonly #members: Members
  readonly #leasing: Leasing
  readonly #calls: OneShots
  readonly #settings: PoolSettings
  readonly #connector: PoolParts['connector']
  readonly #connectionClass: ConnectionType
  readonly #sweeper: Sweeper<Pool>
  #opening: Opening
  #closed: Promise<void> | undefined
  #isClosed = false

  static {
    sweep = (pool) => {
      pool.#leasing.reclaim()
      pool.#members.sweep()
    }
    read = (pool) => {
      if (pool.#isClosed && pool.getSize() === 0) return undefined
      const { minSize, maxSize } = pool.#settings
      return { name: pool.#opening.name, minSize, maxSize, stats: pool.getStats() }
    }
    newPool = async (parts) => {
      const pool = new Pool(parts as never)
      const limits = new Limits(null, parts.connectOptions.signal ?? undefined)
      try {
        await limits.over(pool.#members.fill())
        return pool
      } catch (error) {
        pool.terminate()
        throw error
      }
    }
    Object.defineProperty(Pool.prototype, inspect.custom, {
      value(this: Pool, _depth: number, options: InspectOptions): string {
        const { size, idle, inUse, waiting } = this.getStats()
        const shown = { size, maxSize: this.getMaxSize(), idle, inUse, waiting, state: this.#state }
        return `Pool ${inspect(shown, options)}`
      },
      configurable: true,
    })
  }

  /** Pools are made by `createPool()`. */
  protected constructor(...args: never[])
  protected constructor({ settings, connectOptions, connector }: PoolParts) {
    const runner = new PoolRunner()
    super(runner as never)
    this.#settings = settings
    this.#connector = connector
    this.#connectionClass = (connectOptions.connectionClass ?? Connection) as ConnectionType
    this.#opening = this.#openingBy(connectOptions)
    const { members, leasing, calls } = poolWorkings(
      settings,
      () => this.#opening,
      () => this.#refusal(),
    )
    this.#members = members
    this.#leasing = leasing
    this.#calls = calls
    runner.calls = this.#calls
    this.#sweeper = new Sweeper<Pool>(this, settings, sweep)
    watchUnclosedPool(this, this.#opening.name)
    registerPool<Pool>(this, read)
  }

  /**
   * Gives a connection to its caller alone, until it is released: by `release()`, or at the end of an `await using`.
   * Who waits is served in the order of coming.
   *
   * Rejects with a TimeoutError when the time is up (its `phase` is `acquire`, or `setup` while the hook ran), with
   * `signal.reason`, with the error for which no connection could be opened, with what the `init` or `setup` hook throws,
   * and with an InterfaceError when the pool is closed or `maxWaiting` callers wait already.
   *
   * @param options.timeout Milliseconds for waiting, connecting and hooks together, default `acquireTimeout`; `null`
   * for no limit.
   *
   * ```ts
   * await using connection = await pool.acquire({ timeout: 1_000 })
   * await connection.fetchValue('select 1') // => 1
   * ```
   */
  acquire(options?: CallOptions): Promise<PoolConnection> {
    try {
      this.#checkOpen()
      return this.#leasing.acquire(options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Takes a connection back: an open transaction is rolled back and listeners are removed, each with a warning; the
   * session is reset where a call may have changed it, and cached statements stay. Does nothing when it was released
   * before, or has ended.
   *
   * Rejects with an InterfaceError for what is no connection of this pool's, and with the error for which the session
   * could not be brought back; it is dropped then.
   *
   * @param options.timeout Milliseconds, default the limit with which it was acquired; then the connection is dropped
   * and a TimeoutError comes, whose `phase` is `release`, or `reset` while the hook ran.
   * @param options.signal Ends the wait for it with its reason; the release itself goes on.
   */
  async release(connection: Connection, options?: CallOptions): Promise<void> {
    await this.#leasing.release(connection, options)
  }

  /**
   * Runs a body with a connection of its own, which is released when the body ends. Gives or throws what the body does;
   * where that has returned and the release fails, as a `reset` hook may, it rejects with the error of the release.
   *
   * @param options Limits of acquiring the connection.
   *
   * ```ts
   * await pool.withConnection((connection) => connection.fetchValue('select 1')) // => 1
   * ```
   */
  async withConnection<R>(
    body: (connection: PoolConnection) => Awaitable<R>,
    options?: CallOptions,
  ): Promise<R> {
    checkBody(body, 'withConnection', 'connection')
    const connection = await this.acquire(options)
    let result: R
    try {
      result = await body(connection)
    } catch (error) {
      await connection.release().catch(() => {})
      throw error
    }
    await connection.release()
    return result
  }

  /**
   * Runs a body in a transaction on a connection of its own, as `connection.transaction()` does. It may reject with the
   * error of the release, as `withConnection()`; the transaction is committed then.
   *
   * @param options Of the transaction; `timeout` and `signal` are limits of acquiring the connection. Under `attempts` the
   * body is not run again once the signal has aborted.
   *
   * ```ts
   * await pool.transaction((tx) => tx.fetchValue('select 1'), { isolation: 'serializable' }) // => 1
   * ```
   */
  async transaction<R>(
    body: (tx: Transaction) => Awaitable<R>,
    options?: PoolTransactionOptions,
  ): Promise<R> {
    checkBody(body, 'transaction', 'tx')
    // Before a connection is waited for.
    checkTransactionOptions(options, [...CALL_OPTIONS])
    const { timeout, signal, ...rest } = options ?? {}
    const run = (tx: Transaction): Awaitable<R> => {
      signal?.throwIfAborted()
      return body(tx)
    }
    return await this.withConnection((connection) => connection.transaction(run, rest), { timeout, signal })
  }

  /**
   * Refuses new callers and all that wait, waits until every connection is released, and closes them. A second call
   * waits for the same end.
   *
   * @param options.timeout Milliseconds for all of it, default no limit; then all connections are dropped and a
   * TimeoutError comes. `signal` does the same with its reason.
   */
  async close(options?: CallOptions): Promise<void> {
    const { timeout, signal } = checkLimits(options, CALL_OPTIONS)
    if (this.#isClosed) return
    this.#leave()
    this.#closed ??= this.#close()
    const limits = new Limits(timeout ?? null, signal)
    try {
      await limits.over(this.#closed, () => this.#closeTimedOut(timeout as number))
    } catch (error) {
      this.terminate()
      throw error
    }
  }

  /** Drops every connection at once: calls in flight reject with a ConnectionDoesNotExistError, who waits is refused. */
  terminate(): void {
    this.#leave()
    this.#sweeper.stop()
    this.#isClosed = true
    this.#members.terminate(() => new InterfaceError('pool is closed'))
  }

  /**
   * Has every connection that is open now replaced: idle ones at once, those in use when they are released. One that
   * calls share takes no further call; a quarter of those is replaced at a time.
   */
  async expireConnections(): Promise<void> {
    this.#members.expire()
  }

  /**
   * Connects by other arguments from now on, which replace all that `createPool` got for `connect`. Connections that are
   * open stay; `expireConnections()` replaces them.
   *
   * @throws ClientConfigurationError when the arguments cannot be, an option of the pool is among them, or another
   * `connectionClass` is given; nothing is changed then.
   */
  setConnectArgs(dsn?: string | ConnectOptions, options?: ConnectOptions): void {
    const connectOptions = checkConnectArgs(dsn, options)
    const { connectionClass = Connection } = connectOptions
    if (connectionClass !== this.#connectionClass) {
      throw new ClientConfigurationError('the connectionClass of a pool cannot be changed', {
        hint: 'make another pool, or give the same class again',
      })
    }
    this.#opening = this.#openingBy(connectOptions)
  }

  /** Connections that are open. */
  getSize(): number {
    return this.#members.size
  }

  /** Connections that are kept at least. */
  getMinSize(): number {
    return this.#settings.minSize
  }

  /** Connections at most. */
  getMaxSize(): number {
    return this.#settings.maxSize
  }

  /** Connections that are open and not in use. */
  getIdleSize(): number {
    return this.#members.idle
  }

  /** Callers that wait for a connection. */
  getWaitingCount(): number {
    return this.#members.waiting
  }

  /** How it stands, and what it has done since it was made. */
  getStats(): PoolStats {
    const { size, idle, waiting, counts } = this.#members
    const { waitedMs, timedOut } = this.#leasing
    const acquired = this.#leasing.acquired + this.#calls.count
    return { size, idle, inUse: size - idle, waiting, acquired, ...counts, waitedMs, timedOut }
  }

  /** True from the beginning of `close()` or `terminate()` on. */
  isClosing(): boolean {
    return this.#members.isClosing
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Connections that a caller has, or that calls run on. */
  get #inUse(): number {
    return this.#members.size - this.#members.idle
  }

  get #state(): 'open' | 'closing' | 'closed' {
    if (this.#isClosed) return 'closed'
    return this.isClosing() ? 'closing' : 'open'
  }

  #refusal(): Error | undefined {
    const state = this.#state
    return state === 'open' ? undefined : new InterfaceError(`pool is ${state}`)
  }

  #checkOpen(): void {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
  }

  #openingBy(options: ConnectOptions): Opening {
    const { init, connect } = this.#settings
    const connectionClass = this.#connectionClass
    if (connect !== undefined) {
      // The signal is that of making the pool, and may abort long after.
      const { signal: _, ...own } = options
      return {
        name: 'custom',
        connect: async () => connect(own),
        timeout: options.timeout === undefined ? CONNECT_MS : options.timeout,
        isCustom: true,
        fits: () => true,
        isBlind: () => false,
        init,
        connectionClass,
      }
    }
    const { name, timeout, open, fits, isBlind } = this.#connector(options)
    return { name, connect: open, timeout, isCustom: false, fits, isBlind, init, connectionClass }
  }

  /** It is not forgotten, but ended. What was leaked is looked for until it is closed. */
  #leave(): void {
    unwatchUnclosedPool(this)
  }

  async #close(): Promise<void> {
    const slow = setTimeout(() => {
      process.emitWarning(
        `closing a pool has taken ${SLOW_CLOSE_MS / 1_000} s: connections still in use: ${this.#inUse}`,
        { code: 'CORNAC_POOL_CLOSE', detail: 'a connection was not released, or a call is still running' },
      )
    }, SLOW_CLOSE_MS)
    slow.unref?.()
    try {
      await this.#members.close(() => new InterfaceError('pool is closing'))
      this.#isClosed = true
      this.#sweeper.stop()
    } finally {
      clearTimeout(slow)
    }
  }

  #closeTimedOut(timeout: number): Late {
    return [
      `close timed out after ${timeout} ms: connections that were still in use and are dropped: ${this.#inUse}`,
      { phase: 'close' },
    ]
  }
}

function checkBody(body: unknown, method: string, given: string): void {
  if (typeof body === 'function') return
  throw new InterfaceError('the body must be a function', {
    hint: `the body comes first, its options behind it: write pool.${method}(async (${given}) => { … }, { … })`,
  })
}
