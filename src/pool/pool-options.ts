import type { ConnectOptions } from '../config/connect-options.ts'
import { invalid, kindOf, optionOrigin, quote } from '../config/origin.ts'
import { isConnectOption } from '../config/plan-connection.ts'
import type { Connection } from '../connection.ts'
import { ClientConfigurationError } from '../errors/index.ts'
import { nearestName } from '../nearest-name.ts'
import type { Awaitable } from '../types/awaitable.ts'

/** What `createPool` can be told: all that `connect` can, and this. All durations are milliseconds. */
export interface PoolOptions extends ConnectOptions {
  /** Connections that are opened at once and kept, default 1; 0 opens the first one when it is needed. */
  minSize?: number | undefined
  /** Connections at most, those that are closing included. At least 1, default 10. */
  maxSize?: number | undefined
  /** Queries after which a connection is replaced. At least 1, default 50_000. `prepare` and COPY are none. */
  maxQueries?: number | undefined
  /**
   * Milliseconds that an unused connection above `minSize` is kept, default 300_000; 0 = for ever. It is closed up to a
   * tenth of that later, and a second at most.
   */
  maxInactiveConnectionLifetime?: number | undefined
  /** Milliseconds that a connection lives at most, shortened by chance by up to a tenth. Default 0 = for ever. */
  maxConnectionLifetime?: number | undefined
  /** Callers that may wait for a connection; one more is refused. Default: no limit; 0 = nobody waits. */
  maxWaiting?: number | undefined
  /**
   * Milliseconds for getting a connection where the call gives no `timeout`: waiting, connecting and the `setup` hook
   * together. More than 0; `null` (the default) means no limit. Then the call rejects with a TimeoutError.
   */
  acquireTimeout?: number | null | undefined
  /**
   * Whether calls on the pool itself share connections, so that several are in flight on one; default true, with 32
   * calls in flight on a connection at most. They never share while `setup` or `reset` is given.
   */
  pipeline?: boolean | { maxInFlight: number } | undefined
  /**
   * Runs on each acquire, before its caller gets the connection. When it fails, closes the connection or releases it, that
   * acquire alone fails.
   */
  setup?: ((connection: Connection) => Awaitable<void>) | undefined
  /**
   * Runs once on each new connection, for as long as a connect may take (`timeout`) at most. When it fails, closes it, or
   * leaves a transaction open, the acquire that the connection was opened for fails. A release that resets the session takes back
   * what it has SET: give such settings as `serverSettings`.
   */
  init?: ((connection: Connection) => Awaitable<void>) | undefined
  /**
   * Runs on each release in place of the reset query, after an open transaction was rolled back. When it fails, or leaves
   * a transaction open, so does the release, and the connection is dropped.
   */
  reset?: ((connection: Connection) => Awaitable<void>) | undefined
  /**
   * Opens a connection in place of `connect`, a new one at each call, for as long as a connect may take (`timeout`) at most.
   * It gets the same options, without `signal`.
   */
  connect?: ((options: ConnectOptions) => Promise<Connection>) | undefined
}

/** The pool's own options, checked. Durations are milliseconds; Infinity is no limit. */
export interface PoolSettings {
  readonly minSize: number
  readonly maxSize: number
  readonly maxQueries: number
  readonly maxIdle: number
  readonly maxLifetime: number
  readonly maxWaiting: number
  readonly acquireTimeout: number | null
  /** Calls in flight on a shared connection; 0 when none is shared. */
  readonly maxInFlight: number
  readonly setup: ((connection: Connection) => Awaitable<void>) | undefined
  readonly init: ((connection: Connection) => Awaitable<void>) | undefined
  readonly reset: ((connection: Connection) => Awaitable<void>) | undefined
  readonly connect: ((options: ConnectOptions) => Promise<Connection>) | undefined
}

const OWN = [
  'minSize',
  'maxSize',
  'maxQueries',
  'maxInactiveConnectionLifetime',
  'maxConnectionLifetime',
  'maxWaiting',
  'acquireTimeout',
  'pipeline',
  'setup',
  'init',
  'reset',
  'connect',
] as const

type OwnName = (typeof OWN)[number]

const IN_FLIGHT = 32
const LARGEST_INT32 = 2147483647

/**
 * Takes the arguments of `createPool` apart: the pool's own options, and what is passed on to `connect`.
 *
 * @throws ClientConfigurationError for an option of the pool's that cannot be.
 */
export function checkPoolOptions(
  dsn: string | PoolOptions | undefined,
  options: PoolOptions | undefined,
): { settings: PoolSettings; connectOptions: ConnectOptions } {
  if (dsn !== undefined && typeof dsn !== 'string' && options !== undefined) {
    throw new ClientConfigurationError('invalid arguments: there are two objects of options', {
      hint: 'call createPool(dsn, options) or createPool(options)',
    })
  }
  const given = (typeof dsn === 'string' ? options : (dsn ?? options)) ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ClientConfigurationError(`invalid options: ${kindOf(given)}, expected an object`)
  }
  const connectOptions: { [name: string]: unknown } = { ...given }
  checkNames(given)
  for (const name of OWN) delete connectOptions[name]
  if (typeof dsn === 'string') connectOptions.dsn = withOneDsn(dsn, connectOptions.dsn)
  return { settings: readSettings(given), connectOptions: connectOptions as ConnectOptions }
}

/**
 * What `setConnectArgs` was given, as options of `connect`.
 *
 * @throws ClientConfigurationError for an option of the pool's, which would do nothing.
 */
export function checkConnectArgs(
  dsn: string | ConnectOptions | undefined,
  options: ConnectOptions | undefined,
): ConnectOptions {
  const given = (typeof dsn === 'string' ? options : (dsn ?? options)) ?? {}
  const own = OWN.find((name) => (given as PoolOptions)[name] !== undefined)
  if (own !== undefined) {
    throw new ClientConfigurationError(`invalid connect arguments: ${own} is an option of the pool`, {
      hint: 'leave it out: it stays as createPool got it',
    })
  }
  return checkPoolOptions(dsn, options).connectOptions
}

/** What other pools call options of this one, without case and underscores. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...OWN.map((name) => [name.toLowerCase(), `use ${name}`] as const),
  ['max', 'use maxSize'],
  ['poolsize', 'use maxSize'],
  ['connectionlimit', 'use maxSize'],
  ['min', 'use minSize'],
  ['idletimeout', 'use maxInactiveConnectionLifetime, in milliseconds'],
  ['idletimeoutmillis', 'use maxInactiveConnectionLifetime'],
  ['maxlifetime', 'use maxConnectionLifetime, in milliseconds'],
  ['maxlifetimeseconds', 'use maxConnectionLifetime, in milliseconds'],
  ['maxuses', 'use maxQueries, which counts queries'],
  ['queuelimit', 'use maxWaiting'],
  ['maxpipeline', 'use pipeline: { maxInFlight }'],
  ['connectiontimeoutmillis', 'use acquireTimeout; timeout is the limit of each connect'],
  ['pooltimeout', 'use acquireTimeout, in milliseconds'],
  ['allowexitonidle', 'leave it out: an idle pool does not keep the process alive'],
])

/** Refuses names that mean an option of the pool. Others are for `connect` to judge. */
function checkNames(given: object): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || isConnectOption(name) || (OWN as readonly string[]).includes(name)) continue
    const meant = SPELLINGS.get(name.replaceAll('_', '').toLowerCase())
    const near = meant === undefined ? nearestName(name, OWN) : undefined
    const hint = meant ?? (near === undefined ? undefined : `use ${near}`)
    if (hint === undefined) continue
    throw new ClientConfigurationError(`invalid options: there is no option ${quote(name)}`, { hint })
  }
}

function withOneDsn(dsn: string, inner: unknown): string {
  if (inner === undefined || inner === dsn) return dsn
  throw new ClientConfigurationError('invalid arguments: there are two different DSNs', {
    hint: 'give the DSN as the first argument or as the option dsn',
  })
}

function readSettings(given: PoolOptions): PoolSettings {
  const maxSize = count(given, 'maxSize', 10, 1)
  const minSize = count(given, 'minSize', Math.min(1, maxSize), 0)
  if (minSize > maxSize) {
    throw refuse(given, 'minSize', `it must be at most maxSize, which is ${maxSize}, not ${minSize}`)
  }
  const setup = hook(given, 'setup')
  const reset = hook(given, 'reset')
  return {
    minSize,
    maxSize,
    maxQueries: count(given, 'maxQueries', 50_000, 1),
    maxIdle: lifetime(given, 'maxInactiveConnectionLifetime', 300_000),
    maxLifetime: lifetime(given, 'maxConnectionLifetime', 0),
    maxWaiting:
      given.maxWaiting === undefined || given.maxWaiting === Number.POSITIVE_INFINITY
        ? Number.POSITIVE_INFINITY
        : count(given, 'maxWaiting', 0, 0),
    acquireTimeout: acquireTimeout(given),
    maxInFlight: setup === undefined && reset === undefined ? inFlight(given) : 0,
    setup,
    init: hook(given, 'init'),
    reset,
    connect: hook(given, 'connect'),
  }
}

function refuse(given: PoolOptions, name: OwnName, reason: string, hint?: string): Error {
  return invalid(
    { name, value: given[name], origin: optionOrigin(name) },
    reason,
    hint === undefined ? {} : { hint },
  )
}

function count(given: PoolOptions, name: OwnName, initial: number, least: number): number {
  const value: unknown = given[name]
  if (value === undefined) return initial
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= LARGEST_INT32) {
    return value
  }
  throw refuse(
    given,
    name,
    `it must be an integer greater than or equal to ${least} and at most ${LARGEST_INT32}, not ${quote(value)}`,
  )
}

function lifetime(given: PoolOptions, name: OwnName, initial: number): number {
  const value: unknown = given[name] ?? initial
  if (typeof value === 'number' && value >= 0) return value === 0 ? Number.POSITIVE_INFINITY : value
  throw refuse(
    given,
    name,
    `it must be a number greater than or equal to 0, not ${quote(value)}`,
    'it is in milliseconds; 0 means for ever',
  )
}

function acquireTimeout(given: PoolOptions): number | null {
  const value: unknown = given.acquireTimeout
  if (value === undefined || value === null || value === Number.POSITIVE_INFINITY) return null
  if (typeof value === 'number' && value > 0) return value
  throw refuse(
    given,
    'acquireTimeout',
    `it must be a number greater than 0, not ${quote(value)}`,
    'it is in milliseconds; null means no limit',
  )
}

function inFlight(given: PoolOptions): number {
  const value: unknown = given.pipeline
  if (value === undefined || value === true) return IN_FLIGHT
  if (value === false) return 0
  const most =
    typeof value === 'object' && value !== null ? (value as { maxInFlight?: unknown }).maxInFlight : undefined
  if (typeof most === 'number' && Number.isInteger(most) && most >= 1) return most
  throw refuse(
    given,
    'pipeline',
    `it must be true, false or { maxInFlight } with an integer of at least 1, not ${quote(value)}`,
  )
}

function hook<N extends 'setup' | 'init' | 'reset' | 'connect'>(given: PoolOptions, name: N): PoolOptions[N] {
  const value: unknown = given[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'function') return value as PoolOptions[N]
  throw refuse(given, name, `it must be a function, not ${kindOf(value)}`)
}
