import { type InspectOptions, inspect } from 'node:util'
import type { CallOptions } from '../call-options.ts'
import { Connection } from '../connection.ts'
import { InterfaceError } from '../errors/index.ts'
import { ofCall } from '../queryable.ts'

/** A connection of a pool, from `acquire` to `release`; `await using` releases it. */
export interface PoolConnection extends Connection {
  /**
   * Gives it back to its pool; later calls on it are refused. Does nothing when it was given back, or has ended.
   *
   * @param options.timeout Milliseconds for bringing the session back to its beginning, default the limit with which it
   * was acquired; then the connection is dropped and a TimeoutError comes, whose `phase` is `release`, or `reset` while
   * the hook ran.
   * @param options.signal Ends the wait for it with its reason; the release itself goes on.
   */
  release(options?: CallOptions): Promise<void>
}

/** What stands behind a pool's connection as long as its user has it. */
export interface Lease {
  /** Undefined once it was released. */
  connection: Connection | undefined
  /** What it belongs to. */
  readonly owner: object
  readonly release: (options: CallOptions | undefined) => Promise<void>
}

const LEASE = Symbol('lease')

/** Methods that give no promise, so that they throw when the connection was released; `transaction` with a body gives one. */
const SYNCHRONOUS: ReadonlySet<PropertyKey> = new Set([
  'isClosed',
  'isInTransaction',
  'terminate',
  'getResetQuery',
  'getServerPid',
  'getServerVersion',
  'getSettings',
  'ref',
  'unref',
  'cursor',
  'notifications',
  'addLogListener',
  'removeLogListener',
  'addTerminationListener',
  'removeTerminationListener',
  'addQueryLogger',
  'removeQueryLogger',
])

/** Methods whose first argument is the text of their call, or a template. */
const CALLS: ReadonlySet<PropertyKey> = new Set([
  'execute',
  'executeMany',
  'fetch',
  'fetchRow',
  'fetchValue',
  'fetchMany',
  'query',
  'copyFromQuery',
  'prepare',
  'cursor',
])

/** What a connection gives that is used later: as long as it is, the lease is not to be taken for a leaked one. */
const keepers = new WeakMap<object, object>()

/** Makes what users of a pool get for its connections: it passes everything on, until it is released. */
export type LeaseMaker = (lease: Lease) => PoolConnection

/** The lease of what {@link leaseMaker} made. */
export function leaseOf(connection: object): Lease | undefined {
  return (connection as { [LEASE]?: Lease })[LEASE]
}

/**
 * For connections of one class: an `instanceof` it, with every method of it and its ancestors. One is made for each
 * `acquire`, so that who has released it does not reach the session that has become somebody else's.
 */
export function leaseMaker(connectionClass: { prototype: Connection }): LeaseMaker {
  const prototype = Object.create(connectionClass.prototype)
  const name = connectionClass.prototype.constructor.name
  for (let from = connectionClass.prototype; from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const key of Reflect.ownKeys(from)) {
      if (key === 'constructor' || Object.hasOwn(prototype, key)) continue
      const descriptor = Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor
      Object.defineProperty(prototype, key, passingOn(name, key, descriptor))
    }
  }
  const own: { [key: PropertyKey]: unknown } = {
    release(this: Leased, options?: CallOptions): Promise<void> {
      return this[LEASE].release(options)
    },
    [Symbol.asyncDispose](this: Leased): Promise<void> {
      return this[LEASE].release(undefined)
    },
    [inspect.custom](this: Leased, _depth: number, options: InspectOptions): string {
      const { connection } = this[LEASE]
      return `Pool${connection === undefined ? `${name} [released]` : inspect(connection, options)}`
    },
  }
  for (const key of Reflect.ownKeys(own)) {
    Object.defineProperty(prototype, key, { value: own[key], configurable: true, writable: true })
  }
  // A constructor function makes an object in a few nanoseconds, where Object.create takes hundreds.
  const Made = function (this: { [LEASE]: Lease }, lease: Lease) {
    this[LEASE] = lease
  } as unknown as new (
    lease: Lease,
  ) => PoolConnection
  Made.prototype = prototype
  return (lease) => {
    const made = new Made(lease)
    // Members that a subclass gave its instances.
    for (const key of Object.keys(lease.connection as object)) {
      if (!(key in prototype)) Object.defineProperty(made, key, passingOn(name, key, {}))
    }
    return made
  }
}

interface Leased {
  readonly [LEASE]: Lease
}

function passingOn(name: string, key: PropertyKey, descriptor: PropertyDescriptor): PropertyDescriptor {
  const { value } = descriptor
  if (typeof value === 'function') {
    return { value: method(name, key, value), configurable: true, writable: true }
  }
  return {
    get(this: Leased): unknown {
      return (open(this, name, key) as any)[key]
    },
    set(this: Leased, to: unknown): void {
      ;(open(this, name, key) as any)[key] = to
    },
    configurable: true,
    enumerable: descriptor.enumerable ?? true,
  }
}

function method(name: string, key: PropertyKey, original: (...args: unknown[]) => unknown): unknown {
  const isAsync = Object.hasOwn(Connection.prototype, key)
    ? !SYNCHRONOUS.has(key)
    : original.constructor.name === 'AsyncFunction' || key in Connection.prototype
  return function (this: Leased, ...args: unknown[]): unknown {
    const { connection } = this[LEASE]
    if (connection !== undefined) {
      const result = (connection as any)[key](...args)
      // Methods that give `this`: who has that after the release would have the session.
      return result === connection ? this : kept(this, result)
    }
    const givesPromise = key === 'transaction' ? typeof args[0] === 'function' : isAsync
    const refusal = released(name, key)
    const error = CALLS.has(key) ? ofCall(refusal, args[0] as string) : refusal
    if (givesPromise && !SYNCHRONOUS.has(key)) return Promise.reject(error)
    throw error
  }
}

function open(leased: Leased, name: string, key: PropertyKey): Connection {
  const { connection } = leased[LEASE]
  if (connection === undefined) throw released(name, key)
  return connection
}

/** Statements, cursors and transactions are used on after the connection itself is out of sight. */
function kept(leased: Leased, result: unknown): unknown {
  if (typeof result === 'object' && result !== null && !(result instanceof Promise))
    keepers.set(result, leased)
  return result
}

function released(name: string, key: PropertyKey): InterfaceError {
  return new InterfaceError(
    `cannot call ${name}.${String(key)}(): the connection has been released back to the pool`,
    { hint: 'acquire another one, or release it later' },
  )
}
