import { Ask, sqlOf, type Text } from './ask.ts'
import type { Args, CallLimits } from './call-options.ts'
import type { TypeCatalog } from './introspection.ts'
import { JointWatcher } from './joint-watcher.ts'
import type { LoggedOperation, Observed, Observer } from './observer.ts'
import { type QueryResult, type ResultColumn, readTag } from './query-result.ts'
import type { Runner } from './queryable.ts'
import type { ArgumentSets, CallWatcher, PortalPart, Query, Session, SessionPlace } from './session.ts'
import type { SessionUse } from './session-use.ts'
import { now } from './timers.ts'
import type { CallTiming, Timed } from './types/call-timing.ts'
import type { RecordClass } from './types/record.ts'
import type { SessionLimits } from './types/session-limits.ts'
import type { TypeInfo } from './types/type-info.ts'
import { type RawBatch, type RawColumn, type RawResult, rowsIn, type Want } from './want.ts'

/** A statement that was prepared for its own sake. */
export interface PreparedQuery {
  readonly query: Query
  /** Empty for one that is parsed again before every use. */
  readonly name: string
  readonly parameters: readonly TypeInfo[]
  readonly columns: readonly ResultColumn[]
}

/** Opening a transaction is never given up: what was sent with it has limits of its own. */
const NO_TIMEOUT: CallLimits = { timeout: null, signal: undefined }

const NO_LIMITS: CallLimits = { timeout: undefined, signal: undefined }

const ROWS: Want = { kind: 'rows', isPlain: true }
const BATCH: Want = { kind: 'batch' }

/**
 * Is told of each call of a connection when it is made, and gives what is told of its end. Neither preparing a statement nor
 * COPY is a query.
 */
export type Watch = (sql: string, isQuery: boolean) => CallWatcher

/** Makes a connection's calls on its session. */
export class SessionRunner implements Runner {
  readonly #session: Session
  readonly #commandTimeout: number | null
  /** The limits of a call that was given none. */
  readonly #default: SessionLimits
  readonly #recordClass: RecordClass | undefined
  /** Is told of the calls; who makes one that does not pass {@link send} tells it. */
  readonly observer: Observer
  /** The connection, which is not collected while its calls run. */
  holder: object = this
  watch: Watch | undefined
  /** What was prepared for its own sake, until it is closed or let go; and whether somebody watched, who has gone then. */
  readonly #prepared = new Map<Query, boolean>()

  /**
   * @param commandTimeout Milliseconds, `null` for none.
   * @param recordClass What rows are made as where a call does not say it; plain objects when it is not given.
   */
  constructor(
    session: Session,
    commandTimeout: number | null,
    observer: Observer,
    recordClass?: RecordClass,
  ) {
    this.#session = session
    this.#commandTimeout = commandTimeout
    this.#default = { timeout: commandTimeout ?? undefined, whole: undefined, signal: undefined }
    this.#recordClass = recordClass
    this.observer = observer
  }

  unusable(): Error | undefined {
    return this.#session.unusable()
  }

  send<T>(want: Want, text: Text, args: Args | undefined, limits: CallLimits): Promise<T> {
    return this.#observed(want, text, args, limits, this.watch?.(sqlOf(text), true))
  }

  /** Makes a call of one of several callers that share the session, outside of its transactions. */
  share<T>(
    want: Want,
    sql: string,
    args: Args | undefined,
    limits: CallLimits,
    watcher: CallWatcher,
  ): Promise<T> {
    return this.#observed(want, sql, args, limits, watcher)
  }

  #observed<T>(
    want: Want,
    text: Text,
    args: Args | undefined,
    limits: CallLimits,
    watcher: CallWatcher | undefined,
  ): Promise<T> {
    if (!this.observer.isWatching('query')) return this.#send(want, text, args, limits, watcher)
    const describe = (): Observed => ({ text: sqlOf(text), args, timeout: this.#named(limits) })
    const send = (timed?: Timed, comment?: string): Promise<T> => {
      const told = timed === undefined ? want : { ...want, timed }
      // A statement of its own is run by its name.
      const whole = comment === undefined || typeof text !== 'string' ? told : { ...told, comment }
      return this.#send(whole, text, args, limits, watcher)
    }
    return this.observer.observe('query', describe, send, (result) => rowsIn(want, result))
  }

  #send<T>(
    asked: Want,
    text: Text,
    args: Args | undefined,
    limits: CallLimits,
    watcher: CallWatcher | undefined,
  ): Promise<T> {
    const want = this.#withClass(asked)
    if (want.kind === 'result') return this.#result(want, text, args, limits, watcher) as Promise<T>
    return this.#session.call(want, text, args, this.#within(limits), this.holder, watcher)
  }

  #withClass(want: Want): Want {
    const recordClass = this.#recordClass
    if (recordClass === undefined || want.recordClass !== undefined) return want
    return { ...want, recordClass }
  }

  /** Prepares a statement for its own sake, under this name or one of ours; it is kept until it is closed or let go. */
  prepare(sql: string, name: string | undefined, limits: CallLimits): Promise<PreparedQuery> {
    return this.#told('prepare', sql, undefined, limits, (timed, watcher) =>
      this.#prepare(sql, name, limits, timed, watcher),
    )
  }

  async #prepare(
    sql: string,
    name: string | undefined,
    limits: CallLimits,
    timed: Timed | undefined,
    watcher: CallWatcher | undefined,
  ): Promise<PreparedQuery> {
    const end = this.#end(limits)
    const isWatched = this.watch !== undefined
    const prepared = await this.#session.prepare(sql, name, this.#within(limits), this.holder, timed, watcher)
    const { types } = this.#session
    const { query, parameters } = prepared
    this.#prepared.set(query, isWatched)
    try {
      await this.#learn(types, [...parameters, ...prepared.columns.map(typeOf)], end, limits.signal)
    } catch (error) {
      this.letGo(query)
      throw error
    }
    return {
      query,
      name: prepared.name,
      parameters: parameters.map((oid) => types.get(oid)),
      columns: types.columns(prepared.columns),
    }
  }

  /** Closes a prepared statement on the server, behind the calls that were made before. */
  async unprepare(query: Query): Promise<void> {
    this.#prepared.delete(query)
    await this.#unlessLost(this.#session.unprepare(query, this.#within(NO_LIMITS), this.holder))
  }

  /** A prepared statement is of use to nobody any more: it is closed with the next call. */
  letGo(query: Query): void {
    if (this.#prepared.delete(query)) this.#session.letGo(query)
  }

  /** Lets go of all statements that are still watched, once no call of theirs runs. */
  letWatchedGo(): void {
    for (const [query, isWatched] of this.#prepared) if (isWatched) this.letGo(query)
  }

  /** Opens a transaction under one Sync with the next call; what is called until that is answered is within it. */
  open(sql: string, opening: number): Promise<void> {
    return this.#told('query', sql, [], NO_TIMEOUT, (_timed, watcher) =>
      this.#session.open(sql, opening, this.holder, watcher),
    )
  }

  reserveOpening(): number {
    return this.#session.reserveOpening()
  }

  /** What calls are within from now on, until that is answered; 0 for nothing. */
  set within(opening: number) {
    this.#session.within = opening
  }

  reservePortal(): number {
    return this.#session.reservePortal()
  }

  /** Opens a portal, or reads on. `holder` is kept from being collected until that has ended. */
  read(
    text: Text,
    args: Args | undefined,
    part: PortalPart,
    recordClass: RecordClass | undefined,
    limits: CallLimits,
    holder: object,
  ): Promise<RawBatch> {
    const want = this.#withClass(recordClass === undefined ? BATCH : { ...BATCH, recordClass })
    const read = (timed: Timed | undefined, watcher: CallWatcher | undefined): Promise<RawBatch> => {
      const told = timed === undefined ? want : { ...want, timed }
      return this.#session.read(told, text, args, part, this.#within(limits), holder, watcher)
    }
    const sql = sqlOf(text)
    if (part.ask === Ask.Open) return this.#told('query', sql, args, limits, read)
    // Loggers are told of a query once; a pool is told of whatever may still run.
    return read(undefined, this.watch?.(sql, true))
  }

  /** Makes a call and tells of it. */
  #told<T>(
    operation: LoggedOperation,
    text: string,
    args: Args | undefined,
    limits: CallLimits,
    make: (timed: Timed | undefined, watcher: CallWatcher | undefined) => Promise<T>,
  ): Promise<T> {
    const describe = (): Observed => ({ text, args, timeout: this.#named(limits) })
    const watcher = this.watch?.(text, operation !== 'prepare')
    return this.observer.observe(operation, describe, (timed) => make(timed, watcher))
  }

  /** Closes a portal, also one that is gone. */
  async closePortal(sql: string, portal: number): Promise<void> {
    if (this.unusable() !== undefined) return
    await this.#unlessLost(this.#session.closePortal(sql, portal, this.#within(NO_LIMITS), this.holder))
  }

  /** With the connection everything is closed that was open in it. */
  async #unlessLost(closing: Promise<void>): Promise<void> {
    try {
      await closing
    } catch (error) {
      if (this.unusable() === undefined) throw error
    }
  }

  sendMany<T>(want: Want, text: Text, sets: ArgumentSets, limits: CallLimits): Promise<T> {
    const sql = sqlOf(text)
    const made = this.#withClass(want)
    const watcher = this.watch?.(sql, true)
    const send = (timed?: Timed): Promise<T> => {
      const told = timed === undefined ? made : { ...made, timed }
      return this.#session.many(told, text, sets, this.#within(limits), this.holder, watcher)
    }
    const describe = (): Observed => ({
      text: sql,
      timeout: this.#named(limits),
      attributes: Array.isArray(sets) ? { 'db.operation.batch.size': sets.length } : {},
    })
    return this.observer.observe('batch', describe, send, (result) => rowsIn(want, result))
  }

  async onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R> {
    const place = { session: this.#session, holder: this.holder }
    const watcher = this.watch?.(sql, false)
    // A COPY runs on when its place is given up to what is called behind it.
    const joint = watcher && new JointWatcher(watcher)
    const reservation = this.#session.reserve(sql, this.holder, joint?.another())
    const make = <C>(call: (on: SessionPlace) => C): C => reservation.make(() => call(place))
    try {
      return await use({
        limits: this.#within(limits),
        observer: this.observer,
        ended: reservation.promise,
        make,
        last(call) {
          try {
            return make(call)
          } finally {
            reservation.release()
          }
        },
      })
    } finally {
      reservation.release()
      joint?.over()
    }
  }

  /** The limit of a call in milliseconds, `undefined` for none. */
  timeout({ timeout }: CallLimits): number | undefined {
    return (timeout === undefined ? this.#commandTimeout : timeout) ?? undefined
  }

  /** The limit in milliseconds that messages tell: the one that the caller gave, not what is left of it. */
  #named(limits: CallLimits): number | undefined {
    return limits.whole?.timeout ?? this.timeout(limits)
  }

  #within(limits: CallLimits): SessionLimits {
    const { timeout, whole, signal } = limits
    if (timeout === undefined && signal === undefined) return this.#default
    return { timeout: this.timeout(limits), whole, signal }
  }

  /** When the time of a call that begins now is over. */
  #end(limits: CallLimits): number | undefined {
    const timeout = this.timeout(limits)
    return timeout === undefined ? undefined : now() + timeout
  }

  /** The watcher is told when what was looked up for it is over, too. */
  async #result(
    want: Want,
    text: Text,
    args: Args | undefined,
    limits: CallLimits,
    watcher: CallWatcher | undefined,
  ): Promise<QueryResult<any>> {
    if (watcher === undefined) return this.#resultOf(want, text, args, limits, undefined)
    const joint = new JointWatcher(watcher)
    try {
      return await this.#resultOf(want, text, args, limits, joint)
    } finally {
      joint.over()
    }
  }

  async #resultOf(
    want: Want,
    text: Text,
    args: Args | undefined,
    limits: CallLimits,
    watcher: JointWatcher | undefined,
  ): Promise<QueryResult<any>> {
    const end = this.#end(limits)
    let timing: CallTiming | undefined
    const timed = (told: CallTiming): void => {
      timing = told
      want.timed?.(told)
    }
    const isTimed = want.kind === 'result' && want.isTimed === true
    const { rows, columns, tag } = await this.#session.call<RawResult>(
      isTimed ? { ...want, timed } : want,
      text,
      args,
      this.#within(limits),
      this.holder,
      watcher?.another(),
    )
    const { types } = this.#session
    if (!types.knows(columns)) await this.#learn(types, columns.map(typeOf), end, limits.signal, watcher)
    const result = { rows, columns: types.columns(columns), ...readTag(tag) }
    return timing === undefined ? result : { ...result, timing }
  }

  /** Looks types up. What is there is not lost because that fails. */
  async #learn(
    types: TypeCatalog,
    oids: readonly number[],
    end: number | undefined,
    signal: AbortSignal | undefined,
    watcher?: JointWatcher,
  ): Promise<void> {
    const fetch = (sql: string, unknown: number[]): Promise<unknown> => {
      const timeout = end === undefined ? undefined : end - now()
      const observed = { text: sql, args: [unknown], timeout, isInternal: true }
      return this.observer.observe(
        'query',
        () => observed,
        () => this.#session.call(ROWS, sql, [unknown], { timeout, signal }, this.holder, watcher?.another()),
      )
    }
    try {
      await types.learn(oids, fetch)
    } catch {
      signal?.throwIfAborted()
    }
  }
}

function typeOf({ typeOid }: RawColumn): number {
  return typeOid
}
