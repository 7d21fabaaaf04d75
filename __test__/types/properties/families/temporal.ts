// Dates and times as objects of Temporal, from the first day that PostgreSQL has to the last that Temporal has.
// What is expected is text in ISO 8601: what the objects hold is in none of their properties. By no code of the driver's.

import fc from 'fast-check'
import {
  DAY_MICROS,
  days,
  FIRST_DAY,
  floorDiv,
  LAST_DATE_DAY,
  micros,
  timestampText,
  timeText,
} from './moments.ts'

/** A literal, and how it is told: `PlainDate 2024-01-31`, `number Infinity`. */
export interface TemporalSample {
  readonly literal: string
  readonly told: string
}

export interface TemporalFamily {
  readonly type: string
  readonly samples: fc.Arbitrary<TemporalSample>
}

const endless = fc
  .constantFrom('infinity', '-infinity')
  .map((literal): TemporalSample => ({ literal, told: `number ${literal.replace('i', 'I')}` }))

const orEndless = (samples: fc.Arbitrary<TemporalSample>): fc.Arbitrary<TemporalSample> =>
  fc.oneof({ arbitrary: samples, weight: 9 }, endless)

/** PostgreSQL's text with the years of ISO 8601: `0044-03-15 12:00:00 BC` is `-000043-03-15T12:00:00`. */
function isoText(text: string): string {
  const [, digits, rest = '', era] = /^(\d+)(.*?)( BC)?$/.exec(text) as unknown as string[]
  const year = era === undefined ? Number(digits) : 1 - Number(digits)
  const isShort = year >= 0 && year <= 9999
  const shown = String(Math.abs(year)).padStart(isShort ? 4 : 6, '0')
  return `${isShort ? '' : year < 0 ? '-' : '+'}${shown}${rest.replace(' ', 'T')}`
}

/** To the last moment of a day, or to its first. */
function moments(lastDay: number): fc.Arbitrary<bigint> {
  return fc.tuple(days(FIRST_DAY, lastDay), micros).map(([day, time]) => BigInt(day) * DAY_MICROS + time)
}

// An instant may be the first moment of the last day and no later one.
const instants = fc.oneof(
  { arbitrary: moments(LAST_DATE_DAY - 1), weight: 30 },
  fc.constant(BigInt(LAST_DATE_DAY) * DAY_MICROS),
)

const instantSamples = fc
  .tuple(instants, fc.integer({ min: 0, max: 14 }))
  .map(([instant, hours]): TemporalSample => {
    const text = timestampText(instant + BigInt(hours) * 3_600_000_000n, `+${String(hours).padStart(2, '0')}`)
    return { literal: text, told: `Instant ${isoText(timestampText(instant))}Z` }
  })

const dateTimeSamples = moments(LAST_DATE_DAY).map((moment): TemporalSample => {
  const literal = timestampText(moment)
  return { literal, told: `PlainDateTime ${isoText(literal)}` }
})

const dateSamples = days(FIRST_DAY, LAST_DATE_DAY).map((day): TemporalSample => {
  const literal = timestampText(BigInt(day) * DAY_MICROS).replace(' 00:00:00', '')
  return { literal, told: `PlainDate ${isoText(literal)}` }
})

const timeSamples = micros.map((time): TemporalSample => {
  const literal = timeText(time)
  return { literal, told: `PlainTime ${literal}` }
})

const MOST = 2 ** 31 - 1
const MOST_TIME = 2n ** 63n - 1n
const part = fc.oneof(fc.nat(MOST), fc.nat(40), fc.constantFrom(0, 1, 11, 12, 13))
const time = fc.oneof(
  fc.bigInt({ min: 0n, max: MOST_TIME }),
  micros,
  fc.constantFrom(0n, 1n, 999n, 1000n, 59_999_999n, 60_000_000n, 3_600_000_000n, MOST_TIME),
)

/** Of one sign: what has two stays an Interval. */
const durationSamples = fc
  .tuple(fc.boolean(), part, part, time)
  // All three at their most are an infinity, from PostgreSQL 17 on.
  .filter(([, ...parts]) => !parts.some((one) => BigInt(one) >= BigInt(MOST)))
  .map(([isNegative, months, dayCount, span]): TemporalSample => {
    const sign = isNegative ? '-' : ''
    const seconds = floorDiv(span, 1_000_000n)
    const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`
    const fraction = String(span % 1_000_000n).padStart(6, '0')
    return {
      literal: `${sign}${months} mons ${sign}${dayCount} days ${sign}${clock}.${fraction}`,
      told: `Duration ${durationText(sign, months, dayCount, span)}`,
    }
  })

/** As ISO 8601 has it, which leaves out what is 0. */
function durationText(sign: string, months: number, dayCount: number, span: bigint): string {
  const seconds = span / 1_000_000n
  const fraction = String(span % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const dates = units([Math.floor(months / 12), 'Y'], [months % 12, 'M'], [dayCount, 'D'])
  const hours = units([seconds / 3600n, 'H'], [(seconds / 60n) % 60n, 'M'])
  const rest = fraction === '' ? units([seconds % 60n, 'S']) : `${seconds % 60n}.${fraction}S`
  const clock = hours + rest
  if (dates + clock === '') return 'PT0S'
  return `${sign}P${dates}${clock === '' ? '' : `T${clock}`}`
}

function units(...parts: [size: number | bigint, unit: string][]): string {
  return parts.map(([size, unit]) => (BigInt(size) === 0n ? '' : `${size}${unit}`)).join('')
}

/** Those of moments, which ranges may have as bounds. */
export const temporalMoments: readonly TemporalFamily[] = [
  { type: 'timestamptz', samples: orEndless(instantSamples) },
  { type: 'timestamp', samples: orEndless(dateTimeSamples) },
  { type: 'date', samples: orEndless(dateSamples) },
]

export const temporals: readonly TemporalFamily[] = [
  ...temporalMoments,
  { type: 'time', samples: timeSamples },
  { type: 'interval', samples: durationSamples },
]
