import { Core } from '#native'
import type { NativeAttempt } from '../config/attempt.ts'
import { ProtocolError } from '../errors/index.ts'
import { chunkText, type Slices } from './chunk-text.ts'
import { type Cell, type Chunk, Views } from './codec.ts'
import { Shape } from './decoder.ts'
import { unreadDocument } from './document.ts'
import { Codec, FailureClass, Kind, RecordFlag } from './generated.ts'
import { type Pending, Slots } from './pending.ts'
import { type Field, readFields } from './record.ts'
import { Submission } from './submission.ts'

/** Bytes read at once: bounds the time one turn of the event loop spends on rows. */
const BUFFER = 256 * 1024

/** Bytes after which other work gets its turn of the event loop. */
const SLICE = BUFFER / 2

const MESSAGE = 'M'.charCodeAt(0)

const GONE_FIELDS: readonly Field[] = [
  [MESSAGE, 'connection was closed in the middle of operation'],
  ['x'.charCodeAt(0), '0'],
]

/** A session, as the records that belong to no call reach it. */
export interface SessionEvents {
  statusChanged(status: number): void
  parameter(name: string, value: string): void
  notice(fields: readonly Field[]): void
  notification(pid: number, channel: string, payload: string): void
  ended(kind: number, fields: readonly Field[]): void
}

/** What waits for the answer to an attempt to connect. */
export interface PendingAttempt extends Pending {
  connected(pid: number, status: number, fields: readonly Field[]): void
}

/** The driver within this JavaScript environment: what goes down and what comes up. */
export class Environment {
  #core: Core = this.#newCore()
  submission: Submission = this.#newSubmission()
  readonly #slots = new Slots()
  readonly #sessions = new Map<number, SessionEvents>()
  readonly #shapes = new Map<number, Shape>()
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER))
  readonly #chunk: Chunk = chunkOf(new Views(this.#buffer.buffer, 0, BUFFER), false)
  #nextSession = 1
  /** What keeps the event loop alive without a request of its own; it is kept from being collected too. */
  readonly #holders = new Set<object>()
  /** The rest is read on a later turn of the event loop. */
  #yielding = false

  add(pending: Pending): number {
    return this.#slots.add(pending)
  }

  /** Takes back a number whose request was never written. */
  remove(number: number): void {
    this.#slots.release(number)
    this.#rest()
  }

  sessionNumber(): number {
    const number = this.#nextSession
    this.#nextSession = number === 0xffffffff ? 1 : number + 1
    return number
  }

  connect(request: number, session: number, attempt: NativeAttempt): void {
    this.#core.connect(request, session, attempt)
  }

  abandonConnect(session: number): void {
    this.#guard(() => this.#core.abandonConnect(session))
  }

  register(session: number, events: SessionEvents): void {
    this.#sessions.set(session, events)
  }

  release(session: number): void {
    this.#sessions.delete(session)
    this.#guard(() => this.#core.release(session))
  }

  /** Keeps the event loop alive for `holder` until it is taken back. */
  hold(holder: object): void {
    this.#holders.add(holder)
    this.#guard(() => this.#core.hold())
  }

  unhold(holder: object): void {
    if (this.#holders.delete(holder)) this.#rest()
  }

  #rest(): void {
    if (this.#slots.size === 0 && this.#holders.size === 0) this.#guard(() => this.#core.idle())
  }

  #newCore(): Core {
    return new Core(() => {
      if (!this.#yielding) this.#wake()
    })
  }

  #newSubmission(): Submission {
    return new Submission((bytes, length) => {
      this.#guard(() => this.#core.submit(bytes, length))
      // What was handed over may hold nothing that is answered.
      this.#rest()
    })
  }

  #wake(): void {
    const read = this.#guard(() => this.#drain())
    // The runtime goes on calling while records come, without a turn of its event loop in between.
    if (read !== undefined && read >= SLICE) {
      this.#yielding = true
      setImmediate(() => {
        this.#yielding = false
        this.#wake()
      })
    }
    this.#rest()
  }

  /** Reads what fits the buffer, or one block that does not; gives its bytes. */
  #drain(): number {
    const read = this.#core.drain(this.#buffer)
    if (read >= 0) {
      this.#read(this.#chunk, read)
      return read
    }
    const block = this.#core.take()
    if (block === null) return 0
    this.#read(chunkOf(new Views(block.buffer, block.byteOffset, block.length), true), block.length)
    return block.length
  }

  /**
   * Calls into the binding. What it throws is a panic that was caught there: its state is not to be trusted any more,
   * so everything that is pending fails, every session ends, and a new core takes its place.
   */
  #guard<T>(call: () => T): T | undefined {
    try {
      return call()
    } catch (error) {
      this.#startAnew(error)
      return undefined
    }
  }

  #startAnew(error: unknown): void {
    const broken = this.#core
    const sessions = [...this.#sessions.values()]
    const swept = this.#slots.sweep()
    this.#sessions.clear()
    this.#shapes.clear()
    this.#core = this.#newCore()
    this.submission = this.#newSubmission()
    try {
      broken.close()
    } catch {
      // It was broken before.
    }
    const message = error instanceof Error ? error.message : String(error)
    const fields: Field[] = [[MESSAGE, `the driver failed internally: ${message}`]]
    for (const session of sessions) session.ended(FailureClass.Internal, fields)
    for (const pending of swept) pending.failed(FailureClass.Internal, fields)
  }

  /** No record of the session comes any more: what waits for one was submitted too late, or lost in a panic. */
  #gone(session: number, kind: number): void {
    this.release(session)
    for (const pending of this.#slots.sweep(session)) pending.failed(kind, GONE_FIELDS)
  }

  #read(chunk: Chunk, length: number): void {
    const { i32 } = chunk.views
    for (let at = 0; at < length; ) {
      const word = at >>> 2
      if (i32[word] === Kind.Rows) this.#rows(chunk, at, word)
      else this.#record(chunk.views, at, word)
      at += (i32[word + 1] as number) >>> 0
    }
  }

  #rows(chunk: Chunk, at: number, word: number): void {
    const { i32, u8 } = chunk.views
    const request = i32[word + 2] as number
    const pending = this.#slots.get(request)
    if (pending === undefined) return
    const rows = i32[word + 4] as number
    const flags = i32[word + 5] as number
    const cells = at + 48
    const arrays = cells + (i32[word + 6] as number)
    const text = arrays + (i32[word + 7] as number)
    const bytes = text + ((i32[word + 8] as number) >>> 0)
    const tag = bytes + ((i32[word + 9] as number) >>> 0)
    try {
      if (rows > 0) {
        chunk.arrays = arrays >>> 2
        chunk.bytes = bytes
        chunk.text = chunkText(u8, text, bytes, (flags & RecordFlag.Utf16) !== 0)
      }
      const shape = this.#shapes.get(i32[word + 3] as number)
      pending.rows(shape, rows, cells >>> 2, chunk)
    } catch (error) {
      pending.broken(isTooLong(error) ? this.#tooLong(chunk, word, cells >>> 2) : error)
    }
    if (flags & RecordFlag.Last) {
      this.#slots.release(request)
      this.#sessions.get(pending.session)?.statusChanged((flags >>> RecordFlag.StatusShift) & 0xff)
      const length = i32[word + 10] as number
      pending.complete(length === 0 ? '' : (u8 as Slices).latin1Slice(tag, tag + length))
    }
  }

  /** The error of a text that no string can hold, naming its column: the one of the longest cell. */
  #tooLong(chunk: Chunk, word: number, cells: number): ProtocolError {
    const { i32 } = chunk.views
    const shape = this.#shapes.get(i32[word + 3] as number)
    let column = ''
    let longest = 0
    for (const cell of shape?.cells ?? []) {
      const length = textLength(cell, chunk, cells + (cell.slot >> 2))
      if (length > longest) {
        longest = length
        column = cell.name
      }
    }
    return new ProtocolError(
      `column "${column}" holds a text of ${longest} characters, the most a string can have is 536870888`,
    )
  }

  #record(views: Views, at: number, word: number): void {
    const { i32 } = views
    const first = i32[word + 2] as number
    switch (i32[word]) {
      case Kind.Failed: {
        const flags = i32[word + 3] as number
        const pending = this.#slots.get(first)
        if (flags & RecordFlag.Last) this.#slots.release(first)
        if (pending === undefined) return
        const status = (flags >>> RecordFlag.StatusShift) & 0xff
        if (status !== 0) this.#sessions.get(pending.session)?.statusChanged(status)
        return pending.failed(i32[word + 4] as number, readFields(views, at + 20))
      }
      case Kind.Done: {
        const pending = this.#slots.get(first)
        this.#slots.release(first)
        return pending?.done()
      }
      case Kind.Connected: {
        const pending = this.#slots.get(first) as PendingAttempt | undefined
        this.#slots.release(first)
        const status = ((i32[word + 5] as number) >>> RecordFlag.StatusShift) & 0xff
        return pending?.connected(i32[word + 4] as number, status, readFields(views, at + 24))
      }
      case Kind.Shape:
        this.#shapes.set(first, readShape(views, at))
        return
      case Kind.Keys: {
        const keys = readFields(views, at + 20).map(([, key]) => key)
        this.#shapes.get(first)?.addKeys(i32[word + 3] as number, i32[word + 4] as number, keys)
        return
      }
      case Kind.ShapeReleased:
        this.#shapes.delete(first)
        return
      case Kind.Parameters:
        return this.#parameters(views, word, first >>> 0)
      case Kind.Gone:
        return this.#gone(first >>> 0, i32[word + 3] as number)
      default:
        return this.#event(views, at, word, first)
    }
  }

  #event(views: Views, at: number, word: number, session: number): void {
    const events = this.#sessions.get(session)
    if (events === undefined) return
    const { i32 } = views
    switch (i32[word]) {
      case Kind.Notice:
        return events.notice(readFields(views, at + 12))
      case Kind.Notification: {
        const [channel, payload] = readFields(views, at + 16)
        return events.notification(i32[word + 3] as number, channel?.[1] ?? '', payload?.[1] ?? '')
      }
      case Kind.Parameter: {
        const [name, value] = readFields(views, at + 12)
        return events.parameter(name?.[1] ?? '', value?.[1] ?? '')
      }
      case Kind.Ended:
        return events.ended(i32[word + 3] as number, readFields(views, at + 16))
    }
  }

  #parameters(views: Views, word: number, id: number): void {
    const { i32 } = views
    const count = i32[word + 4] as number
    const types = new Uint32Array(i32.slice(word + 5, word + 5 + count))
    this.submission.queries.describe(id, (i32[word + 3] as number) >>> 0, types)
  }
}

/** Characters of the chunk's text that a cell holds as they are. */
function textLength(cell: Cell, chunk: Chunk, word: number): number {
  const { i32 } = chunk.views
  const isText = cell.codec === Codec.Text || cell.codec === Codec.WireText
  const place = isText ? word : cell.codec === Codec.Document ? unreadDocument(chunk, word) : undefined
  return place === undefined ? 0 : (i32[place + 1] as number) - (i32[place] as number)
}

function chunkOf(views: Views, owned: boolean): Chunk {
  return { views, text: '', arrays: 0, bytes: 0, owned }
}

function isTooLong(error: unknown): boolean {
  return (error as { code?: string } | null)?.code === 'ERR_STRING_TOO_LONG'
}

function readShape(views: Views, at: number): Shape {
  const { u8 } = views
  const count = u8.readUInt32LE(at + 12)
  const stride = u8.readUInt32LE(at + 16)
  const cells: Cell[] = []
  let offset = at + 20
  for (let i = 0; i < count; i++) {
    const element = u8.readUInt32LE(offset + 4)
    const length = u8.readUInt32LE(offset + 16)
    cells.push({
      codec: u8.readUInt32LE(offset) as Codec,
      element: element === 0xffffffff ? undefined : (element as Codec),
      typeOid: u8.readUInt32LE(offset + 8),
      slot: u8.readUInt32LE(offset + 12),
      name: u8.toString('utf8', offset + 20, offset + 20 + length),
    })
    offset += 20 + length
  }
  return new Shape(cells, stride)
}

/** The one of this environment: a worker thread has its own. */
export const environment: Environment = new Environment()
