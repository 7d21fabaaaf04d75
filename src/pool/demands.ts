import type { Member } from './member.ts'

/** Who waits for a connection. */
export interface Demand {
  /** It wants a connection for itself alone; else it shares one. */
  readonly isWhole: boolean
  /** It has a time limit, up to which it may wait for a server that is away. */
  readonly hasEnd: boolean
  give(member: Member): void
  fail(error: unknown): void
}

/** A demand and its place in the order of coming. */
type Entry = readonly [demand: Demand, order: number]

/** Who waits, in the order of coming: those who want a connection alone, and calls that would share one. */
export class Demands {
  readonly #wholes = new Map<Demand, number>()
  readonly #shareds = new Map<Demand, number>()
  #order = 0

  get size(): number {
    return this.#wholes.size + this.#shareds.size
  }

  /** How many want a connection alone. */
  get wholes(): number {
    return this.#wholes.size
  }

  /** Calls that would share one. */
  get shareds(): number {
    return this.#shareds.size
  }

  add(demand: Demand): void {
    const queue = demand.isWhole ? this.#wholes : this.#shareds
    queue.set(demand, this.#order++)
  }

  /** Somebody waits no more. */
  delete(demand: Demand): void {
    this.#wholes.delete(demand)
    this.#shareds.delete(demand)
  }

  /**
   * Gives connections as long as there are some, `take` being asked for one of a kind: to the first who waits, and where
   * there is none for the first, to the first of the other kind.
   */
  serve(take: (isWhole: boolean) => Member | undefined): void {
    for (;;) {
      const whole = first(this.#wholes)
      const shared = first(this.#shareds)
      const isWholesTurn = whole !== undefined && (shared === undefined || whole[1] < shared[1])
      const turns = isWholesTurn ? [whole, shared] : [shared, whole]
      if (!turns.some((entry) => this.#give(entry, take))) return
    }
  }

  #give(entry: Entry | undefined, take: (isWhole: boolean) => Member | undefined): boolean {
    if (entry === undefined) return false
    const [demand] = entry
    const member = take(demand.isWhole)
    if (member === undefined) return false
    this.delete(demand)
    demand.give(member)
    return true
  }

  /** Fails the first so many of all, or of those that have no time limit. */
  fail(count: number, error: () => unknown, sparesWithEnd: boolean = false): void {
    const all = [...this.#wholes, ...this.#shareds].sort((one, other) => one[1] - other[1])
    const failing = all.filter(([demand]) => !(sparesWithEnd && demand.hasEnd)).slice(0, count)
    for (const [demand] of failing) this.delete(demand)
    for (const [demand] of failing) demand.fail(error())
  }
}

function first(queue: Map<Demand, number>): Entry | undefined {
  return queue.size === 0 ? undefined : queue.entries().next().value
}
