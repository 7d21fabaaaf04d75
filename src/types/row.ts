/** A row as a plain object: own properties by column name, in column order. */
export type Row = { [column: string]: any }
