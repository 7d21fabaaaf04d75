/**
 * The fields of an ErrorResponse or NoticeResponse as the protocol sends them: one letter each
 * (PostgreSQL manual, "Error and Notice Message Fields"). A server may leave out any of them and may
 * send letters that do not exist yet.
 */
export type ServerFields = { readonly [letter: string]: string }

/** What PostgreSQL tells about an error or a notice. What it did not tell is absent, never empty. */
export interface ReportFields {
  /** `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE` … in the language of the server's messages. */
  severity?: string | undefined
  /** The severity in English, whatever the server's language. */
  severityEn?: string | undefined
  /** The five-character code (PostgreSQL manual, appendix "PostgreSQL Error Codes"). */
  sqlstate?: string | undefined
  /** More about what happened. */
  detail?: string | undefined
  /** What to do about it. */
  hint?: string | undefined
  /** Where in the statement, in characters, counted from 1. */
  position?: number | undefined
  /** Where in `internalQuery`, in characters, counted from 1. */
  internalPosition?: number | undefined
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  internalQuery?: string | undefined
  /** The call stack of functions and commands inside the server, innermost first. */
  context?: string | undefined
  /** The schema that the report is about. */
  schemaName?: string | undefined
  /** The table that it is about. */
  tableName?: string | undefined
  /** The column that it is about. */
  columnName?: string | undefined
  /** The type that it is about. */
  dataTypeName?: string | undefined
  /** The constraint that it is about, also where that is an index. */
  constraintName?: string | undefined
  /** The file of the server's own source in which the report was made. */
  serverSourceFilename?: string | undefined
  /** The line in that file. */
  serverSourceLine?: string | undefined
  /** The function of the server's source that made the report. */
  serverSourceFunction?: string | undefined
  /** The statement that was running. */
  query?: string | undefined
}

/** Message, then what helps, each on its line: the way psql prints a report. */
export function withLines(head: string, detail: string | undefined, hint: string | undefined): string {
  let text = head
  if (detail !== undefined) text += `\nDETAIL:  ${detail}`
  if (hint !== undefined) text += `\nHINT:  ${hint}`
  return text
}
