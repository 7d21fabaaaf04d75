import type { Codec } from './generated.ts'

/** A column of a result: its name, its type and its place in a packed row. */
export interface Column {
  /** From 0. */
  readonly index: number
  readonly name: string
  readonly typeOid: number
  readonly codec: Codec
  /** The codec of an array's elements. */
  readonly element: Codec | undefined
  /** Bytes from the row's start. */
  readonly slot: number
}
