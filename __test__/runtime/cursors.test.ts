// Many rows through a cursor: memory stays flat, and the event loop has its turns.

import test from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { testDatabase } from '../support/server.ts'
import { start } from './child.ts'

const { serial } = test
const MB = 2 ** 20

interface Told {
  readonly seen: number
  readonly sum: number
  /** After each tenth of the rows, in bytes. */
  readonly heaps: number[]
  readonly sizes: number[]
  /** Milliseconds; the longest is that of one turn of the event loop. */
  readonly elapsed: number
  /** Of CPU. */
  readonly busy: number
  readonly longest: number
  readonly turns: number
}

/** Rows at a time, rows in all, the same for the long form, and characters of each row. */
for (const [prefetch, short, long, length] of [
  [50, 100_000, 10_000_000, 1_000],
  [2_000, 300_000, 10_000_000, 1_000],
  // All of them come in one round trip.
  [1_000_000, 300_000, 1_000_000, 0],
] as const) {
  serial(`rows through a cursor that reads ${prefetch} at a time`, async (t) => {
    t.timeout(isLong ? 1_800_000 : 600_000)
    const database = await testDatabase()
    const rows = isLong ? long : short
    const args = [database.dsn(), String(rows), String(prefetch), String(length)]
    const { code, stdout, stderr } = await start(t, 'cursor', args, { node: ['--expose-gc'] }).exited
    t.is(code, 0, stderr)
    const { seen, sum, heaps, sizes, elapsed, busy, longest, turns } = JSON.parse(stdout) as Told
    t.log(
      `${seen} rows in ${Math.round(elapsed)} ms, ${turns} turns, the longest of ${longest.toFixed(1)} ms; ` +
        `heap ${heaps.map((heap) => (heap / MB).toFixed(1))}, process ${sizes.map((size) => Math.round(size / MB))} MB`,
    )
    t.is(seen, rows)
    t.is(sum, (rows * (rows + 1)) / 2)
    // On average: a machine that is busy holds up any single turn.
    t.true(turns > busy / 20, `${turns} turns in ${busy} ms of CPU`)
    if (prefetch >= rows) return
    const [, second, ...later] = heaps as [number, number, ...number[]]
    t.true(Math.max(...later) - second < 1 * MB, 'the heap grows')
    // Half of what came meanwhile.
    const came = rows * 0.8 * length
    t.true(Math.max(...sizes.slice(2)) - (sizes[1] as number) < came / 2, 'the process grows')
  })
}
