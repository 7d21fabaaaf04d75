import type { ChunkText } from './chunk-text.ts'
import { Codec } from './generated.ts'

/** A column of a result: its name, its type and its place in a packed row. */
export interface Cell {
  readonly name: string
  readonly typeOid: number
  readonly codec: Codec
  /** The codec of an array's elements. */
  readonly element: Codec | undefined
  /** Bytes from the row's start. */
  readonly slot: number
}

/** The bytes of records under every view that decoders read them by, made once. */
export class Views {
  readonly u8: Buffer
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly i64: BigInt64Array
  readonly u64: BigUint64Array

  constructor(memory: ArrayBufferLike, offset: number, length: number) {
    this.u8 = Buffer.from(memory as ArrayBuffer, offset, length)
    const whole = length & ~7
    this.i32 = new Int32Array(memory, offset, whole >> 2)
    this.f64 = new Float64Array(memory, offset, whole >> 3)
    this.i64 = new BigInt64Array(memory, offset, whole >> 3)
    this.u64 = new BigUint64Array(memory, offset, whole >> 3)
  }
}

/** A chunk of rows: where its parts lie in the views. */
export interface Chunk {
  readonly views: Views
  /** The chunk's text; cells give their start and end in it. */
  text: ChunkText
  /** Where its arrays begin, in 4-byte words. */
  arrays: number
  /** Where its bytes begin. */
  bytes: number
  /** The memory is never used again: bytes may be handed out as they lie. */
  owned: boolean
}

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

/** Bytes from which on a value shares the memory of its records rather than being copied out of it. */
const SHARED = 64 * 1024

/** Whether bytes may be handed out as they lie: a small value must not keep megabytes of others alive. */
function isShared(chunk: Chunk, part: Uint8Array): boolean {
  return chunk.owned && part.length >= SHARED
}

function bytesAt(chunk: Chunk, word: number): Buffer {
  const { i32, u8 } = chunk.views
  return u8.subarray(chunk.bytes + (i32[word] as number), chunk.bytes + (i32[word + 1] as number))
}

/** Bytes as memory of their own. */
export function bytes(chunk: Chunk, word: number): Uint8Array {
  const part = bytesAt(chunk, word)
  return isShared(chunk, part)
    ? new Uint8Array(part.buffer, part.byteOffset, part.length)
    : new Uint8Array(part)
}

export function buffer(chunk: Chunk, word: number): Buffer {
  const part = bytesAt(chunk, word)
  return isShared(chunk, part) ? part : Buffer.from(part)
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
