import { checkSets } from './argument-sets.ts'
import {
  type Args,
  CALL_OPTIONS,
  type CallLimits,
  type CallOptions,
  checkArgs,
  checkLimits,
  shown,
} from './call-options.ts'
import { type CursorFactory, type CursorOptions, newCursorFactory } from './cursor.ts'
import { InterfaceError } from './errors/index.ts'
import { inQuery } from './errors/with-query.ts'
import { FETCH_OPTIONS, type FetchOptions } from './fetch-options.ts'
import type { ResultColumn } from './query-result.ts'
import type { ArgumentSets } from './session.ts'
import type { PreparedQuery, SessionRunner } from './session-runner.ts'
import { withStream } from './stream-errors.ts'
import type { TransactionScope } from './transaction-scope.ts'
import { checkRecordClass, type RecordClass } from './types/record.ts'
import type { Row } from './types/row.ts'
import type { TypeInfo } from './types/type-info.ts'
import type { Want } from './want.ts'
import { END, FIRST_VALUE, ROW, ROWS, VALUE_OPTIONS, type ValueOptions, wanted } from './wanted.ts'

/** What `prepare()` takes. Its `recordClass` is what all rows of the statement are. */
export interface PrepareOptions extends FetchOptions {
  /**
   * The statement's name on the server, where SQL's `EXECUTE` finds it too; `''` for the unnamed statement, which is
   * parsed again before each use. Default: a name of the driver's, or none with `statementCacheSize: 0`.
   */
  name?: string | undefined
}

/** What `explain()` takes. */
export interface ExplainOptions extends CallOptions {
  /** Runs the statement as well, within a transaction or savepoint that is always rolled back. Default `false`. */
  analyze?: boolean | undefined
}

const PREPARE_OPTIONS: ReadonlySet<string> = new Set([...FETCH_OPTIONS, 'name'])
const EXPLAIN_OPTIONS: ReadonlySet<string> = new Set([...CALL_OPTIONS, 'analyze'])

/** What a prepared statement is made of. */
export interface StatementParts {
  readonly runner: SessionRunner
  readonly scope: TransactionScope
  readonly prepared: PreparedQuery
  /** What rows are made as, where that is not the connection's own choice. */
  readonly recordClass: RecordClass | undefined
  /** Runs a body in a transaction, or in a savepoint of the one that is open. */
  transaction<R>(body: () => Promise<R>): Promise<R>
  /** The error of a method while the connection cannot be used. */
  refusal(method: string): Error | undefined
}

/** Prepares a statement. Rejects with the errors of its text, its options and the server. */
export async function prepareStatement<T>(
  parts: Omit<StatementParts, 'prepared' | 'recordClass'>,
  sql: string,
  options: PrepareOptions | undefined,
): Promise<PreparedStatement<T>> {
  const { runner, scope } = parts
  const limits = checkLimits(options, PREPARE_OPTIONS)
  const recordClass = checkRecordClass(options?.recordClass)
  const name = options?.name
  if (name !== undefined && typeof name !== 'string') {
    throw new InterfaceError(`the name of a prepared statement must be a string, got ${shown(name)}`)
  }
  const prepared = await scope.within(() => runner.prepare(sql, name, limits))
  // Who has a pool's connection now may want the name.
  if (parts.refusal('prepare') !== undefined) runner.letGo(prepared.query)
  return newStatement<T>({ ...parts, prepared, recordClass })
}

let newStatement: <T>(parts: StatementParts) => PreparedStatement<T>

/** Statements that were collected without having been closed leave the server with the next call. */
const collected: FinalizationRegistry<Pick<StatementParts, 'runner' | 'prepared'>> = new FinalizationRegistry(
  ({ runner, prepared }) => runner.letGo(prepared.query),
)

/**
 * A statement that the server keeps prepared, made by `connection.prepare()`, until it is closed or collected.
 *
 * The connection's statement cache does this by itself for the texts it runs; a statement of one's own is for what only
 * it tells (parameters, columns, plan), for a name that SQL can use, and for a text that must never leave the cache.
 *
 * Every method throws or rejects with an InterfaceError once the statement or its connection is closed, and with a
 * ConnectionDoesNotExistError when the connection was lost. A server's error leaves the statement usable.
 */
export class PreparedStatement<T = Row> implements AsyncDisposable {
  readonly #parts: StatementParts
  readonly #told: (tag: string) => void
  #status: string | null = null
  #closing: Promise<void> | undefined

  static {
    newStatement = (parts) => new PreparedStatement(parts as never)
  }

  /** Statements are made by `connection.prepare()`. */
  protected constructor(...args: never[])
  protected constructor(parts: StatementParts) {
    this.#parts = parts
    this.#told = (tag) => {
      this.#status = tag
    }
    collected.register(this, { runner: parts.runner, prepared: parts.prepared }, this)
  }

  /** Its name on the server, `''` when it has none. */
  getName(): string {
    this.#check('getName')
    return this.#parts.prepared.name
  }

  /** Its text. */
  getQuery(): string {
    this.#check('getQuery')
    return this.#sql
  }

  /** The command tag of the last call that succeeded, such as `SELECT 3`; `null` before the first. */
  getStatusMessage(): string | null {
    this.#check('getStatusMessage')
    return this.#status
  }

  /** The types of its parameters, `$1` first. */
  getParameters(): TypeInfo[] {
    this.#check('getParameters')
    return [...this.#parts.prepared.parameters]
  }

  /** Its columns; `[]` for a statement that gives no rows. */
  getAttributes(): ResultColumn[] {
    this.#check('getAttributes')
    return [...this.#parts.prepared.columns]
  }

  /** Runs it and gives all its rows, `[]` when there are none. */
  fetch(args?: Args, options?: CallOptions): Promise<T[]> {
    return this.#run('fetch', ROWS, args, options, CALL_OPTIONS)
  }

  /** Runs it and gives its first row, `null` when there is none. The statement runs to its end. */
  fetchRow(args?: Args, options?: CallOptions): Promise<T | null> {
    return this.#run('fetchRow', ROW, args, options, CALL_OPTIONS)
  }

  /**
   * Runs it and gives one value of its first row, `null` when there is no row.
   *
   * @param options.column Which column: a name, or an index from 0; negative counts from the end. Default 0. A
   * RangeError or an InterfaceError when there is no such column.
   */
  fetchValue<V = any>(args?: Args, options?: ValueOptions): Promise<V | null> {
    return this.#run('fetchValue', FIRST_VALUE, args, options, VALUE_OPTIONS)
  }

  /** Runs it for many sets of arguments, as `connection.executeMany()` does: all of them take effect or none. */
  executeMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<void> {
    return this.#runMany('executeMany', END, argSets, options)
  }

  /** Runs it for many sets of arguments, as `connection.fetchMany()` does, and gives the rows of all sets in their order. */
  fetchMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<T[]> {
    return this.#runMany('fetchMany', ROWS, argSets, options)
  }

  /**
   * The server's plan for these arguments, as `EXPLAIN (FORMAT JSON, VERBOSE)` gives it: an array of one object.
   *
   * @param options.analyze Runs the statement too and adds what that took. It runs within a transaction, or within a
   * savepoint of the one that is open, which is always rolled back.
   */
  async explain(args?: Args, options?: ExplainOptions): Promise<any> {
    const text = (analyze: boolean): string =>
      `EXPLAIN (FORMAT JSON, VERBOSE${analyze ? ', ANALYZE' : ''}) ${this.#sql}`
    try {
      this.#check('explain')
      const limits = checkLimits(options, EXPLAIN_OPTIONS)
      const checked = checkArgs(args)
      const analyze = options?.analyze ?? false
      if (typeof analyze !== 'boolean') {
        throw new InterfaceError(`analyze must be true or false, got ${shown(analyze)}`)
      }
      const explain = (): Promise<unknown> => this.#explain(text(analyze), checked, limits)
      return await (analyze ? this.#undone(explain) : explain())
    } catch (error) {
      throw inQuery(error, this.#sql)
    }
  }

  /** Reads the rows of these arguments in parts: see `connection.cursor()`. */
  cursor(args?: Args, options?: CursorOptions): CursorFactory<T> {
    const { runner, scope, prepared, recordClass } = this.#parts
    const refusal = (method: string): Error | undefined => this.#refusal(method)
    try {
      this.#check('cursor')
      const text = { text: prepared.query, sql: this.#sql, args: checkArgs(args)?.slice() }
      return newCursorFactory<T>({ runner, scope, ...text, recordClass, holder: this, refusal }, options)
    } catch (error) {
      throw inQuery(error, this.#sql)
    }
  }

  /** Closes it on the server, behind the calls that were made before; does nothing when it is closed. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      const { runner, prepared } = this.#parts
      collected.unregister(this)
      // Whoever has the connection now does not wait for it.
      if (this.#refusal('close') === undefined) this.#closing = runner.unprepare(prepared.query)
      else {
        runner.letGo(prepared.query)
        this.#closing = Promise.resolve()
      }
    }
    return this.#closing
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  get #sql(): string {
    return this.#parts.prepared.query.sql
  }

  #run<R>(
    method: string,
    want: Want,
    args: Args | undefined,
    options: CallOptions | undefined,
    known: ReadonlySet<string>,
  ): Promise<R> {
    const { runner, scope, prepared, recordClass } = this.#parts
    try {
      this.#check(method)
      const checked = checkArgs(args)
      const limits = checkLimits(options, known)
      const told = { ...wanted(want, options), recordClass, told: this.#told }
      return scope.within(() => runner.send<R>(told, prepared.query, checked, limits))
    } catch (error) {
      return Promise.reject(inQuery(error, this.#sql))
    }
  }

  #runMany<R>(method: string, want: Want, sets: ArgumentSets, options: CallOptions | undefined): Promise<R> {
    const { runner, scope, prepared, recordClass } = this.#parts
    try {
      this.#check(method)
      const checked = checkSets(sets)
      const limits = checkLimits(options, CALL_OPTIONS)
      const told = { ...want, recordClass, told: this.#told }
      return withStream(checked, 'in', () =>
        scope.within(() => runner.sendMany<R>(told, prepared.query, checked, limits)),
      )
    } catch (error) {
      return Promise.reject(inQuery(error, this.#sql))
    }
  }

  async #explain(text: string, args: Args | undefined, limits: CallLimits): Promise<unknown> {
    const plan = await this.#parts.scope.send<unknown>(FIRST_VALUE, text, args, limits)
    // A connection whose `types` option keeps json a text has the plan's text here.
    return typeof plan === 'string' ? JSON.parse(plan) : plan
  }

  /** What a body gives whose work is undone. */
  async #undone<R>(body: () => Promise<R>): Promise<R> {
    const undo = { done: undefined as { result: R } | undefined }
    try {
      await this.#parts.transaction(async () => {
        undo.done = { result: await body() }
        throw undo
      })
    } catch (error) {
      if (error !== undo) throw error
    }
    return (undo.done as { result: R }).result
  }

  #check(method: string): void {
    const refusal = this.#refusal(`PreparedStatement.${method}()`)
    if (refusal !== undefined) throw refusal
  }

  #refusal(method: string): Error | undefined {
    const refusal = this.#parts.refusal(method)
    if (refusal !== undefined || this.#closing === undefined) return refusal
    return new InterfaceError(`cannot call ${method}: the prepared statement is closed`)
  }
}
