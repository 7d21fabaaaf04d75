import { PostgresError, type PostgresErrorOptions, PostgresLogMessage, UnknownPostgresError } from './base.ts'
import type { ServerFields } from './fields.ts'
import { InvalidCachedStatementError, PostgresWarning } from './generated.ts'
import { classes } from './names.ts'

type ErrorClass = new (message?: string, options?: PostgresErrorOptions) => PostgresError
type MessageClass = typeof PostgresLogMessage

interface ClassesByCode {
  readonly errors: Map<string, ErrorClass>
  readonly errorsBySection: Map<string, ErrorClass>
  readonly messages: Map<string, MessageClass>
  readonly messagesBySection: Map<string, MessageClass>
}

let known: ClassesByCode | undefined

/** Found when the first error or message comes. */
function byCode(): ClassesByCode {
  known ??= sorted()
  return known
}

function sorted(): ClassesByCode {
  const found: ClassesByCode = {
    errors: new Map(),
    errorsBySection: new Map(),
    messages: new Map(),
    messagesBySection: new Map(),
  }
  for (const type of classes.values()) {
    const { sqlstate } = type
    // A class without a code of its own is chosen by other means than the code.
    if (sqlstate === undefined || !Object.hasOwn(type, 'sqlstate')) continue
    const parent = Object.getPrototypeOf(type) as { sqlstate?: string }
    const section = sqlstate.slice(0, 2)
    const first = parent.sqlstate?.slice(0, 2) !== section
    if (isErrorClass(type)) {
      found.errors.set(sqlstate, type)
      if (first) found.errorsBySection.set(section, type)
    } else {
      found.messages.set(sqlstate, type as MessageClass)
      if (first) found.messagesBySection.set(section, type as MessageClass)
    }
  }
  return found
}

function isErrorClass(type: object): type is ErrorClass {
  return (type as ErrorClass).prototype instanceof PostgresError
}

/** A position that is no number says nothing; nobody should find NaN in it. */
function place(value: string | undefined): number | undefined {
  return value !== undefined && /^[1-9][0-9]{0,14}$/.test(value) ? Number(value) : undefined
}

/** The wire's letters as properties; a letter that does not exist yet is left out. `M` is the message. */
function report(fields: ServerFields, query: string | undefined): PostgresErrorOptions {
  return {
    severity: fields.S,
    severityEn: fields.V,
    sqlstate: fields.C,
    detail: fields.D,
    hint: fields.H,
    position: place(fields.P),
    internalPosition: place(fields.p),
    internalQuery: fields.q,
    context: fields.W,
    schemaName: fields.s,
    tableName: fields.t,
    columnName: fields.c,
    dataTypeName: fields.d,
    constraintName: fields.n,
    serverSourceFilename: fields.F,
    serverSourceLine: fields.L,
    serverSourceFunction: fields.R,
    query,
  }
}

/** A code of the server's warning sections can be raised as an error, and must be an Error then. */
function errorClass(sqlstate: string, fields: ServerFields): ErrorClass {
  // The text is translated, so the server's own function name is the only reliable sign.
  if (sqlstate === '0A000' && fields.R === 'RevalidateCachedQuery') return InvalidCachedStatementError
  return (
    byCode().errors.get(sqlstate) ??
    byCode().errorsBySection.get(sqlstate.slice(0, 2)) ??
    UnknownPostgresError
  )
}

/**
 * The error that an ErrorResponse stands for. A code without a class becomes the class of its section, one
 * of an unknown section `UnknownPostgresError`; the instance keeps the code as it came.
 */
export function serverError(fields: ServerFields, query?: string): PostgresError {
  const type = errorClass(fields.C ?? '', fields)
  const told = report(fields, query)
  const hint = fields.H ?? hintFor(type, told, fields.M)
  return new type(fields.M || 'the server reported an error without a message', { ...told, hint })
}

/** What helps where the server does not say it: the mistakes that are made most. */
function hintFor(type: ErrorClass, told: PostgresErrorOptions, message = ''): string | undefined {
  if (type === InvalidCachedStatementError) return CHANGED_AGAIN
  if (told.sqlstate === '25P02') return FAILED_BEFORE
  if (told.sqlstate === '42P18') return 'say in the query which type is meant, as in $1::int4'
  if (told.sqlstate === '42P01') return isDottedName(told.query, message) ? DOTTED_NAME : undefined
  if (told.sqlstate === '22P02') return isFromJson(told.serverSourceFunction) ? NO_JSON : undefined
  if (told.sqlstate !== '42601') return undefined
  if (told.serverSourceFunction === 'exec_parse_message') {
    return 'a call runs one statement: only execute() without arguments takes several'
  }
  return startsParameter(told) ? NO_VALUE : undefined
}

/** Whether the place of an error is a parameter. A position counts characters, so that one beyond the BMP is one. */
function startsParameter({ query, position }: PostgresErrorOptions): boolean {
  if (query === undefined || position === undefined) return false
  let charactersLeft = position - 1
  for (let at = 0; at < query.length; charactersLeft--) {
    if (charactersLeft === 0) return /^\$[0-9]/.test(query.slice(at, at + 2))
    at += (query.codePointAt(at) as number) > 0xffff ? 2 : 1
  }
  return false
}

/** `json_ereport_error` and `json_errsave_error`, as versions call it. */
function isFromJson(source: string | undefined): boolean {
  return source?.startsWith('json_e') === true
}

/** Whether the relation that is not there was written as one quoted name with a dot in it. */
function isDottedName(query: string | undefined, message: string): boolean {
  const quoted = query?.match(/"[^"]*\.[^"]*"/g) ?? []
  return quoted.some((name) => message.includes(name.slice(1, -1)))
}

const DOTTED_NAME =
  'a name in quotes is taken as it is: give the schema a name of its own, as in "schema"."table"; for COPY the option schema, for a template sql.identifier(schema, table)'

const NO_JSON = 'a string is taken for JSON text: json(value) makes JSON of a string'

const FAILED_BEFORE =
  'an earlier statement of the transaction has failed: roll it back, and put what may fail into a nested transaction'

const NO_VALUE =
  'an argument stands for one value: write = any($1) for a list, $1::interval for a typed literal, and sql.identifier() for a name'

/** A call was prepared anew once, where that can be. */
const CHANGED_AGAIN =
  'a table or a type was changed since the statement was prepared, perhaps more than once: call again; in a transaction run it again from its start, and prepare a statement of prepare() again'

/**
 * The message that a NoticeResponse stands for. A code that has a class gives that class, an error's class
 * too, since any function may attach such a code to a warning; other codes give `PostgresWarning` when the
 * severity says so, else `PostgresLogMessage`.
 */
export function serverMessage(fields: ServerFields, query?: string): PostgresLogMessage | PostgresError {
  const sqlstate = fields.C ?? ''
  const message = fields.M ?? ''
  const error = byCode().errors.get(sqlstate)
  if (error !== undefined) return Object.freeze(new error(message, report(fields, query)))
  const type =
    byCode().messages.get(sqlstate) ??
    byCode().messagesBySection.get(sqlstate.slice(0, 2)) ??
    ((fields.V ?? fields.S) === 'WARNING' ? PostgresWarning : PostgresLogMessage)
  return new type(message, report(fields, query))
}
