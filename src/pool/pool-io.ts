import { type Connection, pooled } from '../connection.ts'
import {
  InterfaceError,
  PostgresError,
  TargetServerAttributeNotMatched,
  TimeoutError,
} from '../errors/index.ts'
import { isOurs } from '../errors/ours.ts'
import type { LoopReference } from '../loop-reference.ts'
import { date, now } from '../timers.ts'
import { isTraced, type TraceMessage, trace } from '../tracing.ts'
import { leaseOf } from './lease.ts'
import { Limits } from './limits.ts'
import type { MembersIo } from './members-io.ts'
import { TurnClock } from './turn-clock.ts'

/** What a hook threw, which is one caller's. */
class HookFailure {
  readonly error: unknown
  /** Fulfilled when the connection is closed that it was thrown for. */
  readonly dropped: Promise<void> | undefined

  constructor(error: unknown, dropped?: Promise<void>) {
    this.error = error
    this.dropped = dropped
  }
}

/** How a pool gets its connections. */
export interface Opening {
  /** Where it leads, for those who watch the pool. */
  readonly name: string
  connect(signal: AbortSignal, reference: LoopReference): Promise<Connection>
  /** Milliseconds that this may take, and the `init` hook after it as many; `null` for no limit. */
  readonly timeout: number | null
  /** Whether that is the user's own function. */
  readonly isCustom: boolean
  /** Whether a connection's server may still be of the kind that is wanted. */
  fits(connection: Connection): boolean
  /** Whether only a refused write can tell that it is not. */
  isBlind(connection: Connection): boolean
  readonly init: ((connection: Connection) => unknown) | undefined
  /** The class that connections must be of. */
  readonly connectionClass: { readonly prototype: Connection; readonly name: string }
}

/** What the subscribers of a pool's channels get. */
export function poolMessage(
  { name }: Pick<Opening, 'name'>,
  connection: object | undefined,
  timeout: number | null,
): TraceMessage {
  const attributes = {
    'db.system.name': 'postgresql',
    'db.client.connection.pool.name': name,
  } as const
  return { attributes, connection, args: undefined, timeout, isInternal: false }
}

/** Milliseconds that a server has to show that a connection still lives. */
const CHECK_MS = 2_000

/** Milliseconds that a connection may take to say good-bye. */
const CLOSE_MS = 5_000

/** What the members of a pool need from outside. `opening` is asked anew for each connection. */
export function membersIo(opening: () => Opening): MembersIo {
  return {
    open(signal, reference, ended) {
      const by = opening()
      const run = (): Promise<Connection> => open(by, signal, reference, ended)
      if (!isTraced('pool:connect')) return run()
      return trace('pool:connect', poolMessage(by, undefined, null), run)
    },
    fits: (connection) => opening().fits(connection),
    isBlind: (connection) => opening().isBlind(connection),
    isEnding: (connection) => endOf(connection) !== undefined,
    async check(connection) {
      try {
        // An empty text: the server answers it without a plan, a snapshot or a line in a log of statements.
        await connection.execute('', undefined, { timeout: CHECK_MS })
        return true
      } catch {
        connection.terminate()
        return false
      }
    },
    isOutage: (error) => isOurs(error),
    mayPass,
    reason: (error) => (error instanceof HookFailure ? error.error : error),
    dropped: (error) => (error instanceof HookFailure ? error.dropped : undefined),
    now: new TurnClock(now).now,
    date: new TurnClock(date).now,
    random: Math.random,
  }
}

async function open(
  { connect, timeout, isCustom, init, connectionClass }: Opening,
  signal: AbortSignal,
  reference: LoopReference,
  ended: () => void,
): Promise<Connection> {
  const connecting = connect(signal, reference)
  const connection = await (isCustom
    ? given(connecting, new Limits(timeout, signal, reference), connectionClass)
    : connecting)
  if (isCustom) checkGiven(connection, connectionClass)
  const inside = pooled(connection)
  inside.ended = ended
  inside.joined()
  if (connection.isClosed()) ended()
  try {
    if (isCustom) checkLeft(connection, 'option connect')
    if (init !== undefined) {
      await initialize(connection, init, new Limits(timeout, signal, reference))
      checkLeft(connection, 'init hook')
    }
  } catch (error) {
    throw new HookFailure(error, drop(connection))
  }
  // Where the hook has not noticed, the next attempt is to be put off, as after any that failed.
  const lost = endOf(connection)
  if (lost !== undefined) throw lost
  inside.opened()
  return connection
}

/** Why a connection cannot be used: it is closed, closing, or lost. */
function endOf(connection: Connection): Error | undefined {
  return pooled(connection).runner.unusable()
}

async function drop(connection: Connection): Promise<void> {
  await connection.close({ timeout: CLOSE_MS }).catch(() => connection.terminate())
}

/**
 * What the option `connect` gives within the limits of a connect: one that never ends would take a place of the pool for
 * ever. It knows nothing of those, nor of the pool's end: what comes of it later is closed.
 */
async function given(
  connecting: Promise<Connection>,
  limits: Limits,
  connectionClass: Opening['connectionClass'],
): Promise<Connection> {
  try {
    return await limits.over(connecting, () => [
      `the option connect took longer than the ${limits.timeout} ms of connecting`,
      { phase: 'connect', hint: 'the option timeout is its limit' },
    ])
  } catch (error) {
    dropLate(connecting, connectionClass).catch(() => {})
    throw error
  }
}

/** Rejects when there is nothing to be dropped, or nothing that may be. */
async function dropLate(
  connecting: Promise<Connection>,
  connectionClass: Opening['connectionClass'],
): Promise<void> {
  const connection = await connecting
  checkGiven(connection, connectionClass)
  await drop(connection)
}

/** Runs the `init` hook within the limits of a connect. One that never ends would take a place of the pool for ever. */
async function initialize(
  connection: Connection,
  init: (connection: Connection) => unknown,
  limits: Limits,
): Promise<void> {
  const run = async (): Promise<unknown> => init(connection)
  await limits.over(run(), () => [
    `the init hook took longer than the ${limits.timeout} ms of connecting: the connection is closed`,
    { phase: 'init', hint: 'the option timeout is its limit' },
  ])
}

function mayPass(error: unknown): boolean {
  if (error instanceof PostgresError) return error.isTransient
  // While roles change there may be no server of the kind that is wanted.
  return error instanceof TimeoutError || error instanceof TargetServerAttributeNotMatched
}

/** @throws InterfaceError when the option `connect` has given what the pool cannot use. */
function checkGiven(connection: Connection, connectionClass: Opening['connectionClass']): void {
  checkClass(connection, connectionClass)
  if (leaseOf(connection) !== undefined || pooled(connection).ended !== undefined) {
    throw new HookFailure(
      new InterfaceError('the option connect gave a connection that a pool has already', {
        hint: 'let it open one at each call',
      }),
    )
  }
  if (endOf(connection) !== undefined) {
    throw new InterfaceError('the option connect gave a connection that is closed')
  }
}

/** @throws InterfaceError when it was closed, or a transaction is open, of which all who get it would be part. */
function checkLeft(connection: Connection, by: string): void {
  if (endOf(connection) instanceof InterfaceError) {
    throw new InterfaceError(`the ${by} closed the connection`, { hint: 'the pool closes it in the end' })
  }
  if (!connection.isInTransaction()) return
  throw new InterfaceError(`the ${by} left a transaction open: the connection is dropped`, {
    hint: 'commit it or roll it back',
  })
}

function checkClass(connection: unknown, connectionClass: Opening['connectionClass']): void {
  const { prototype } = connectionClass
  if (
    typeof connection === 'object' &&
    connection !== null &&
    Object.prototype.isPrototypeOf.call(prototype, connection)
  )
    return
  const kind =
    typeof connection === 'object' && connection !== null ? connection.constructor?.name : typeof connection
  const got =
    connection === undefined || connection === null ? String(connection) : `a ${kind ?? 'something'}`
  throw new InterfaceError(`the option connect must give a ${connectionClass.name}, and gave ${got}`)
}
