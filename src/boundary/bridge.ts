import { type BuiltinType, type Core, type DatabaseType, loadBinding, type Traffic } from '#native'
import type { NativeAttempt } from '../config/attempt.ts'
import type { LoopReference } from '../loop-reference.ts'
import { setImmediate } from '../timers.ts'
import type { TypeStructure } from './argument-types.ts'
import { Chunk, Views } from './chunk.ts'
import type { Codecs } from './custom.ts'
import { FailureClass, Letter, VERSION } from './generated.ts'
import { LoopHold } from './loop-hold.ts'
import type { Pending } from './pending.ts'
import { faultFields, Reader } from './reader.ts'
import type { Field } from './record.ts'
import { Requests } from './requests.ts'
import type { SessionEvents } from './session-events.ts'
import { Submission } from './submission.ts'
import { Table } from './table.ts'

/** Bytes read at once: bounds the time one turn of the event loop spends on rows. */
const BUFFER = 256 * 1024

/** Bytes after which other work gets its turn of the event loop. */
const SLICE = BUFFER / 2

/** What a wake-up counts for, in bytes, however little it brings: the callers that it answers take their time too. */
const LEAST = SLICE / 16

const GONE_FIELDS: readonly Field[] = [
  [Letter.Message.charCodeAt(0), 'connection was closed in the middle of operation'],
  [Letter.MaybeExecuted.charCodeAt(0), '0'],
]

/**
 * Whether the event loop may watch the sockets of sessions at rest: Node.js has libuv's, other runtimes have functions of
 * its names at most. `CORNAC_LOOKOUT=0` leaves every socket to the driver's own thread.
 */
function isWatchable(): boolean {
  const { bun, deno, electron } = process.versions
  return [bun, deno, electron].every((other) => other === undefined) && process.env.CORNAC_LOOKOUT !== '0'
}

/** Reads on after other work had its turn. */
let goOn: (bridge: Bridge) => void

/** One native core, and what its numbers stand for: requests go down, records come up. */
export class Bridge {
  readonly #core: Core = new (loadBinding(VERSION).Core)(() => this.#woken(), isWatchable())
  readonly #traffic: Traffic = this.#core.traffic()
  readonly #requests = new Requests()
  readonly #sessions = new Table<SessionEvents>()
  /** Ends the watch of a reference, by the session that follows it. */
  readonly #followers = new Map<number, () => void>()
  readonly #hold = new LoopHold(this.#requests, (hold) => this.#guard(() => this.#core.hold(hold)))
  readonly #reader: Reader
  readonly submission: Submission
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER))
  readonly #chunk = new Chunk(new Views(this.#buffer.buffer, 0, BUFFER))
  /** Bytes read since other work had its turn. */
  #spent = 0
  /** The rest is read on a later turn of the event loop. */
  #isYielding = false
  #isBroken = false

  constructor() {
    this.submission = new Submission((bytes, length) => this.#submit(bytes, length))
    this.#reader = new Reader(this.#requests, this.#sessions, {
      described: (query, session, types) => {
        this.submission.queries.describe(query, session, types)
        this.#sessions.get(session)?.described()
      },
      gone: (session, kind) => this.#gone(session, kind),
      faulted: (session, events, error) => {
        this.submission.terminate(session)
        events.ended(FailureClass.Internal, faultFields(error))
      },
    })
  }

  /** Its native core has failed: nothing that is asked of it is answered. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /**
   * The number under which the records of a request come. It holds the event loop from its submission on, unless its
   * session follows a reference that does not.
   */
  add(pending: Pending<any>): number {
    return this.#requests.add(pending)
  }

  /** Takes back a number whose request was never written. */
  remove(request: number): void {
    this.#requests.release(request)
    this.#hold.update()
  }

  /** Starts an attempt to connect for a pending request, which is to become the session of a number. */
  connect(request: number, session: number, attempt: NativeAttempt): void {
    // The binding holds the event loop by itself.
    this.#hold.settle()
    this.#core.connect(request, session, attempt)
  }

  /** The number of a session that is to be. It is free again when the session is gone, or with {@link release}. */
  reserveSession(): number {
    return this.#sessions.reserve()
  }

  register(session: number, events: SessionEvents): void {
    this.#sessions.set(session, events)
  }

  release(session: number): void {
    this.unfollow(session)
    this.#sessions.release(session)
    this.#guard(() => this.#core.release(session))
  }

  abandonConnect(session: number): void {
    this.#guard(() => this.#core.abandonConnect(session))
  }

  /** Keeps the event loop alive, and the holder from being collected, until it is taken back. */
  hold(holder: object): void {
    this.#hold.add(holder)
  }

  unhold(holder: object): void {
    this.#hold.delete(holder)
  }

  /** The requests of a session hold the event loop while a reference does, until it ends or {@link unfollow}s it. */
  follow(session: number, reference: LoopReference): void {
    const unwatch = reference.watch((isHeld) => {
      this.#requests.setAwaited(session, isHeld)
      this.#hold.update()
    })
    this.#followers.set(session, unwatch)
  }

  unfollow(session: number): void {
    const unwatch = this.#followers.get(session)
    if (unwatch === undefined) return
    this.#followers.delete(session)
    unwatch()
    this.#requests.setAwaited(session, true)
    this.#hold.update()
  }

  /** A type that is the same on every server, whose schema is pg_catalog. */
  builtinType(oid: number): BuiltinType | undefined {
    return this.#asked(() => this.#core.builtinType(oid))
  }

  /** A type of the database that a session is connected to, once it was looked up. */
  databaseType(session: number, oid: number): DatabaseType | undefined {
    return this.#asked(() => this.#core.databaseType(session, oid))
  }

  /** The OID of such a type, by its names in the catalog. */
  databaseOid(session: number, schema: string, name: string): number | undefined {
    return this.#asked(() => this.#core.databaseOid(session, schema, name))
  }

  /** What the values of a type are made of, as far as a session knows. */
  typeStructure(session: number, oid: number): TypeStructure | undefined {
    return this.#asked(() => this.#core.typeStructure(session, oid))
  }

  /** How values of a type come under these codecs: `unread` where their text is handed on as it is. */
  typeReading(session: number, oid: number, codecs: Codecs): 'binary' | 'text' | 'unread' | undefined {
    return this.#asked(() => this.#core.typeReading(session, oid, Uint32Array.from(codecs.words)))
  }

  /** The OID of a type that is the same on every server. */
  builtinOid(name: string): number | undefined {
    return this.#asked(() => this.#core.builtinOid(name))
  }

  /** What the core knows; `undefined` when it knows nothing, or is broken. */
  #asked<T>(ask: () => T | null): T | undefined {
    if (this.#isBroken) return undefined
    try {
      return ask() ?? undefined
    } catch (error) {
      this.#break(error)
      return undefined
    }
  }

  #submit(bytes: Uint8Array, length: number): void {
    if (this.#isBroken) return
    try {
      this.#traffic.submit(bytes, length, this.#hold.settle(), this.#requests.size === 1)
    } catch (error) {
      this.#break(error)
    }
  }

  /**
   * Records are waiting. The runtime goes on calling while they come, without a turn of its event loop in between. Gives
   * whether the event loop is to be kept alive from then on.
   */
  #woken(): boolean {
    if (!this.#isYielding) this.#drain()
    return this.#hold.settle()
  }

  /** Reads what fits the buffer, or one block that does not. */
  #drain(): void {
    let read: number
    let block: Uint8Array | null = null
    try {
      read = this.#traffic.drain(this.#buffer)
      if (read < 0) block = this.#core.take()
    } catch (error) {
      return this.#break(error)
    }
    this.#spent += Math.max(block?.length ?? read, LEAST)
    if (block !== null) this.#readBlock(block)
    else if (read > 0) this.#reader.read(this.#chunk, read)
    if (this.#spent < SLICE) return
    this.#isYielding = true
    setImmediate(goOn, this)
  }

  /** Its memory is the next one's then, and no burden of the collector's. */
  #readBlock({ buffer, byteOffset, length }: Uint8Array): void {
    this.#reader.read(new Chunk(new Views(buffer, byteOffset, length)), length)
    this.#guard(() => this.#core.giveBack(buffer as ArrayBuffer))
  }

  static {
    goOn = (bridge) => {
      bridge.#spent = 0
      bridge.#isYielding = false
      if (!bridge.#isBroken) bridge.#drain()
      bridge.#hold.update()
    }
  }

  /** No record of the session comes any more: what waits for one was submitted too late, or lost in a panic. */
  #gone(session: number, kind: FailureClass): void {
    this.release(session)
    for (const pending of this.#requests.sweep(session)) pending.failed(kind, GONE_FIELDS, 0)
  }

  /** Calls into the binding. What it throws is a panic that was caught there. */
  #guard(call: () => void): void {
    if (this.#isBroken) return
    try {
      call()
    } catch (error) {
      this.#break(error)
    }
  }

  #break(error: unknown): void {
    if (this.#isBroken) return
    this.#isBroken = true
    try {
      this.#core.close()
    } catch {
      // It was broken before.
    }
    const fields = faultFields(error)
    for (const session of this.#sessions.values()) session.ended(FailureClass.Internal, fields)
    for (const pending of this.#requests.sweep()) pending.failed(FailureClass.Internal, fields, 0)
  }
}
