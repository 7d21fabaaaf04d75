import type { RawColumn } from '../want.ts'
import type { Codec } from './generated.ts'

/** A column of a result and its place in a packed row. */
export interface Column extends RawColumn {
  /** From 0. */
  readonly index: number
  readonly codec: Codec
  /** The codec of an array's elements. */
  readonly element: Codec | undefined
  /** Bytes from the row's start. */
  readonly slot: number
}
