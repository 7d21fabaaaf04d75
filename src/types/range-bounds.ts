import { types } from 'node:util'
import { Interval } from './interval.ts'
import { compareTemporal, temporalName } from './temporal.ts'

/** A finite decimal as text: what numeric comes out as. */
const DECIMAL = /^(-?)0*(\d*?)(?:\.(\d*?)0*)?$/

/** A date or a timestamp in PostgreSQL's ISO form, with the era that a year before 1 has. */
const MOMENT = /^(\d{4,})(-\d\d-\d\d.*?)( BC)?$/

/**
 * Where a bound stands to another of the same type: below 0, 0, above 0. Numbers, bigints, Dates and infinities by their
 * size; objects of Temporal as their class compares them; texts as PostgreSQL compares what comes out as text by default (numeric, date).
 */
export function compareBounds(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  const name = temporalName(a)
  if (name !== undefined && name === temporalName(b)) return compareTemporal(a as object, b as object)
  const [left, right] = [sizeOf(a), sizeOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function sizeOf(bound: unknown): number | bigint | string {
  switch (typeof bound) {
    case 'number':
    case 'bigint':
    case 'string':
      return bound
    default:
      if (types.isDate(bound)) return bound.getTime()
      if (bound instanceof Interval) return lengthOf(bound)
      if (types.isUint8Array(bound)) return hexOf(bound)
      // Beside an object of Temporal there is no number but an infinity.
      return temporalName(bound) === undefined ? String(bound) : 0
  }
}

/** The length by which PostgreSQL compares intervals: a month has 30 days, a day 24 hours. */
function lengthOf({ months, days, microseconds }: Interval): bigint {
  return (BigInt(months) * 30n + BigInt(days)) * 86_400_000_000n + microseconds
}

/** Bytes are compared as their digits are. */
export function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const [infiniteA, infiniteB] = [infinityOf(a), infinityOf(b)]
  if (infiniteA !== 0 || infiniteB !== 0) return infiniteA - infiniteB
  const [decimalA, decimalB] = [DECIMAL.exec(a), DECIMAL.exec(b)]
  if (decimalA !== null && decimalB !== null) return compareDecimals(decimalA, decimalB)
  const [momentA, momentB] = [MOMENT.exec(a), MOMENT.exec(b)]
  if (momentA !== null && momentB !== null) return compareMoments(momentA, momentB)
  return a < b ? -1 : 1
}

/** NaN is the largest numeric, beyond Infinity. */
function infinityOf(text: string): number {
  switch (text.toLowerCase()) {
    case '-infinity':
      return -1
    case 'infinity':
      return 1
    case 'nan':
      return 2
    default:
      return 0
  }
}

function compareDecimals(a: RegExpExecArray, b: RegExpExecArray): number {
  const isZero = ([, , whole = '', fraction = '']: RegExpExecArray): boolean => whole + fraction === ''
  const negativeA = a[1] === '-' && !isZero(a)
  const negativeB = b[1] === '-' && !isZero(b)
  if (negativeA !== negativeB) return negativeA ? -1 : 1
  const [wholeA = '', wholeB = ''] = [a[2], b[2]]
  const [fractionA = '', fractionB = ''] = [a[3], b[3]]
  const order = wholeA.length - wholeB.length || textOrder(wholeA, wholeB) || textOrder(fractionA, fractionB)
  return negativeA ? -order : order
}

function compareMoments(a: RegExpExecArray, b: RegExpExecArray): number {
  const year = ([, digits, , era]: RegExpExecArray): number => (era === undefined ? 1 : -1) * Number(digits)
  return year(a) - year(b) || textOrder(a[2] as string, b[2] as string)
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
