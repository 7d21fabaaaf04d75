// A pool that is not released for so long that its close warns. A minute passes when this program says so: timers of that
// length are told apart before the driver takes the runtime's.

import timers from 'node:timers'

const MINUTE = 60_000

const armed = new Map<NodeJS.Timeout, () => void>()
const { setTimeout: set, clearTimeout: clear } = timers
timers.setTimeout = ((run: () => void, delay?: number) => {
  const timer = set(run, delay)
  if (delay === MINUTE) armed.set(timer, run)
  return timer
}) as typeof timers.setTimeout
timers.clearTimeout = ((timer: NodeJS.Timeout) => {
  armed.delete(timer)
  clear(timer)
}) as typeof timers.clearTimeout

const { createPool } = await import('../../../index.ts')

process.on('warning', (warning: Error & { code?: string }) => {
  if (warning.code === 'CORNAC_POOL_CLOSE') console.log(`warned ${warning.message}`)
})

const pool = await createPool(process.argv[2] as string, { minSize: 3, maxSize: 3 })
const held = await pool.acquire()
const running = pool.fetchValue('select $1::int from pg_sleep(0.5)', [7])
const before = new Set(armed.keys())
const closing = pool.close()
const [[timer, pass]] = [...armed].filter(([timer]) => !before.has(timer)) as [[NodeJS.Timeout, () => void]]
console.log(`keeps ${timer.hasRef()}`)
pass()
await new Promise((resolve) => setImmediate(resolve))
await held.release()
console.log(`answered ${await running}`)
await closing
console.log(`left ${armed.has(timer)}`)
// One that is released at once warns of nothing, and leaves no timer.
const quick = await createPool(process.argv[2] as string)
const count = armed.size
await quick.close()
console.log(`quick ${armed.size - count}`)
