import type { Pending } from './pending.ts'

/** What waits for records, by the number of its request. A number is free again once the last record was read. */
export class Requests {
  readonly #pending: (Pending | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#pending.length - this.#free.length
  }

  add(pending: Pending<any>): number {
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
}
