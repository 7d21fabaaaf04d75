// Dates and times of PostgreSQL's own range, as numbers and as its ISO text. By no code of the driver's.

import fc from 'fast-check'

export const DAY_MICROS: bigint = 86_400_000_000n

/** 4714-11-24 BC, the first day that PostgreSQL has, in days from 1970. */
export const FIRST_DAY: number = -2_440_588
/** 5874897-12-31, the last one of date. */
export const LAST_DAY: number = 2_145_042_905
/** 294276-12-31, the last one of timestamp. */
export const LAST_TIMESTAMP_DAY: number = 106_762_939
/** The most that a Date holds, in days from 1970. */
export const LAST_DATE_DAY: number = 100_000_000

/** A day's year, month and day of the proleptic Gregorian calendar, which has a year 0 before 1. */
function civil(day: number): [year: number, month: number, day: number] {
  // 400 years have 146,097 days always; within them Date counts.
  const cycles = Math.floor(day / 146_097)
  const date = new Date((day - cycles * 146_097) * 86_400_000)
  return [date.getUTCFullYear() + cycles * 400, date.getUTCMonth() + 1, date.getUTCDate()]
}

const two = (n: number | bigint): string => String(n).padStart(2, '0')

/** Without its era, which follows the time. */
function dayText(day: number): { text: string; era: string } {
  const [year, month, date] = civil(day)
  const shown = String(year > 0 ? year : 1 - year).padStart(4, '0')
  return { text: `${shown}-${two(month)}-${two(date)}`, era: year > 0 ? '' : ' BC' }
}

/** Of days since 1970. */
export function dateText(day: number): string {
  const { text, era } = dayText(day)
  return text + era
}

/** Of microseconds since midnight. */
export function timeText(micros: bigint): string {
  const seconds = micros / 1_000_000n
  const rest = micros % 1_000_000n
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`
}

/** Of microseconds since 1970. */
export function timestampText(micros: bigint, zone = ''): string {
  const day = floorDiv(micros, DAY_MICROS)
  const { text, era } = dayText(Number(day))
  return `${text} ${timeText(micros - day * DAY_MICROS)}${zone}${era}`
}

export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return quotient * b > a ? quotient - 1n : quotient
}

/** Days, those of our time and those at turns of the calendar often. */
export function days(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min, max }),
    fc.integer({ min: -40_000, max: 40_000 }),
    fc.constantFrom(min, max, 0, -1, -719_162, -719_163, -719_528, 10_957, 11_016, 19_782),
  )
}

export const micros: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: DAY_MICROS - 1n }),
  fc.integer({ min: 0, max: 86_399 }).map((seconds) => BigInt(seconds) * 1_000_000n),
  fc.constantFrom(0n, 1n, DAY_MICROS - 1n, 500_000n, 999n, 1000n),
)
