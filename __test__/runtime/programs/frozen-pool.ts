// A service that is stopped and continued: it notices that it stood still, and makes a call at once.

import { createPool } from '../../../index.ts'

const [dsn, threshold] = process.argv.slice(2) as [string, string]
const pool = await createPool(dsn, { minSize: 2, maxSize: 2 })
await Promise.all(
  [1, 2].map((n) => pool.withConnection((connection) => connection.fetchValue('select $1::int', [n]))),
)
let last = performance.now()
const watch = setInterval(async () => {
  const now = performance.now()
  const gap = now - last
  last = now
  if (gap < Number(threshold)) return
  clearInterval(watch)
  const ends = await Promise.allSettled([
    pool.fetchValue("select 'shared'", [], { timeout: 15_000 }),
    pool.withConnection((connection) => connection.fetchValue("select 'alone'"), { timeout: 15_000 }),
  ])
  console.log(
    'ends',
    ...ends.map((end) =>
      end.status === 'fulfilled' ? end.value : `${end.reason.name}: ${end.reason.message}`,
    ),
  )
  process.exit()
}, 50)
console.log('ready')
