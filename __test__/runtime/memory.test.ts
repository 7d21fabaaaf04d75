// Memory after rounds of the same work: nothing is kept of what has ended.

import test from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { testDatabase } from '../support/server.ts'
import { start } from './child.ts'

const { serial } = test
const MB = 2 ** 20

interface Usage {
  rss: number
  heapUsed: number
  external: number
  arrayBuffers: number
}

/** Calls, or connections, in each of five rounds; and the same for the long form. */
for (const [work, short, long] of [
  ['queries', 4_000, 200_000],
  ['texts', 400, 100_000],
  ['connects', 50, 2_000],
  ['failures', 200, 20_000],
] as const) {
  serial(`rounds of ${work} leave memory flat`, async (t) => {
    t.timeout(isLong ? 3_600_000 : 100_000)
    const database = await testDatabase()
    const amount = isLong ? long : short
    const child = start(t, 'rounds', [work, database.dsn(), String(amount)], { node: ['--expose-gc'] })
    const { code, stdout, stderr } = await child.exited
    t.is(code, 0, stderr)
    const rounds = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Usage)
    const [, second, , , last] = rounds as [Usage, Usage, Usage, Usage, Usage]
    t.log(
      rounds
        .map(({ rss, heapUsed }) => `${Math.round(rss / MB)} MB (heap ${(heapUsed / MB).toFixed(1)})`)
        .join(', '),
    )
    // Three rounds on: what leaks leaks by the thousand.
    t.true(last.heapUsed - second.heapUsed < 1 * MB, 'the heap grows')
    t.true(last.arrayBuffers - second.arrayBuffers < 1 * MB, 'buffers grow')
    t.true(last.rss - second.rss < 12 * MB, 'the process grows')
  })
}
