import { checkManyText, checkSets } from './argument-sets.ts'
import { type Args, CALL_OPTIONS, type CallLimits, type CallOptions, checkLimits } from './call-options.ts'
import { copyFromQuery, copyFromTable, copyRecordsToTable, copyToTable } from './copy/copy.ts'
import type {
  CopyFromOptions,
  CopyFromTableOptions,
  CopyRecordsOptions,
  CopyToOptions,
} from './copy/options.ts'
import { inQuery } from './errors/with-query.ts'
import { FETCH_OPTIONS, type FetchOptions } from './fetch-options.ts'
import type { QueryResult } from './query-result.ts'
import type { ArgumentSets } from './session.ts'
import type { SessionUse } from './session-use.ts'
import { isSqlQuery, type SqlQuery } from './sql.ts'
import { takeApart } from './sql-query.ts'
import { withStream } from './stream-errors.ts'
import type { Row } from './types/row.ts'
import type { Want } from './want.ts'
import {
  END,
  FIRST_VALUE,
  QUERY_OPTIONS,
  type QueryOptions,
  RESULT,
  ROW,
  ROWS,
  TAG,
  VALUE_OPTIONS,
  type ValueOptions,
  wanted,
} from './wanted.ts'

/** What makes the calls of a {@link Queryable}, once they were checked. */
export interface Runner {
  /** The error of any call, while none can be made. */
  unusable(): Error | undefined
  /** Makes a call. May throw what its promise could reject with. */
  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T>
  /** Makes a call for many sets of arguments, which were checked to be iterable. The same goes for it. */
  sendMany<T>(want: Want, sql: string, sets: ArgumentSets, limits: CallLimits): Promise<T>
  /** Has what takes several calls done in one place of one session's; `sql` is what it is. */
  onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R>
}

/**
 * Whatever runs queries: a connection, a transaction, a pool. Each method takes a text with its arguments (`$1`,
 * `$2` …) as one array, or a query made by the `sql` tag; options come last.
 *
 * All methods reject with the server's error (its class is that of the SQLSTATE), a DataError or InterfaceError for
 * arguments or options that cannot be, a TimeoutError, `signal.reason`, or a ConnectionDoesNotExistError when the
 * connection is lost meanwhile. None throws.
 */
export abstract class Queryable {
  readonly #runner: Runner

  protected constructor(...args: never[])
  protected constructor(runner: Runner) {
    this.#runner = runner
  }

  // The overload of a template is the first: TypeScript gives a template the row type of the first overload alone.

  /**
   * Runs a query of the `sql` tag and gives its rows, its columns with their types, the command and the row count.
   *
   * ```ts
   * const { rows, rowCount } = await connection.query(sql`select ${1}::int as a`)
   * ```
   */
  query<T = Row>(query: SqlQuery<T>, options?: QueryOptions): Promise<QueryResult<T>>
  /**
   * Runs one statement and gives all there is to know of its result: rows, columns with their types, command and row
   * count.
   *
   * A type that is not built in is looked up when a connection first meets it, which is a query more; where that fails
   * the type has its OID for a name.
   *
   * ```ts
   * const { rows, columns, command, rowCount } = await connection.query('select 1 as a, 2 as a', [], { rows: 'array' })
   * console.log(rows, columns.length, command, rowCount) // => [ [ 1, 2 ] ] 2 SELECT 1
   * ```
   */
  query<T = Row>(sql: string, args?: Args, options?: QueryOptions): Promise<QueryResult<T>>
  query<T>(
    sql: string | SqlQuery<T>,
    args?: Args | QueryOptions,
    options?: QueryOptions,
  ): Promise<QueryResult<T>> {
    return this.#call(RESULT, sql, args, options, QUERY_OPTIONS)
  }

  /** Runs a statement of the `sql` tag and gives its command tag, such as `INSERT 0 2`. */
  execute(query: SqlQuery<any>, options?: CallOptions): Promise<string>
  /**
   * Runs a statement and gives its command tag, such as `INSERT 0 2`.
   *
   * Without arguments the text may hold several statements: they are one implicit transaction, and the last one's
   * tag is given (`''` for an empty text). With arguments it is one statement.
   *
   * ```ts
   * await connection.execute('create temp table t(a int); insert into t values (1), (2)') // => 'INSERT 0 2'
   * ```
   */
  execute(sql: string, args?: Args, options?: CallOptions): Promise<string>
  execute(sql: string | SqlQuery<any>, args?: Args | CallOptions, options?: CallOptions): Promise<string> {
    return this.#call(TAG, sql, args, options, CALL_OPTIONS)
  }

  /**
   * Runs a query of the `sql` tag and gives all its rows, `[]` when there are none.
   *
   * ```ts
   * await connection.fetch<{ n: number }>(sql`select n from generate_series(1, ${2}) n`) // => [ { n: 1 }, { n: 2 } ]
   * ```
   */
  fetch<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T[]>
  /**
   * Runs a query and gives all its rows, `[]` when there are none.
   *
   * @param options.recordClass `Record` or a subclass of it, of which each row is one. Default: as the connection was
   * told, else plain objects.
   *
   * ```ts
   * await connection.fetch('select n from generate_series(1, $1) n', [2]) // => [ { n: 1 }, { n: 2 } ]
   * ```
   */
  fetch<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T[]>
  fetch<T>(sql: string | SqlQuery<T>, args?: Args | FetchOptions, options?: FetchOptions): Promise<T[]> {
    return this.#call(ROWS, sql, args, options, FETCH_OPTIONS)
  }

  /** Runs a query of the `sql` tag to its end and gives its first row, `null` when there is none. */
  fetchRow<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T | null>
  /**
   * Runs a query and gives its first row, `null` when there is none. The statement runs to its end: rows
   * behind the first are dropped before they reach JavaScript. Add `limit 1` where there may be many.
   *
   * ```ts
   * await connection.fetchRow('select 1 as a, 2 as b') // => { a: 1, b: 2 }
   * ```
   */
  fetchRow<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T | null>
  fetchRow<T>(
    sql: string | SqlQuery<T>,
    args?: Args | FetchOptions,
    options?: FetchOptions,
  ): Promise<T | null> {
    return this.#call(ROW, sql, args, options, FETCH_OPTIONS)
  }

  /** Runs a query of the `sql` tag and gives one value of its first row, the first by default; `null` when there is no row. */
  fetchValue<T = any>(query: SqlQuery<any>, options?: ValueOptions): Promise<T | null>
  /**
   * Runs a query and gives one value of its first row, `null` when there is no row.
   *
   * @param options.column Which column: a name, or an index from 0; negative counts from the end. Default 0. A
   * RangeError or an InterfaceError when there is no such column.
   *
   * ```ts
   * await connection.fetchValue('select count(*) from pg_class where oid < $1', [0]) // => 0
   * ```
   */
  fetchValue<T = any>(sql: string, args?: Args, options?: ValueOptions): Promise<T | null>
  fetchValue<T>(
    sql: string | SqlQuery<any>,
    args?: Args | ValueOptions,
    options?: ValueOptions,
  ): Promise<T | null> {
    return this.#call(FIRST_VALUE, sql, args, options, VALUE_OPTIONS)
  }

  /**
   * Runs one statement for many sets of arguments, each an array. Outside a transaction all of them take effect or none.
   *
   * The sets come from an array, a generator, a stream of objects, whatever can be iterated, also asynchronously. They are
   * taken as fast as the server takes them: memory does not grow with their number. Calls that are made meanwhile wait.
   *
   * Rejects with the server's error for a set, or a DataError for one that cannot be sent: `element` is its number, from 0.
   * What the source throws is thrown on. Nothing stays of the sets before that, unless a transaction is open: its end
   * decides on what was sent until then. Of an array whose messages come to 256 KiB or less nothing is sent when a set
   * cannot be. With a COPY, or a query made by the `sql` tag, it is an InterfaceError.
   *
   * ```ts
   * await connection.execute('create temp table city(name text, people int)')
   * await connection.executeMany('insert into city values ($1, $2)', [['Ulm', 129_000], ['Bonn', 335_000]])
   * ```
   */
  executeMany(
    sql: string,
    argSets: Iterable<Args> | AsyncIterable<Args>,
    options?: CallOptions,
  ): Promise<void> {
    return this.#many(END, sql, argSets, options, CALL_OPTIONS)
  }

  /**
   * Runs one query for many sets of arguments, as {@link Queryable.executeMany} does, and gives the rows of all of them in
   * one array, in the order of the sets; `[]` for a statement without rows.
   *
   * ```ts
   * await connection.fetchMany('select $1::int * 2 as twice', [[1], [2]]) // => [ { twice: 2 }, { twice: 4 } ]
   * ```
   */
  fetchMany<T = Row>(
    sql: string,
    argSets: Iterable<Args> | AsyncIterable<Args>,
    options?: FetchOptions,
  ): Promise<T[]> {
    return this.#many(ROWS, sql, argSets, options, FETCH_OPTIONS)
  }

  /** Checks and refuses as {@link #call} does. */
  #many<T>(
    want: Want,
    sql: string,
    sets: ArgumentSets,
    options: CallOptions | undefined,
    known: ReadonlySet<string>,
  ): Promise<T> {
    const error = this.#runner.unusable()
    if (error !== undefined) return Promise.reject(ofCall(error, sql))
    try {
      checkManyText(sql)
      const limits = checkLimits(options, known)
      const checked = checkSets(sets)
      return withStream(checked, 'in', () =>
        this.#runner.sendMany(wanted(want, options), sql, checked, limits),
      )
    } catch (error) {
      return Promise.reject(ofCall(error, sql))
    }
  }

  /** Copies what a query of the `sql` tag gives into a stream, a file or a function, and gives the command tag. */
  copyFromQuery(query: SqlQuery<any>, options: CopyFromOptions): Promise<string>
  /**
   * Copies what a query gives into a stream, a file or a function, by COPY, and gives the command tag, such as `COPY 2`.
   *
   * COPY takes no parameters: with arguments the server is asked for their types and for the values as literals, which
   * stand in the place of `$1`, `$2` … then. See {@link CopyFromOptions} for the options.
   *
   * Rejects with what the output failed with, too; the server has stopped then and the connection is usable.
   *
   * ```ts
   * const rows: Buffer[] = []
   * await connection.copyFromQuery('select $1::int, 2', [1], { output: (piece) => void rows.push(piece), format: 'csv' })
   * console.log(Buffer.concat(rows).toString()) // => 1,2
   * ```
   */
  copyFromQuery(sql: string, args: Args | undefined, options: CopyFromOptions): Promise<string>
  copyFromQuery(
    sql: string | SqlQuery<any>,
    second: Args | CopyFromOptions | undefined,
    third?: CopyFromOptions,
  ): Promise<string> {
    return this.#copy(sql, (onSession) => {
      const asked = takeApart(sql, second, third)
      return copyFromQuery(onSession, asked.sql, asked.args, asked.options as CopyFromOptions)
    })
  }

  /**
   * Copies a table, or some of its columns, into a stream, a file or a function, by COPY, and gives the command tag.
   * Names are taken as they are, letters of either case included; a schema is an option of its own.
   *
   * ```ts
   * await connection.copyFromTable('person', { output: createWriteStream('person.csv'), format: 'csv', header: true })
   * ```
   */
  copyFromTable(table: string, options: CopyFromTableOptions): Promise<string> {
    return this.#copy(undefined, (onSession) => copyFromTable(onSession, table, options))
  }

  /**
   * Copies data from bytes, text, a stream, a file or an iterable of bytes into a table, by COPY, and gives the command
   * tag.
   *
   * All rows go in or none. Rejects with what the source failed with, too: the server is told and keeps nothing, and the
   * connection is usable.
   *
   * ```ts
   * await connection.copyToTable('person', { source: { text: 'Ada,36\n' }, columns: ['name', 'age'], format: 'csv' })
   * ```
   */
  copyToTable(table: string, options: CopyToOptions): Promise<string> {
    return this.#copy(undefined, (onSession) => copyToTable(onSession, table, options))
  }

  /**
   * Copies records into a table, by COPY, and gives the command tag. A record is an array with a value for each column;
   * values are what query arguments of the columns' types may be. All records go in or none.
   *
   * They travel in the binary format when every column is a boolean, an int2, int4, int8 or oid, a float, a text, varchar
   * or char, a bytea, a json or jsonb, a uuid, or a timestamp, with or without time zone, and no string is given for one
   * that is not text, JSON or a uuid; else in the text format, in which every type takes strings in PostgreSQL's own syntax. That is
   * decided by the first records.
   *
   * The types of the columns are asked for first. Rejects with a DataError that names column and record
   * (`element`, from 0) for a value that cannot be sent, and with what the iterable throws; nothing is kept then.
   *
   * ```ts
   * await connection.copyRecordsToTable('person', { records: [['Ada', 36], ['Grace', null]], columns: ['name', 'age'] })
   * ```
   */
  copyRecordsToTable(table: string, options: CopyRecordsOptions): Promise<string> {
    return this.#copy(undefined, (onSession) => copyRecordsToTable(onSession, table, options))
  }

  /** As with {@link #call}: everything is checked once, and nothing throws. */
  #copy(
    sql: string | SqlQuery<any> | undefined,
    copy: (onSession: Runner['onSession']) => Promise<string>,
  ): Promise<string> {
    const runner = this.#runner
    try {
      const error = runner.unusable()
      if (error !== undefined) throw error
      return copy((sql, limits, use) => runner.onSession(sql, limits, use))
    } catch (error) {
      return Promise.reject(sql === undefined ? error : ofCall(error, sql))
    }
  }

  /** Checks everything, once, and makes the call. A call never throws, it rejects: also with what getters throw. */
  #call<T>(
    want: Want,
    sql: string | SqlQuery<any>,
    second: Args | CallOptions | undefined,
    third: CallOptions | undefined,
    known: ReadonlySet<string>,
  ): Promise<T> {
    const error = this.#runner.unusable()
    if (error !== undefined) return Promise.reject(ofCall(error, sql))
    try {
      const asked = takeApart(sql, second, third)
      const limits = checkLimits(asked.options, known)
      return this.#runner.send(wanted(want, asked.options), asked.sql, asked.args, limits)
    } catch (error) {
      return Promise.reject(ofCall(error, sql))
    }
  }
}

/** An error of this library with the text of its call; what getters throw is left alone. */
export function ofCall(error: unknown, sql: string | SqlQuery<any>): unknown {
  if (typeof sql === 'string') return inQuery(error, sql)
  return isSqlQuery(sql) ? inQuery(error, sql.text) : error
}
