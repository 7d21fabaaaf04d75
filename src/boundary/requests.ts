import type { Pending } from './pending.ts'

/** What waits for records, by the number of its request. A number is free again once the last record was read. */
export class Requests {
  readonly #pending: (Pending | undefined)[] = []
  readonly #free: number[] = []
  /** Sessions whose requests nobody waits for. */
  readonly #unawaited = new Set<number>()
  /** How many requests those have. */
  #uncounted = 0

  get size(): number {
    return this.#pending.length - this.#free.length
  }

  /** How many requests somebody waits for. */
  get awaited(): number {
    return this.size - this.#uncounted
  }

  /** Whether somebody waits for the requests of a session, those that are pending and further ones. At first it is so. */
  setAwaited(session: number, isAwaited: boolean): void {
    if (isAwaited !== this.#unawaited.has(session)) return
    if (isAwaited) this.#unawaited.delete(session)
    else this.#unawaited.add(session)
    const count = this.#pending.filter((pending) => pending?.session === session).length
    this.#uncounted += isAwaited ? -count : count
  }

  add(pending: Pending<any>): number {
    if (this.#isUncounted(pending)) this.#uncounted++
    const number = this.#free.pop()
    if (number === undefined) return this.#pending.push(pending) - 1
    this.#pending[number] = pending
    return number
  }

  get(number: number): Pending | undefined {
    return this.#pending[number]
  }

  release(number: number): void {
    const pending = this.#pending[number]
    if (pending === undefined) return
    this.#pending[number] = undefined
    this.#free.push(number)
    if (this.#isUncounted(pending)) this.#uncounted--
    pending.released()
  }

  /** Releases those of a session, or all there are, and gives them in the order of their numbers. */
  sweep(session?: number): Pending[] {
    const swept: Pending[] = []
    for (const [number, pending] of this.#pending.entries()) {
      if (pending === undefined || (session !== undefined && pending.session !== session)) continue
      this.release(number)
      swept.push(pending)
    }
    return swept
  }

  #isUncounted({ session }: Pending<any>): boolean {
    return this.#unawaited.size > 0 && this.#unawaited.has(session)
  }
}
