// All that a pool does, with kills, in rounds: memory, descriptors and backends are flat. CORNAC_SOAK_MINUTES=30 goes on
// for so long.

import test from 'ava'
import { start } from '../runtime/child.ts'
import { testDatabase } from '../support/server.ts'

const MB = 2 ** 20
const MAX_SIZE = 8

const minutes = Number(process.env.CORNAC_SOAK_MINUTES ?? 0)

interface Round {
  rss: number
  heapUsed: number
  arrayBuffers: number
  descriptors: number
  backends: number
  kills: number
  failures: number
}

test('whatever a pool does under kills leaves memory, descriptors and backends flat', async (t) => {
  t.timeout(minutes * 60_000 + 300_000)
  const database = await testDatabase()
  const amount = minutes > 0 ? '10000' : '1500'
  const child = start(t, 'pool-soak', [database.dsn(), amount, minutes > 0 ? `${minutes}m` : '6'], {
    node: ['--expose-gc'],
  })
  const { code, stdout, stderr } = await child.exited
  t.is(code, 0, stderr)
  const told = <T>(word: string): T[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => JSON.parse(line.slice(word.length + 1)) as T)
  const rounds = told<Round>('round')
  for (const { rss, heapUsed, descriptors, backends, kills, failures } of rounds) {
    t.log(
      `${Math.round(rss / MB)} MB, heap ${(heapUsed / MB).toFixed(1)} MB, ${descriptors} descriptors, ${backends} backends, ${kills} kills, ${failures} failures`,
    )
  }
  t.true(rounds.every(({ backends }) => backends <= MAX_SIZE))
  t.true(rounds.every(({ kills, failures }) => kills > 0 && failures > 0))
  // What grows up to a bound has grown by then: texts, and the sessions that have described each of them.
  const settled = rounds[minutes > 0 ? rounds.length >> 1 : 2] as Round
  const last = rounds.at(-1) as Round
  t.true(last.heapUsed - settled.heapUsed < 2 * MB, 'the heap grows')
  t.true(last.arrayBuffers - settled.arrayBuffers < 2 * MB, 'buffers grow')
  // Of most rounds: the heap may take more room in any of them, and what leaks leaks in each.
  const growths = rounds.slice(1).map(({ rss }, i) => rss - (rounds[i] as Round).rss)
  const median = growths.toSorted((a, b) => a - b)[growths.length >> 1] as number
  t.true(median < 8 * MB, `the process grows by ${Math.round(median / MB)} MB in most rounds`)
  t.true(last.descriptors <= settled.descriptors, 'descriptors are left')
  const [end] = told<{ descriptors: number; warned: { [code: string]: number } }>('end')
  t.log(JSON.stringify(end))
  // All connections are closed, the one that kills included.
  t.true(
    end!.descriptors < settled.descriptors,
    `${settled.descriptors} descriptors, ${end!.descriptors} at the end`,
  )
  const expected = new Set([
    'CORNAC_LEAKED_CONNECTION',
    'CORNAC_RELEASED_WITH_LISTENERS',
    'CORNAC_RESET_IN_TRANSACTION',
  ])
  for (const code of Object.keys(end!.warned)) t.true(expected.has(code), code)
})
