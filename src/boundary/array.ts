import { Range } from '../types/range.ts'
import type { Chunk } from './chunk.ts'
import { readScalar } from './codec.ts'
import type { Form } from './column.ts'
import { type PartReaders, readComposite, readHstore, readRecord, readTuple } from './composite.ts'
import type { Custom } from './custom.ts'
import { ArrayFlag, Codec, Exchange, RangeFlag } from './generated.ts'
import { InText, Undecoded } from './unreadable.ts'

/** One cell by its form: what generated decoders have written out, for parts and for the closure-built ones. */
export function read(form: Form, chunk: Chunk, word: number): unknown {
  switch (form.codec) {
    case Codec.Array:
      return readArray(form.parts[0] as Form, chunk, chunk.views.i32[word] as number)
    case Codec.Range:
      return readRange(form.parts[0] as Form, chunk, chunk.views.i32[word] as number)
    case Codec.Composite:
      return readComposite(form, chunk, chunk.views.i32[word] as number, PARTS)
    case Codec.Custom:
      return readCustom(form, chunk, word)
    case Codec.CustomTuple:
      return decoded(form.custom as Custom, readTuple(form, chunk, chunk.views.i32[word] as number, PARTS))
    case Codec.CustomInText:
      throw new InText((form.custom as Custom).name)
    case Codec.Record:
      return readRecord(form, chunk, chunk.views.i32[word] as number, PARTS)
    case Codec.Hstore:
      return readHstore(chunk, chunk.views.i32[word] as number)
    default:
      return readScalar(form.codec, chunk, word)
  }
}

const PARTS: PartReaders = { read, readArray }

/** What a codec of the program's makes of a text or of bytes. */
function readCustom({ custom }: Form, chunk: Chunk, word: number): unknown {
  const { exchange, tuple } = custom as Custom
  if (exchange === Exchange.Text) return decoded(custom as Custom, readScalar(Codec.Text, chunk, word))
  const bytes = readScalar(Codec.Buffer, chunk, word) as Buffer
  return decoded(custom as Custom, tuple === undefined ? bytes : tuple.read(bytes))
}

function decoded(custom: Custom, wire: unknown): unknown {
  try {
    return custom.decode(wire)
  } catch (error) {
    throw new Undecoded(custom.name, error)
  }
}

/**
 * An array of a chunk, nested as its dimensions say. Its words are: dimensions, elements, flags, the length of each
 * dimension, a bit per element that is set for NULL, then the elements' cells.
 */
export function readArray(element: Form, chunk: Chunk, place: number): unknown[] {
  const { i32 } = chunk.views
  const start = chunk.arrays + place
  const dimensions = i32[start] as number
  if (dimensions === 0) return []
  const count = i32[start + 1] as number
  const flags = i32[start + 2] as number
  const nulls = flags & ArrayFlag.Nulls ? start + 3 + dimensions : -1
  let cells = start + 3 + dimensions + (nulls < 0 ? 0 : (count + 31) >> 5)
  cells += cells & 1
  const width = flags & ArrayFlag.Narrow ? 1 : 2
  const flat = readElements(element, chunk, cells, count, nulls, width)
  if (dimensions === 1) return flat
  let nested = flat
  for (let dimension = dimensions - 1; dimension > 0; dimension--) {
    nested = split(nested, i32[start + 3 + dimension] as number)
  }
  return nested
}

function readElements(
  element: Form,
  chunk: Chunk,
  cells: number,
  count: number,
  nulls: number,
  width: number,
): unknown[] {
  const { i32, f64 } = chunk.views
  const out = new Array<unknown>(count)
  if (nulls < 0 && element.codec === Codec.Int) {
    for (let i = 0; i < count; i++) out[i] = i32[cells + i]
    return out
  }
  if (nulls < 0 && element.codec === Codec.Number) {
    const first = cells >> 1
    for (let i = 0; i < count; i++) out[i] = f64[first + i]
    return out
  }
  for (let i = 0, word = cells; i < count; i++, word += width) {
    const isNull = nulls >= 0 && ((i32[nulls + (i >> 5)] as number) & (1 << (i & 31))) !== 0
    out[i] = isNull ? null : read(element, chunk, word)
  }
  return out
}

function split(values: unknown[], length: number): unknown[] {
  const out: unknown[] = []
  for (let at = 0; at < values.length; at += length) out.push(values.slice(at, at + length))
  return out
}

/** A range of a chunk: its flags, and from the second word on its bounds. */
export function readRange(bound: Form, chunk: Chunk, place: number): Range {
  const start = chunk.arrays + place
  const flags = chunk.views.i32[start] as number
  if (flags & RangeFlag.Empty) return new Range(null, null, { empty: true })
  return new Range(
    flags & RangeFlag.LowerInfinite ? null : read(bound, chunk, start + 2),
    flags & RangeFlag.UpperInfinite ? null : read(bound, chunk, start + 4),
    {
      lowerInc: (flags & RangeFlag.LowerInclusive) !== 0,
      upperInc: (flags & RangeFlag.UpperInclusive) !== 0,
    },
  )
}
