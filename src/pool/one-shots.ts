import type { Args, CallLimits } from '../call-options.ts'
import { type Connection, pooled } from '../connection.ts'
import { inQuery } from '../errors/with-query.ts'
import type { Runner } from '../queryable.ts'
import type { ArgumentSets, CallWatcher } from '../session.ts'
import type { SessionUse } from '../session-use.ts'
import { now } from '../timers.ts'
import type { Want } from '../want.ts'
import { leaseOf } from './lease.ts'
import type { Leasing } from './leasing.ts'
import { Limits } from './limits.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'
import type { PoolSettings } from './pool-options.ts'
import type { Text, Texts } from './texts.ts'

/** How much one run counts in the mean duration of a text. */
const WEIGHT = 0.2

/** What one run counts for at most, of what is slow: one busy moment of this process makes no text a slow one. */
const MOST_TIMES = 4

/**
 * The calls on a pool itself. They share connections (`sharing.ts`), and none is sent behind one that is slow. What
 * may leave something in its session, has the wire alone, or was slow lately, gets a connection alone.
 */
export class OneShots implements Runner {
  readonly #members: Members
  readonly #leasing: Leasing
  readonly #texts: Texts
  readonly #settings: PoolSettings
  readonly #refusal: () => Error | undefined
  /** Calls that shared a connection. */
  count = 0

  /** @param refusal the error of any call while the pool takes none. */
  constructor(
    members: Members,
    leasing: Leasing,
    texts: Texts,
    settings: PoolSettings,
    refusal: () => Error | undefined,
  ) {
    this.#members = members
    this.#leasing = leasing
    this.#texts = texts
    this.#settings = settings
    this.#refusal = refusal
  }

  unusable(): Error | undefined {
    return this.#refusal()
  }

  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    const text = this.#texts.get(sql)
    if (!this.#mayShare(want, text, args)) return this.#alone(text, want, sql, args, limits)
    const { timeout, signal } = limits
    const hasTime = !signal?.aborted && (timeout === undefined || timeout === null || timeout > 0)
    const member = hasTime ? this.#members.takeShared() : undefined
    if (member !== undefined) return this.#share(member, text, want, sql, args, limits)
    return this.#later(text, want, sql, args, limits)
  }

  /** Its source may take any time, so that nobody else is to wait behind it. */
  sendMany<T>(want: Want, sql: string, sets: ArgumentSets, limits: CallLimits): Promise<T> {
    return this.withConnection(limits, (connection, remaining) =>
      pooled(connection).runner.sendMany<T>(want, sql, sets, remaining),
    )
  }

  onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R> {
    return this.withConnection(limits, (connection, remaining) =>
      pooled(connection).runner.onSession(sql, remaining, use),
    )
  }

  #mayShare(want: Want, text: Text, args: Args | undefined): boolean {
    if (
      this.#settings.maxInFlight === 0 ||
      text.trace !== 'none' ||
      text.isBegin ||
      text.duration > this.#members.pace.slowMs
    )
      return false
    const isScript = want.kind === 'tag' && (args === undefined || args.length === 0)
    return !isScript
  }

  #share<T>(
    member: Member,
    text: Text,
    want: Want,
    sql: string,
    args: Args | undefined,
    limits: CallLimits,
  ): Promise<T> {
    this.count++
    member.called(true)
    return pooled(member.connection).watched.share<T>(want, sql, args, limits, new Shared(this, member, text))
  }

  async #later<T>(
    text: Text,
    want: Want,
    sql: string,
    args: Args | undefined,
    limits: CallLimits,
  ): Promise<T> {
    // A copy is kept: the caller may use the array again before the arguments are sent.
    const kept = args === undefined ? undefined : [...args]
    const { wait, call } = this.#limits(limits)
    const member = await told(sql, this.#leasing.waitToShare(wait))
    return this.#share(member, text, want, sql, kept, call())
  }

  #alone<T>(text: Text, want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    const kept = args === undefined ? undefined : [...args]
    return told(
      sql,
      this.withConnection(limits, async (connection, remaining) => {
        const sent = now()
        try {
          return await pooled(connection).runner.send<T>(want, sql, kept, remaining)
        } finally {
          const duration = now() - sent
          this.#members.pace.took(duration)
          this.#note(text, duration)
        }
      }),
    )
  }

  /** Runs one call on a connection of its own. What it leaves behind is cleaned up without its caller waiting. */
  async withConnection<T>(
    limits: CallLimits,
    run: (connection: Connection, limits: CallLimits) => Promise<T>,
  ): Promise<T> {
    const { wait, call } = this.#limits(limits)
    const acquired = await this.#leasing.acquire(wait)
    const connection = leaseOf(acquired)?.connection as Connection
    try {
      return await run(connection, call())
    } finally {
      acquired.release().catch(() => {})
    }
  }

  /** A call that shared a connection is over, taken at that time. */
  complete(member: Member, text: Text, sharedAt: number): void {
    this.#note(text, this.#members.complete(member, sharedAt))
  }

  /** The first run of a text tells nothing: it is described and planned. */
  #note(text: Text, duration: number): void {
    if (!text.hasRun) {
      text.hasRun = true
      return
    }
    const most = this.#members.pace.slowMs * MOST_TIMES
    text.duration += (Math.min(duration, most) - text.duration) * WEIGHT
  }

  /** A limit that is given is that of waiting and call together; else each has its default. */
  #limits({ timeout, signal }: CallLimits): { wait: CallLimits; call: () => CallLimits } {
    if (timeout === undefined) {
      return { wait: { timeout: this.#settings.acquireTimeout, signal }, call: () => ({ timeout, signal }) }
    }
    const whole = new Limits(timeout, signal)
    return { wait: { timeout, signal }, call: () => whole.remaining }
  }
}

/** A call that shares a connection: its place is another one's when the connection is done with it, not when its caller is. */
class Shared implements CallWatcher {
  readonly #calls: OneShots
  readonly #member: Member
  readonly #text: Text
  readonly #sharedAt: number

  constructor(calls: OneShots, member: Member, text: Text) {
    this.#calls = calls
    this.#member = member
    this.#text = text
    this.#sharedAt = member.sharedAt
  }

  refused(sqlstate: string | undefined): void {
    this.#member.refused(sqlstate)
  }

  over(): void {
    this.#calls.complete(this.#member, this.#text, this.#sharedAt)
  }
}

/** Gives what a call is refused with its text: the pool's own refusals, and why it could not connect. */
async function told<T>(sql: string, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw inQuery(error, sql)
  }
}
