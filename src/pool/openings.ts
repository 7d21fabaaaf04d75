import type { Connection } from '../connection.ts'
import { LoopReference } from '../loop-reference.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { Backoff } from './backoff.ts'
import type { MembersIo } from './members-io.ts'

/** Logins at once: each costs the server a process, and both sides a key derivation. */
const MOST_AT_ONCE = 4

/** Connections that may be lost early, one after the other, before the next attempts are put off. */
const MOST_LOST = 10

/** What openings tell of themselves. */
export interface OpeningsOwner {
  /** A connection is open. `ended` is called when it is gone; it is asked for before that. */
  opened(connection: Connection, generation: number): void
  ended(connection: Connection): void
  /** One could not be opened. Gives whether somebody was told, so that the next attempt need not be put off. */
  failed(error: unknown): boolean
  /** An attempt is over, or may be made again. */
  changed(): void
}

/** Opens the connections of a pool: few at a time, and more rarely while that fails. */
export class Openings {
  readonly #io: MembersIo
  readonly #owner: OpeningsOwner
  readonly #backoff: Backoff
  readonly #losses: Backoff
  #lost = 0
  readonly #abort = new AbortController()
  readonly #reference = new LoopReference(false)
  #retry: ReturnType<typeof setTimeout> | undefined
  #isEnded = false
  /** Attempts under way. */
  count = 0
  /** Connections that came of attempts which failed, and are not closed yet. */
  dropping = 0
  /** Why the last connection could not be opened, until one could. */
  outage: unknown

  constructor(io: MembersIo, owner: OpeningsOwner) {
    this.#io = io
    this.#owner = owner
    this.#backoff = new Backoff(io.random)
    this.#losses = new Backoff(io.random)
  }

  /** How many more may be begun now. */
  get room(): number {
    if (this.#isEnded || this.#retry !== undefined) return 0
    // One asks whether the server is back; the others follow when it is.
    return (this.outage === undefined ? MOST_AT_ONCE : 1) - this.count
  }

  /** Begins to open one. */
  async begin(generation: number): Promise<void> {
    try {
      await this.open(generation)
    } catch (error) {
      if (!this.#isEnded && !this.#owner.failed(error)) {
        this.#putOff(this.#backoff, this.#io.mayPass(error))
      }
    }
    this.#owner.changed()
  }

  /** Opens one now, and tells its owner. */
  async open(generation: number): Promise<void> {
    this.count++
    let opened: Connection | undefined
    let isGone = false
    try {
      const connection = await this.#io.open(this.#abort.signal, this.#reference, () => {
        isGone = true
        if (opened !== undefined) this.#owner.ended(opened)
      })
      opened = connection
      this.#backoff.succeeded()
      this.outage = undefined
      this.#owner.opened(connection, generation)
      if (isGone) this.#owner.ended(connection)
    } catch (error) {
      if (this.#io.isOutage(error)) this.outage = error
      this.#await(this.#io.dropped(error))
      throw error
    } finally {
      this.count--
    }
  }

  /**
   * A connection has ended, perhaps early: soon after it was opened, before anybody had it. A server that ends one after the
   * other so is asked more rarely, as one that cannot be reached: their opening alone keeps nobody from opening the next.
   */
  lost(isEarly: boolean): void {
    this.#lost = isEarly ? this.#lost + 1 : 0
    if (!isEarly) this.#losses.succeeded()
    else if (this.#lost > MOST_LOST && !this.#isEnded) this.#putOff(this.#losses, true)
  }

  /** Whether somebody waits, who keeps the process for attempts under way and the next one. An idle pool does not. */
  set isAwaited(isAwaited: boolean) {
    this.#reference.isHeld = isAwaited
    if (isAwaited) this.#retry?.ref?.()
    else this.#retry?.unref?.()
  }

  /** Gives up what is under way, for this reason. */
  end(reason: unknown): void {
    this.#isEnded = true
    clearTimeout(this.#retry)
    this.#abort.abort(reason)
  }

  /** Until then it takes a place, of the pool's and of the server's. */
  async #await(dropped: Promise<void> | undefined): Promise<void> {
    if (dropped === undefined) return
    this.dropping++
    await dropped
    this.dropping--
    this.#owner.changed()
  }

  /** Puts the next attempt off. Attempts that were made together count as one. */
  #putOff(backoff: Backoff, mayPass: boolean): void {
    if (this.#retry !== undefined) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#owner.changed()
    }, backoff.failed(mayPass))
    if (!this.#reference.isHeld) this.#retry.unref?.()
  }
}
