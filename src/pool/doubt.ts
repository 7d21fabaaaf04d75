import type { Member } from './member.ts'
import type { MembersIo } from './members-io.ts'

/**
 * Milliseconds that a connection may have been idle and still be given away unasked. What lies between us and a server
 * forgets quiet connections without a word, and so does a machine that has slept.
 */
const TRUSTED_MS = 60_000

/** Milliseconds without a sign of life of this process after which it has stood still, and none is trusted. */
const FROZEN_MS = 5_000

/** Which idle connections are asked whether they live before they are given away. */
export class Doubt {
  readonly #io: Pick<MembersIo, 'now' | 'date'>
  #aliveAt: number
  #aliveAtDate: number

  constructor(io: Pick<MembersIo, 'now' | 'date'>) {
    this.#io = io
    this.#aliveAt = io.now()
    this.#aliveAtDate = io.date()
  }

  /** A sign of life of this process, which comes every second; `idle` are those that may have been lost meanwhile. */
  alive(idle: readonly Member[]): void {
    for (const member of idle) member.isDoubted ||= this.isDoubtful(member)
    this.#aliveAt = this.#io.now()
    this.#aliveAtDate = this.#io.date()
  }

  /** Nobody uses it from now on. */
  trust(member: Member): void {
    member.isDoubted = false
    member.idleSince = this.#io.now()
    member.idleSinceDate = this.#io.date()
  }

  isDoubtful({ idleSince, idleSinceDate, isDoubted }: Member): boolean {
    if (isDoubted) return true
    const now = this.#io.now()
    const date = this.#io.date()
    return (
      now - idleSince > trusted(now - this.#aliveAt) ||
      date - idleSinceDate > trusted(date - this.#aliveAtDate)
    )
  }
}

/** For how long an idle connection is trusted, by the time since the last sign of life. */
function trusted(silence: number): number {
  return silence > FROZEN_MS ? FROZEN_MS : TRUSTED_MS
}
