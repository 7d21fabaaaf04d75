import type { RawColumn } from '../want.ts'
import type { Chunk } from './chunk.ts'
import type { Custom } from './custom.ts'
import type { Codec } from './generated.ts'

/** How values are read from their cells. */
export interface Form {
  readonly codec: Codec
  /** The form of the elements of an array, of the bounds of a range, or the forms of the attributes of a composite. */
  readonly parts: readonly Form[]
  /** The names of the attributes of a composite. */
  readonly names: readonly string[]
  /** The forms of fields whose types come with their rows, by number: those of the whole result. */
  readonly fields: readonly Form[]
  /** The codec of the program's that reads it. */
  readonly custom: Custom | undefined
  /** What makes the objects of a composite, once there was one. */
  make: CompositeReader | undefined
}

/** Makes the object of a composite whose node begins at a word. */
export type CompositeReader = (chunk: Chunk, word: number) => object

/** A column of a result and its place in a packed row. */
export interface Column extends RawColumn {
  /** The column's place in the result, from 0. */
  readonly index: number
  readonly form: Form
  /** Bytes from the row's start. */
  readonly slot: number
}
