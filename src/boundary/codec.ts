import { BitString } from '../types/bit-string.ts'
import type { Box, Circle, Line, LineSegment, Path, Point, Polygon, Snapshot } from '../types/geometry.ts'
import { Interval } from '../types/interval.ts'
import type { Chunk, Views } from './chunk.ts'
import { Codec, Figure } from './generated.ts'
import { Unreadable } from './unreadable.ts'

/** An int8: a number when that is exact, else a bigint. The halves decide without making a bigint. */
export function int8(views: Views, word: number): number | bigint {
  const low = (views.i32[word] as number) >>> 0
  const high = views.i32[word + 1] as number
  // -2^53 itself is not a safe integer.
  if (high < 2097152 && (high > -2097152 || (high === -2097152 && low > 0))) return high * 4294967296 + low
  return views.i64[word >> 1] as bigint
}

/** Milliseconds since 1970 as a Date; the infinities stay numbers. */
export function date(millis: number): Date | number {
  return Number.isFinite(millis) ? new Date(millis) : millis
}

export function text(chunk: Chunk, word: number): string {
  const { i32 } = chunk.views
  return chunk.text.slice(i32[word] as number, i32[word + 1] as number)
}

function bytesAt(chunk: Chunk, word: number): Buffer {
  const { i32, u8 } = chunk.views
  return u8.subarray(chunk.bytes + (i32[word] as number), chunk.bytes + (i32[word + 1] as number))
}

/** Bytes as memory of their own, which keeps nothing else alive and shows nothing else. */
export function bytes(chunk: Chunk, word: number): Uint8Array {
  return new Uint8Array(bytesAt(chunk, word))
}

export function buffer(chunk: Chunk, word: number): Buffer {
  return Buffer.from(bytesAt(chunk, word))
}

/** One cell by its codec, of a value that is made of no others. */
export function readScalar(codec: Codec, chunk: Chunk, word: number): unknown {
  const { views } = chunk
  switch (codec) {
    case Codec.Int:
      return views.i32[word]
    case Codec.Bool:
      return views.i32[word] === 1
    case Codec.Number:
      return views.f64[word >> 1]
    case Codec.Date:
      return date(views.f64[word >> 1] as number)
    case Codec.Int8:
      return int8(views, word)
    case Codec.BigInt:
      return views.i64[word >> 1]
    case Codec.BigUint:
      return views.u64[word >> 1]
    case Codec.Text:
    case Codec.WireText:
      return text(chunk, word)
    case Codec.Json:
      return parseJson(text(chunk, word))
    case Codec.Buffer:
      return buffer(chunk, word)
    case Codec.Bytes:
      return bytes(chunk, word)
    case Codec.Void:
      return null
    case Codec.Bits:
      return new BitString(text(chunk, word))
    case Codec.Tid:
      return [(views.i32[word] as number) >>> 0, views.i32[word + 1]]
    case Codec.Interval:
      return interval(chunk, word)
    case Codec.TemporalDuration:
      return temporalDuration(interval(chunk, word))
    case Codec.Snapshot:
      return snapshot(chunk, word)
    case Codec.Geometry:
      return geometry(chunk, word)
    case Codec.Array:
    case Codec.Range:
    case Codec.Document:
    case Codec.Composite:
    case Codec.Record:
    case Codec.Hstore:
    case Codec.Custom:
    case Codec.CustomTuple:
    case Codec.CustomInText:
      throw new TypeError('this is made of other values, which their forms tell how to read')
    default:
      return temporal(codec, text(chunk, word))
  }
}

/** JSON text that the server sent. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // What the runtime says of it repeats parts of the text.
    throw new Unreadable('it is no JSON')
  }
}

/** Where the node of a value begins, in 4-byte words. */
function nodeAt(chunk: Chunk, word: number): number {
  return chunk.arrays + (chunk.views.i32[word] as number)
}

const MOST_INT4 = 2147483647

/** An interval; PostgreSQL's infinities stay numbers. */
function interval(chunk: Chunk, word: number): Interval | number {
  const { i32, i64 } = chunk.views
  const node = nodeAt(chunk, word)
  const days = i32[node + 2] as number
  const months = i32[node + 3] as number
  const microseconds = i64[node >> 1] as bigint
  if (months === MOST_INT4 && days === MOST_INT4 && microseconds === 2n ** 63n - 1n) return Infinity
  if (months === -MOST_INT4 - 1 && days === months && microseconds === -(2n ** 63n)) return -Infinity
  return new Interval({ months, days, microseconds })
}

function snapshot(chunk: Chunk, word: number): Snapshot {
  const { i32, u64 } = chunk.views
  const node = nodeAt(chunk, word)
  const first = (node >> 1) + 1
  const end = first + 2 + (i32[node] as number)
  return {
    xmin: u64[first] as bigint,
    xmax: u64[first + 1] as bigint,
    xip: Array.from(u64.subarray(first + 2, end)),
  }
}

function geometry(chunk: Chunk, word: number): unknown {
  const { i32, f64 } = chunk.views
  const node = nodeAt(chunk, word)
  const at = (node >> 1) + 1
  const number = (index: number): number => f64[at + index] as number
  const point = (index: number): Point => ({ x: number(index), y: number(index + 1) })
  switch (i32[node]) {
    case Figure.Point:
      return point(0)
    case Figure.Line:
      return { a: number(0), b: number(1), c: number(2) } satisfies Line
    case Figure.Segment:
      return { p1: point(0), p2: point(2) } satisfies LineSegment
    case Figure.Box:
      return { high: point(0), low: point(2) } satisfies Box
    case Figure.Circle:
      return { center: point(0), radius: number(2) } satisfies Circle
  }
  const points: Point[] = new Array((i32[node + 1] as number) >> 1)
  for (let i = 0; i < points.length; i++) points[i] = point(i * 2)
  if (i32[node] === Figure.Polygon) return { points } satisfies Polygon
  return { points, isClosed: i32[node] === Figure.ClosedPath } satisfies Path
}

/** A value of date or time as the runtime's Temporal class; infinities are numbers. */
export function temporal(codec: Codec, value: string): unknown {
  if (value === 'infinity') return Infinity
  if (value === '-infinity') return -Infinity
  const { Temporal } = globalThis as unknown as { Temporal: TemporalClasses }
  try {
    switch (codec) {
      case Codec.TemporalInstant:
        return Temporal.Instant.from(isoYear(value))
      case Codec.TemporalDateTime:
        return Temporal.PlainDateTime.from(isoYear(value))
      case Codec.TemporalDate:
        return Temporal.PlainDate.from(isoYear(value))
      default:
        return Temporal.PlainTime.from(value)
    }
  } catch {
    // The last moment of a day has no other form, and PostgreSQL's years go further.
    throw new Unreadable('that lies outside of what Temporal can hold', '22008')
  }
}

/** Years beyond four digits, and before the first, as ISO 8601 has them: `+012345`, `-000043` for 44 BC. */
function isoYear(value: string): string {
  const isBefore = value.endsWith(' BC')
  const end = value.indexOf('-')
  if (end === 4 && !isBefore) return value
  const year = isBefore ? 1 - Number(value.slice(0, end)) : Number(value.slice(0, end))
  const digits = String(Math.abs(year)).padStart(year >= 0 && year < 10_000 ? 4 : 6, '0')
  const sign = year < 0 ? '-' : year < 10_000 ? '' : '+'
  return `${sign}${digits}${value.slice(end, isBefore ? -3 : undefined)}`
}

/** An interval as a Temporal.Duration; one whose parts have not all the same sign stays an Interval. */
function temporalDuration(value: Interval | number): unknown {
  if (typeof value === 'number') return value
  const { months, days, microseconds } = value
  const time = Number(microseconds)
  const signs = new Set([months, days, time].filter((part) => part !== 0).map(Math.sign))
  if (signs.size > 1) return value
  const { Temporal } = globalThis as unknown as { Temporal: TemporalClasses }
  const unit = (size: bigint, limit: bigint): number => Number((microseconds / size) % limit)
  return Temporal.Duration.from({
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: Number(microseconds / 3_600_000_000n),
    minutes: unit(60_000_000n, 60n),
    seconds: unit(1_000_000n, 60n),
    milliseconds: unit(1000n, 1000n),
    microseconds: unit(1n, 1000n),
  })
}

interface TemporalClasses {
  Instant: { from(text: string): unknown }
  PlainDateTime: { from(text: string): unknown }
  PlainDate: { from(text: string): unknown }
  PlainTime: { from(text: string): unknown }
  Duration: { from(parts: { [unit: string]: number }): unknown }
}
