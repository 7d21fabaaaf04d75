// Memory after rounds of the same work: nothing is kept of what has ended.

import test from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { startServer, testDatabase } from '../support/server.ts'
import { start } from './child.ts'

const { serial } = test
const MB = 2 ** 20

interface Usage {
  rss: number
  heapUsed: number
  external: number
  arrayBuffers: number
}

/** V8 14.6, of Node.js 26, keeps compiled functions that nobody has any more until its memory runs short. */
const ONLY_WHAT_IS_KEPT = ['--expose-gc', '--no-compilation-cache']

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number
}

/** Calls, or connections, in each of five rounds; and the same for the long form. */
for (const [work, short, long] of [
  ['queries', 4_000, 200_000],
  ['texts', 400, 100_000],
  ['connects', 50, 2_000],
  ['failures', 200, 20_000],
  ['batches', 20_000, 1_000_000],
] as const) {
  serial(`rounds of ${work} leave memory flat`, async (t) => {
    t.timeout(isLong ? 3_600_000 : 600_000)
    const database = await testDatabase()
    const amount = isLong ? long : short
    const child = start(t, 'rounds', [work, database.dsn(), String(amount)], { node: ONLY_WHAT_IS_KEPT })
    const { code, stdout, stderr } = await child.exited
    t.is(code, 0, stderr)
    const rounds = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Usage)
    const [, second, , , last] = rounds as [Usage, Usage, Usage, Usage, Usage]
    const growths = rounds.slice(1).map(({ rss }, i) => rss - (rounds[i] as Usage).rss)
    t.log(
      rounds
        .map(({ rss, heapUsed }) => `${Math.round(rss / MB)} MB (heap ${(heapUsed / MB).toFixed(1)})`)
        .join(', '),
    )
    // Three rounds on: what leaks leaks by the thousand.
    t.true(last.heapUsed - second.heapUsed < 1 * MB, 'the heap grows')
    t.true(last.arrayBuffers - second.arrayBuffers < 1 * MB, 'buffers grow')
    // Of most rounds: the heap may take more room in any of them, and what leaks leaks in each.
    t.true(median(growths) < 4 * MB, 'the process grows')
  })
}

/** What a process that has run for a while has: then V8 may decide to make what survives in the old generation. */
const RUN_FOR_A_WHILE = ['--min-semi-space-size=16']

for (const [name, row] of [
  ['columns', `n a, n * 2 b, 'text ' || n c, n / 7.0::float8 d, n::text e, n % 3 = 0 f, 'more of ' || n g`],
  [
    'documents',
    `json_build_object('a', n, 'b', 'text ' || n, 'c', json_build_object('d', n, 'e', 'x' || n)) a`,
  ],
] as const) {
  serial(`rows of ${name} die young when nobody keeps them`, async (t) => {
    t.timeout(600_000)
    const database = await testDatabase()
    const sql = `select ${row} from generate_series(1, 10000) n`
    const child = start(t, 'large-results', [database.dsn(), sql, '300'], { node: RUN_FOR_A_WHILE })
    const { code, stdout, stderr } = await child.exited
    t.is(code, 0, stderr)
    const { rows, full } = JSON.parse(stdout) as { rows: number; full: number }
    t.is(rows, 3_120_000)
    // One, or five to seven when rows are made in the old generation.
    t.true(full < 4, `${full} full collections`)
  })
}

for (const way of ['plain', 'TLS'] as const) {
  serial(`connections that are idle keep nothing of large values, ${way}`, async (t) => {
    t.timeout(100_000)
    const [connections, size] = [6, 48 * MB]
    const root = await CertificateAuthority.create()
    await using server = await startServer(way === 'TLS' ? { tls: serverTls(await root.server()) } : {})
    const dsn = server.dsn({ parameters: { sslmode: way === 'TLS' ? 'require' : 'disable' } })
    const args = [dsn, String(connections), String(size)]
    const { code, stdout, stderr } = await start(t, 'after-large', args, { node: ONLY_WHAT_IS_KEPT }).exited
    t.is(code, 0, stderr)
    const { before, after } = JSON.parse(stdout) as { [when in 'before' | 'after']: Usage }
    t.log(`${Math.round(before.rss / MB)} MB, ${Math.round(after.rss / MB)} MB`)
    // Each value is kept whole, or not at all.
    t.true(after.rss - before.rss < (connections * size) / 4, 'the driver keeps some')
    // The buffer that all arguments are written into is one for all connections.
    t.true(after.arrayBuffers - before.arrayBuffers < size / 4, 'JavaScript keeps some')
  })
}

test('the result of the last call is let go of as any other is', async (t) => {
  t.timeout(100_000)
  const database = await testDatabase()
  const child = start(t, 'last-result', [database.dsn()], { node: ONLY_WHAT_IS_KEPT })
  const { code, stdout, stderr } = await child.exited
  t.is(code, 0, stderr)
  t.deepEqual(JSON.parse(stdout), { isKept: false })
})
