import { InternalClientError } from '../errors/index.ts'
import { type Chunk, chunkText, type Slices, type Views } from './chunk.ts'
import { FailureClass, Letter, RecordFlag, RecordKind } from './generated.ts'
import { type Field, readFieldForm, readFields, readShape, readText, Word } from './record.ts'
import type { Requests } from './requests.ts'
import type { SessionEvents } from './session-events.ts'
import type { Shape } from './shape.ts'
import type { Table } from './table.ts'
import { Unreadable } from './unreadable.ts'
import { named } from './unreadable-column.ts'

/** What the reader tells besides what requests and sessions are told. */
export interface ReaderOwner {
  /** A session has described a query. */
  described(query: number, session: number, types: Uint32Array): void
  /** No record of the session comes any more. */
  gone(session: number, kind: FailureClass): void
  /** A record of the session could not be read: a fault of ours, or of the one message. */
  faulted(session: number, events: SessionEvents, error: unknown): void
}

/** Reads blocks of records and tells each to whom it belongs. What goes wrong with one concerns nobody else. */
export class Reader {
  readonly #requests: Requests
  readonly #sessions: Table<SessionEvents>
  readonly #owner: ReaderOwner
  readonly #shapes = new Map<number, Shape>()

  constructor(requests: Requests, sessions: Table<SessionEvents>, owner: ReaderOwner) {
    this.#requests = requests
    this.#sessions = sessions
    this.#owner = owner
  }

  /** Reads the whole records of the first `length` bytes. */
  read(chunk: Chunk, length: number): void {
    const { i32 } = chunk.views
    for (let at = 0; at < length; ) {
      const word = at >>> 2
      if (i32[word] === RecordKind.Rows) this.#rows(chunk, at, word)
      else this.#other(chunk.views, word)
      at += (i32[word + Word.Size] as number) >>> 0
    }
  }

  #rows(chunk: Chunk, at: number, word: number): void {
    const { i32, u8 } = chunk.views
    const request = i32[word + Word.Rows.Request] as number
    const pending = this.#requests.get(request)
    if (pending === undefined) return
    const count = i32[word + Word.Rows.Count] as number
    const flags = i32[word + Word.Rows.Flags] as number
    const cells = at + Word.Rows.End * 4
    const arrays = cells + ((i32[word + Word.Rows.CellBytes] as number) >>> 0)
    const text = arrays + ((i32[word + Word.Rows.ArrayBytes] as number) >>> 0)
    const bytes = text + ((i32[word + Word.Rows.TextBytes] as number) >>> 0)
    const tag = bytes + ((i32[word + Word.Rows.ByteBytes] as number) >>> 0)
    const shape = this.#shapes.get(i32[word + Word.Rows.Shape] as number)
    try {
      if (count > 0) {
        if (shape === undefined) throw new InternalClientError('rows came whose columns were not announced')
        chunk.arrays = arrays >>> 2
        chunk.bytes = bytes
        chunk.text = chunkText(u8, text, bytes, (flags & RecordFlag.Utf16) !== 0)
      }
      pending.rows(shape, count, cells >>> 2, chunk)
    } catch (error) {
      pending.broken(error instanceof Unreadable ? named(error, shape, count, cells >>> 2, chunk) : error)
    }
    if (flags & RecordFlag.Last) {
      this.#requests.release(request)
      const length = i32[word + Word.Rows.TagBytes] as number
      const status = (flags >>> RecordFlag.StatusShift) & 0xff
      pending.complete(length === 0 ? '' : (u8 as Slices).latin1Slice(tag, tag + length), status)
    }
  }

  #other(views: Views, word: number): void {
    try {
      this.#record(views, word)
    } catch (error) {
      this.#fault(views, word, error)
    }
  }

  #record(views: Views, word: number): void {
    const { i32 } = views
    switch (i32[word]) {
      case RecordKind.Failed: {
        const flags = i32[word + Word.Failed.Flags] as number
        const kind = i32[word + Word.Failed.Class] as FailureClass
        const fields = readFields(views, word + Word.Failed.Fields)
        const pending = this.#answered(views, word, flags)
        return pending?.failed(kind, fields, (flags >>> RecordFlag.StatusShift) & 0xff)
      }
      case RecordKind.Done:
        return this.#answered(views, word, RecordFlag.Last)?.done(i32[word + Word.Done.Status] as number)
      case RecordKind.Surplus:
        return this.#requests.get(i32[word + REQUEST] as number)?.surplus()
      case RecordKind.SetsComposed:
        return this.#requests.get(i32[word + REQUEST] as number)?.setsComposed()
      case RecordKind.Times: {
        const sent = (i32[word + Word.Times.Sent] as number) >>> 0
        const answered = (i32[word + Word.Times.Answered] as number) >>> 0
        const complete = (i32[word + Word.Times.Complete] as number) >>> 0
        return this.#requests.get(i32[word + REQUEST] as number)?.times(sent, answered, complete)
      }
      case RecordKind.Described:
        return this.#described(views, word)
      case RecordKind.Data: {
        const start = (word + Word.Data.Bytes) * 4
        const data = views.u8.subarray(start, start + (i32[word + Word.Data.Length] as number))
        const messages = i32[word + Word.Data.Messages] as number
        return this.#requests.get(i32[word + REQUEST] as number)?.copied(messages, data)
      }
      case RecordKind.CopyRoom:
        return this.#requests
          .get(i32[word + REQUEST] as number)
          ?.copyRoom(i32[word + Word.CopyRoom.Bytes] as number)
      case RecordKind.Connected: {
        const flags = i32[word + Word.Connected.Flags] as number
        const pid = i32[word + Word.Connected.Pid] as number
        const fields = readFields(views, word + Word.Connected.Fields)
        const status = (flags >>> RecordFlag.StatusShift) & 0xff
        return this.#answered(views, word, RecordFlag.Last)?.connected(pid, status, fields)
      }
      case RecordKind.Shape:
        this.#shapes.set(i32[word + Word.Shape.Shape] as number, readShape(views, word))
        return
      case RecordKind.Keys: {
        const keys = readFields(views, word + Word.Keys.Fields).map(([, key]) => key)
        const shape = this.#shapes.get(i32[word + Word.Keys.Shape] as number)
        shape?.addKeys(i32[word + Word.Keys.Column] as number, i32[word + Word.Keys.List] as number, keys)
        return
      }
      case RecordKind.ArgumentsWanted: {
        const first = word + Word.ArgumentsWanted.Types
        const types = [...i32.subarray(first, first + (i32[word + Word.ArgumentsWanted.Count] as number))]
        const pending = this.#requests.get(i32[word + Word.ArgumentsWanted.Request] as number)
        return pending?.argumentsWanted(types.map((oid) => oid >>> 0))
      }
      case RecordKind.FieldForm: {
        const shape = this.#shapes.get(i32[word + Word.FieldForm.Shape] as number)
        const number = i32[word + Word.FieldForm.Number] as number
        shape?.addField(number, (fields) => readFieldForm(views, word, fields))
        return
      }
      case RecordKind.ShapeReleased:
        this.#shapes.delete(i32[word + Word.ShapeReleased.Shape] as number)
        return
      case RecordKind.Parameters:
        return this.#parameters(i32, word)
      case RecordKind.Gone:
        return this.#owner.gone(
          i32[word + Word.Gone.Session] as number,
          i32[word + Word.Gone.Class] as FailureClass,
        )
      default: {
        const events = this.#sessions.get(i32[word + SESSION] as number)
        if (events !== undefined) this.#event(events, views, word)
      }
    }
  }

  /** What waits for a record, which is the last one for it if the flags say so. */
  #answered({ i32 }: Views, word: number, flags: number): ReturnType<Requests['get']> {
    const request = i32[word + REQUEST] as number
    const pending = this.#requests.get(request)
    if (flags & RecordFlag.Last) this.#requests.release(request)
    return pending
  }

  #described(views: Views, word: number): void {
    const { i32, u8 } = views
    const flags = i32[word + Word.Described.Flags] as number
    const types = word + Word.Described.Types
    const names = types + (i32[word + Word.Described.Count] as number)
    const length = i32[word + Word.Described.NameLength] as number
    const name = readText(u8, names * 4, names * 4 + length)
    const shape = this.#shapes.get(i32[word + Word.Described.Shape] as number)
    const parameters = new Uint32Array(i32.slice(types, names))
    const status = (flags >>> RecordFlag.StatusShift) & 0xff
    this.#answered(views, word, flags)?.described(shape, parameters, name, status)
  }

  #event(events: SessionEvents, views: Views, word: number): void {
    const { i32 } = views
    switch (i32[word]) {
      case RecordKind.Notice:
        return events.notice(
          readFields(views, word + Word.Notice.Fields),
          this.#requests.get(i32[word + Word.Notice.Request] as number)?.text,
        )
      case RecordKind.Notification: {
        const [channel, payload] = readFields(views, word + Word.Notification.Fields)
        const pid = i32[word + Word.Notification.Pid] as number
        return events.notification(pid, channel?.[1] ?? '', payload?.[1] ?? '')
      }
      case RecordKind.Parameter: {
        const [name, value] = readFields(views, word + Word.Parameter.Fields)
        return events.parameter(name?.[1] ?? '', value?.[1] ?? '')
      }
      case RecordKind.Ended: {
        const kind = i32[word + Word.Ended.Class] as FailureClass
        return events.ended(kind, readFields(views, word + Word.Ended.Fields))
      }
    }
  }

  #parameters(i32: Int32Array, word: number): void {
    const first = word + Word.Parameters.Types
    const count = i32[word + Word.Parameters.Count] as number
    const query = i32[word + Word.Parameters.Query] as number
    const session = i32[word + Word.Parameters.Session] as number
    this.#owner.described(query, session, new Uint32Array(i32.slice(first, first + count)))
  }

  /** A record that could not be read ends what it was for: one request, or one session. */
  #fault(views: Views, word: number, error: unknown): void {
    const { i32 } = views
    switch (i32[word]) {
      case RecordKind.Failed:
      case RecordKind.Done:
      case RecordKind.Described:
      case RecordKind.Connected: {
        const flags =
          i32[word] === RecordKind.Failed ? (i32[word + Word.Failed.Flags] as number) : RecordFlag.Last
        const pending = this.#answered(views, word, flags)
        return pending?.failed(FailureClass.Internal, faultFields(error), 0)
      }
      case RecordKind.Notice:
      case RecordKind.Notification:
      case RecordKind.Parameter:
      case RecordKind.Ended: {
        const session = i32[word + SESSION] as number
        const events = this.#sessions.get(session)
        if (events !== undefined) this.#owner.faulted(session, events, error)
      }
    }
  }
}

/** Records of a request and of a session have its number at the same place. */
const REQUEST = Word.Failed.Request
const SESSION = Word.Notice.Session

const MESSAGE = Letter.Message.charCodeAt(0)

/** The fields of a failure that is the driver's own. */
export function faultFields(error: unknown): readonly Field[] {
  return [
    [MESSAGE, `the driver failed internally: ${error instanceof Error ? error.message : String(error)}`],
  ]
}
