import type { Args, CallLimits } from './call-options.ts'
import { InterfaceError, TimeoutError } from './errors/index.ts'
import type { Observer } from './observer.ts'
import type { QueryResult } from './query-result.ts'
import type { Runner } from './queryable.ts'
import type { ArgumentSets } from './session.ts'
import type { SessionRunner } from './session-runner.ts'
import type { SessionUse } from './session-use.ts'
import type { Want } from './want.ts'

/** Whoever gives up waiting for the end of a transaction does not want it to stay open. */
const END: Want = { kind: 'result', rows: 'object', isSentAnyway: true }

/** One open transaction of a connection: the block itself, or a savepoint in it. */
export class Level {
  /** The statement that opens it. */
  readonly opening: string
  /** Whether a body runs in it, which alone decides on its end. */
  readonly hasBody: boolean
  /** The answer to that statement, once it was sent. */
  opened: Promise<unknown> | undefined
  /** The number of that statement, 0 before it was sent. */
  number = 0
  /** Whether the server has opened it. */
  isOpen = false
  /** Why the server did not open it. */
  failure: unknown
  /** Where somebody wants to know: is told of its end, with the error if it failed. The first end counts. */
  tellEnd: ((error?: unknown) => void) | undefined
  /** The program took it away, by a reset or with the transaction around it. */
  isLost = false

  constructor(opening: string, hasBody: boolean) {
    this.opening = opening
    this.hasBody = hasBody
  }
}

/**
 * The open transactions of a connection, and the way of all its calls. What opens a transaction is sent with the first
 * call in it, whoever makes that call, so that it costs no round trip of its own.
 */
export class TransactionScope implements Runner {
  readonly #runner: SessionRunner
  readonly #isInTransaction: () => boolean
  readonly observer: Observer
  /** From the block itself inwards. */
  #levels: Level[] = []
  /** Ends that the server has not answered. */
  #ending = 0
  /** One of them has timed out, and ends its transaction later. */
  #endsLater = false

  /** @param isInTransaction the server's view after its last answer. */
  constructor(runner: SessionRunner, isInTransaction: () => boolean, observer: Observer) {
    this.#runner = runner
    this.observer = observer
    this.#isInTransaction = isInTransaction
  }

  get innermost(): Level | undefined {
    return this.#levels.at(-1)
  }

  /** A body runs in one of them. */
  get hasBody(): boolean {
    return this.#levels.some((level) => level.hasBody)
  }

  /** A block that this scope did not open. */
  get isForeign(): boolean {
    const isOurs = this.#levels.length > 0 || this.#ending > 0 || this.#endsLater
    return !isOurs && this.#isInTransaction()
  }

  unusable(): Error | undefined {
    return this.#runner.unusable()
  }

  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    // In nearly all cases nothing is open.
    if (this.#levels.length === 0) return this.#runner.send<T>(want, sql, args, limits)
    return this.within(() => this.#runner.send<T>(want, sql, args, limits))
  }

  sendMany<T>(want: Want, sql: string, sets: ArgumentSets, limits: CallLimits): Promise<T> {
    return this.within(() => this.#runner.sendMany<T>(want, sql, sets, limits))
  }

  /** Makes a call of whatever kind, behind what opens the transactions that it is part of. */
  within<T>(make: () => Promise<T>): Promise<T> {
    const opened = this.#open()
    const call = make()
    if (opened === undefined) return call
    return behind(opened, call)
  }

  onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R> {
    return this.within(() => this.#runner.onSession(sql, limits, use))
  }

  /**
   * Runs what ends a transaction, and gives the last command tag. Also what has timed out before its turn is sent when that
   * comes.
   */
  async end(texts: readonly string[]): Promise<string | undefined> {
    const limits: CallLimits = { timeout: undefined, signal: undefined }
    const results = texts.map((sql) => this.#runner.send<QueryResult>(END, sql, [], limits))
    return (await Promise.all(results)).at(-1)?.command
  }

  enter(level: Level): void {
    this.#levels.push(level)
  }

  /** Takes a level away, and all that is within it, and runs what ends it, unless the server has never opened it. */
  async leave(level: Level, end: () => Promise<string | undefined>): Promise<string | undefined> {
    const at = this.#levels.indexOf(level)
    for (const inner of this.#levels.splice(at).slice(1)) lose(inner)
    if (level.opened === undefined || level.failure !== undefined) return undefined
    this.#ending++
    try {
      const ending = end()
      // What is called from now on is not part of it.
      this.#tellWithin()
      const [tag] = await Promise.all([ending, level.opened])
      return tag
    } catch (error) {
      if (error instanceof TimeoutError) this.#endsLater ||= this.#isInTransaction()
      throw error
    } finally {
      this.#ending--
    }
  }

  /** Forgets all transactions: the session is brought back to its beginning. */
  abandon(): void {
    for (const level of this.#levels) lose(level)
    this.#levels = []
    this.#tellWithin()
  }

  /** The server is in no transaction any more. */
  transactionEnded(): void {
    this.#endsLater = false
  }

  /** The session has ended. */
  ended(reason: () => unknown): void {
    for (const level of this.#levels) level.tellEnd?.(reason())
  }

  /** Calls are within the innermost of the transactions whose opening was not answered. */
  #tellWithin(): void {
    this.#runner.within = this.#levels.findLast(isUnanswered)?.number ?? 0
  }

  /** Sends what opens the transactions that are not open yet. Gives the answer that is still to come. */
  #open(): Promise<unknown> | undefined {
    for (const level of this.#levels) {
      if (level.failure !== undefined) throw notOpened(level.failure)
      if (level.opened !== undefined) continue
      level.number = this.#runner.reserveOpening()
      const opened = this.#runner.open(level.opening, level.number)
      level.opened = opened
      opened.then(
        () => {
          level.isOpen = true
          this.#tellWithin()
        },
        (error) => {
          level.failure = error
          this.#tellWithin()
        },
      )
      this.#tellWithin()
    }
    const waiting = this.#levels.filter((level) => !level.isOpen)
    return waiting.length === 0 ? undefined : Promise.all(waiting.map((level) => level.opened))
  }
}

/** What a call gives when what opens its transactions was answered, too. */
async function behind<T>(opened: Promise<unknown>, call: Promise<T>): Promise<T> {
  try {
    const [result] = await Promise.all([call, opened])
    return result
  } catch (error) {
    // Why it could not be started is what counts.
    if (isNotOpened(error)) await opened
    throw error
  }
}

function isUnanswered({ opened, isOpen, failure }: Level): boolean {
  return opened !== undefined && !isOpen && failure === undefined
}

function lose(level: Level): void {
  level.isLost = true
  level.tellEnd?.(new InterfaceError('the transaction was ended from outside'))
}

/** What is said of a call that was not made for this; the core says the same of those that the server has skipped. */
const NOT_OPENED = 'the transaction could not be started, so that nothing can run in it'

function notOpened(cause: unknown): InterfaceError {
  return new InterfaceError(NOT_OPENED, { cause })
}

function isNotOpened(error: unknown): boolean {
  return error instanceof InterfaceError && error.message === NOT_OPENED && error.cause === undefined
}
