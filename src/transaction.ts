import { type InspectOptions, inspect } from 'node:util'
import type { Args, CallLimits } from './call-options.ts'
import { InterfaceError, PostgresError, TransactionRollbackError } from './errors/index.ts'
import { isOurs } from './errors/ours.ts'
import { Queryable, type Runner } from './queryable.ts'
import type { ArgumentSets } from './session.ts'
import type { SessionUse } from './session-use.ts'
import { setTimeout } from './timers.ts'
import { isTraced, type TraceMessage, trace, traceOpen } from './tracing.ts'
import { misuse, type TransactionState } from './transaction-misuse.ts'
import {
  beginText,
  checkNested,
  checkNestedIsolation,
  checkTransactionOptions,
  type Isolation,
  type TransactionOptions,
} from './transaction-options.ts'
import { Level, type TransactionScope } from './transaction-scope.ts'
import type { Awaitable } from './types/awaitable.ts'
import type { Want } from './want.ts'

/** What a transaction is made of. */
export interface TransactionParts<C> {
  readonly connection: C
  readonly scope: TransactionScope
  readonly options: TransactionOptions | undefined
  /** Whether a body runs in it, which alone decides on its end. */
  readonly hasBody: boolean
}

/** Makes a transaction's calls, as long as it is open. */
class TransactionRunner implements Runner {
  readonly #scope: TransactionScope
  refusal: (() => Error | undefined) | undefined

  constructor(scope: TransactionScope) {
    this.#scope = scope
  }

  unusable(): Error | undefined {
    return this.refusal?.() ?? this.#scope.unusable()
  }

  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    return this.#scope.send(want, sql, args, limits)
  }

  sendMany<T>(want: Want, sql: string, sets: ArgumentSets, limits: CallLimits): Promise<T> {
    return this.#scope.sendMany(want, sql, sets, limits)
  }

  onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R> {
    return this.#scope.onSession(sql, limits, use)
  }
}

export let newTransaction: <C>(parts: TransactionParts<C>) => TransactionOf<C>

let savepoints = 0

/** The options of the open transactions, by their levels. */
const optionsOf = new WeakMap<Level, TransactionOptions>()

/**
 * A transaction, or a savepoint within one, made by `connection.transaction()`. What opens it is sent with the first
 * call in it, so that it costs no round trip, and a transaction in which nothing was called sends nothing.
 *
 * A connection is one session: calls that are made on the connection while the transaction is open are part of it.
 */
export class TransactionOf<C> extends Queryable implements AsyncDisposable {
  /** The connection that it runs on. */
  readonly connection: C
  readonly #scope: TransactionScope
  readonly #options: TransactionOptions
  readonly #hasBody: boolean
  #level: Level | undefined
  #state: TransactionState = 'new'
  #isEnding = false

  static {
    newTransaction = (parts) => new TransactionOf(parts as never)
    Object.defineProperty(TransactionOf.prototype, inspect.custom, {
      value(this: TransactionOf<unknown>, _depth: number, options: InspectOptions): string {
        const { isolation, readonly, deferrable } = this.#options
        const told = Object.entries({ isolation, readonly, deferrable }).filter(
          ([, value]) => value !== undefined,
        )
        return `Transaction ${inspect({ state: this.state, ...Object.fromEntries(told) }, options)}`
      },
      configurable: true,
    })
  }

  /** Transactions are made by `connection.transaction()`. */
  protected constructor(...args: never[])
  protected constructor({ connection, scope, options, hasBody }: TransactionParts<C>) {
    const runner = new TransactionRunner(scope)
    super(runner as never)
    runner.refusal = () => this.#refusal('run a query')
    this.connection = connection
    this.#scope = scope
    this.#options = checkTransactionOptions(options)
    this.#hasBody = hasBody
    if (!hasBody && this.#options.attempts !== undefined) {
      throw new InterfaceError('attempts need a body, which can be run again', {
        hint: 'write connection.transaction(async (tx) => { … }, { attempts: 3 })',
      })
    }
  }

  /** Where it is. */
  get state(): TransactionState {
    return this.#state === 'started' && this.#level?.isLost ? 'failed' : this.#state
  }

  /**
   * Starts it: within another transaction of the connection it is a savepoint.
   *
   * Rejects with an InterfaceError when it was started before, when a transaction was begun by a statement, or when the
   * options contradict those of the transaction around it.
   */
  async start(): Promise<void> {
    this.#checkNew()
    // A body's end is told where the body is run.
    const tellEnd =
      !this.#hasBody && isTraced('transaction') ? traceOpen('transaction', this.#message()) : undefined
    try {
      await this.#enterNext()
      if (this.#level !== undefined) this.#level.tellEnd = tellEnd
    } catch (error) {
      this.#state = 'failed'
      tellEnd?.(error)
      throw error
    }
  }

  #checkNew(): void {
    if (this.state !== 'new') throw this.#misuse('start')
  }

  #message(): TraceMessage {
    const operation = this.#scope.innermost === undefined ? 'BEGIN' : 'SAVEPOINT'
    return this.#scope.observer.message({ 'db.operation.name': operation })
  }

  /** Enters the next level. Gives a promise where the server is to be asked whether that can be. */
  #enterNext(): Promise<void> | undefined {
    const unusable = this.#scope.unusable()
    if (unusable !== undefined) throw unusable
    const outer = this.#scope.innermost
    if (outer === undefined) {
      if (this.#scope.isForeign) {
        throw new InterfaceError('cannot use transaction() in a manually started transaction', {
          hint: 'end it with COMMIT or ROLLBACK first, or begin it with transaction()',
        })
      }
      this.#enter(beginText(this.#options), this.#options)
      return undefined
    }
    const around = optionsOf.get(outer) ?? {}
    checkNested(this.#options, around)
    const { isolation } = this.#options
    // The name is taken at once: what is called from now on is within it.
    this.#enter(`SAVEPOINT cornac_${++savepoints}`, around)
    if (isolation === undefined || isolation === around.isolation) return undefined
    return this.#checkIsolation(isolation, around.isolation)
  }

  async #checkIsolation(wanted: Isolation, around: Isolation | undefined): Promise<void> {
    try {
      checkNestedIsolation(wanted, around?.replace('_', ' ') ?? (await this.#askIsolation()))
    } catch (error) {
      await this.#rollBack()
      throw error
    }
  }

  /**
   * Commits it; a savepoint is released.
   *
   * Rejects with a TransactionRollbackError when an earlier statement had failed, so that the server rolled back
   * instead, with the server's error when it could not commit, with a ConnectionDoesNotExistError (see its
   * `maybeExecuted`) when the answer was lost, and with an InterfaceError when it is not open.
   */
  async commit(): Promise<void> {
    this.#checkEnd('commit')
    await this.#commit()
  }

  /** Rolls it back; rejects with an InterfaceError when it is not open. */
  async rollback(): Promise<void> {
    this.#checkEnd('roll back')
    await this.#end(() => this.#rollBack(), 'rolledback')
  }

  /**
   * Runs a body in a savepoint: commits when it returns, rolls back when it throws, and gives or throws the same. What
   * had been done before in this transaction stays.
   */
  transaction<R>(body: (tx: TransactionOf<C>) => Awaitable<R>, options?: TransactionOptions): Promise<R> {
    const make = () =>
      newTransaction<C>({ connection: this.connection, scope: this.#scope, options, hasBody: true })
    return runBody(() => {
      const refusal = this.#refusal('start a transaction')
      if (refusal !== undefined) throw refusal
      return make()
    }, body)
  }

  /** Rolls it back if it is still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.state === 'started' && !this.#isEnding) await this.#end(() => this.#rollBack(), 'rolledback')
  }

  /** Runs a body in it, and ends it by how that ends. For {@link runBody} alone. */
  async #run<R>(body: (tx: TransactionOf<C>) => Awaitable<R>): Promise<R> {
    this.#checkNew()
    let result: R
    try {
      const asking = this.#enterNext()
      if (asking !== undefined) await asking
    } catch (error) {
      this.#state = 'failed'
      throw error
    }
    try {
      // At once: what is called next on the connection comes behind the body's first calls.
      result = await body(this)
    } catch (error) {
      await this.#rollBackFor(error)
      throw error
    }
    if (this.#scope.innermost !== this.#level) {
      const error = this.state === 'failed' ? this.#misuse('commit') : stillOpen()
      await this.#rollBackFor(error)
      throw error
    }
    await this.#commit()
    return result
  }

  /** Runs a body in a transaction that is new. @internal */
  static run<C, R>(transaction: TransactionOf<C>, body: (tx: TransactionOf<C>) => Awaitable<R>): Promise<R> {
    if (!isTraced('transaction')) return transaction.#run(body)
    return trace('transaction', transaction.#message(), () => transaction.#run(body))
  }

  /** The error that a body threw is the one that counts: that rolling back failed as well is told beside it. */
  async #rollBackFor(error: unknown): Promise<void> {
    if (this.state !== 'started') return
    try {
      await this.#end(() => this.#rollBack(), 'rolledback')
    } catch (suppressed) {
      // What it has of its own stays, as a SuppressedError's.
      if (typeof error !== 'object' || error === null || Object.hasOwn(error, 'suppressed')) return
      Reflect.defineProperty(error, 'suppressed', { value: suppressed, configurable: true, writable: true })
    }
  }

  #enter(opening: string, options: TransactionOptions): void {
    this.#level = new Level(opening, this.#hasBody)
    optionsOf.set(this.#level, options)
    this.#scope.enter(this.#level)
    this.#state = 'started'
  }

  async #askIsolation(): Promise<string> {
    const text = 'SELECT pg_catalog.current_setting($1)'
    const limits: CallLimits = { timeout: undefined, signal: undefined }
    return this.#scope.send(
      { kind: 'value', column: 0, isPlain: true },
      text,
      ['transaction_isolation'],
      limits,
    )
  }

  async #commit(): Promise<void> {
    if (this.#scope.innermost !== this.#level) throw stillOpen()
    let error: TransactionRollbackError | undefined
    await this.#end(async () => {
      const tag = await this.#leave((name) => [name === undefined ? 'COMMIT' : `RELEASE SAVEPOINT ${name}`])
      const failure = this.#level?.failure
      if (failure !== undefined) throw failure
      if (tag !== 'ROLLBACK') return
      error = rolledBack()
      this.#level?.tellEnd?.(error)
    }, 'committed')
    if (error === undefined) return
    this.#state = 'rolledback'
    throw error
  }

  async #rollBack(): Promise<void> {
    // A savepoint that stayed would be around all that follow, and take the server's memory.
    await this.#leave((name) =>
      name === undefined ? ['ROLLBACK'] : [`ROLLBACK TO SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`],
    )
  }

  /** Ends it by statements; one that the server never opened is just left. */
  #leave(end: (savepoint: string | undefined) => readonly string[]): Promise<string | undefined> {
    const level = this.#level as Level
    const [, savepoint] = /^SAVEPOINT (.*)$/.exec(level.opening) ?? []
    return this.#scope.leave(level, () => this.#scope.end(end(savepoint)))
  }

  async #end(end: () => Promise<void>, state: TransactionState): Promise<void> {
    this.#isEnding = true
    try {
      await end()
      this.#state = state
      this.#level?.tellEnd?.()
    } catch (error) {
      this.#state = 'failed'
      this.#level?.tellEnd?.(error)
      // Made deep inside, with more steps above than a stack has. Why it was not opened was a call's error before.
      if (isOurs(error) && error !== this.#level?.failure) Error.captureStackTrace(error, this.#end)
      throw error
    } finally {
      this.#isEnding = false
    }
  }

  #checkEnd(what: string): void {
    if (this.#hasBody) {
      throw new InterfaceError(`cannot ${what}: the body's end decides on its transaction`, {
        hint: 'return from the body to commit, throw to roll back',
      })
    }
    if (this.state !== 'started' || this.#isEnding) throw this.#misuse(what)
  }

  #refusal(what: string): InterfaceError | undefined {
    return this.state === 'started' && !this.#isEnding ? undefined : this.#misuse(what)
  }

  #misuse(what: string): InterfaceError {
    if (this.#isEnding) return misuse(what, 'ending', this.#hasBody)
    const isLost = this.#state === 'started' && this.#level?.isLost
    return misuse(what, isLost ? 'lost' : this.state, this.#hasBody)
  }
}

function rolledBack(): TransactionRollbackError {
  return new TransactionRollbackError('transaction was rolled back because an earlier statement failed', {
    severity: 'ERROR',
    hint: 'an error that is caught within a transaction must be within a nested transaction of its own',
  })
}

function stillOpen(): InterfaceError {
  return new InterfaceError('cannot commit; a nested transaction is still open', {
    hint: 'wait for the end of what was started within the transaction, and run nested transactions one after the other',
  })
}

/** Runs a body in a transaction that `make` makes, as often as its options allow. */
export async function runBody<C, R>(
  make: () => TransactionOf<C>,
  body: (tx: TransactionOf<C>) => Awaitable<R>,
  options?: TransactionOptions,
): Promise<R> {
  if (typeof body !== 'function') throw new InterfaceError('the body of a transaction must be a function')
  const { attempts = 1 } = checkTransactionOptions(options)
  for (let attempt = 1; ; attempt++) {
    try {
      return await TransactionOf.run(make(), body)
    } catch (error) {
      if (attempt >= attempts || !isWorthAnother(error)) throw error
      await pause(attempt)
    }
  }
}

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'

function isWorthAnother(error: unknown): boolean {
  if (!(error instanceof PostgresError)) return false
  return error.sqlstate === SERIALIZATION_FAILURE || error.sqlstate === DEADLOCK_DETECTED
}

/** Milliseconds: up to 10, 20, 40 … 1,000 by chance, so that those who met do not meet again. */
function pause(attempt: number): Promise<void> {
  const longest = Math.min(1_000, 5 * 2 ** attempt)
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longest))
}
