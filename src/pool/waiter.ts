import { onAbort } from '../abort.ts'
import type { CallLimits } from '../call-options.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import type { Demand } from './demands.ts'
import { LONGEST_DELAY } from './limits.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'

/** Somebody who waits for a connection of a pool, until there is one, the time is up, or it is aborted. */
export class Waiter implements Demand {
  readonly isWhole: boolean
  readonly hasEnd: boolean
  /** Gives nothing when the time is up. */
  readonly promise: Promise<Member | undefined>
  readonly #members: Members
  #resolve!: (member: Member | undefined) => void
  #reject!: (error: unknown) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #unlisten: (() => void) | undefined

  constructor(members: Members, isWhole: boolean, limits: CallLimits) {
    this.isWhole = isWhole
    this.hasEnd = limits.timeout !== undefined && limits.timeout !== null
    this.#members = members
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { timeout, signal } = limits
    if (signal !== undefined) this.#unlisten = onAbort(signal, () => this.#abort(signal.reason))
    if (timeout !== undefined && timeout !== null && timeout <= LONGEST_DELAY) {
      this.#timer = setTimeout(() => this.#timeOut(), timeout)
    }
    try {
      members.wait(this)
    } catch (error) {
      this.fail(error)
    }
  }

  give(member: Member): void {
    this.#end()
    this.#resolve(member)
  }

  fail(error: unknown): void {
    this.#end()
    this.#reject(error)
  }

  #abort(reason: unknown): void {
    this.#members.withdraw(this)
    this.fail(reason)
  }

  #timeOut(): void {
    this.#members.withdraw(this)
    this.#end()
    this.#resolve(undefined)
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#unlisten?.()
  }
}
