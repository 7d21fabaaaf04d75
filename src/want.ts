import type { CallTiming } from './types/call-timing.ts'
import type { RecordClass } from './types/record.ts'

/** What a call gives its caller. */
export type Want = Gives & {
  /** What rows are made as that are no arrays: records of this class, or what the connection has for them. */
  readonly recordClass?: RecordClass | undefined
  /** The codecs of the session have no part in it: it is a call of the driver's own. */
  readonly isPlain?: boolean | undefined
  /** It is sent also when its time is up before its turn. */
  readonly isSentAnyway?: boolean | undefined
  /** What goes out behind the text and is no part of it, with what makes it a comment of SQL. */
  readonly comment?: string | undefined
  /** Is told the command tag of each call that succeeds. */
  readonly told?: ((tag: string) => void) | undefined
  /** Is told the times of a call that the server has answered, whatever it has answered. */
  readonly timed?: ((timing: CallTiming) => void) | undefined
}

type Gives =
  /** Every row. */
  | { readonly kind: 'rows' }
  /** The first row, or null. */
  | { readonly kind: 'row' }
  /** One value of the first row, or null. */
  | { readonly kind: 'value'; readonly column: number | string }
  /** Only that it has ended. */
  | { readonly kind: 'end' }
  /** The command tag. */
  | { readonly kind: 'tag' }
  /** All of it, as a {@link RawResult}. */
  | { readonly kind: 'result'; readonly rows: 'object' | 'array'; readonly isTimed?: boolean }
  /** Some rows of a portal, as a {@link RawBatch}. */
  | { readonly kind: 'batch' }

/** How many rows a call has given its caller; `undefined` where that cannot be told by what it gave. */
export function rowsIn({ kind }: Want, given: unknown): number | undefined {
  if (kind === 'rows') return (given as unknown[]).length
  if (kind === 'result') return (given as RawResult).rows.length
  if (kind === 'row') return given === null ? 0 : 1
  return kind === 'value' && given !== null ? 1 : undefined
}

/** A column as the server describes it. */
export interface RawColumn {
  readonly name: string
  readonly typeOid: number
  /** 0 for a column that is none of a table. */
  readonly tableOid: number
  /** The number of the table's column, from 1. */
  readonly tableColumn: number
  /** In bytes; negative for a type of no fixed size. */
  readonly typeSize: number
  /** What stands in parentheses behind the type's name, in the type's own encoding; -1 for nothing. */
  readonly typeModifier: number
}

/** What a statement gave. */
export interface RawResult {
  readonly rows: unknown[]
  /** One and the same list for the same columns; empty for a statement without rows. */
  readonly columns: readonly RawColumn[]
  readonly tag: string
}

/** Some rows of a portal. */
export interface RawBatch {
  readonly rows: unknown[]
  /** The portal has no more. */
  readonly isLast: boolean
}
