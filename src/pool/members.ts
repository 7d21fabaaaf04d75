import { copyOf } from '../errors/copy.ts'
import { InterfaceError } from '../errors/index.ts'
import { type Demand, Demands } from './demands.ts'
import { Doubt } from './doubt.ts'
import { Member } from './member.ts'
import type { MembersIo } from './members-io.ts'
import { Openings } from './openings.ts'
import type { Pace } from './pace.ts'
import type { PoolSettings } from './pool-options.ts'
import { type Reserve, Sharing } from './sharing.ts'

/** Milliseconds that a connection may take to say good-bye. */
const CLOSE_MS = 5_000

/** A connection that is lost within so many milliseconds, without use, is as good as one that could not be opened. */
const EARLY_MS = 1_000

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
  readonly #sharing: Sharing
  readonly #demands = new Demands()
  readonly #openings: Openings
  readonly #doubt: Doubt
  #checking = 0
  #leaving = 0
  #generation = 0
  #created = 0
  #closed = 0
  /** `createPool` waits for the first connections. */
  #isFilling = false
  #isClosing = false
  #emptied: (() => void) | undefined
  /** Called when a connection has ended. */
  onEnded: ((member: Member) => void) | undefined

  constructor(settings: PoolSettings, io: MembersIo) {
    this.#settings = settings
    this.#io = io
    this.#doubt = new Doubt(io)
    this.#sharing = new Sharing(settings.maxInFlight, this.#reserve())
    this.#openings = new Openings(io, {
      opened: (connection, generation) => this.#opened(connection, generation),
      ended: (connection) => this.#ended(connection),
      failed: (error) => this.#failed(error),
      changed: () => {
        this.#checkEmpty()
        this.#serve()
      },
    })
  }

  /** What calls take lately. */
  get pace(): Pace {
    return this.#sharing.pace
  }

  /** Connected ones, without those that are leaving. */
  get size(): number {
    return this.#all.size - this.#leaving
  }

  /** Attempts to open one that are under way. */
  get opening(): number {
    return this.#openings.count
  }

  get idle(): number {
    return this.#idle.length
  }

  get waiting(): number {
    return this.#demands.size
  }

  get counts(): MemberCounts {
    return { created: this.#created, closed: this.#closed }
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Why no connection could be opened lately. */
  get outage(): unknown {
    return this.#openings.outage
  }

  /** A connection for one caller alone, if one is free and nobody waits for it. */
  takeWhole(): Member | undefined {
    return this.waiting === 0 ? this.#takeIdle() : undefined
  }

  /** A connection to send one more call on, if there is one and nobody waits for it. The call is counted. */
  takeShared(): Member | undefined {
    if (this.#demands.shareds > 0) return undefined
    const member = this.#sharing.pick(this.#io.now())
    if (this.#sharing.isCrowded) this.#grow()
    return member
  }

  /** @throws InterfaceError when too many wait. */
  wait(demand: Demand): void {
    const { maxWaiting, maxSize } = this.#settings
    // So many get one soon: nobody uses a connection that leaves, or is asked whether it lives.
    const places = maxSize - (this.size - this.idle - this.#checking)
    if (this.waiting - places >= maxWaiting) {
      throw new InterfaceError(
        `cannot wait for a connection: ${this.waiting} callers wait already, and maxWaiting is ${maxWaiting}`,
        { hint: 'raise maxSize if the server can take more connections, or shed load' },
      )
    }
    this.#demands.add(demand)
    this.#tellAwaited()
    this.#serve()
  }

  /** Somebody waits no more. */
  withdraw(demand: Demand): void {
    this.#demands.delete(demand)
    this.#sharing.claim(this.#demands.wholes)
    this.#tellAwaited()
  }

  /** Who had a connection alone gives it back. */
  giveBack(member: Member): void {
    if (member.use !== 'whole') return
    this.#rest(member)
    this.#serve()
  }

  /** A call that shared a connection is complete; gives for how long it ran, in milliseconds. */
  complete(member: Member, sharedAt: number): number {
    const duration = this.#sharing.complete(member, sharedAt, this.#io.now())
    if (member.use !== 'shared') return duration
    if (member.inFlight === 0) {
      this.#sharing.delete(member)
      this.#rest(member)
    }
    if (this.waiting > 0) this.#serve()
    return duration
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
    this.#retire()
    this.#serve()
  }

  /** Lets those go that are idle for long enough, or old, and opens what is missing. */
  sweep(): void {
    this.#doubt.alive(this.#idle)
    const now = this.#io.now()
    for (const member of [...this.#idle]) {
      const isUnused = now - member.idleSince >= this.#settings.maxIdle && this.size > this.#settings.minSize
      if (isUnused || this.#isSpent(member)) this.leave(member)
    }
    this.#retire()
    this.#serve()
  }

  /** Opens `minSize` connections: the first one alone, so that wrong settings show. Rejects when one cannot be. */
  async fill(): Promise<void> {
    const missing = (): number => this.#settings.minSize - this.size
    this.#isFilling = true
    this.#tellAwaited()
    try {
      if (missing() > 0) await this.#openings.open(this.#generation)
      while (missing() > 0 && !this.#isClosing) {
        const count = Math.max(1, Math.min(missing(), this.#openings.room))
        const open = (): Promise<void> => this.#openings.open(this.#generation)
        const ends = await Promise.allSettled(Array.from({ length: count }, open))
        const failed = ends.find((end) => end.status === 'rejected')
        if (failed !== undefined) throw failed.reason
      }
    } catch (error) {
      throw this.#io.reason(error)
    } finally {
      this.#isFilling = false
      this.#tellAwaited()
    }
  }

  /** Refuses all that wait, and resolves when every connection is closed. */
  close(refusal: () => Error): Promise<void> {
    this.#isClosing = true
    this.#openings.end(refusal())
    this.#demands.fail(this.waiting, refusal)
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
    return this.#all.size === 0 && this.#openings.count + this.#openings.dropping === 0
  }

  /** Nobody uses it any more. */
  #rest(member: Member): void {
    if (this.#isClosing || member.isRetiring || this.#isSpent(member)) return this.leave(member)
    member.use = 'idle'
    this.#doubt.trust(member)
    this.#idle.push(member)
  }

  #isSpent(member: Member): boolean {
    return (
      member.generation !== this.#generation ||
      member.queries >= this.#settings.maxQueries ||
      (member.retiresAt !== Number.POSITIVE_INFINITY && member.retiresAt <= this.#io.now()) ||
      !this.#io.fits(member.connection) ||
      this.#io.isEnding(member.connection)
    )
  }

  #retire(): void {
    this.#sharing.retire(
      ({ connection }) => !this.#io.fits(connection),
      (member) => this.#isSpent(member),
    )
  }

  #reserve(): Reserve {
    const members = this
    return {
      get idle() {
        return members.#idle.length
      },
      get size() {
        return members.size
      },
      takeIdle: () => this.#takeIdle(),
    }
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
      if (!this.#doubt.isDoubtful(member)) return member
      this.#check(member)
    }
  }

  /** It is given away when the server has answered, and replaced otherwise. */
  async #check(member: Member): Promise<void> {
    this.#checking++
    const isAlive = await this.#io.check(member.connection)
    this.#checking--
    // It may have ended since.
    if (isAlive && member.use === 'whole') this.#rest(member)
    this.#serve()
  }

  /** Gives what is free to who waits, and opens what is missing. */
  #serve(): void {
    if (this.#isClosing) return
    this.#demands.serve((isWhole) => (isWhole ? this.#takeIdle() : this.#sharing.pick(this.#io.now())))
    this.#sharing.claim(this.#demands.wholes)
    this.#tellAwaited()
    this.#grow()
  }

  /** Who waits for a connection keeps the process while one is opened, and so does who waits for the pool. */
  #tellAwaited(): void {
    this.#openings.isAwaited = this.#isFilling || this.waiting > 0
  }

  /** Opens connections: for each who waits, for calls that share too few, and up to `minSize`. */
  #grow(): void {
    if (this.#isFilling) return
    const { minSize, maxSize } = this.#settings
    const forCalls = this.#demands.shareds > 0 || this.#sharing.isCrowded ? 1 : 0
    this.#sharing.isCrowded = false
    // One that is being checked, or opened, is likely to be there for one of them.
    const coming = this.#checking + this.#openings.count
    const wanted = Math.max(
      this.#demands.wholes + forCalls - coming,
      minSize - this.size - this.#openings.count,
    )
    const places = maxSize - this.#all.size - this.#openings.count - this.#openings.dropping
    const count = Math.min(wanted, places, this.#openings.room)
    for (let n = 0; n < count; n++) this.#openings.begin(this.#generation)
  }

  #opened(connection: Member['connection'], generation: number): void {
    const lifetime = this.#settings.maxLifetime * (0.9 + this.#io.random() / 10)
    const member = new Member(connection, generation, this.#io.now() + lifetime, this.#refused)
    this.#all.add(member)
    this.#created++
    this.#rest(member)
    // In its place another one may go.
    this.#retire()
  }

  /** Its server was demoted, and nothing but the refusal of a write tells so: behind a pooler. All look for another one. */
  readonly #refused = ({ connection, generation }: Member): void => {
    if (generation === this.#generation && this.#io.isBlind(connection)) this.expire()
  }

  /**
   * A connection could not be opened. What is the server's reason is that of all who wait, unless there are other
   * connections, for which they can wait; or it may pass, and they have a time limit of their own. What is the program's
   * own, such as a hook that throws, is that of the first.
   */
  #failed(error: unknown): boolean {
    const isOutage = this.#io.isOutage(error)
    const all = this.size === 0 ? this.waiting : 0
    const count = isOutage ? all : Math.min(1, this.waiting)
    // One for each of them: what it says of a call is said of one.
    const own = (): unknown => (error instanceof Error && isOutage ? copyOf(error) : this.#io.reason(error))
    this.#demands.fail(count, own, isOutage && this.#io.mayPass(error))
    return !isOutage && count > 0
  }

  #ended(connection: Member['connection']): void {
    const member = [...this.#all].find((one) => one.connection === connection)
    if (member === undefined) return
    if (member.use === 'leaving') this.#leaving--
    const isUnused = member.use === 'idle' && member.calls === 0
    this.#openings.lost(isUnused && this.#io.now() - member.idleSince < EARLY_MS)
    this.#forget(member)
    member.use = 'leaving'
    this.#all.delete(member)
    this.#closed++
    this.onEnded?.(member)
    this.#checkEmpty()
    this.#serve()
  }

  #forget(member: Member): void {
    this.#sharing.delete(member)
    const at = this.#idle.indexOf(member)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  #checkEmpty(): void {
    if (this.#isClosing && this.#isEmpty) this.#emptied?.()
  }
}
