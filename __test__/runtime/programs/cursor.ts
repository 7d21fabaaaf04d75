// Reads rows through a cursor and tells of memory and of turns of the event loop, in one line of JSON.

import { connect } from '../../../index.ts'

const [dsn = '', rows = '', prefetch = '', length = ''] = process.argv.slice(2)
const collect = globalThis.gc as () => void
const total = Number(rows)
const connection = await connect(dsn)

interface Row {
  n: number
  name: string
}

let turns = 0
let longest = 0
let last = performance.now()
const watching = setInterval(() => {
  const now = performance.now()
  longest = Math.max(longest, now - last)
  last = now
  turns++
}, 1)

const heaps: number[] = []
const sizes: number[] = []
/** Milliseconds of CPU so far, of all threads: a machine that is busy elsewhere does not count. */
function worked(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

let seen = 0
let sum = 0
const start = performance.now()
const idle = worked()
let collecting = 0
await connection.transaction(async () => {
  const text = `select n::int as n, 'row ' || n || repeat('x', $2) as name from generate_series(1, $1::bigint) n`
  const rest = 'x'.repeat(Number(length))
  const options = { prefetch: Number(prefetch) }
  for await (const { n, name } of connection.cursor<Row>(text, [total, rest.length], options)) {
    if (name !== `row ${n}${rest}` || n !== seen + 1) throw new Error(`a wrong row: ${name}`)
    sum += n
    if (++seen % (total / 10) === 0) {
      // What it takes is not the driver's.
      const [before, unworked] = [performance.now(), worked()]
      collect()
      last += performance.now() - before
      collecting += worked() - unworked
      const { heapUsed, rss } = process.memoryUsage()
      heaps.push(heapUsed)
      sizes.push(rss)
    }
  }
})
const elapsed = performance.now() - start
const busy = worked() - idle - collecting
clearInterval(watching)
await connection.close()
console.log(JSON.stringify({ seen, sum, heaps, sizes, elapsed, busy, turns, longest }))
