// Intervals: three parts, each with its own sign and its own bounds.

import test from 'ava'
import fc from 'fast-check'
import { Interval } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { checkFamily, type Sample } from './judge.ts'

const MOST = 2 ** 31 - 1
const MOST_TIME = 2n ** 63n - 1n
const part = fc.oneof(
  fc.integer({ min: -MOST, max: MOST }),
  fc.integer({ min: -40, max: 40 }),
  fc.constantFrom(0, MOST, -MOST),
)
const time = fc.oneof(
  fc.bigInt({ min: -MOST_TIME, max: MOST_TIME }),
  fc.integer().map(BigInt),
  fc.integer({ min: -86_400, max: 86_400 }).map((seconds) => BigInt(seconds) * 1_000_000n),
  fc.constantFrom(0n, 1n, -1n, MOST_TIME, -MOST_TIME, 999_999n),
)

/** In PostgreSQL's own style, with a sign for each part: a session of the SQL standard's style takes the first for all. */
function literalOf(months: number, days: number, micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  const seconds = size / 1_000_000n
  const two = (n: bigint): string => String(n).padStart(2, '0')
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${String(size % 1_000_000n).padStart(6, '0')}`
  const sign = (part: number | bigint): string => (part < 0 ? '' : '+')
  return `${sign(months)}${months} mons ${sign(days)}${days} days ${micros < 0n ? '-' : '+'}${clock}`
}

const parts = fc
  .record({ months: part, days: part, microseconds: time })
  // All three at their most are an infinity, from PostgreSQL 17 on.
  .filter(({ months, days }) => Math.abs(months) < MOST || Math.abs(days) < MOST)
const samples = parts.map(
  ({ months, days, microseconds }): Sample => ({
    literal: literalOf(months, days, microseconds),
    value: new Interval({ months, days, microseconds }),
  }),
)

for (const IntervalStyle of ['postgres', 'sql_standard']) {
  test(`interval, the session's style being ${IntervalStyle}`, async (t) => {
    await checkFamily(t, await open(t, { serverSettings: { IntervalStyle } }), { type: 'interval', samples })
  })
}

test('interval as a string is what PostgreSQL prints in its ISO style', async (t) => {
  const connection = await open(t, {
    types: { interval: 'string' },
    serverSettings: { IntervalStyle: 'iso_8601' },
  })
  const texts = samples.map(({ literal }): Sample => ({ literal, value: (text: string) => text }))
  await checkFamily(t, connection, { type: 'interval', samples: texts })
})

test('an Interval writes itself as PostgreSQL does', async (t) => {
  const connection = await open(t, { serverSettings: { IntervalStyle: 'iso_8601' } })
  const given = fc.sample(parts, 500).map((all) => new Interval(all))
  const rows = await connection.fetch('select i::text as text from unnest($1::interval[]) i', [given])
  t.deepEqual(
    rows.map(({ text }) => text),
    given.map(String),
  )
})
