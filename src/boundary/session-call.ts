import { types } from 'node:util'
import { onAbort } from '../abort.ts'
import { DataError, TimeoutError } from '../errors/index.ts'
import { inQuery, withQuery } from '../errors/with-query.ts'
import type { Timed } from '../types/call-timing.ts'
import { lateWords, type SessionLimits, UNLIMITED } from '../types/session-limits.ts'
import { ArgumentFailure } from './argument-failure.ts'
import { ArgumentTypes } from './argument-types.ts'
import type { Bridge } from './bridge.ts'
import { failure, unnamedType, withMessage, withTypeName } from './failure.ts'
import { CallFlag, FailureClass, Letter } from './generated.ts'
import { Pending } from './pending.ts'
import type { Query } from './queries.ts'
import { byLetter, type Field } from './record.ts'
import { snapshot } from './snapshot.ts'
import { Stopwatch } from './stopwatch.ts'
import { limitWord, type Submission } from './submission.ts'
import type { CallPlace, Terms } from './terms.ts'
import type { Typing } from './typing.ts'
import { reasonOf } from './unwritable.ts'

/** The session of a call, as far as the call uses it. */
export interface CallSession extends CallPlace {
  readonly bridge: Bridge
  /** Why it ended, if it has. */
  readonly end: Error | undefined
  readonly typing: Typing
  statusChanged(status: number): void
  /** Finds out what a type is called, if it can. Never rejects. */
  learnType(oid: number, holder: object): Promise<void>
  /** What a type is called, if that is known. */
  typeName(oid: number): string | undefined
}

/** Who wants to know how long a call is on its session, whoever waits for its result, and however it ends. */
export interface CallWatcher {
  /** The server has refused it so. */
  refused(sqlstate: string | undefined): void
  /** Called once: the session is done with it, or has never got it. */
  over(): void
}

/** What a session is asked, with a text, limits of time and a signal. */
export abstract class SessionCall<T = unknown> extends Pending<T> {
  readonly #session: CallSession
  /** The text, for errors. */
  protected readonly sql: string
  /** What must not be collected while the call runs. */
  readonly holder: object
  #request = -1
  /** Kept for the error of one that the server's type of its parameter does not take. */
  #args: readonly unknown[] | undefined
  /** The arguments as they stood at the call, as long as they may have to be written anew. */
  #kept: readonly unknown[] | undefined
  /** The failures of arguments that only the types of the parameters may tell how to write. */
  #failures: readonly ArgumentFailure[] | undefined
  /** What they are written by. */
  #argumentTypes: ArgumentTypes
  #unlisten: (() => void) | undefined
  #limits: SessionLimits = UNLIMITED
  /** It runs a statement that was prepared for its own sake. */
  #isPrepared = false
  readonly #timed: Timed | undefined
  readonly #stopwatch: Stopwatch | undefined
  readonly #watcher: CallWatcher | undefined

  /** @param timed is told the times of the call, when somebody wants to know. */
  constructor(session: CallSession, sql: string, holder: object, timed?: Timed, watcher?: CallWatcher) {
    super(session.number)
    this.#watcher = watcher
    if (timed !== undefined) {
      this.#timed = timed
      this.#stopwatch = new Stopwatch()
      session.bridge.submission.time(this.#stopwatch)
    }
    this.#session = session
    this.#argumentTypes = session.typing.argumentTypes
    this.sql = sql
    this.holder = holder
  }

  /** Submits it, unless its limits have ended it already. */
  protected send(
    text: string | Query,
    args: readonly unknown[] | undefined,
    terms: Terms,
    limits: SessionLimits,
  ): void {
    const { signal } = limits
    this.#limits = limits
    this.#isPrepared = typeof text === 'object'
    if (terms.flags & CallFlag.Plain) this.#argumentTypes = ArgumentTypes.PLAIN
    else if (typeof text === 'object' && text.argumentTypes !== undefined) {
      this.#argumentTypes = text.argumentTypes
    }
    const own =
      (signal === undefined ? 0 : CallFlag.Signal) | (this.#timed === undefined ? 0 : CallFlag.Timed)
    const whole = own === 0 ? terms : { ...terms, flags: terms.flags | own }
    if (signal === undefined) return this.#submit(text, args, whole)
    if (signal.aborted) {
      this.reject(() => signal.reason)
      return this.#watcher?.over()
    }
    this.#submit(text, args, whole)
    if (this.isSettled) return
    // Code of an argument's own may have aborted it meanwhile.
    if (signal.aborted) this.#abort(signal)
    else this.#unlisten = onAbort(signal, () => this.#abort(signal))
  }

  #submit(text: string | Query, args: readonly unknown[] | undefined, terms: Terms): void {
    const { timeout } = this.#limits
    if (timeout !== undefined && timeout <= 0) {
      this.failWith(() => withQuery(unsentInTime(this.#limits), this.sql))
      return this.#watcher?.over()
    }
    const limit = limitWord(timeout)
    const { bridge } = this.#session
    this.#request = bridge.add(this)
    try {
      const { submission } = bridge
      const argumentTypes = this.#argumentTypes
      const written = submission.call(this.#session, this.#request, text, args, terms, limit, argumentTypes)
      this.#args = written.values
      this.#failures = written.failures
      if (!written.isTyped) this.#kept = this.asTheyStand(written.values)
    } catch (error) {
      bridge.remove(this.#request)
      this.reject(() => this.#unsent(error))
    }
  }

  override released(): void {
    this.#watcher?.over()
  }

  /**
   * Arguments that only the types of the parameters tell how to write: the caller may have changed them by then. It runs
   * none of their code that may throw: the call is written, and its number must not become another one's.
   */
  protected asTheyStand(values: readonly unknown[]): readonly unknown[] {
    const hasCodecs = this.#argumentTypes.codecs.number !== 0
    return hasCodecs || values.some(isStructured) ? values.map((value) => snapshot(value)) : values
  }

  override argumentsWanted(types: readonly number[]): void {
    if (this.isSettled) return
    // The types that they were written by may be others now.
    this.#argumentTypes.forget()
    this.#failures = undefined
    if (!this.#isPrepared) {
      this.submission.queries.describeText(this.sql, this.session, Uint32Array.from(types))
    }
    try {
      const values = this.#kept ?? this.#args ?? []
      this.submission.arguments(this.session, this.#request, values, types, this.#argumentTypes)
    } catch (error) {
      this.abandon(this.#unsent(error instanceof ArgumentFailure ? this.#asGiven(error) : error))
    }
  }

  /** What is told is the caller's own argument, and not the copy that was written. */
  #asGiven({ index, value, error }: ArgumentFailure): ArgumentFailure {
    return new ArgumentFailure(index, this.#args === undefined ? value : this.#args[index], error)
  }

  protected get argumentTypes(): ArgumentTypes {
    return this.#argumentTypes
  }

  #unsent(error: unknown): unknown {
    if (error instanceof ArgumentFailure) return withQuery(unwritable(error), this.sql)
    return inQuery(error, this.sql)
  }

  override get text(): string {
    return this.sql
  }

  /** Its number, once it was submitted. */
  protected get request(): number {
    return this.#request
  }

  protected get submission(): Submission {
    return this.#session.bridge.submission
  }

  /** Its last record has come. */
  protected answered(status: number): void {
    this.#session.statusChanged(status)
    this.#unlisten?.()
    this.#tellTimes()
  }

  override times(sent: number, answered: number, complete: number): void {
    this.#stopwatch?.answered(sent, answered, complete)
  }

  /** Its values were made by now, as they came. */
  #tellTimes(): void {
    const timing = this.#stopwatch?.read()
    if (timing !== undefined) this.#timed?.(timing)
  }

  override done(status: number): void {
    if (status !== 0) this.#session.statusChanged(status)
    this.#unlisten?.()
  }

  override failed(kind: FailureClass, told: readonly Field[], status: number): void {
    if (status !== 0) this.#session.statusChanged(status)
    this.#unlisten?.()
    this.#tellTimes()
    if (kind === FailureClass.Server) this.#watcher?.refused(byLetter(told)[Letter.Sqlstate])
    // The core knows what was left of the limit.
    const fields = kind === FailureClass.Timeout ? withMessage(told, lateWords(this.#limits)) : told
    const unwritten = this.unwrittenOf(fields)
    if (kind === FailureClass.Data && unwritten !== undefined) {
      return this.failWith(() => withQuery(unwritten(), this.sql))
    }
    // The connection has ended before the types were told: no type would have helped what its own code threw.
    const [first] = this.#failures ?? []
    if (first !== undefined && (kind === FailureClass.Interface || kind === FailureClass.Lost)) {
      return this.failWith(() => withQuery(unwritable(first), this.sql))
    }
    const args = this.argumentsOf(fields)
    const type = kind === FailureClass.Data ? unnamedType(fields) : undefined
    if (type === undefined)
      return this.failWith(() => failure(kind, fields, this.sql, this.#session.end, args))
    this.failWith(
      () => {
        const named = withTypeName(fields, this.#session.typeName(type))
        return failure(kind, named, this.sql, this.#session.end, args)
      },
      this.#session.learnType(type, this.holder),
    )
  }

  /** What makes the error of an argument that could not be written, which no type of its parameter has helped. */
  protected unwrittenOf(fields: readonly Field[]): (() => Error) | undefined {
    const { [Letter.Argument]: argument } = byLetter(fields)
    const failure = this.#failures?.find(({ index }) => index === Number(argument) - 1)
    return failure && (() => unwritable(failure))
  }

  /** The arguments that a failure is about. */
  protected argumentsOf(_fields: readonly Field[]): readonly unknown[] | undefined {
    return this.#args
  }

  #abort(signal: AbortSignal): void {
    if (!this.isSettled) this.abandon(signal.reason)
  }

  /** Gives it up: it rejects with this at once, and what still comes of it is dropped. */
  protected abandon(error: unknown): void {
    if (this.isSettled) return
    this.#unlisten?.()
    this.reject(() => error)
    this.submission.abandon(this.session, this.#request)
  }
}

/** What may be a document, an array, or a value of a composite type. */
function isStructured(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !types.isDate(value) && !ArrayBuffer.isView(value)
}

function unsentInTime(limits: SessionLimits): TimeoutError {
  return new TimeoutError(lateWords(limits), { phase: 'query', maybeExecuted: false })
}

/** @param place where the argument stands, in words, when it is one of many sets, and the number of its set. */
export function unwritable(
  { index, value, error }: ArgumentFailure,
  place = '',
  set: { readonly element?: number } = {},
): DataError {
  const { reason, ...why } = reasonOf(error)
  return new DataError(`invalid input for query argument $${index + 1}${place}: ${reason}`, {
    sqlstate: '22000',
    argument: index + 1,
    value,
    ...set,
    ...why,
  })
}
