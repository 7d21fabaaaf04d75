import type { RawColumn } from '../want.ts'
import type { Codec } from './generated.ts'

/** How values are read from their cells. */
export interface Form {
  readonly codec: Codec
  /** Of an array the form of its elements, of a range that of its bounds. */
  readonly parts: readonly Form[]
}

/** A column of a result and its place in a packed row. */
export interface Column extends RawColumn {
  /** From 0. */
  readonly index: number
  readonly form: Form
  /** Bytes from the row's start. */
  readonly slot: number
}
