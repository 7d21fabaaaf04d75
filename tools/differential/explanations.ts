// Which values of the other drivers are not cornac's, and why. Each has to be recognised by what it says.

import { Interval, Range } from '../../index.ts'
import type { Described } from './mapping.ts'

export interface Difference {
  readonly driver: 'asyncpg' | 'psycopg'
  readonly type: string
  readonly ours: unknown
  /** As read.py describes it. */
  readonly described: Described
  /** In cornac's kinds of values; `undefined` for an error. */
  readonly theirs: unknown
  /** What the server prints. */
  readonly printed: string
}

export interface Explanation {
  /** A letter, by which the table names it. */
  readonly key: string
  readonly text: string
  readonly holds: (difference: Difference) => boolean
}

const isError = ({ described }: Difference): boolean => described[0] === 'error'

/** The years that are in the text of a date, a timestamp or a range of them; BC are not after 0. */
function years(text: string): number[] {
  return [...text.matchAll(/(\d{4,})-\d\d-\d\d[^,)\]}]*/g)].map(([whole, year]) =>
    whole.includes('BC') ? 1 - Number(year) : Number(year),
  )
}

const hasFarYear = (text: string): boolean => years(text).some((year) => year < 1 || year > 9999)
const isOfDays = (type: string): boolean =>
  /^(date|timestamp|timestamptz|daterange|tsrange|tstzrange|datemultirange)/.test(type)

/** asyncpg's timedelta has years of 365 and months of 30 days. */
function asDuration({ months, days, microseconds }: Interval): bigint {
  const whole = BigInt(Math.trunc(months / 12) * 365 + (months % 12) * 30 + days)
  return whole * 86_400_000_000n + microseconds
}

const DAYS_OF_32_BITS = 2n ** 32n * 86_400_000_000n

/** Without the sign of zeros. */
function withoutSigns(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(withoutSigns)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutSigns(member)]))
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    key: 'a',
    text: "Python's dates have the years 1 to 9999. Both drivers refuse what lies outside; cornac gives it.",
    holds: (one) => isError(one) && isOfDays(one.type) && hasFarYear(one.printed),
  },
  {
    key: 'b',
    text: 'asyncpg gives the ends of what Python can hold for `infinity` and `-infinity`, psycopg refuses them; cornac tells them apart from dates.',
    holds: ({ driver, type, printed, described }) =>
      isOfDays(type) &&
      printed.includes('infinity') &&
      (driver === 'psycopg'
        ? described[0] === 'error'
        : JSON.stringify(described).match(/\[(9999,12,31|1,1,1),/) !== null),
  },
  {
    key: 'c',
    text: "Python's time has no 24:00:00. Both drivers refuse it; cornac gives it.",
    holds: (one) => isError(one) && one.type.startsWith('time') && one.printed.startsWith('24:00:00'),
  },
  {
    key: 'd',
    text: "asyncpg cuts the seconds of a timetz's offset; cornac and psycopg keep them.",
    holds: ({ driver, type, ours, theirs }) => {
      if (driver !== 'asyncpg' || type !== 'timetz' || typeof theirs !== 'string') return false
      const [, time, hours, rest] = /^([\d:.]+)([+-]\d\d)(.*)$/.exec(ours as string) ?? []
      const minutes = rest?.slice(0, 3) ?? ''
      const zero = minutes === ':00' ? '' : minutes
      return (
        [`${time}${hours}${zero}`, `${time}+00`].includes(theirs) && /:\d\d:\d\d$/.test(`${hours}${rest}`)
      )
    },
  },
  {
    key: 'e',
    text: 'A timedelta takes a year for 365 days and a month for 30; an `Interval` keeps months, days and microseconds apart.',
    holds: ({ type, ours, theirs }) =>
      type === 'interval' &&
      ours instanceof Interval &&
      theirs instanceof Interval &&
      asDuration(ours) === asDuration(theirs),
  },
  {
    key: 'f',
    text: 'A timedelta has less than 10^9 days. Both drivers refuse more; cornac gives it.',
    holds: (one) =>
      isError(one) &&
      one.type === 'interval' &&
      one.ours instanceof Interval &&
      Math.abs(Number(asDuration(one.ours)) / 86_400_000_000) > 999_999_998,
  },
  {
    key: 'k',
    text: 'Both drivers count the days of an interval in 32 bits: beyond they come out as others. cornac keeps the parts.',
    holds: ({ type, ours, theirs }) =>
      type === 'interval' &&
      ours instanceof Interval &&
      theirs instanceof Interval &&
      (asDuration(ours) - asDuration(theirs)) % DAYS_OF_32_BITS === 0n,
  },
  {
    key: 'l',
    text: "asyncpg leaves out an interval's time of 2^63 - 1 microseconds, the longest.",
    holds: ({ driver, type, ours, theirs }) =>
      driver === 'asyncpg' &&
      type === 'interval' &&
      ours instanceof Interval &&
      theirs instanceof Interval &&
      ours.microseconds === 2n ** 63n - 1n &&
      (asDuration(ours) - ours.microseconds - asDuration(theirs)) % DAYS_OF_32_BITS === 0n,
  },
  {
    key: 'g',
    text: 'asyncpg widens a float4 to a double as it is (0.10000000149011612); cornac and psycopg give the decimal that PostgreSQL prints (0.1). It is the same float4.',
    holds: ({ driver, type, ours, theirs }) =>
      driver === 'asyncpg' && type === 'float4' && Math.fround(ours as number) === theirs,
  },
  {
    key: 'h',
    text: 'asyncpg reads a pg_lsn as a signed number: those from 80000000/0 on come out negative.',
    holds: ({ driver, type, ours, described }) =>
      driver === 'asyncpg' && type === 'pg_lsn' && BigInt.asIntN(64, ours as bigint) === BigInt(described[1]),
  },
  {
    key: 'i',
    text: 'Python writes IPv6 addresses that hold an IPv4 one in its own way (`::ffff:102:304`), cornac as PostgreSQL does (`::ffff:1.2.3.4`). It is the same address.',
    holds: ({ type, ours, theirs }) => {
      if (type !== 'inet' && type !== 'cidr') return false
      const [, prefix, a, b, c, d, length] =
        /^(::(?:ffff:)?)(\d+)\.(\d+)\.(\d+)\.(\d+)(\/\d+)?$/.exec(ours as string) ?? []
      if (prefix === undefined) return false
      const group = (high?: string, low?: string): string => (Number(high) * 256 + Number(low)).toString(16)
      return theirs === `${prefix}${group(a, b)}:${group(c, d)}${length ?? ''}`
    },
  },
  {
    key: 'j',
    text: "Python's integers have no -0: psycopg gives 0 for a -0 in a document of json; cornac gives what `JSON.parse` gives.",
    holds: ({ driver, type, ours, theirs }) =>
      driver === 'psycopg' &&
      type === 'json' &&
      JSON.stringify(withoutSigns(ours)) === JSON.stringify(withoutSigns(theirs)),
  },
]

/** What the value is to its reader, for the table. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length > 0 && value[0] instanceof Range ? 'array of Range' : 'array'
  if (typeof value !== 'object') return typeof value
  const name = Object.getPrototypeOf(value)?.constructor.name ?? 'Object'
  return name === 'Object' ? 'object' : name
}
