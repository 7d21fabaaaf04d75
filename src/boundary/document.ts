import type { Chunk } from './chunk.ts'
import { parseJson } from './codec.ts'
import { Leaf } from './generated.ts'
import { define, objectSource } from './plain-object.ts'

/** Makes the object whose leaves begin at `word`. */
export type ObjectReader = (chunk: Chunk, word: number, readers: Readers) => object

/** The object readers of a column, by the number of their key list. */
export type Readers = readonly ObjectReader[]

/** The number of a list, in place of a key list's. */
const ARRAY = -1

/** A JSON document, or a part of one, from its leaf. */
export function document(chunk: Chunk, word: number, readers: Readers): unknown {
  const { i32 } = chunk.views
  const high = i32[word + 1] as number
  if (high >= 0 || high < Leaf.Json) return chunk.views.f64[word >> 1]
  const low = i32[word] as number
  if (high >= Leaf.Text) return chunk.text.slice(low, low + (high & 0xffff))
  switch (high) {
    case Leaf.Int:
      return low
    case Leaf.Literal:
      return low === 0 ? null : low === 1
    case Leaf.Node:
      return node(chunk, chunk.arrays + low, readers)
    default: {
      const place = chunk.arrays + low
      const text = chunk.text.slice(i32[place] as number, i32[place + 1] as number)
      return high === Leaf.LongText ? text : parseJson(text)
    }
  }
}

function node(chunk: Chunk, word: number, readers: Readers): object {
  const { i32 } = chunk.views
  const list = i32[word] as number
  if (list !== ARRAY) return (readers[list] as ObjectReader)(chunk, word + 2, readers)
  const count = i32[word + 1] as number
  const out = new Array<unknown>(count)
  for (let i = 0, at = word + 2; i < count; i++, at += 2) out[i] = document(chunk, at, readers)
  return out
}

/** Readers made before: many statements read the same documents. */
const made = new Map<string, ObjectReader>()

/** Readers that are kept. They all go when there are more, which is cheaper than to know which. */
const MOST = 1024

/** The reader of objects with these keys: generated where code may be, else a loop. */
export function objectReader(keys: readonly string[]): ObjectReader {
  const name = JSON.stringify(keys)
  let reader = made.get(name)
  if (reader === undefined) {
    if (made.size >= MOST) made.clear()
    reader = build(keys)
    made.set(name, reader)
  }
  return reader
}

function build(keys: readonly string[]): ObjectReader {
  try {
    const values = keys.map((_, i) => `document(c, w + ${i * 2}, r)`)
    const body = `return function object(c, w, r) {
  ${objectSource(keys, values)}
  return o
}`
    return new Function('document', body)(document) as ObjectReader
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop(keys)
  }
}

function loop(keys: readonly string[]): ObjectReader {
  return (chunk, word, readers) => {
    const object: { [key: string]: unknown } = {}
    for (const [i, key] of keys.entries()) define(object, key, document(chunk, word + i * 2, readers))
    return object
  }
}
