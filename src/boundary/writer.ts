import { Operation } from './generated.ts'

/** Strings up to this long are written by a loop, which costs less than a call into the runtime: as measured. */
const SHORT = 24

/** Strings from here on are measured before they are written: the most they could take may not be there. */
const LONG = 64 * 1024

/** Bytes of a buffer. No message of the protocol is longer than 2^31 - 1. */
const LARGEST = 0x7fff_ffff

/** What `Buffer.write` calls in the end, for one that knows its encoding and its bounds. */
interface Writes {
  utf8Write(value: string, offset: number, length: number): number
}

/** What was to be written is larger than a buffer can be, or than the memory that there is. */
export class NoRoom extends RangeError {}

/**
 * A growing buffer that numbers and texts are written into, in native byte order (little endian on every platform there
 * is a binary for). Each method throws {@link NoRoom} when the memory for what it writes cannot be had, and has written
 * nothing then.
 */
export class Writer {
  #bytes: Buffer
  #view: DataView
  #position = 0

  constructor(size: number) {
    this.#bytes = Buffer.from(new ArrayBuffer(size))
    this.#view = viewOf(this.#bytes)
  }

  get position(): number {
    return this.#position
  }

  /** Everything is in `buffer`, up to `position`. */
  get buffer(): Buffer {
    return this.#bytes
  }

  /** Bytes that can be written without more memory. */
  get room(): number {
    return this.#bytes.length - this.#position
  }

  /** Takes back what was written behind `position`. */
  truncate(position: number): void {
    this.#position = position
  }

  /** Gives the memory of an empty buffer back that has grown beyond `most` bytes, for one of `size`. */
  shrink(size: number, most: number): void {
    if (this.#position > 0 || this.#bytes.length <= most) return
    try {
      this.#use(new ArrayBuffer(size))
    } catch {
      // There is not even so much: then the large one stays.
    }
  }

  byte(value: number): void {
    this.#ensure(1)
    this.#view.setUint8(this.#position, value)
    this.#position += 1
  }

  int32(value: number): void {
    this.#ensure(4)
    this.#view.setInt32(this.#position, value, true)
    this.#position += 4
  }

  /** A byte, then 32 bits with sign. */
  tagged32(tag: number, value: number): void {
    this.#ensure(5)
    this.#view.setUint8(this.#position, tag)
    this.#view.setInt32(this.#position + 1, value, true)
    this.#position += 5
  }

  /** A byte, then a double. */
  tagged64(tag: number, value: number): void {
    this.#ensure(9)
    this.#view.setUint8(this.#position, tag)
    this.#view.setFloat64(this.#position + 1, value, true)
    this.#position += 9
  }

  uint32(value: number): void {
    this.#ensure(4)
    this.#view.setUint32(this.#position, value, true)
    this.#position += 4
  }

  /** The head of a call in one go, its size being left to be patched: it is on every query's way. */
  call(
    session: number,
    request: number,
    query: number,
    ask: number,
    flags: number,
    rows: number,
    timeout: number,
    portal: number,
    within: number,
    place: number,
    count: number,
  ): void {
    this.#ensure(52)
    const view = this.#view
    const at = this.#position
    view.setUint32(at + 4, Operation.Call, true)
    view.setUint32(at + 8, session, true)
    view.setUint32(at + 12, request, true)
    view.setUint32(at + 16, query, true)
    view.setUint32(at + 20, ask, true)
    view.setUint32(at + 24, flags, true)
    view.setUint32(at + 28, rows, true)
    view.setUint32(at + 32, timeout, true)
    view.setUint32(at + 36, portal, true)
    view.setUint32(at + 40, within, true)
    view.setUint32(at + 44, place, true)
    view.setUint32(at + 48, count, true)
    this.#position = at + 52
  }

  int64(value: bigint): void {
    this.#ensure(8)
    this.#view.setBigInt64(this.#position, value, true)
    this.#position += 8
  }

  /** The length in bytes, then the text in UTF-8. */
  text(value: string): void {
    const length = value.length
    // A UTF-16 unit takes three bytes at most.
    const most = length <= LONG ? length * 3 : Buffer.byteLength(value, 'utf8')
    this.#ensure(4 + most)
    const start = this.#position + 4
    const written = (this.#bytes as Buffer & Writes).utf8Write(value, start, most)
    this.#view.setUint32(this.#position, written, true)
    this.#position = start + written
  }

  /**
   * A byte, then a text as {@link text} writes it, if that is short and has no surrogates. False if it is none, of which
   * nothing is written.
   */
  taggedShort(tag: number, value: string): boolean {
    const length = value.length
    if (length > SHORT) return false
    this.#ensure(5 + length * 3)
    const bytes = this.#bytes
    const start = this.#position + 5
    let at = start
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit < 0x80) {
        bytes[at++] = unit
      } else if (unit < 0x800) {
        bytes[at++] = 0xc0 | (unit >> 6)
        bytes[at++] = 0x80 | (unit & 0x3f)
      } else if (unit < 0xd800 || unit > 0xdfff) {
        bytes[at++] = 0xe0 | (unit >> 12)
        bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
        bytes[at++] = 0x80 | (unit & 0x3f)
      } else {
        return false
      }
    }
    this.#view.setUint8(this.#position, tag)
    this.#view.setUint32(this.#position + 1, at - start, true)
    this.#position = at
    return true
  }

  /** The length, then the bytes. */
  bytes(value: Uint8Array): void {
    this.#ensure(4 + value.length)
    this.#view.setUint32(this.#position, value.length, true)
    this.#bytes.set(value, this.#position + 4)
    this.#position += 4 + value.length
  }

  /** The bytes as they are. */
  raw(value: Uint8Array): void {
    this.#ensure(value.length)
    this.#bytes.set(value, this.#position)
    this.#position += value.length
  }

  /** Leaves room for a word that is known later. */
  reserve(): number {
    this.#ensure(4)
    this.#position += 4
    return this.#position - 4
  }

  patch(position: number, value: number): void {
    this.#view.setUint32(position, value, true)
  }

  #ensure(more: number): void {
    const needed = this.#position + more
    if (needed <= this.#bytes.length) return
    // Lengths are written in 32 bits: what is beyond must not come out as something small.
    if (needed > LARGEST) throw new NoRoom(`the arguments take ${needed} bytes, the most is ${LARGEST}`)
    const old = this.#bytes.subarray(0, this.#position)
    this.#use(memory(Math.max(needed, this.#bytes.length * 2)))
    this.#bytes.set(old)
  }

  #use(memory: ArrayBuffer): void {
    this.#bytes = Buffer.from(memory)
    this.#view = viewOf(this.#bytes)
  }
}

function memory(size: number): ArrayBuffer {
  try {
    return new ArrayBuffer(size)
  } catch {
    throw new NoRoom(`there is no memory for ${size} bytes of arguments`)
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
