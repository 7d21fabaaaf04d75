import type { Chunk } from './codec.ts'
import type { Shape } from './decoder.ts'
import type { Field } from './record.ts'

/** What waits for a record: a call, a close, an attempt to connect. */
export interface Pending {
  /** The number of its session. */
  readonly session: number
  /** Rows of a chunk that begin at `word`. May throw: the call is then rejected with it. */
  rows(shape: Shape | undefined, rows: number, word: number, chunk: Chunk): void
  /** All rows have come. */
  complete(tag: string): void
  failed(kind: number, fields: readonly Field[]): void
  /** Something of its result could not be made into JavaScript values. */
  broken(error: unknown): void
  /** It ended without a result. */
  done(): void
}

/** The waiting by their number. A number is free again once the last record of its request was read. */
export class Slots {
  readonly #slots: (Pending | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#slots.length - this.#free.length
  }

  add(pending: Pending): number {
    const number = this.#free.pop()
    if (number === undefined) return this.#slots.push(pending) - 1
    this.#slots[number] = pending
    return number
  }

  get(number: number): Pending | undefined {
    return this.#slots[number]
  }

  release(number: number): void {
    if (this.#slots[number] === undefined) return
    this.#slots[number] = undefined
    this.#free.push(number)
  }

  /** Releases all of a session, or all there are, and gives them. */
  sweep(session?: number): Pending[] {
    const swept: Pending[] = []
    for (const [number, pending] of this.#slots.entries()) {
      if (pending === undefined || (session !== undefined && pending.session !== session)) continue
      this.release(number)
      swept.push(pending)
    }
    return swept
  }
}
