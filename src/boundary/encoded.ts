import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'
import type { Range } from '../types/range.ts'
import type { Custom } from './custom.ts'
import { RangeFlag } from './generated.ts'
import { InCodec } from './unwritable.ts'

/** What a codec of the program's gave for a value: its text, its binary form, or the attributes of a composite. */
export type Encoded = string | Uint8Array | readonly unknown[]

/** Throws what says why, when the codec threw or gave what its format is not. */
export function encoded(value: unknown, custom: Custom): Encoded {
  const given = encode(value, custom)
  if (custom.format === 'text') {
    if (typeof given === 'string') return given
    throw wrongResult(custom, 'a string', given)
  }
  if (custom.format === 'binary') {
    if (types.isUint8Array(given)) return given
    throw wrongResult(custom, 'a Uint8Array', given)
  }
  if (!Array.isArray(given)) throw wrongResult(custom, 'an array', given)
  if (custom.tuple === undefined) return given
  const bytes = custom.tuple.write(given)
  if (bytes !== undefined) return bytes
  throw new Unsendable(`the codec for ${custom.name} must give ${custom.tuple.parts} in whole numbers`)
}

function encode(value: unknown, custom: Custom): unknown {
  try {
    return custom.encode(value)
  } catch (error) {
    throw new InCodec(custom.name, error)
  }
}

function wrongResult({ name }: Custom, expected: string, got: unknown): Unsendable {
  const hint = types.isPromise(got) ? 'encode() is called without being waited for' : undefined
  return new Unsendable(`the codec for ${name} must give ${expected}, gave ${kindOf(got)}`, hint)
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (types.isPromise(value)) return 'a Promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The bounds of a range by the codec of their type; `undefined` for one that is not there. */
export function encodedBounds({ lower, upper }: Range, custom: Custom): (string | Uint8Array | undefined)[] {
  return [lower, upper].map((bound) => {
    if (bound === null) return undefined
    const given = encoded(bound, custom)
    if (typeof given === 'string' || types.isUint8Array(given)) return given
    throw new Unsendable(`the codec for ${custom.name} gives a list, which no bound of a range is`)
  })
}

/** The binary form of a range by those of its bounds (PostgreSQL's rangetypes.c, `range_send`). */
export function rangeBytes(
  { lowerInc, upperInc, isEmpty }: Range,
  bounds: readonly (Uint8Array | undefined)[],
): Uint8Array {
  if (isEmpty) return Uint8Array.of(RangeFlag.Empty)
  const [lower, upper] = bounds
  const flags =
    (lowerInc ? RangeFlag.LowerInclusive : 0) |
    (upperInc ? RangeFlag.UpperInclusive : 0) |
    (lower === undefined ? RangeFlag.LowerInfinite : 0) |
    (upper === undefined ? RangeFlag.UpperInfinite : 0)
  const pieces: Uint8Array[] = [Uint8Array.of(flags)]
  for (const bound of bounds) {
    if (bound === undefined) continue
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bound.length)
    pieces.push(length, bound)
  }
  return Buffer.concat(pieces)
}
