import type { RawColumn } from '../want.ts'
import type { Chunk } from './chunk.ts'
import type { Custom } from './custom.ts'
import type { Codec } from './generated.ts'

/** How values are read from their cells. */
export interface Form {
  readonly codec: Codec
  /** Of an array the form of its elements, of a range that of its bounds, of a composite those of its attributes. */
  readonly parts: readonly Form[]
  /** Of a composite the names of its attributes. */
  readonly names: readonly string[]
  /** The forms of fields whose types come with their rows, by number: those of the whole result. */
  readonly fields: readonly Form[]
  /** The codec of the program's that reads it. */
  readonly custom: Custom | undefined
  /** Of a composite what makes its objects, once there was one. */
  make: CompositeReader | undefined
}

/** Makes the object of a composite whose node begins at a word. */
export type CompositeReader = (chunk: Chunk, word: number) => object

/** A column of a result and its place in a packed row. */
export interface Column extends RawColumn {
  /** From 0. */
  readonly index: number
  readonly form: Form
  /** Bytes from the row's start. */
  readonly slot: number
}
