import { sqlOf, type Text } from './ask.ts'
import { mayBeLists } from './boundary/argument-types.ts'
import { Attempt, type LoggedIn } from './boundary/attempt.ts'
import type { Bridge } from './boundary/bridge.ts'
import { Call, type PortalPart } from './boundary/call.ts'
import { Closing } from './boundary/closing.ts'
import { ENDED } from './boundary/copy-call.ts'
import { CopyIn } from './boundary/copy-in.ts'
import { CopyOut } from './boundary/copy-out.ts'
import { aliasOf, type CodecFormat, type Custom, customOf, type Tuple } from './boundary/custom.ts'
import { bridge } from './boundary/environment.ts'
import { endOf } from './boundary/failure.ts'
import { CopyLayout, type FailureClass } from './boundary/generated.ts'
import { type ArgumentSets, ManyCall } from './boundary/many-call.ts'
import { Opening } from './boundary/opening.ts'
import { type Prepared, Preparing, ServerClosing } from './boundary/preparing.ts'
import type { Query } from './boundary/queries.ts'
import { byLetter, type Field } from './boundary/record.ts'
import { RecordWriter } from './boundary/record-writer.ts'
import { type PlacedSession, Reservation } from './boundary/reservation.ts'
import type { CallWatcher } from './boundary/session-call.ts'
import type { SessionEvents } from './boundary/session-events.ts'
import { NO_PLACE } from './boundary/terms.ts'
import { TUPLES } from './boundary/tuples.ts'
import { Typing } from './boundary/typing.ts'
import type { NativeAttempt } from './config/attempt.ts'
import { type ConnectionDoesNotExistError, InterfaceError } from './errors/index.ts'
import { withQuery } from './errors/with-query.ts'
import type { TypeCatalog } from './introspection.ts'
import type { LoopReference } from './loop-reference.ts'
import { SessionLife } from './session-life.ts'
import type { SessionOwner, Stoppable } from './session-owner.ts'
import type { Timed } from './types/call-timing.ts'
import type { SessionLimits } from './types/session-limits.ts'
import type { RawBatch, Want } from './want.ts'

/** PostgreSQL reports about fifteen; extensions may report more. */
const MOST_PARAMETERS = 1_000

/** Numbers of portals and openings begin anew then. */
const MOST_PORTALS = 0x3fff_ffff

const ROWS: Want = { kind: 'rows', isPlain: true }

/** How long an error waits at most for the name of a type. */
const LOOK_UP: SessionLimits = { timeout: 1_000, signal: undefined }

export type {
  ArgumentSets,
  CallWatcher,
  CodecFormat,
  CopyIn,
  CopyOut,
  Custom,
  PortalPart,
  Prepared,
  Query,
  Tuple,
}
export { aliasOf, CopyLayout, customOf, ENDED, mayBeLists, RecordWriter, TUPLES }

/** What calls are made on, and with. */
export interface SessionPlace {
  readonly session: Session
  /** The connection, which is not collected while its calls run. */
  readonly holder: object
}

/** One session with the server. Calls on it are pipelined in the order in which they are made. */
export class Session implements SessionEvents, PlacedSession {
  readonly bridge: Bridge
  readonly number: number
  readonly pid: number
  readonly typing: Typing
  /** The server's parameters, kept as it reports them. */
  readonly parameters: Map<string, string>
  /** How the server authenticated us: `none`, `password`, `scram-sha-256` … */
  readonly authMethod: string
  readonly encrypted: boolean
  readonly protocol: string
  readonly #life: SessionLife
  #owner: WeakRef<SessionOwner> | undefined
  #portals = 0
  #openings = 0
  within = 0
  at: number = NO_PLACE

  constructor(loggedIn: LoggedIn) {
    this.bridge = loggedIn.bridge
    this.number = loggedIn.number
    this.pid = loggedIn.pid
    this.typing = new Typing(loggedIn.bridge, loggedIn.number)
    this.parameters = loggedIn.parameters
    this.authMethod = loggedIn.authMethod
    this.encrypted = loggedIn.encrypted
    this.protocol = loggedIn.protocol
    this.#life = new SessionLife(loggedIn.status)
    this.bridge.register(this.number, this)
  }

  /** Held weakly: a session does not keep its connection from being collected. */
  set owner(owner: SessionOwner) {
    this.#owner = new WeakRef(owner)
  }

  get isClosed(): boolean {
    return this.#life.isClosed
  }

  /** {@link SessionLife} tells of this one and of the four below. */
  get isInTransaction(): boolean {
    return this.#life.isInTransaction
  }

  get state(): string {
    return this.#life.state
  }

  get end(): Error | undefined {
    return this.#life.end
  }

  unusable(): InterfaceError | ConnectionDoesNotExistError | undefined {
    return this.#life.unusable()
  }

  /** A call that cannot be made is over. */
  #unusableFor(watcher: CallWatcher | undefined): Error | undefined {
    const unusable = this.unusable()
    if (unusable !== undefined) watcher?.over()
    return unusable
  }

  lost(): ConnectionDoesNotExistError | undefined {
    return this.#life.lost()
  }

  /** The types of its database, as far as they were met. */
  get types(): TypeCatalog {
    return this.typing.catalog
  }

  typeName(oid: number): string | undefined {
    const { name, schema } = this.types.get(oid)
    return schema === '' ? undefined : name
  }

  /** Nothing is asked within a transaction: what is found wrong before anything is sent leaves it untouched. */
  async learnType(oid: number, holder: object): Promise<void> {
    if (this.isInTransaction || this.unusable() !== undefined) return
    try {
      await this.types.learn([oid], (sql, oids) => this.call(ROWS, sql, [oids], LOOK_UP, holder))
    } catch {
      // A type that could not be looked up is told by its OID.
    }
  }

  /**
   * Sends a call down. `holder` is kept from being collected until it has ended. `watcher` is
   * told of its end here, also where nothing is sent.
   *
   * Rejects, before anything is sent, with an InterfaceError or a DataError for arguments that cannot be sent.
   */
  call<T>(
    want: Want,
    text: Text,
    args: readonly unknown[] | undefined,
    limits: SessionLimits,
    holder: object,
    watcher?: CallWatcher,
  ): Promise<T> {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) return Promise.reject(withQuery(unusable, sqlOf(text)))
    const call = new Call(this, want, sqlOf(text), holder, watcher)
    return call.start(text, args, limits) as Promise<T>
  }

  /** Sends a call down that is made for many sets of arguments: all of them or none. */
  many<T>(
    want: Want,
    text: Text,
    sets: ArgumentSets,
    limits: SessionLimits,
    holder: object,
    watcher?: CallWatcher,
  ): Promise<T> {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) return Promise.reject(unusable)
    const call = new ManyCall(this, want, sqlOf(text), holder, watcher)
    return call.startMany(text, sets, limits) as Promise<T>
  }

  /**
   * Prepares a statement that is kept until {@link unprepare} or {@link letGo}, under this name or, when it is
   * undefined, one of ours.
   */
  async prepare(
    sql: string,
    name: string | undefined,
    limits: SessionLimits,
    holder: object,
    timed?: Timed,
    watcher?: CallWatcher,
  ): Promise<Prepared> {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) throw unusable
    const query = this.bridge.submission.define(sql, name)
    query.argumentTypes = this.typing.argumentTypes
    try {
      return await new Preparing(this, query, limits, holder, timed, watcher).promise
    } catch (error) {
      this.letGo(query)
      throw error
    }
  }

  /** Closes a prepared statement on the server, behind the calls that were made before. */
  async unprepare(query: Query, limits: SessionLimits, holder: object): Promise<void> {
    try {
      await new ServerClosing(this, query, 0, limits, holder).promise
    } catch (error) {
      // Closed or not, nobody uses it any more.
      this.letGo(query)
      throw error
    }
    this.bridge.submission.queries.release(query)
  }

  /** A prepared statement is of use to nobody any more: it is closed with the next call. */
  letGo(query: Query): void {
    const { submission } = this.bridge
    if (this.isClosed) submission.queries.release(query)
    else submission.letGo(this.number, query)
  }

  /** The number of what is to open a transaction. */
  reserveOpening(): number {
    this.#openings = (this.#openings % MOST_PORTALS) + 1
    return this.#openings
  }

  /** Opens a transaction, or a savepoint in it, under one Sync with the next call. */
  open(sql: string, opening: number, holder: object, watcher?: CallWatcher): Promise<void> {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) return Promise.reject(unusable)
    return new Opening(this, sql, opening, holder, watcher).promise
  }

  /** The number of a portal that is to be opened. */
  reservePortal(): number {
    this.#portals = (this.#portals % MOST_PORTALS) + 1
    return this.#portals
  }

  /** Opens a portal, or reads on: `part` says which, and how many rows come of it. `want` is for a batch. */
  read(
    want: Want,
    text: Text,
    args: readonly unknown[] | undefined,
    part: PortalPart,
    limits: SessionLimits,
    holder: object,
    watcher?: CallWatcher,
  ): Promise<RawBatch> {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) return Promise.reject(withQuery(unusable, sqlOf(text)))
    const call = new Call(this, want, sqlOf(text), holder, watcher)
    return call.start(text, args, limits, part) as Promise<RawBatch>
  }

  /** Closes a portal, also one that is gone. */
  closePortal(sql: string, portal: number, limits: SessionLimits, holder: object): Promise<void> {
    return new ServerClosing(this, sql, portal, limits, holder).promise
  }

  /** Begins a COPY whose data is handed out. Throws when the session cannot be used. */
  copyOut(sql: string, limits: SessionLimits, holder: object, timed?: Timed): CopyOut {
    const unusable = this.unusable()
    if (unusable !== undefined) throw unusable
    return new CopyOut(this, sql, limits, holder, timed)
  }

  /** Begins a COPY whose data is handed in, as bytes or by `records`. Throws when the session cannot be used. */
  copyIn(
    sql: string,
    records: RecordWriter | undefined,
    limits: SessionLimits,
    holder: object,
    timed?: Timed,
  ): CopyIn {
    const unusable = this.unusable()
    if (unusable !== undefined) throw unusable
    return new CopyIn(this, sql, records, limits, holder, timed)
  }

  /**
   * Takes a place in the order of calls, for calls that are made later; `sql` is what it is for. Throws when the session
   * cannot be used.
   */
  reserve(sql: string, holder: object, watcher?: CallWatcher): Reservation {
    const unusable = this.#unusableFor(watcher)
    if (unusable !== undefined) throw unusable
    return new Reservation(this, sql, holder, watcher)
  }

  /** Ends gracefully within `timeout` milliseconds, else the connection is dropped and a TimeoutError comes. */
  async close(timeout: number | undefined, holder: object): Promise<void> {
    if (this.isClosed) return
    this.#life.isClosing = true
    await new Closing(this.bridge, this.number, timeout, holder).promise
  }

  /** Drops the connection: pending calls reject, nothing more is sent. */
  terminate(): void {
    if (this.isClosed) return
    this.bridge.submission.terminate(this.number)
    this.#finish(new InterfaceError('connection was terminated'))
  }

  /** Forgets the types of the database and what was described or prepared with them. */
  forgetSchema(): void {
    this.typing.forgetAll()
    if (!this.isClosed) this.bridge.submission.forgetTypes(this.number)
    this.dropStatements()
  }

  /** Forgets the cached statements. */
  dropStatements(): void {
    if (!this.isClosed) this.bridge.submission.dropStatements(this.number)
  }

  /** Whether notices are handed up. */
  wantNotices(wanted: boolean): void {
    if (!this.isClosed) this.bridge.submission.notices(this.number, wanted)
  }

  /** Keeps the event loop alive, and `holder` from being collected, until {@link unhold}. */
  hold(holder: object): void {
    this.bridge.hold(holder)
  }

  unhold(holder: object): void {
    this.bridge.unhold(holder)
  }

  /** Whoever opened it has it as it is to be: its calls are no part of the opening any more, and hold the event loop. */
  opened(): void {
    this.bridge.unfollow(this.number)
  }

  statusChanged(status: number): void {
    if (this.#life.statusChanged(status)) this.#owner?.deref()?.transactionEnded()
  }

  described(): void {
    this.typing.forget()
  }

  parameter(name: string, value: string): void {
    // A name more for every message would be a way to fill our memory.
    if (this.parameters.size >= MOST_PARAMETERS && !this.parameters.has(name)) return
    this.parameters.set(name, value)
    this.#owner?.deref()?.parameter(name, value)
  }

  notice(fields: readonly Field[], running: string | undefined): void {
    this.#owner?.deref()?.notice(byLetter(fields), running)
  }

  notification(pid: number, channel: string, payload: string): void {
    this.#owner?.deref()?.notification(pid, channel, payload)
  }

  ended(kind: FailureClass, fields: readonly Field[]): void {
    this.#finish(() => endOf(kind, fields))
  }

  #finish(cause: Error | (() => Error)): void {
    if (this.isClosed) return
    this.#life.finish(cause)
    this.#owner?.deref()?.ended()
  }
}

/**
 * Makes one attempt to connect.
 *
 * Rejects with an AttemptFailure, or with the reason for which it is stopped first; nothing of the attempt is left then.
 */
export function dial(
  native: NativeAttempt,
  stop: Stoppable,
  reference: LoopReference | undefined,
): Promise<Session> {
  const attempt = new Attempt(bridge(), native, (loggedIn) => new Session(loggedIn), reference)
  stop.onStop = (reason) => attempt.stop(reason)
  return attempt.promise
}
