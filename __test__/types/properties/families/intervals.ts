// Intervals: three parts, each with its own sign and its own bounds.

import fc from 'fast-check'
import { Interval } from '../../../../index.ts'
import { type Family, printed, type Sample } from './sample.ts'

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

/** What an Interval is made of. */
export const intervalParts: fc.Arbitrary<{ months: number; days: number; microseconds: bigint }> = fc
  .record({ months: part, days: part, microseconds: time })
  // All three at their most are an infinity, from PostgreSQL 17 on.
  .filter(({ months, days }) => Math.abs(months) < MOST || Math.abs(days) < MOST)
const samples = intervalParts.map(
  ({ months, days, microseconds }): Sample => ({
    literal: literalOf(months, days, microseconds),
    value: new Interval({ months, days, microseconds }),
  }),
)

export const intervals: readonly Family[] = [{ type: 'interval', samples }]

/** In a session whose IntervalStyle is iso_8601. */
export const intervalTexts: readonly Family[] = [
  {
    type: 'interval',
    samples: samples.map(({ literal }) => printed(literal)),
    options: { interval: 'string' },
  },
]
