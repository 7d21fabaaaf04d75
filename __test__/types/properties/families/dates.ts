// Dates and times in every representation, from the first day that PostgreSQL has to the last.

import fc from 'fast-check'
import type { TypeOptions } from '../../../../index.ts'
import {
  DAY_MICROS,
  dateText,
  days,
  FIRST_DAY,
  floorDiv,
  LAST_DATE_DAY,
  LAST_DAY,
  LAST_TIMESTAMP_DAY,
  micros,
  timestampText,
  timeText,
} from './moments.ts'
import { type Family, printed, type Sample, same } from './sample.ts'

const endless = fc.constantFrom('infinity', '-infinity')
const asText = endless.map((text): Sample => ({ literal: text, value: text }))
const asNumber = endless.map((text): Sample => ({ literal: text, value: Number(text.replace('i', 'I')) }))
const often = <T>(arbitrary: fc.Arbitrary<T>): { arbitrary: fc.Arbitrary<T>; weight: number } => ({
  arbitrary,
  weight: 9,
})

const instants = (lastDay: number): fc.Arbitrary<bigint> =>
  fc.tuple(days(FIRST_DAY, lastDay), micros).map(([day, time]) => BigInt(day) * DAY_MICROS + time)

/** With a zone's offset in hours, for timestamptz. */
function literalOf(instant: bigint, hours: number | undefined): string {
  if (hours === undefined) return timestampText(instant)
  const text = timestampText(instant + BigInt(hours) * 3_600_000_000n, '@')
  return text.replace('@', `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}`)
}

/** A zone that does not lead beyond the first day. */
const zone = fc.integer({ min: 0, max: 14 })

function dateOf(instant: bigint): Date {
  return new Date(Number(floorDiv(instant, 1000n)))
}

/** Timestamps as Date: those of whole milliseconds go back as such, others as their text. */
function asDates(hasZone: boolean): fc.Arbitrary<Sample> {
  return fc
    .tuple(instants(LAST_DATE_DAY - 1), zone, fc.boolean())
    .map(([instant, hours, isWhole]): Sample => {
      const at = isWhole ? floorDiv(instant, 1000n) * 1000n : instant
      const literal = literalOf(at, hasZone ? hours : undefined)
      return { literal, value: dateOf(at), sent: isWhole ? dateOf(at) : literal }
    })
}

function asStrings(hasZone: boolean): fc.Arbitrary<Sample> {
  return fc.tuple(instants(LAST_TIMESTAMP_DAY), zone).map(
    ([instant, hours]): Sample => ({
      literal: literalOf(instant, hasZone && instant < 0n ? hours : hasZone ? 0 : undefined),
      value: timestampText(instant, hasZone ? '+00' : ''),
    }),
  )
}

const MOST_OFFSET = 15 * 3600 + 59 * 60 + 59

function offsetText(seconds: number): string {
  const size = Math.abs(seconds)
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return (seconds < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(':')
}

const times = fc.oneof(often(micros), fc.constant(DAY_MICROS))
const offsets = fc.oneof(
  fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 900),
  fc.integer({ min: -MOST_OFFSET, max: MOST_OFFSET }),
  fc.constantFrom(0, MOST_OFFSET, -MOST_OFFSET, 1, -1),
)
const strings: TypeOptions = { timestamptz: 'string', timestamp: 'string' }

/** Of a precision: as the server rounds them, in a session whose zone is UTC. */
function rounded(type: string): Family {
  const zone = type.includes('tz') ? '+00' : ''
  const samples = fc
    .tuple(days(-100_000, 100_000), micros)
    .map(([day, time]) =>
      printed(
        type.startsWith('timestamp')
          ? timestampText(BigInt(day) * DAY_MICROS + time, zone)
          : timeText(time) + zone,
      ),
    )
  return { type, samples, options: strings }
}

export const roundedMoments: readonly Family[] = [
  'timestamp(3)',
  'timestamptz(0)',
  'time(2)',
  'timetz(5)',
].map(rounded)

const dates = days(FIRST_DAY, LAST_DATE_DAY).map(
  (day): Sample => ({ literal: dateText(day), value: new Date(day * 86_400_000) }),
)

export const moments: readonly Family[] = [
  { type: 'date', samples: fc.oneof(often(days(FIRST_DAY, LAST_DAY).map(dateText).map(same)), asText) },
  { type: 'date', samples: fc.oneof(often(dates), asNumber), options: { date: 'date' } },
  { type: 'time', samples: times.map(timeText).map(same) },
  {
    type: 'timetz',
    samples: fc.tuple(times, offsets).map(([time, offset]) => same(timeText(time) + offsetText(offset))),
  },
  { type: 'timestamp', samples: fc.oneof(often(asDates(false)), asNumber) },
  { type: 'timestamptz', samples: fc.oneof(often(asDates(true)), asNumber) },
  { type: 'timestamp', samples: fc.oneof(often(asStrings(false)), asText), options: strings },
  { type: 'timestamptz', samples: fc.oneof(often(asStrings(true)), asText), options: strings },
]
