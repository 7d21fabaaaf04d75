import type { Chunk, Views } from './chunk.ts'
import { Codec } from './generated.ts'

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
  return chunk.text.substring(i32[word] as number, i32[word + 1] as number)
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

/** One cell by its codec: what generated decoders have written out, for arrays and for the closure-built ones. */
export function read(codec: Codec, chunk: Chunk, word: number): unknown {
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
      return JSON.parse(text(chunk, word))
    case Codec.Buffer:
      return buffer(chunk, word)
    case Codec.Bytes:
      return bytes(chunk, word)
    case Codec.Void:
      return null
    case Codec.Array:
    case Codec.Document:
      throw new TypeError('what arrays and documents are made of is read by more than a codec')
    default:
      return temporal(codec, text(chunk, word))
  }
}

/** A value of date or time as the runtime's Temporal class; what that cannot hold (infinity, BC) stays a string. */
export function temporal(codec: Codec, value: string): unknown {
  if (value.endsWith('infinity') || value.endsWith(' BC')) return value
  const { Temporal } = globalThis as unknown as { Temporal: TemporalClasses }
  switch (codec) {
    case Codec.TemporalInstant:
      return Temporal.Instant.from(value)
    case Codec.TemporalDateTime:
      return Temporal.PlainDateTime.from(value)
    case Codec.TemporalDate:
      return Temporal.PlainDate.from(value)
    default:
      return Temporal.PlainTime.from(value)
  }
}

interface TemporalClasses {
  Instant: { from(text: string): unknown }
  PlainDateTime: { from(text: string): unknown }
  PlainDate: { from(text: string): unknown }
  PlainTime: { from(text: string): unknown }
}
