import type { Chunk } from './chunk.ts'
import { buffer, bytes, date, int8, temporal } from './codec.ts'
import { Codec } from './generated.ts'

/** What generated code calls by these names, besides what its own maker gives it. */
export const KNOWN: { readonly [name: string]: unknown } = { int8, date, buffer, bytes, temporal }

/** Names that generated code has for the views of the chunk `c`. */
export const VIEWS = 'const v = c.views, I = v.i32, F = v.f64, L = v.i64, U = v.u64, S = c.text'

/** One cell by its form. */
export type Read<Form> = (form: Form, chunk: Chunk, word: number) => unknown

/**
 * The expression of a value in the cell at `word`, which lies at `double` among the cells of 8 bytes. `form` is what its
 * form is called. Only numbers that were made here enter it.
 */
export function valueSource(codec: Codec, word: string, double: string, form: string): string {
  const text = `S.slice(I[${word}], I[${word} + 1])`
  switch (codec) {
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
    case Codec.Buffer:
      return `buffer(c, ${word})`
    case Codec.Bytes:
      return `bytes(c, ${word})`
    case Codec.Array:
      return `readArray(${form}.parts[0], c, I[${word}])`
    case Codec.Void:
      return 'null'
    case Codec.TemporalInstant:
    case Codec.TemporalDateTime:
    case Codec.TemporalDate:
    case Codec.TemporalTime:
      return `temporal(${codec}, ${text})`
    default:
      return `read(${form}, c, ${word})`
  }
}
