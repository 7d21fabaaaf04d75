import { CALL_OPTIONS, type CallLimits, type CallOptions, checkLimits } from '../call-options.ts'
import { pooled } from '../connection.ts'
import { InterfaceError, TimeoutError } from '../errors/index.ts'
import { isOurs } from '../errors/ours.ts'
import type { ListenerCounts } from '../session-listeners.ts'
import { now } from '../timers.ts'
import { isTraced, trace } from '../tracing.ts'
import { Hold } from './hold.ts'
import { type Lease, leaseMaker, leaseOf, type PoolConnection } from './lease.ts'
import { type Late, Limits } from './limits.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'
import { type Opening, poolMessage } from './pool-io.ts'
import type { PoolSettings } from './pool-options.ts'
import type { Texts } from './texts.ts'
import { Waiter } from './waiter.ts'

/** A lease that is out. */
interface Out {
  readonly lease: Lease
  /** Held weakly after a while, so that one that nobody can release any more is noticed. */
  readonly face: Hold<PoolConnection>
  /** Where it was acquired, once that is asked for. */
  readonly stack: string | undefined
}

/** Gives connections of a pool to callers that have each alone, and takes them back. */
export class Leasing {
  readonly #members: Members
  readonly #settings: PoolSettings
  readonly #texts: Texts
  readonly #makeLease: (lease: Lease) => PoolConnection
  readonly #opening: () => Pick<Opening, 'name'>
  readonly #out = new Map<Member, Out>()
  /** Stacks cost more than the rest of an acquire: they are taken once a leak was met. */
  #takesStacks = isDebugging()
  acquired = 0
  waitedMs = 0
  timedOut = 0

  constructor(
    members: Members,
    settings: PoolSettings,
    texts: Texts,
    opening: () => Pick<Opening, 'name' | 'connectionClass'>,
  ) {
    this.#members = members
    this.#settings = settings
    this.#texts = texts
    this.#makeLease = leaseMaker(opening().connectionClass)
    this.#opening = opening
  }

  /** A member for a caller alone, or to share, as soon as there is one. */
  async wait(isWhole: boolean, limits: CallLimits): Promise<Member> {
    const { timeout, whole, signal } = limits
    signal?.throwIfAborted()
    const began = now()
    const hasEnd = timeout !== undefined && timeout !== null
    const calls = hasEnd ? this.#callsOut() : NO_CALLS
    try {
      const isOver = hasEnd && timeout <= 0
      const member = await (isOver ? undefined : new Waiter(this.#members, isWhole, limits).promise)
      if (member !== undefined) return member
    } catch (error) {
      // Made where connections are opened, which nobody called. What a hook's own call threw keeps its stack.
      const isFromPool = isOurs(error) && error !== signal?.reason && !('query' in error)
      if (isFromPool) Error.captureStackTrace(error, this.wait)
      throw error
    } finally {
      this.waitedMs += now() - began
    }
    this.timedOut++
    const late = this.#late(whole?.timeout ?? timeout ?? 0, calls)
    // Made here, and not by the timer or before anything was waited for, its stack has who waits.
    Error.captureStackTrace(late, this.wait)
    throw late
  }

  /** A member to share; who subscribes to acquires is told of the wait. */
  async waitToShare(limits: CallLimits): Promise<Member> {
    if (!isTraced('pool:acquire')) return await this.wait(false, limits)
    let member: Member | undefined
    await trace('pool:acquire', poolMessage(this.#opening(), undefined, limits.timeout ?? null), async () => {
      member = await this.wait(false, limits)
    })
    return member as unknown as Member
  }

  /** Gives a connection to a caller; `limits` are those of the acquire, waiting and setup included. */
  acquire(options: CallOptions | undefined): Promise<PoolConnection> {
    const given = checkLimits(options, CALL_OPTIONS)
    const timeout = given.timeout === undefined ? this.#settings.acquireTimeout : given.timeout
    if (!isTraced('pool:acquire')) return this.#acquire(given, timeout)
    return trace('pool:acquire', poolMessage(this.#opening(), undefined, timeout), () =>
      this.#acquire(given, timeout),
    )
  }

  #acquire(given: CallLimits, timeout: number | null): Promise<PoolConnection> {
    const hasTime = !given.signal?.aborted && (timeout === null || timeout > 0)
    const member = hasTime ? this.#members.takeWhole() : undefined
    // Nothing is waited for in nearly all cases.
    if (member !== undefined && this.#settings.setup === undefined) {
      this.acquired++
      return Promise.resolve(this.#lend(member, timeout))
    }
    return this.#acquireSlowly(member, new Limits(timeout, given.signal))
  }

  async #acquireSlowly(free: Member | undefined, limits: Limits): Promise<PoolConnection> {
    const { timeout } = limits
    const member = free ?? (await this.wait(true, limits.remaining))
    const connection = this.#lend(member, timeout)
    const { setup } = this.#settings
    try {
      if (setup !== undefined) {
        const run = async (): Promise<unknown> => setup(connection)
        await limits.over(run(), () => this.#setupTimedOut(timeout))
        checkSetUp(connection)
      }
    } catch (error) {
      // A member for which the hook fails is given to nobody. It may be another one's if the hook has released it.
      if (!isReleased(connection)) {
        this.#revoke(member)
        this.#members.leave(member)
      }
      throw error
    }
    this.acquired++
    return connection
  }

  #setupTimedOut(timeout: number | null): Late {
    this.timedOut++
    return [
      `the setup hook took longer than the ${timeout} ms of acquire: the connection is closed`,
      { phase: 'setup' },
    ]
  }

  /** Makes what the user of a member gets. The limit of the release is that of the acquire unless it has its own. */
  #lend(member: Member, releaseTimeout: number | null): PoolConnection {
    const lease: Lease = {
      connection: member.connection,
      owner: this,
      release: (options) => this.#release(member, lease, releaseTimeout, options),
    }
    const connection = this.#makeLease(lease)
    const inside = pooled(member.connection)
    member.watch ??= (sql, isQuery) => member.sent(this.#texts.get(sql).trace, isQuery)
    inside.watched.watch = member.watch
    const face = new Hold(connection)
    inside.face = face
    this.#out.set(member, {
      lease,
      face,
      stack: this.#takesStacks ? new Error('it was acquired here').stack : undefined,
    })
    return connection
  }

  /** @throws InterfaceError when it is none of this pool's. */
  release(connection: unknown, options: CallOptions | undefined): Promise<void> {
    const lease = typeof connection === 'object' && connection !== null ? leaseOf(connection) : undefined
    if (lease === undefined || lease.owner !== this) {
      throw new InterfaceError('the connection is not a member of this pool', {
        hint: 'release what acquire() of the same pool gave',
      })
    }
    return lease.release(options)
  }

  /** Takes connections back whose users have lost them. */
  reclaim(): void {
    for (const [member, { face, stack }] of this.#out) {
      if (face.deref() !== undefined) {
        face.loosen()
        continue
      }
      // Somebody waits for that call, though for nothing else.
      if (member.unanswered > 0) continue
      const isKnown = stack !== undefined
      this.#takesStacks = true
      process.emitWarning(
        'a connection was acquired from a pool and never released: the pool takes it back',
        {
          code: 'CORNAC_LEAKED_CONNECTION',
          detail: isKnown ? stack : 'the next such warning shows where it was acquired',
        },
      )
      this.#revoke(member)
      this.#bringBack(member, RECLAIM_MS).catch(() => {})
    }
  }

  /** What is out ends with its session. */
  forget(member: Member): void {
    this.#out.delete(member)
  }

  #release(
    member: Member,
    lease: Lease,
    releaseTimeout: number | null,
    options: CallOptions | undefined,
  ): Promise<void> {
    if (lease.connection === undefined) return RELEASED
    let given: CallLimits = NO_LIMITS
    try {
      if (options !== undefined) given = checkLimits(options, CALL_OPTIONS)
    } catch (error) {
      return Promise.reject(error)
    }
    const { timeout = releaseTimeout, signal } = given
    const face = isTraced('pool:release') ? this.#out.get(member)?.face.deref() : undefined
    this.#revoke(member)
    const release = (): Promise<void> => this.#bringBack(member, timeout)
    const released =
      face === undefined
        ? release()
        : trace('pool:release', poolMessage(this.#opening(), face, timeout), release)
    // Who aborts waits no more; the release goes on.
    return signal === undefined ? released : new Limits(null, signal).over(released)
  }

  /** From now on nothing that its user has reaches the session. */
  #revoke(member: Member): void {
    const out = this.#out.get(member)
    if (out === undefined) return
    this.#out.delete(member)
    out.lease.connection = undefined
    const inside = pooled(member.connection)
    inside.watched.watch = undefined
    inside.forgetUser()
  }

  /** Brings the session back to its beginning, where it may have left it. One for which that fails is dropped. */
  #bringBack(member: Member, timeout: number | null): Promise<void> {
    const { connection } = member
    if (connection.isClosed()) return RELEASED
    if (member.trace === 'lasting') {
      if (member.unanswered > 0) return this.#restoreWithin(member, false, timeout)
      this.#giveBack(member)
      return RELEASED
    }
    const { listeners } = pooled(connection)
    const isMarked = member.trace !== 'none' || connection.isInTransaction() || !listeners.isEmpty
    if (this.#settings.reset !== undefined || isMarked || member.unanswered > 0) {
      if (!listeners.isEmpty) warnOfListeners(listeners.counts)
      return this.#restoreWithin(member, isMarked, timeout)
    }
    // Nothing is asked of the server in nearly all cases.
    this.#giveBack(member)
    return RELEASED
  }

  async #restoreWithin(member: Member, isMarked: boolean, timeout: number | null): Promise<void> {
    const limits = new Limits(timeout, undefined)
    let phase: 'release' | 'reset' = 'release'
    const late = (): Late => {
      const what =
        phase === 'reset'
          ? `the reset hook took longer than the ${timeout} ms of release`
          : `release took longer than ${timeout} ms`
      return [`${what}: the connection is dropped`, { phase }]
    }
    const hooked = (): void => {
      phase = 'reset'
    }
    try {
      await limits.over(this.#restore(member, isMarked, limits, hooked), late)
    } catch (error) {
      member.connection.terminate()
      // The limit of a statement of ours, which is that of the release.
      throw error instanceof TimeoutError && phase === 'release' ? new TimeoutError(...late()) : error
    }
    this.#giveBack(member)
  }

  /** It is as the next one is to find it. */
  #giveBack(member: Member): void {
    if (member.trace === 'lasting') return this.#members.leave(member)
    member.cleaned()
    pooled(member.connection).letStatementsGo()
    this.#members.giveBack(member)
  }

  /** @param hooked is called when the `reset` hook is about to run. */
  async #restore(member: Member, isMarked: boolean, limits: Limits, hooked: () => void): Promise<void> {
    const { connection } = member
    const reset = member.trace === 'lasting' ? undefined : this.#settings.reset
    const hook =
      reset &&
      (async () => {
        hooked()
        await reset(connection)
      })
    const needsReset = isMarked || hook !== undefined
    // An empty text is answered when all that was sent before it is.
    if (!needsReset) await connection.execute('', undefined, { timeout: limits.remaining.timeout })
    // One of those may have begun a transaction.
    if (needsReset || connection.isInTransaction()) {
      const isQuiet = !needsReset || member.unanswered === 0
      await pooled(connection).restore(hook, limits.remaining.timeout, isQuiet)
    }
    if (connection.isInTransaction()) {
      throw new InterfaceError('the reset hook left a transaction open: the connection is dropped', {
        hint: 'commit it or roll it back',
      })
    }
    member.called(true)
  }

  /** Calls of those that are out, to tell later which of them have made none meanwhile. */
  #callsOut(): ReadonlyMap<Member, number> {
    return new Map([...this.#out.keys()].map((member) => [member, member.calls]))
  }

  #late(limit: number, before: ReadonlyMap<Member, number>): TimeoutError {
    const { size, idle, opening, waiting, outage } = this.#members
    const quiet = [...before].filter(
      ([member, calls]) => this.#out.has(member) && member.calls === calls && member.unanswered === 0,
    ).length
    const { maxSize } = this.#settings
    const isOutage = outage !== undefined && size < maxSize
    const reason = isOutage && (outage instanceof Error ? outage.message : String(outage))
    const places = [
      `connections open: ${size} of ${maxSize}`,
      ...(opening > 0 ? [`being opened: ${opening}`] : []),
      `in use: ${size - idle}`,
      `other callers waiting: ${waiting}`,
      ...(isOutage ? [`another one could not be opened: ${reason}`] : []),
    ].join(', ')
    const why = isOutage && size === 0 ? `no connection could be opened: ${reason}` : places
    const hint =
      quiet > 0 && !isOutage
        ? `${quiet} of those in use made no call meanwhile: a body that has a connection, and waits for another one of the same pool, waits for itself`
        : undefined
    return new TimeoutError(
      `acquire timed out${limit > 0 ? ` after ${limit} ms` : `: its limit was ${limit} ms`}: ${why}`,
      {
        phase: 'acquire',
        maybeExecuted: false,
        ...(hint === undefined ? {} : { hint }),
        ...(isOutage ? { cause: outage } : {}),
      },
    )
  }
}

function isReleased(connection: PoolConnection): boolean {
  return leaseOf(connection)?.connection === undefined
}

/** @throws InterfaceError when the `setup` hook has left nothing for its caller, and why the connection was lost meanwhile. */
function checkSetUp(connection: PoolConnection): void {
  const within = leaseOf(connection)?.connection
  const end = within && pooled(within).runner.unusable()
  if (within !== undefined && end === undefined) return
  if (end !== undefined && !(end instanceof InterfaceError)) throw end
  throw new InterfaceError(`the setup hook ${within === undefined ? 'released' : 'closed'} the connection`, {
    hint: 'it is for the caller of acquire',
  })
}

const RELEASED = Promise.resolve()

const NO_CALLS: ReadonlyMap<Member, number> = new Map()

const NO_LIMITS: CallLimits = { timeout: undefined, signal: undefined }

function warnOfListeners({ channels, log }: ListenerCounts): void {
  const leftovers = [
    channels > 0 ? `${channels} of channels` : undefined,
    log > 0 ? `${log} of the log` : undefined,
  ].filter((part) => part !== undefined)
  const message = `a connection was released to its pool with listeners, ${leftovers.join(' and ')}: they are removed`
  process.emitWarning(message, {
    code: 'CORNAC_RELEASED_WITH_LISTENERS',
    detail:
      'remove log listeners and those of channels before the release, or listen on a connection of your own',
  })
}

/** Milliseconds for what a leaked connection left behind. */
const RECLAIM_MS = 5_000

function isDebugging(): boolean {
  return /\bcornac\b/.test(process.env.NODE_DEBUG ?? '')
}
