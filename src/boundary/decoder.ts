import { readArray } from './array.ts'
import { buffer, bytes, type Cell, type Chunk, date, int8, read, temporal } from './codec.ts'
import { document, type ObjectReader, objectReader, type Readers } from './document.ts'
import { Codec } from './generated.ts'
import { define, objectSource } from './plain-object.ts'

/** Puts the rows of a chunk, which begin at `word`, into `out` from `at` on. */
export type Decoder = (out: unknown[], at: number, rows: number, word: number, chunk: Chunk) => void

/** The columns of a result and the decoders made for them, each once. */
export class Shape {
  readonly cells: readonly Cell[]
  readonly #stride: number
  #rows: Decoder | undefined
  readonly #values = new Map<number, Decoder>()
  /** Per column: how the objects of its documents are made. */
  readonly #readers: readonly ObjectReader[][]

  constructor(cells: readonly Cell[], stride: number) {
    this.cells = cells
    this.#stride = stride
    this.#readers = cells.map(() => [])
  }

  /** The keys of objects that are in the documents of a column from now on. */
  addKeys(column: number, list: number, keys: readonly string[]): void {
    const readers = this.#readers[column]
    if (readers !== undefined) readers[list] = objectReader(keys)
  }

  /** Rows as plain objects. */
  get rows(): Decoder {
    this.#rows ??= build(this.cells, this.#readers, this.#stride, rowSource, objectBuilder)
    return this.#rows
  }

  /** The values of one column. */
  value(column: number): Decoder {
    let decoder = this.#values.get(column)
    if (decoder === undefined) {
      const cell = this.cells[column] as Cell
      const source = (): string => `out[at++] = ${cellSource(cell, column)}`
      const reader = () => cellReader(cell, column, this.#readers)
      decoder = build(this.cells, this.#readers, this.#stride, source, reader)
      this.#values.set(column, decoder)
    }
    return decoder
  }
}

type Build = (cells: readonly Cell[], readers: readonly Readers[]) => (chunk: Chunk, word: number) => unknown

/** Generated where the runtime allows that, else built of closures: slower, equal in what it makes. */
function build(
  cells: readonly Cell[],
  readers: readonly Readers[],
  stride: number,
  source: (cells: readonly Cell[]) => string,
  fallback: Build,
): Decoder {
  const words = stride >> 2
  try {
    return generate(source(cells), readers, words)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop(fallback(cells, readers), words)
  }
}

function generate(row: string, readers: readonly Readers[], words: number): Decoder {
  const body = `return function decode(out, at, rows, w, c) {
  const v = c.views, I = v.i32, F = v.f64, L = v.i64, U = v.u64, S = c.text
  for (let r = 0; r < rows; r++, w += ${words}) {
    const d = w >> 1
    ${row}
  }
}`
  const make = new Function('int8', 'date', 'buffer', 'bytes', 'temporal', 'readArray', 'document', 'R', body)
  return make(int8, date, buffer, bytes, temporal, readArray, document, readers) as Decoder
}

function rowSource(cells: readonly Cell[]): string {
  const names = cells.map((cell) => cell.name)
  return `${objectSource(names, cells.map(cellSource))}\nout[at++] = o`
}

/** The expression of one cell. Only numbers that were made here enter it. */
function cellSource(cell: Cell, column: number): string {
  const isNull = `I[w + ${column >> 5}] & ${1 << (column & 31)}`
  return `${isNull} ? null : ${valueSource(cell, column)}`
}

function valueSource(cell: Cell, column: number): string {
  const word = `w + ${cell.slot >> 2}`
  const double = `d + ${cell.slot >> 3}`
  const text = `S.substring(I[${word}], I[${word} + 1])`
  switch (cell.codec) {
    case Codec.Int:
      return `I[${word}]`
    case Codec.Bool:
      return `I[${word}] === 1`
    case Codec.Number:
      return `F[${double}]`
    case Codec.Date:
      return `date(F[${double}])`
    case Codec.Int8:
      return `int8(v, ${word})`
    case Codec.BigInt:
      return `L[${double}]`
    case Codec.BigUint:
      return `U[${double}]`
    case Codec.Text:
    case Codec.WireText:
      return text
    case Codec.Document:
      return `document(c, ${word}, R[${column}])`
    case Codec.Buffer:
      return `buffer(c, ${word})`
    case Codec.Bytes:
      return `bytes(c, ${word})`
    case Codec.Array:
      return `readArray(${cell.element ?? Codec.Text}, c, I[${word}])`
    case Codec.Void:
      return 'null'
    default:
      return `temporal(${cell.codec}, ${text})`
  }
}

function loop(row: (chunk: Chunk, word: number) => unknown, words: number): Decoder {
  return (out, at, rows, word, chunk) => {
    for (let r = 0, w = word; r < rows; r++, w += words) out[at + r] = row(chunk, w)
  }
}

function cellReader(
  cell: Cell,
  column: number,
  readers: readonly Readers[],
): (chunk: Chunk, word: number) => unknown {
  const place = cell.slot >> 2
  const nulls = column >> 5
  const bit = 1 << (column & 31)
  const { codec, element } = cell
  return (chunk, word) => {
    const { i32 } = chunk.views
    if ((i32[word + nulls] as number) & bit) return null
    if (codec === Codec.Document) return document(chunk, word + place, readers[column] as Readers)
    if (codec === Codec.Array) return readArray(element ?? Codec.Text, chunk, i32[word + place] as number)
    return read(codec, chunk, word + place)
  }
}

function objectBuilder(
  cells: readonly Cell[],
  readers: readonly Readers[],
): (chunk: Chunk, word: number) => unknown {
  const values = cells.map((cell, column) => cellReader(cell, column, readers))
  const names = cells.map((cell) => cell.name)
  return (chunk, word) => {
    const row: { [name: string]: unknown } = {}
    for (let column = 0; column < values.length; column++) {
      const value = (values[column] as (chunk: Chunk, word: number) => unknown)(chunk, word)
      define(row, names[column] as string, value)
    }
    return row
  }
}
