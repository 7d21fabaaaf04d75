import { readArray } from './array.ts'
import { buffer, bytes, type Cell, type Chunk, Codec, date, int8, read, temporal } from './codec.ts'

/** Appends the rows of a chunk, which begin at `word`, to `out`. */
export type Decoder = (out: unknown[], rows: number, word: number, chunk: Chunk) => void

/** The columns of a result and the decoders made for them, each once. */
export class Shape {
  readonly cells: readonly Cell[]
  readonly #stride: number
  #rows: Decoder | undefined
  readonly #values = new Map<number, Decoder>()

  constructor(cells: readonly Cell[], stride: number) {
    this.cells = cells
    this.#stride = stride
  }

  /** Rows as plain objects. */
  get rows(): Decoder {
    this.#rows ??= build(this.cells, this.#stride, objectLiteral, objectBuilder)
    return this.#rows
  }

  /** The values of one column. */
  value(column: number): Decoder {
    let decoder = this.#values.get(column)
    if (decoder === undefined) {
      const cell = this.cells[column] as Cell
      const source = (): string => cellSource(cell, column)
      decoder = build(this.cells, this.#stride, source, () => cellReader(cell, column))
      this.#values.set(column, decoder)
    }
    return decoder
  }
}

type Build = (cells: readonly Cell[]) => (chunk: Chunk, word: number) => unknown

/** Generated where the runtime allows that, else built of closures: slower, equal in what it makes. */
function build(
  cells: readonly Cell[],
  stride: number,
  source: (cells: readonly Cell[]) => string,
  fallback: Build,
): Decoder {
  const words = stride >> 2
  try {
    return generate(source(cells), words)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop(fallback(cells), words)
  }
}

function generate(row: string, words: number): Decoder {
  const body = `return function decode(out, rows, w, c) {
  const v = c.views, I = v.i32, F = v.f64, L = v.i64, U = v.u64, S = c.text
  for (let r = 0; r < rows; r++, w += ${words}) {
    const d = w >> 1
    out.push(${row})
  }
}`
  const make = new Function('int8', 'date', 'buffer', 'bytes', 'temporal', 'readArray', 'parse', body)
  return make(int8, date, buffer, bytes, temporal, readArray, JSON.parse) as Decoder
}

/**
 * An object literal. Names come from the server and are hostile: they enter the source as string literals made
 * by JSON.stringify only, and `__proto__`, which a literal would take as the prototype, as a computed key.
 */
function objectLiteral(cells: readonly Cell[]): string {
  const members = cells.map((cell, column) => {
    const name = JSON.stringify(cell.name)
    return `${cell.name === '__proto__' ? `[${name}]` : name}: ${cellSource(cell, column)}`
  })
  return `{ ${members.join(', ')} }`
}

/** The expression of one cell. Only numbers that were made here enter it. */
function cellSource(cell: Cell, column: number): string {
  const isNull = `I[w + ${column >> 5}] & ${1 << (column & 31)}`
  return `${isNull} ? null : ${valueSource(cell)}`
}

function valueSource(cell: Cell): string {
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
    case Codec.Json:
      return `parse(${text})`
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
  return (out, rows, word, chunk) => {
    for (let r = 0, w = word; r < rows; r++, w += words) out.push(row(chunk, w))
  }
}

function cellReader(cell: Cell, column: number): (chunk: Chunk, word: number) => unknown {
  const place = cell.slot >> 2
  const nulls = column >> 5
  const bit = 1 << (column & 31)
  const { codec, element } = cell
  return (chunk, word) => {
    const { i32 } = chunk.views
    if ((i32[word + nulls] as number) & bit) return null
    if (codec === Codec.Array) return readArray(element ?? Codec.Text, chunk, i32[word + place] as number)
    return read(codec, chunk, word + place)
  }
}

function objectBuilder(cells: readonly Cell[]): (chunk: Chunk, word: number) => unknown {
  const readers = cells.map(cellReader)
  const names = cells.map((cell) => cell.name)
  return (chunk, word) => {
    const row: { [name: string]: unknown } = {}
    for (let column = 0; column < readers.length; column++) {
      const value = (readers[column] as (chunk: Chunk, word: number) => unknown)(chunk, word)
      const name = names[column] as string
      if (name === '__proto__') {
        Object.defineProperty(row, name, { value, writable: true, enumerable: true, configurable: true })
      } else row[name] = value
    }
    return row
  }
}
