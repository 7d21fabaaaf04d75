/** The bytes of records under every view that decoders read them by, made once. */
export class Views {
  readonly u8: Buffer
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly i64: BigInt64Array
  readonly u64: BigUint64Array

  constructor(memory: ArrayBufferLike, offset: number, length: number) {
    this.u8 = Buffer.from(memory as ArrayBuffer, offset, length)
    // A block may be longer than what bitwise operators take for a positive number.
    const words = Math.floor(length / 8)
    this.i32 = new Int32Array(memory, offset, words * 2)
    this.f64 = new Float64Array(memory, offset, words)
    this.i64 = new BigInt64Array(memory, offset, words)
    this.u64 = new BigUint64Array(memory, offset, words)
  }
}

/** A chunk of rows: where its parts lie in the views. */
export class Chunk {
  readonly views: Views
  /** The chunk's text; cells give their start and end in it. */
  text: ChunkText = ''
  /** Where its arrays begin, in 4-byte words. */
  arrays = 0
  /** Where its bytes begin. */
  bytes = 0

  constructor(views: Views) {
    this.views = views
  }
}

/** The text of a chunk: a string, or what gives parts of it as one does. V8 compiles `slice` to less than `substring`. */
export interface ChunkText {
  slice(start: number, end: number): string
}

/** A Buffer's own ways to make strings of its parts, which Node.js's types leave out. */
export type Slices = Buffer & {
  latin1Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
}

/** Bytes of text up to which a chunk holds many values rather than few large ones. */
const MANY = 128 * 1024

/** Characters from which on Node.js keeps a string outside of V8's heap (EXTERN_APEX in its string_bytes.cc). */
const OUTSIDE = 1_031_914

/** Characters from which on a chunk's text may be too long for one string though each of its values is not. */
const VAST = 2 ** 28

/**
 * The text between two places. Many values are parts of one string, which costs one call. Large values are, when their
 * string lies outside of V8's heap, where the collector never moves it; else each is a string of its own, so that one
 * that is kept keeps no other.
 */
export function chunkText(bytes: Buffer, start: number, end: number, utf16: boolean): ChunkText {
  if (start === end) return ''
  const length = utf16 ? (end - start) >> 1 : end - start
  if (end - start > MANY && (length < OUTSIDE || length > VAST))
    return new Apart(bytes as Slices, start, utf16)
  return utf16 ? (bytes as Slices).ucs2Slice(start, end) : (bytes as Slices).latin1Slice(start, end)
}

class Apart implements ChunkText {
  readonly #bytes: Slices
  readonly #start: number
  readonly #utf16: boolean

  constructor(bytes: Slices, start: number, utf16: boolean) {
    this.#bytes = bytes
    this.#start = start
    this.#utf16 = utf16
  }

  slice(start: number, end: number): string {
    const at = this.#start
    if (this.#utf16) return this.#bytes.ucs2Slice(at + start * 2, at + end * 2)
    return this.#bytes.latin1Slice(at + start, at + end)
  }
}
