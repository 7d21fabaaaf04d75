import type { Member } from './member.ts'
import { Pace } from './pace.ts'

/** One in so many of the connections that calls share is taken out of use at a time, to be replaced. */
const RETIRING_PART = 4

/** Connections that nobody uses, and all that are open. */
export interface Reserve {
  readonly idle: number
  readonly size: number
  takeIdle(): Member | undefined
}

/** The connections that calls share, and which of them gets the next call. */
export class Sharing {
  readonly pace: Pace = new Pace()
  readonly #maxInFlight: number
  readonly #reserve: Reserve
  readonly #members = new Set<Member>()
  /** Calls that are not complete. */
  #inFlight = 0
  /** The connection that got the last call. */
  #last: Member | undefined
  /** Calls share connections more than they would if there were another one. */
  isCrowded = false

  constructor(maxInFlight: number, reserve: Reserve) {
    this.#maxInFlight = maxInFlight
    this.#reserve = reserve
  }

  /** A connection to send one more call on, which is counted. `now` is in milliseconds. */
  pick(now: number): Member | undefined {
    const member = this.#joinLast(now) ?? this.#start(now) ?? this.#leastLoaded(now)
    if (member === undefined) return undefined
    member.inFlight++
    member.sharedAt = now
    this.#inFlight++
    this.#last = member
    return member
  }

  /** A call is complete; gives for how long it ran, in milliseconds. */
  complete(member: Member, sharedAt: number, now: number): number {
    const duration = now - Math.max(sharedAt, member.runningSince)
    member.runningSince = now
    member.inFlight--
    this.#inFlight--
    this.pace.took(duration)
    return duration
  }

  /** Nothing is in flight on it any more, or it has ended. */
  delete(member: Member): void {
    this.#members.delete(member)
    member.isClaimed = false
  }

  /** Keeps `wanted` connections for those who wait for a whole one, who get them once nothing is in flight on them. */
  claim(wanted: number): void {
    let missing = wanted
    const free: Member[] = []
    for (const member of this.#members) {
      if (member.isRetiring) continue
      if (!member.isClaimed) free.push(member)
      else if (missing > 0) missing--
      else member.isClaimed = false
    }
    if (missing === 0 || free.length === 0) return
    free.sort((one, other) => one.inFlight - other.inFlight)
    for (const member of free.slice(0, missing)) member.isClaimed = true
  }

  /**
   * Calls may never leave a connection alone. One that is to be replaced takes no more of them, and is closed when those
   * in flight are complete: at once where its server is of the wrong kind, else a part of all at a time, so that calls
   * find others meanwhile.
   */
  retire(isUnfit: (member: Member) => boolean, isSpent: (member: Member) => boolean): void {
    const most = Math.ceil(this.#members.size / RETIRING_PART)
    let retiring = 0
    for (const member of this.#members) if (member.isRetiring) retiring++
    for (const member of this.#members) {
      if (member.isRetiring || !(isUnfit(member) || (retiring < most && isSpent(member)))) continue
      member.isRetiring = true
      retiring++
    }
  }

  /**
   * The one that got the last call, as long as it has no more in flight than all have in the mean, and less where another one
   * is free. Calls that are made together so go out on few connections: each that gets one costs a wake-up, a write and a
   * read, here and at the server.
   */
  #joinLast(now: number): Member | undefined {
    const last = this.#last
    if (last === undefined || last.use !== 'shared') return undefined
    const { idle, size } = this.#reserve
    const inFlight = idle > 0 ? last.inFlight + 1 : last.inFlight
    if (inFlight * size > this.#inFlight || !this.#takesMore(last, now)) return undefined
    if (idle === 0) this.isCrowded = true
    return last
  }

  /** One that nobody uses. */
  #start(now: number): Member | undefined {
    const member = this.#reserve.takeIdle()
    if (member === undefined) return undefined
    member.use = 'shared'
    member.runningSince = now
    this.#members.add(member)
    return member
  }

  #leastLoaded(now: number): Member | undefined {
    this.isCrowded = true
    let best: Member | undefined
    for (const member of this.#members) {
      if (!this.#takesMore(member, now)) continue
      if (best === undefined || member.inFlight < best.inFlight) best = member
    }
    return best
  }

  /** Whether one more call may be sent behind those that share it. */
  #takesMore({ isClaimed, isRetiring, inFlight, runningSince }: Member, now: number): boolean {
    if (isClaimed || isRetiring || inFlight >= this.#maxInFlight) return false
    return now - runningSince <= this.pace.slowMs
  }
}
