import type { Chunk } from './codec.ts'
import { define, objectSource } from './plain-object.ts'

/** Makes the object whose leaves begin at `word`. */
export type ObjectReader = (chunk: Chunk, word: number, readers: Readers) => object

/** The object readers of a column, by the number of their key list. */
export type Readers = readonly ObjectReader[]

// The high words of leaves that are no doubles, as negative numbers; crates/wire's cells::document describes each.
const TEXT = -0x10000
const LITERAL = -0x20000
const NODE = -0x30000
const INT = -0x40000
const LONG_TEXT = -0x50000
const JSON_TEXT = -0x60000

/** In place of a key list. */
const ARRAY = -1

/** A JSON document, or a part of one, from its leaf. */
export function document(chunk: Chunk, word: number, readers: Readers): unknown {
  const { i32 } = chunk.views
  const high = i32[word + 1] as number
  if (high >= 0 || high < JSON_TEXT) return chunk.views.f64[word >> 1]
  const low = i32[word] as number
  if (high >= TEXT) return chunk.text.substring(low, low + (high & 0xffff))
  switch (high) {
    case INT:
      return low
    case LITERAL:
      return low === 0 ? null : low === 1
    case NODE:
      return node(chunk, chunk.arrays + low, readers)
    default: {
      const place = chunk.arrays + low
      const text = chunk.text.substring(i32[place] as number, i32[place + 1] as number)
      return high === LONG_TEXT ? text : JSON.parse(text)
    }
  }
}

/** Where the start and the end of a document that travels as text are, or undefined for one that was read. */
export function unreadDocument(chunk: Chunk, word: number): number | undefined {
  const { i32 } = chunk.views
  return i32[word + 1] === JSON_TEXT ? chunk.arrays + (i32[word] as number) : undefined
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
