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
  detail?: string | undefined
  hint?: string | undefined
  /** Where in the statement, in characters, counted from 1. */
  position?: number | undefined
  /** Where in `internalQuery`, in characters, counted from 1. */
  internalPosition?: number | undefined
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  internalQuery?: string | undefined
  /** The call stack of functions and commands inside the server, innermost first. */
  context?: string | undefined
  schemaName?: string | undefined
  tableName?: string | undefined
  columnName?: string | undefined
  dataTypeName?: string | undefined
  constraintName?: string | undefined
  serverSourceFilename?: string | undefined
  serverSourceLine?: string | undefined
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
