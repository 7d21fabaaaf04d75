// A server that is restarted while twenty callers use a pool.

import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '../dist/index.js'

const CALLERS = 20

/** Milliseconds after which the pool's size is shown, whatever it is. */
const WHOLE_MS = 5_000

/** Milliseconds that a caller gives the pool to get a connection: longer than a restart takes. */
export const PATIENCE = 5_000

/**
 * What each caller got, by kind, and how long nobody got an answer.
 *
 * @param {{ dsn(): string, restart(): Promise<void> }} server
 */
export async function restartUnderLoad(server) {
  const pool = await createPool(server.dsn(), { maxSize: 10, acquireTimeout: PATIENCE })
  const ends = new Map()
  let isOver = false
  let last = performance.now()
  let gap = 0
  const count = (end) => ends.set(end, (ends.get(end) ?? 0) + 1)
  const caller = async () => {
    while (!isOver) {
      try {
        await pool.fetchValue('select 1')
        const now = performance.now()
        gap = Math.max(gap, now - last)
        last = now
        count('answered')
      } catch (error) {
        count(`${error.name}: ${error.message}`)
        await delay(20)
      }
    }
  }
  const callers = Array.from({ length: CALLERS }, caller)
  await delay(300)
  const before = pool.getSize()
  const began = performance.now()
  await server.restart()
  const restarted = performance.now() - began
  const answered = ends.get('answered')
  // A pool that cannot grow again shows as it is.
  const isWhole = () => pool.getSize() >= before || performance.now() - began > WHOLE_MS
  while (ends.get('answered') < answered + 1_000 || !isWhole()) await delay(5)
  isOver = true
  await Promise.all(callers)
  const { size } = pool.getStats()
  await pool.close()
  return { ends: [...ends].sort((one, other) => other[1] - one[1]), restarted, gap, size }
}
