import type { RecordClass } from '../types/record.ts'
import { read, readArray } from './array.ts'
import type { Chunk } from './chunk.ts'
import type { Column } from './column.ts'
import { document, type Readers } from './document.ts'
import { Codec } from './generated.ts'
import { arraySource, define, objectSource } from './plain-object.ts'
import { recordOf, recordSource } from './record-rows.ts'
import { KNOWN, VIEWS, valueSource } from './value-source.ts'

/** Puts the rows of a chunk, which begin at `word`, into `out` from `at` on. */
export type Decoder = (out: unknown[], at: number, rows: number, word: number, chunk: Chunk) => void

/** What a decoder is made of. */
export interface Layout {
  readonly columns: readonly Column[]
  /** Bytes of a packed row. */
  readonly stride: number
  /** Per column: how the objects of its documents are made. */
  readonly readers: readonly Readers[]
}

type Read = (chunk: Chunk, word: number) => unknown

/** Rows as plain objects. */
export function objectDecoder(layout: Layout): Decoder {
  const names = layout.columns.map(({ name }) => name)
  return build(
    layout,
    () => ({ source: `${objectSource(names, layout.columns.map(columnSource))}\nout[at++] = o` }),
    () => objectReader(layout),
  )
}

/** Rows as arrays of their values. */
export function arrayDecoder(layout: Layout): Decoder {
  return build(
    layout,
    () => ({ source: `${arraySource(layout.columns.map(columnSource))}\nout[at++] = o` }),
    () => arrayReader(layout),
  )
}

/** Rows as records of a class. */
export function recordDecoder(layout: Layout, recordClass: RecordClass): Decoder {
  const names = layout.columns.map(({ name }) => name)
  const made = (): Made => {
    const { known, of } = recordSource(recordClass, names)
    return { source: `${of(layout.columns.map(columnSource))}\nout[at++] = o`, known }
  }
  return build(layout, made, () => {
    const [values, record] = [arrayReader(layout), recordOf(recordClass, names)]
    return (chunk, word) => record(values(chunk, word))
  })
}

/** The values of one column. */
export function valueDecoder(layout: Layout, column: Column): Decoder {
  return build(
    layout,
    () => ({ source: `out[at++] = ${columnSource(column)}` }),
    () => columnReader(layout, column),
  )
}

/** The statements that make what a row becomes, and what they use besides what all of them do. */
interface Made {
  readonly source: string
  readonly known?: { readonly [name: string]: unknown }
}

/** Generated where the runtime allows that, else built of closures: slower, equal in what it makes. */
function build(layout: Layout, made: () => Made, fallback: () => Read): Decoder {
  const words = layout.stride >> 2
  try {
    return generate(made(), layout, words)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop(fallback(), words)
  }
}

function generate({ source, known: own }: Made, { columns, readers }: Layout, words: number): Decoder {
  const forms = columns.map(({ form }) => form)
  const body = `return function decode(out, at, rows, w, c) {
  ${VIEWS}
  for (let r = 0; r < rows; r++, w += ${words}) {
    const d = w >> 1
    ${source}
  }
}`
  const known = { ...KNOWN, read, readArray, document, R: readers, P: forms, ...own }
  return new Function(...Object.keys(known), body)(...Object.values(known)) as Decoder
}

/** The expression of a column's value. Only numbers that were made here enter it. */
function columnSource(column: Column): string {
  const isNull = `I[w + ${column.index >> 5}] & ${1 << (column.index & 31)}`
  return `${isNull} ? null : ${cellSource(column)}`
}

function cellSource({ form: { codec }, index, slot }: Column): string {
  const word = `w + ${slot >> 2}`
  if (codec === Codec.Document) return `document(c, ${word}, R[${index}])`
  return valueSource(codec, word, `d + ${slot >> 3}`, `P[${index}]`)
}

function loop(row: Read, words: number): Decoder {
  return (out, at, rows, word, chunk) => {
    for (let r = 0, w = word; r < rows; r++, w += words) out[at + r] = row(chunk, w)
  }
}

function columnReader({ readers }: Layout, { form, index, slot }: Column): Read {
  const place = slot >> 2
  const nulls = index >> 5
  const bit = 1 << (index & 31)
  return (chunk, word) => {
    const { i32 } = chunk.views
    if ((i32[word + nulls] as number) & bit) return null
    if (form.codec === Codec.Document) return document(chunk, word + place, readers[index] as Readers)
    return read(form, chunk, word + place)
  }
}

function arrayReader(layout: Layout): (chunk: Chunk, word: number) => unknown[] {
  const values = layout.columns.map((column) => columnReader(layout, column))
  return (chunk, word) => values.map((value) => value(chunk, word))
}

function objectReader(layout: Layout): Read {
  const values = layout.columns.map((column) => columnReader(layout, column))
  const names = layout.columns.map(({ name }) => name)
  return (chunk, word) => {
    const row: { [name: string]: unknown } = {}
    for (let column = 0; column < values.length; column++) {
      define(row, names[column] as string, (values[column] as Read)(chunk, word))
    }
    return row
  }
}
