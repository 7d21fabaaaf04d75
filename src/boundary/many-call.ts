import { DataError } from '../errors/index.ts'
import { withQuery } from '../errors/with-query.ts'
import { isPromise, iterableSource, type Source } from '../iterable-source.ts'
import type { SessionLimits } from '../types/session-limits.ts'
import type { Want } from '../want.ts'
import { ArgumentFailure } from './argument-failure.ts'
import { Call } from './call.ts'
import { Ask, CallFlag, FailureClass, Letter, SetsEnd } from './generated.ts'
import type { Query } from './queries.ts'
import { byLetter, type Field } from './record.ts'
import { type CallSession, type CallWatcher, unwritable } from './session-call.ts'
import { SetWriter } from './set-writer.ts'
import { AS_LISTS } from './unwritable.ts'

/** What argument sets are taken from. */
export type ArgumentSets = Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>

/** Batches that may be on their way: one is composed while the next is written. */
const WINDOW = 2

/**
 * A statement that is run for many sets of arguments, on its way. The sets are taken from their source as they are wanted,
 * and go down in batches.
 */
export class ManyCall extends Call {
  readonly #writer = new SetWriter()
  readonly #isWanted: boolean
  readonly #isTold: boolean
  #source: Source<unknown> | undefined
  /** The sets of batches that were not composed, the last of which is being written: one may be refused. */
  #kept: (readonly unknown[])[][] = [[]]
  /** The number of the first of them. */
  #first = 0
  #goOn: (() => void) | undefined
  /** The types of the parameters, as soon as they are known. */
  #types: ArrayLike<number> | undefined
  #isComplete = false
  /** The source makes its sets as they are wanted, and may do so of the same objects. */
  #isLazy = true
  /** A batch was composed: none is asked for anew. */
  #isComposed = false
  /** Arguments that only the types of the parameters may tell how to write, by the number of their set. */
  readonly #failures = new Map<number, readonly ArgumentFailure[]>()
  /** Why the sets cannot be had to their end. */
  #failure: (() => void) | undefined

  constructor(session: CallSession, want: Want, sql: string, holder: object, watcher?: CallWatcher) {
    super(session, want, sql, holder, watcher)
    this.#isWanted = want.kind === 'rows'
    this.#isTold = want.told !== undefined
  }

  startMany(text: string | Query, sets: ArgumentSets, limits: SessionLimits): Promise<unknown> {
    let flags = (this.#isWanted ? CallFlag.Rows : 0) | (this.#isTold ? CallFlag.Tag : 0)
    if (this.submission.typesOf(this.session, text) !== undefined) flags |= CallFlag.Typed
    this.send(text, undefined, { ask: Ask.Many, flags, rows: 0, portal: 0 }, limits)
    if (this.isSettled) return this.promise
    this.#isLazy = !Array.isArray(sets)
    void this.#feed(text, sets)
    return this.promise
  }

  /** Takes sets from their source and hands them down. Never rejects. */
  async #feed(text: string | Query, sets: ArgumentSets): Promise<void> {
    try {
      const source = iterableSource<unknown>(sets)
      this.#source = source
      for (;;) {
        const next = source.next()
        const { done, value } = isPromise(next) ? await next : next
        if (this.isSettled) return
        if (done) break
        this.#add(text, value)
        if (!this.#writer.isFull) continue
        this.#hand(SetsEnd.Open)
        // The server runs these while the next ones are written.
        this.submission.flush()
        if (this.#kept.length > WINDOW) await this.#room()
        if (this.isSettled) return
      }
      this.#source = undefined
      this.#isComplete = true
      this.#hand(SetsEnd.Complete)
    } catch (error) {
      this.#fail(error)
    }
  }

  #add(text: string | Query, args: unknown): void {
    const number = this.#writer.next
    if (!Array.isArray(args)) {
      // It is not the source that has failed, which is told then that no more is wanted.
      const message = `invalid element #${number} of ${this.#method}() sequence: expected an array of arguments, got ${kindOf(args)}`
      const refused = { sqlstate: '22000', element: number, value: args, hint: AS_LISTS }
      throw new RefusedSet(new DataError(message, refused))
    }
    this.#types ??= this.submission.typesOf(this.session, text)
    const values = this.#write(args)
    this.#kept.at(-1)?.push(this.#mayComeAnew ? this.asTheyStand(values) : values)
  }

  /**
   * The sets that are given now may have to be written anew, and what they hold may be something else by then: while their
   * types are not known, and, from a source that makes them one by one, until it is known that those are right.
   */
  get #mayComeAnew(): boolean {
    return this.#types === undefined || (this.#isLazy && !this.#isComposed)
  }

  #write(args: readonly unknown[]): readonly unknown[] {
    const number = this.#writer.next
    const failures: ArgumentFailure[] = []
    try {
      const values = this.#writer.add(args, this.#types, this.argumentTypes, failures)
      if (failures.length > 0) this.#failures.set(number, failures)
      return values
    } catch (failure) {
      if (!(failure instanceof ArgumentFailure)) throw failure
      throw new RefusedSet(this.#unwritable(failure, number))
    }
  }

  #unwritable(failure: ArgumentFailure, element: number): DataError {
    const place = ` in element #${element} of ${this.#method}() sequence`
    return unwritable(failure, place, { element })
  }

  protected override unwrittenOf(fields: readonly Field[]): (() => Error) | undefined {
    const { [Letter.Argument]: argument, [Letter.Element]: element } = byLetter(fields)
    const failures = this.#failures.get(Number(element))
    const failure = failures?.find(({ index }) => index === Number(argument) - 1)
    return failure && (() => this.#unwritable(failure, Number(element)))
  }

  /** The sets that were handed down are dropped there: they come anew. */
  override argumentsWanted(types: readonly number[]): void {
    if (this.isSettled) return
    this.argumentTypes.forget()
    this.#types = types
    this.#failures.clear()
    const sets = this.#kept.flat()
    this.#kept = [[]]
    this.#writer.restart(this.#first)
    try {
      this.submission.arguments(this.session, this.request, [], [], this.argumentTypes)
      for (const set of sets) {
        this.#write(set)
        this.#kept.at(-1)?.push(set)
        if (this.#writer.isFull) this.#hand(SetsEnd.Open)
      }
      this.#hand(this.#isComplete ? SetsEnd.Complete : SetsEnd.Open)
    } catch (error) {
      this.#fail(error)
    }
  }

  get #method(): string {
    return this.#isWanted ? 'fetchMany' : 'executeMany'
  }

  #hand(end: SetsEnd): void {
    const { count, bytes } = this.#writer
    this.submission.sets(this.session, this.request, count, end, bytes)
    if (count > 0) this.#kept.push([])
    this.#writer.clear()
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  /** A batch was composed. */
  override setsComposed(): void {
    this.#isComposed = true
    this.#first += this.#kept.shift()?.length ?? 0
    this.#tellRoom()
  }

  #tellRoom(): void {
    const goOn = this.#goOn
    this.#goOn = undefined
    goOn?.()
  }

  /** The sets cannot be had to their end. The call rejects with this when the server has undone what it was sent. */
  #fail(error: unknown): void {
    if (this.isSettled) return
    if (error instanceof RefusedSet) {
      this.#failure = () => this.failWith(() => withQuery(error.refusal, this.sql))
    } else {
      this.#failure = () => this.reject(() => error)
      // A source that has failed by itself has ended.
      this.#source = undefined
    }
    this.submission.sets(this.session, this.request, 0, SetsEnd.Failed, NO_BYTES)
  }

  override failed(kind: FailureClass, fields: readonly Field[], status: number): void {
    const failure = this.#failure
    if (failure === undefined || kind !== FailureClass.Interface) return super.failed(kind, fields, status)
    if (status !== 0) this.answered(status)
    failure()
  }

  protected override argumentsOf(fields: readonly Field[]): readonly unknown[] | undefined {
    const { [Letter.Element]: element } = byLetter(fields)
    return element === undefined ? undefined : this.#kept.flat()[Number(element) - this.#first]
  }

  /** Its source may be giving a set just now. */
  protected override settled(): void {
    void Promise.resolve().then(() => this.#ended())
  }

  /** The call has ended, before its source or behind it. */
  #ended(): void {
    this.#tellRoom()
    const source = this.#source
    this.#source = undefined
    source?.stop()
  }
}

/** A set that cannot be sent. */
class RefusedSet {
  readonly refusal: DataError

  constructor(refusal: DataError) {
    this.refusal = refusal
  }
}

const NO_BYTES = new Uint8Array()

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'undefined' : `a ${typeof value}`
}
