import type { CallTiming } from './types/call-timing.ts'
import type { Row } from './types/row.ts'
import type { Attribute } from './types/type-info.ts'

/** A column of a result, as the server describes it. */
export interface ResultColumn extends Attribute {
  /** The OID of the table it comes from, 0 for an expression. */
  readonly tableOid: number
  /** The number of the table's column, from 1; 0 for an expression. */
  readonly tableColumn: number
  /** Bytes of the type, negative where values differ in size. */
  readonly typeSize: number
  /** What stands in parentheses behind the type's name, in the type's own encoding; -1 for nothing. */
  readonly typeModifier: number
}

/** What a statement gave, whole. */
export interface QueryResult<T = Row> {
  /** All rows, `[]` for a statement without rows. */
  readonly rows: T[]
  /** `[]` for a statement without rows. */
  readonly columns: readonly ResultColumn[]
  /** The first words of the command tag: `SELECT`, `INSERT`, `CREATE TABLE` … `''` for an empty text. */
  readonly command: string
  /** How many rows the statement gave or changed, by the command tag; `null` where that has no number. */
  readonly rowCount: number | null
  /** How long each part of the call took, when that was asked for. */
  readonly timing?: CallTiming
}

/** A command tag's words, and its last number: `INSERT 0 2` is INSERT and 2. */
const TAG = /^(.*?)(?: \d+)??(?: (\d+))?$/

export function readTag(tag: string): { command: string; rowCount: number | null } {
  const [, command = '', count] = TAG.exec(tag) ?? []
  return { command, rowCount: count === undefined ? null : Number(count) }
}
