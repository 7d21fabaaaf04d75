import { subscribe } from 'node:diagnostics_channel'
import type { PoolStats } from './pool-stats.ts'

/** What a pool tells of itself to who measures it. */
export interface PoolReading {
  /** Where its connections lead: `host:port/database`. */
  readonly name: string
  readonly minSize: number
  readonly maxSize: number
  readonly stats: PoolStats
}

/** What is published on {@link READ_POOLS}: pools add their readings. */
export interface PoolsMessage {
  readonly pools: PoolReading[]
}

/**
 * A channel of `node:diagnostics_channel` on which all pools of the process can be asked, whichever copy of this package
 * they are of.
 */
export const READ_POOLS = 'cornac:pools:read'

type Read = () => PoolReading | undefined

/** Held weakly: who forgets a pool is not to be hindered by who measures it. */
const pools = new Set<Read>()
let isSubscribed = false

/** Lets a pool be asked until it is collected, or `read` gives nothing. `read` must not hold the pool itself. */
export function registerPool<P extends object>(pool: P, read: (pool: P) => PoolReading | undefined): void {
  pools.add(reader(new WeakRef(pool), read))
  if (isSubscribed) return
  isSubscribed = true
  subscribe(READ_POOLS, (message) => {
    for (const read of pools) {
      const reading = read()
      if (reading === undefined) pools.delete(read)
      else (message as PoolsMessage).pools.push(reading)
    }
  })
}

function reader<P extends object>(pool: WeakRef<P>, read: (pool: P) => PoolReading | undefined): Read {
  return () => {
    const alive = pool.deref()
    return alive === undefined ? undefined : read(alive)
  }
}
