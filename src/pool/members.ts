import { InterfaceError } from '../errors/index.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { Backoff } from './backoff.ts'
import { Member } from './member.ts'
import type { PoolSettings } from './pool-options.ts'

/** Who waits for a connection. */
export interface Demand {
  /** For itself alone; else to share it. */
  readonly isWhole: boolean
  give(member: Member): void
  fail(error: unknown): void
}

/** What the members of a pool need from outside. */
export interface MembersIo {
  /** Opens a connection, of which `ended` is called when it is gone. */
  open(signal: AbortSignal, ended: () => void): Promise<Member['connection']>
  /** Whether a connection's server may still be of the kind that is wanted. */
  fits(connection: Member['connection']): boolean
  /** Whether the server still answers on a connection. It is dropped otherwise. */
  check(connection: Member['connection']): Promise<boolean>
  /** Whether a connection could not be opened for a reason that others would meet as well; else it is one caller's. */
  isOutage(error: unknown): boolean
  /** What {@link open} has thrown, as a caller is to see it. */
  reason(error: unknown): unknown
  /** Milliseconds of a clock that never jumps. */
  now(): number
  /** Milliseconds of the clock on the wall. */
  date(): number
  /** From 0 to below 1. */
  random(): number
}

/** Logins at once: each costs the server a process and both sides a key derivation. */
const MOST_OPENING = 4

/** Milliseconds after which a running statement counts as slow: nothing more is sent behind it. */
export const SLOW_MS = 5

/** Milliseconds that a connection may take to say good-bye. */
const CLOSE_MS = 5_000

/**
 * Milliseconds that a connection may have been idle and still be given away unasked. What lies between us and a server
 * forgets quiet connections without a word, and so does a machine that has slept.
 */
const TRUSTED_MS = 60_000

/** Counts for `getStats`. */
export interface MemberCounts {
  readonly created: number
  readonly closed: number
}

/**
 * The connections of a pool, who waits for one, and who gets which. It opens connections when they are wanted, as many
 * as there may be, and lets them go when their time is over.
 */
export class Members {
  readonly #settings: PoolSettings
  readonly #io: MembersIo
  /** All that take a place, those that are closing included. */
  readonly #all = new Set<Member>()
  /** The one that was used last comes first, so that the others grow old. */
  readonly #idle: Member[] = []
  readonly #shared = new Set<Member>()
  /** Who waits, with the order in which they came. */
  readonly #wholes = new Map<Demand, number>()
  readonly #shareds = new Map<Demand, number>()
  readonly #backoff: Backoff
  readonly #abort = new AbortController()
  #order = 0
  #opening = 0
  #checking = 0
  #leaving = 0
  #generation = 0
  #created = 0
  #closed = 0
  #isClosing = false
  /** Calls share connections more than they would if there were another one. */
  #isCrowded = false
  /** Why the last connection could not be opened, until one could. */
  #outage: unknown
  #retry: ReturnType<typeof setTimeout> | undefined
  #emptied: (() => void) | undefined
  /** Called when a connection has ended. */
  onEnded: ((member: Member) => void) | undefined

  constructor(settings: PoolSettings, io: MembersIo) {
    this.#settings = settings
    this.#io = io
    this.#backoff = new Backoff(io.random)
  }

  /** Connected ones, without those that are leaving. */
  get size(): number {
    return this.#all.size - this.#leaving
  }

  get idle(): number {
    return this.#idle.length
  }

  get waiting(): number {
    return this.#wholes.size + this.#shareds.size
  }

  get counts(): MemberCounts {
    return { created: this.#created, closed: this.#closed }
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Why no connection could be opened lately. */
  get outage(): unknown {
    return this.#outage
  }

  all(): Iterable<Member> {
    return this.#all
  }

  /** A connection for one caller alone, if one is free and nobody waits for it. */
  takeWhole(): Member | undefined {
    return this.waiting === 0 ? this.#takeIdle() : undefined
  }

  /** A connection to send one more call on, if there is one and nobody waits for it. The call is counted. */
  takeShared(): Member | undefined {
    if (this.#shareds.size > 0) return undefined
    const member = this.#pickShared()
    if (this.#isCrowded) this.#grow()
    return member
  }

  /** @throws InterfaceError when too many wait. */
  wait(demand: Demand): void {
    const { maxWaiting, maxSize } = this.#settings
    const opened = maxSize - this.#all.size
    if (this.waiting - opened >= maxWaiting) {
      throw new InterfaceError(
        `cannot wait for a connection: ${this.waiting} callers wait already, and maxWaiting is ${maxWaiting}`,
        { hint: 'raise maxSize if the server can take more connections, or shed load' },
      )
    }
    const queue = demand.isWhole ? this.#wholes : this.#shareds
    queue.set(demand, this.#order++)
    this.#retry?.ref?.()
    this.#serve()
  }

  /** Somebody waits no more. */
  withdraw(demand: Demand): void {
    if (this.#wholes.delete(demand)) this.#claim()
    this.#shareds.delete(demand)
  }

  /** Who had a connection alone gives it back. */
  giveBack(member: Member): void {
    if (member.use !== 'whole') return
    this.#rest(member)
    this.#serve()
  }

  /** A call that shared a connection is complete. */
  complete(member: Member): void {
    member.inFlight--
    if (member.use !== 'shared') return
    member.runningSince = this.#io.now()
    if (member.inFlight === 0) {
      this.#shared.delete(member)
      member.isClaimed = false
      this.#rest(member)
    }
    if (this.waiting > 0) this.#serve()
  }

  /** A connection that is of no more use is closed, and another one opened where it is wanted. */
  leave(member: Member): void {
    if (member.use === 'leaving' || !this.#all.has(member)) return
    this.#forget(member)
    member.use = 'leaving'
    this.#leaving++
    member.connection.close({ timeout: CLOSE_MS }).catch(() => member.connection.terminate())
  }

  /** Those that are open now are replaced, each when nobody uses it. */
  expire(): void {
    this.#generation++
    for (const member of [...this.#idle]) this.leave(member)
    this.#serve()
  }

  /** Lets those go that are idle for long enough, or old, and opens what is missing. */
  sweep(): void {
    const now = this.#io.now()
    for (const member of [...this.#idle]) {
      const isUnused = now - member.idleSince >= this.#settings.maxIdle && this.size > this.#settings.minSize
      if (isUnused || this.#isSpent(member)) this.leave(member)
    }
    this.#serve()
  }

  /** Opens `minSize` connections: the first one alone, so that wrong settings show. Rejects when one cannot be. */
  async fill(): Promise<void> {
    const { minSize } = this.#settings
    if (minSize === 0) return
    const first = await this.#open().catch((error) => {
      throw this.#io.reason(error)
    })
    this.#add(first)
    const others = await Promise.allSettled(Array.from({ length: minSize - 1 }, () => this.#open()))
    for (const other of others) if (other.status === 'fulfilled') this.#add(other.value)
    const failed = others.find((other) => other.status === 'rejected')
    if (failed !== undefined) throw this.#io.reason(failed.reason)
  }

  /** Refuses all that wait, and resolves when every connection is closed. */
  close(refusal: () => Error): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#retry)
    this.#abort.abort(refusal())
    for (const queue of [this.#wholes, this.#shareds]) {
      const demands = [...queue.keys()]
      queue.clear()
      for (const demand of demands) demand.fail(refusal())
    }
    for (const member of [...this.#idle]) this.leave(member)
    if (this.#isEmpty) return Promise.resolve()
    return new Promise((resolve) => {
      const before = this.#emptied
      this.#emptied = () => {
        before?.()
        resolve()
      }
    })
  }

  terminate(refusal: () => Error): void {
    this.close(refusal)
    for (const member of [...this.#all]) member.connection.terminate()
  }

  get #isEmpty(): boolean {
    return this.#all.size === 0 && this.#opening === 0
  }

  /** Nobody uses it any more. */
  #rest(member: Member): void {
    if (this.#isClosing || this.#isSpent(member)) return this.leave(member)
    member.use = 'idle'
    member.idleSince = this.#io.now()
    member.idleSinceDate = this.#io.date()
    this.#idle.push(member)
  }

  #isSpent(member: Member): boolean {
    return (
      member.generation !== this.#generation ||
      member.calls >= this.#settings.maxQueries ||
      member.retiresAt <= this.#io.now() ||
      !this.#io.fits(member.connection)
    )
  }

  #takeIdle(): Member | undefined {
    for (;;) {
      const member = this.#idle.at(-1)
      if (member === undefined) return undefined
      if (this.#isSpent(member)) {
        this.leave(member)
        continue
      }
      this.#idle.pop()
      member.use = 'whole'
      if (!this.#isDoubtful(member)) return member
      this.#check(member)
    }
  }

  #isDoubtful({ idleSince, idleSinceDate }: Member): boolean {
    return this.#io.now() - idleSince > TRUSTED_MS || this.#io.date() - idleSinceDate > TRUSTED_MS
  }

  /** It is given away when the server has answered, and replaced otherwise. */
  async #check(member: Member): Promise<void> {
    this.#checking++
    const isAlive = await this.#io.check(member.connection)
    this.#checking--
    if (isAlive) this.#rest(member)
    this.#serve()
  }

  /** The one with the least in flight. */
  #pickShared(): Member | undefined {
    const now = this.#io.now()
    let best = this.#takeIdle()
    if (best !== undefined) {
      best.use = 'shared'
      best.runningSince = now
      this.#shared.add(best)
    } else {
      this.#isCrowded = true
      for (const member of this.#shared) {
        if (member.isClaimed || member.inFlight >= this.#settings.maxInFlight) continue
        if (now - member.runningSince > SLOW_MS) continue
        if (best === undefined || member.inFlight < best.inFlight) best = member
      }
    }
    if (best !== undefined) best.inFlight++
    return best
  }

  /** Gives what is free to who waits, in the order in which they came, and opens what is missing. */
  #serve(): void {
    for (;;) {
      const whole = first(this.#wholes)
      const shared = first(this.#shareds)
      const isWholesTurn = whole !== undefined && (shared === undefined || whole[1] < shared[1])
      if (!(isWholesTurn ? this.#giveWhole(whole) : this.#giveShared(shared))) {
        // Who came later may still get what is of no use to the first.
        if (!(isWholesTurn ? this.#giveShared(shared) : this.#giveWhole(whole))) break
      }
    }
    this.#claim()
    this.#grow()
  }

  #giveWhole(entry: Entry | undefined): boolean {
    if (entry === undefined) return false
    const member = this.#takeIdle()
    if (member === undefined) return false
    this.#wholes.delete(entry[0])
    entry[0].give(member)
    return true
  }

  #giveShared(entry: Entry | undefined): boolean {
    if (entry === undefined) return false
    const member = this.#pickShared()
    if (member === undefined) return false
    this.#shareds.delete(entry[0])
    entry[0].give(member)
    return true
  }

  /** As many shared connections are kept for those who wait for a whole one; they get them when they are drained. */
  #claim(): void {
    let missing = this.#wholes.size
    const free: Member[] = []
    for (const member of this.#shared) {
      if (!member.isClaimed) free.push(member)
      else if (missing > 0) missing--
      else member.isClaimed = false
    }
    if (missing === 0 || free.length === 0) return
    free.sort((one, other) => one.inFlight - other.inFlight)
    for (const member of free.slice(0, missing)) member.isClaimed = true
  }

  /** Opens connections: for each who waits, for calls that share too few, and up to `minSize`. */
  #grow(): void {
    if (this.#isClosing || this.#retry !== undefined) return
    const { minSize, maxSize } = this.#settings
    const forCalls = this.#shareds.size > 0 || this.#isCrowded ? 1 : 0
    this.#isCrowded = false
    // One that is being checked is likely to be there for one of them.
    const wanted = Math.max(this.#wholes.size + forCalls - this.#checking, minSize - this.size)
    const most = Math.min(wanted, MOST_OPENING)
    while (this.#opening < most && this.#all.size + this.#opening < maxSize) this.#openOne()
  }

  async #openOne(): Promise<void> {
    try {
      this.#add(await this.#open())
      this.#backoff.succeeded()
      this.#outage = undefined
    } catch (error) {
      if (!this.#isClosing) this.#failed(error)
    }
    if (!this.#isClosing) this.#serve()
  }

  async #open(): Promise<Member> {
    this.#opening++
    const generation = this.#generation
    let member: Member | undefined
    let isGone = false
    const ended = (): void => {
      isGone = true
      if (member !== undefined) this.#ended(member)
    }
    try {
      const connection = await this.#io.open(this.#abort.signal, ended)
      const now = this.#io.now()
      const lifetime = this.#settings.maxLifetime * (0.9 + this.#io.random() / 10)
      member = new Member(connection, generation, now + lifetime)
      this.#all.add(member)
      this.#created++
      if (isGone) this.#ended(member)
      return member
    } finally {
      this.#opening--
      this.#checkEmpty()
    }
  }

  /** A new one joins the idle ones, unless it is gone already. */
  #add(member: Member): void {
    if (this.#all.has(member)) this.#rest(member)
  }

  /**
   * A connection could not be opened. What is the server's reason is that of all who wait, unless there are other
   * connections, for which they can wait. What is the program's own, such as a hook that throws, is that of the first.
   */
  #failed(error: unknown): void {
    const isOutage = this.#io.isOutage(error)
    if (isOutage) this.#outage = error
    const everybody = [...this.#wholes, ...this.#shareds].sort((one, other) => one[1] - other[1])
    const victims = !isOutage ? everybody.slice(0, 1) : this.size === 0 ? everybody : []
    for (const [demand] of victims) {
      this.withdraw(demand)
      demand.fail(this.#io.reason(error))
    }
    if (!isOutage && victims.length > 0) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#serve()
    }, this.#backoff.failed())
    // Who waits for the server to come back keeps the process; an idle pool does not.
    if (this.waiting === 0) this.#retry.unref?.()
  }

  #ended(member: Member): void {
    if (!this.#all.has(member)) return
    if (member.use === 'leaving') this.#leaving--
    this.#forget(member)
    member.use = 'leaving'
    this.#all.delete(member)
    this.#closed++
    this.onEnded?.(member)
    this.#checkEmpty()
    if (!this.#isClosing) this.#serve()
  }

  #forget(member: Member): void {
    this.#shared.delete(member)
    const at = this.#idle.indexOf(member)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  #checkEmpty(): void {
    if (this.#isClosing && this.#isEmpty) this.#emptied?.()
  }
}

type Entry = [demand: Demand, order: number]

function first(queue: Map<Demand, number>): Entry | undefined {
  if (queue.size === 0) return undefined
  return queue.entries().next().value
}
