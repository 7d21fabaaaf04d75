import type { Chunk } from './chunk.ts'
import { read } from './codec.ts'
import { Codec } from './generated.ts'

/**
 * An array of a chunk, nested as its dimensions say. Its words are: dimensions, elements, whether there are
 * NULLs, the length of each dimension, a bit per element that is set for NULL, then the elements' cells.
 */
export function readArray(element: Codec, chunk: Chunk, offset: number): unknown[] {
  const { i32 } = chunk.views
  const start = chunk.arrays + offset
  const dimensions = i32[start] as number
  if (dimensions === 0) return []
  const count = i32[start + 1] as number
  const nulls = i32[start + 2] === 1 ? start + 3 + dimensions : -1
  let cells = start + 3 + dimensions + (nulls < 0 ? 0 : (count + 31) >> 5)
  cells += cells & 1
  const flat = readElements(element, chunk, cells, count, nulls)
  if (dimensions === 1) return flat
  let nested = flat
  for (let dimension = dimensions - 1; dimension > 0; dimension--) {
    nested = split(nested, i32[start + 3 + dimension] as number)
  }
  return nested
}

function readElements(element: Codec, chunk: Chunk, cells: number, count: number, nulls: number): unknown[] {
  const { i32, f64 } = chunk.views
  const out = new Array<unknown>(count)
  if (nulls < 0 && element === Codec.Int) {
    for (let i = 0; i < count; i++) out[i] = i32[cells + i]
    return out
  }
  if (nulls < 0 && element === Codec.Number) {
    const first = cells >> 1
    for (let i = 0; i < count; i++) out[i] = f64[first + i]
    return out
  }
  const width = element === Codec.Int || element === Codec.Bool || element === Codec.Void ? 1 : 2
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
