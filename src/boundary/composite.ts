import type { Chunk } from './chunk.ts'
import type { CompositeReader, Form } from './column.ts'
import { define, objectSource } from './plain-object.ts'
import { KNOWN, type Read, VIEWS, valueSource } from './value-source.ts'

/** How the values are read that composites, rows and hstores are made of. */
export interface PartReaders {
  readonly read: Read<Form>
  readonly readArray: (element: Form, chunk: Chunk, place: number) => unknown[]
}

/** A composite as a plain object: its node is a bit for each attribute that is set for NULL, and their cells. */
export function readComposite(form: Form, chunk: Chunk, place: number, readers: PartReaders): object {
  form.make ??= build(form, readers)
  return form.make(chunk, chunk.arrays + place)
}

/** Words in front of the cells. They begin at a multiple of 8 bytes. */
function headOf({ parts }: Form): number {
  const words = (parts.length + 31) >> 5
  return words + (words & 1)
}

/** Generated where the runtime allows that, else a loop: slower, equal in what it makes. */
function build(form: Form, readers: PartReaders): CompositeReader {
  try {
    return generate(form, readers)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop(form, readers)
  }
}

function generate(form: Form, readers: PartReaders): CompositeReader {
  const head = headOf(form)
  const values = form.parts.map(({ codec }, i) => {
    const word = `w + ${head + i * 2}`
    const value = valueSource(codec, word, `d + ${(head >> 1) + i}`, `P[${i}]`)
    return `I[w + ${i >> 5}] & ${1 << (i & 31)} ? null : ${value}`
  })
  const body = `return function composite(c, w) {
  ${VIEWS}
  const d = w >> 1
  ${objectSource(form.names, values)}
  return o
}`
  const known = { ...KNOWN, ...readers, P: form.parts }
  return new Function(...Object.keys(known), body)(...Object.values(known)) as CompositeReader
}

function loop(form: Form, { read }: PartReaders): CompositeReader {
  const head = headOf(form)
  return (chunk, word) => {
    const { i32 } = chunk.views
    const object: { [name: string]: unknown } = {}
    for (const [i, part] of form.parts.entries()) {
      const isNull = ((i32[word + (i >> 5)] as number) & (1 << (i & 31))) !== 0
      define(object, form.names[i] as string, isNull ? null : read(part, chunk, word + head + i * 2))
    }
    return object
  }
}

/** A composite as the list of its attributes. */
export function readTuple({ parts }: Form, chunk: Chunk, place: number, { read }: PartReaders): unknown[] {
  const { i32 } = chunk.views
  const word = chunk.arrays + place
  const words = (parts.length + 31) >> 5
  const cells = word + words + (words & 1)
  return parts.map((part, i) => {
    const isNull = ((i32[word + (i >> 5)] as number) & (1 << (i & 31))) !== 0
    return isNull ? null : read(part, chunk, cells + i * 2)
  })
}

/** A row of no type of its own as a list: the count of its fields, 0, and for each its form and its cell. */
export function readRecord({ fields }: Form, chunk: Chunk, place: number, { read }: PartReaders): unknown[] {
  const { i32 } = chunk.views
  const start = chunk.arrays + place
  const out = new Array<unknown>(i32[start] as number)
  for (let i = 0, word = start + 2; i < out.length; i++, word += 4) {
    const number = i32[word] as number
    out[i] = number < 0 ? null : read(fields[number] as Form, chunk, word + 2)
  }
  return out
}

/** An hstore as an object without prototype: the count of its pairs, 0, and for each where key and value lie. */
export function readHstore(chunk: Chunk, place: number): { [key: string]: string | null } {
  const { i32 } = chunk.views
  const start = chunk.arrays + place
  const end = start + 2 + (i32[start] as number) * 4
  const out: { [key: string]: string | null } = Object.create(null)
  for (let word = start + 2; word < end; word += 4) {
    const key = chunk.text.slice(i32[word] as number, i32[word + 1] as number)
    const first = i32[word + 2] as number
    out[key] = first < 0 ? null : chunk.text.slice(first, i32[word + 3] as number)
  }
  return out
}
