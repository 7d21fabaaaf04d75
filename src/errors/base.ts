import { TimeoutError } from './client.ts'
import { excerptOf } from './excerpt.ts'
import { type ReportFields, withLines } from './fields.ts'
import { named } from './names.ts'

/** What a `PostgresError` is made of besides its message. */
export interface PostgresErrorOptions extends ReportFields {
  /** The error that this one comes from. */
  cause?: unknown
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Copies what is there: an absent field is an absent property, so that logs show what the server said.
 * Field by field, because a loop over names costs more than all the rest of making an error.
 */
function assignReport(target: Writable<ReportFields>, fields: ReportFields): void {
  if (fields.severityEn !== undefined) target.severityEn = fields.severityEn
  if (fields.detail !== undefined) target.detail = fields.detail
  if (fields.hint !== undefined) target.hint = fields.hint
  if (fields.position !== undefined) target.position = fields.position
  if (fields.internalPosition !== undefined) target.internalPosition = fields.internalPosition
  if (fields.internalQuery !== undefined) target.internalQuery = fields.internalQuery
  if (fields.context !== undefined) target.context = fields.context
  if (fields.schemaName !== undefined) target.schemaName = fields.schemaName
  if (fields.tableName !== undefined) target.tableName = fields.tableName
  if (fields.columnName !== undefined) target.columnName = fields.columnName
  if (fields.dataTypeName !== undefined) target.dataTypeName = fields.dataTypeName
  if (fields.constraintName !== undefined) target.constraintName = fields.constraintName
  if (fields.serverSourceFilename !== undefined) target.serverSourceFilename = fields.serverSourceFilename
  if (fields.serverSourceLine !== undefined) target.serverSourceLine = fields.serverSourceLine
  if (fields.serverSourceFunction !== undefined) target.serverSourceFunction = fields.serverSourceFunction
  // Not enumerable: loggers print what is, and the text of a statement may hold a password.
  if (fields.query !== undefined) {
    Object.defineProperty(target, 'query', { value: fields.query, writable: true, configurable: true })
  }
}

// Whether the same work, begun anew, may well succeed without anybody changing anything:
// 40001, 40P01  the server chose this transaction as the victim of a conflict
// 55P03         a lock was not to be had at once (NOWAIT, lock_timeout)
// 08…           the connection broke or was refused; a pooler says 08P01 when its queue took too long or it is full
// 53300         too many connections: that passes
// 57P01 to 03   shutting down, crashed, starting up: a server that restarts
// Not 57014 (somebody wanted it cancelled), 57P04 (the database is gone), nor a time-out that the
// transaction's own length provoked (25P03, 25P04).
const TRANSIENT = /^(?:40001|40P01|55P03|53300|08...|57P0[123])$/

/** Whether a failure to connect has a reason that stays. With several hosts it is enough that one may be reached again. */
function isLasting(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.every((error) => !mayPass(error))
  return LASTING.includes((cause as { code?: unknown } | undefined)?.code)
}

function mayPass(error: unknown): boolean {
  return error instanceof PostgresError ? error.isTransient : error instanceof TimeoutError
}

/** System codes of failures to connect that trying again does not cure: no such name, and a TLS that is not trusted. */
const LASTING: readonly unknown[] = ['ENOTFOUND', 'EPROTO']

/**
 * An error reported by the server, or one that has the shape of such an error. Each SQLSTATE has its own
 * class, derived from the class of its section: 23505 is `UniqueViolationError`, which is an
 * `IntegrityConstraintViolationError`, which is a `PostgresError`.
 *
 * ```ts
 * try {
 *   await connection.execute('insert into users (email) values ($1)', [email])
 * } catch (error) {
 *   if (error instanceof UniqueViolationError && error.constraintName === 'users_email_key') return 'taken'
 *   throw error
 * }
 * ```
 */
export class PostgresError extends Error {
  /** The SQLSTATE of the class; absent on `PostgresError` itself and on `UnknownPostgresError`. */
  static readonly sqlstate: string | undefined = undefined
  static {
    named(PostgresError, 'PostgresError')
  }

  /**
   * `ERROR`, `FATAL` or `PANIC`, in the language of the server's messages; `WARNING` where a warning was the last that a
   * server said which shut down at once.
   */
  declare readonly severity: string
  /** The severity in English, whatever the server's language. */
  declare readonly severityEn?: string
  /** The five-character code, also where no class of its own exists for it. */
  declare readonly sqlstate: string
  /** More about what happened. */
  declare readonly detail?: string
  /** What to do about it. */
  declare readonly hint?: string
  /** Where in `query` the error is, in characters, counted from 1. */
  declare readonly position?: number
  /** Where in `internalQuery` the error is, in characters, counted from 1. */
  declare readonly internalPosition?: number
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  declare readonly internalQuery?: string
  /** The call stack of functions and commands inside the server, innermost first. */
  declare readonly context?: string
  /** The schema that the report is about. */
  declare readonly schemaName?: string
  /** The table that it is about. */
  declare readonly tableName?: string
  /** The column that it is about. */
  declare readonly columnName?: string
  /** The type that it is about. */
  declare readonly dataTypeName?: string
  /** The constraint that it is about, also where that is an index. */
  declare readonly constraintName?: string
  /** Which set of arguments of `executeMany` or `fetchMany` failed, counted from 0. */
  declare readonly element?: number
  /** Where in the server's own source the error was raised. */
  declare readonly serverSourceFilename?: string
  /** The line in that file. */
  declare readonly serverSourceLine?: string
  /** The function of the server's source that made the report. */
  declare readonly serverSourceFunction?: string
  /** The statement that failed. Not enumerable, so that no logger prints what stands in it. */
  declare readonly query?: string
  /**
   * Whether the server may have executed the call, or parts of it. It is there when a lost connection or a server that shuts
   * down has ended the call.
   */
  declare readonly maybeExecuted?: boolean

  constructor(message?: string, options?: PostgresErrorOptions) {
    super(message, options)
    this.severity = options?.severity ?? 'ERROR'
    this.sqlstate = options?.sqlstate ?? new.target.sqlstate ?? ''
    if (options !== undefined) assignReport(this, options)
  }

  /** The SQLSTATE by the name that other drivers give it. */
  get code(): string {
    return this.sqlstate
  }

  /**
   * Whether the same work may succeed when it is begun anew, on a new connection if this one is gone: a
   * serialization failure, a deadlock, a lock not available, a lost or refused connection, a shortage, a
   * restarting server, a table that was changed meanwhile. It does not say that nothing was done: after a lost connection
   * see `maybeExecuted`.
   */
  get isTransient(): boolean {
    // A result type that has changed: what is prepared anew has the new one.
    if (this.sqlstate === '0A000') return this.serverSourceFunction === 'RevalidateCachedQuery'
    return TRANSIENT.test(this.sqlstate) && !isLasting(this.cause)
  }

  /**
   * The line of the statement that the error is about and a caret below the place, as psql shows them; of the statement
   * that the server itself made where `internalPosition` tells the place. `null` when the server named no place.
   *
   * It is a part of the statement, which may hold secrets: no other member of the error shows it.
   *
   * ```ts
   * console.log(error.excerpt())
   * // LINE 1: select nothing from pg_class
   * //                ^
   * ```
   */
  excerpt(): string | null {
    if (this.position !== undefined) {
      return this.query === undefined ? null : excerptOf(this.query, this.position)
    }
    const { internalPosition, internalQuery } = this
    if (internalPosition === undefined || internalQuery === undefined) return null
    return excerptOf(internalQuery, internalPosition)
  }

  /** Name and message, then `DETAIL:` and `HINT:` on lines of their own; `message` has the message alone. */
  override toString(): string {
    return withLines(`${this.name}: ${this.message}`, this.detail, this.hint)
  }

  /** Name, message and the fields that are there, without the statement, as a logger wants them. */
  toJSON(): { [field: string]: unknown } {
    return Object.assign<{ [field: string]: unknown }, this>({ name: this.name, message: this.message }, this)
  }
}

/** After this error the server has ended the session. */
export class FatalPostgresError extends PostgresError {
  static {
    named(FatalPostgresError, 'FatalPostgresError')
  }
}

/** An error whose SQLSTATE belongs to no section that PostgreSQL's list knows; `sqlstate` has the code. */
export class UnknownPostgresError extends FatalPostgresError {
  static {
    named(UnknownPostgresError, 'UnknownPostgresError')
  }
}

/** `08000` connection_exception: the base of everything about reaching a server and staying connected. */
export class PostgresConnectionError extends PostgresError {
  static override readonly sqlstate: string = '08000'
  static {
    named(PostgresConnectionError, 'PostgresConnectionError')
  }
}

/** `08003` connection_does_not_exist: the connection ended while the call was under way. */
export class ConnectionDoesNotExistError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08003'
  static {
    named(ConnectionDoesNotExistError, 'ConnectionDoesNotExistError')
  }

  /**
   * True when the statement had been sent and its answer was lost: the server may or may not have
   * executed it. False when it never left this process, or not so much of it that anything could stay (a COPY whose data was
   * not all sent): it is safe to send it again.
   */
  override readonly maybeExecuted: boolean

  constructor(message?: string, options?: PostgresErrorOptions & { maybeExecuted?: boolean }) {
    super(message, options)
    this.maybeExecuted = options?.maybeExecuted ?? false
  }
}

/** What a `DataError` is made of besides its message. */
export interface DataErrorOptions extends PostgresErrorOptions {
  /** Which argument was refused, counted from 1. */
  argument?: number
  /** Which set of arguments, or which record, it was in, counted from 0. */
  element?: number
  /** The argument that was refused. */
  value?: unknown
}

/**
 * `22000` data_exception: a value that does not fit, found by the server, or found here before anything
 * was sent; then `argument` is there and the connection is untouched.
 */
export class DataError extends PostgresError {
  static override readonly sqlstate: string = '22000'
  static {
    named(DataError, 'DataError')
  }

  /**
   * Which argument was refused, counted from 1 as in `$1`; of a record of `copyRecordsToTable` which of its values, whose
   * column `columnName` names.
   */
  declare readonly argument?: number
  /** Which of the argument sets of `executeMany` or `fetchMany`, or which of the records, it was in, counted from 0. */
  declare readonly element?: number
  /** The argument that was refused, whole, or the record that is none. Not enumerable, so that no logger prints what may be a secret. */
  declare readonly value?: unknown

  constructor(message?: string, options?: DataErrorOptions) {
    super(message, options)
    if (options?.argument !== undefined) this.argument = options.argument
    if (options?.element !== undefined) this.element = options.element
    // An argument may be undefined, which then is what was refused.
    if (options !== undefined && 'value' in options) {
      Object.defineProperty(this, 'value', { value: options.value, writable: true, configurable: true })
    }
  }
}

/** A message of the server that is no error: a notice, a warning, a log line. Immutable. */
export class PostgresLogMessage {
  /** The SQLSTATE of the class; absent on `PostgresLogMessage` itself. */
  static readonly sqlstate: string | undefined = undefined
  static {
    named(PostgresLogMessage, 'PostgresLogMessage')
  }

  /** The name of the class. */
  declare readonly name: string
  /** Its text, one line as a rule. */
  readonly message: string
  /** `DEBUG`, `LOG`, `INFO`, `NOTICE` or `WARNING`, in the language of the server's messages. */
  readonly severity: string
  /** The severity in English, whatever the server's language. */
  declare readonly severityEn?: string
  /** The five-character code; `00000` for most notices. */
  readonly sqlstate: string
  /** More about what happened. */
  declare readonly detail?: string
  /** What to do about it. */
  declare readonly hint?: string
  /** Where in `query`, in characters, counted from 1. */
  declare readonly position?: number
  /** Where in `internalQuery`, in characters, counted from 1. */
  declare readonly internalPosition?: number
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  declare readonly internalQuery?: string
  /** The call stack of functions and commands inside the server, innermost first. */
  declare readonly context?: string
  /** The schema that the report is about. */
  declare readonly schemaName?: string
  /** The table that it is about. */
  declare readonly tableName?: string
  /** The column that it is about. */
  declare readonly columnName?: string
  /** The type that it is about. */
  declare readonly dataTypeName?: string
  /** The constraint that it is about, also where that is an index. */
  declare readonly constraintName?: string
  /** The file of the server's own source in which the report was made. */
  declare readonly serverSourceFilename?: string
  /** The line in that file. */
  declare readonly serverSourceLine?: string
  /** The function of the server's source that made the report. */
  declare readonly serverSourceFunction?: string
  /** The statement that was running. Not enumerable, so that no logger prints what stands in it. */
  declare readonly query?: string

  constructor(message?: string, fields?: ReportFields) {
    this.message = message ?? ''
    this.severity = fields?.severity ?? 'NOTICE'
    this.sqlstate = fields?.sqlstate ?? new.target.sqlstate ?? '00000'
    if (fields !== undefined) assignReport(this, fields)
    Object.freeze(this)
  }

  /** Severity and message, then `DETAIL:` and `HINT:` on lines of their own. */
  toString(): string {
    return withLines(`${this.severity}: ${this.message}`, this.detail, this.hint)
  }

  /** Name, message and the fields that are there, without the statement, as a logger wants them. */
  toJSON(): { [field: string]: unknown } {
    return Object.assign<{ [field: string]: unknown }, this>({ name: this.name }, this)
  }
}

/** `01000` warning: the base of the messages that PostgreSQL's list calls warnings. */
export class PostgresWarning extends PostgresLogMessage {
  static override readonly sqlstate: string = '01000'
  static {
    named(PostgresWarning, 'PostgresWarning')
  }
}
