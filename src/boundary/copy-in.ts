import type { DataError } from '../errors/index.ts'
import { withQuery } from '../errors/with-query.ts'
import type { Timed } from '../types/call-timing.ts'
import type { SessionLimits } from '../types/session-limits.ts'
import { CopyCall } from './copy-call.ts'
import { FailureClass, Letter } from './generated.ts'
import { byLetter, type Field } from './record.ts'
import type { RecordWriter } from './record-writer.ts'
import type { CallSession } from './session-call.ts'

/** Bytes on their way to the socket from which on no more are handed down. */
const WINDOW = 256 * 1024

/** Bytes of data handed down together. */
const PIECE = 64 * 1024

/** Characters of an error that the server is told; it takes a thousand bytes of them. */
const LONGEST_REASON = 1000

/** A COPY into the server: data goes down while there is room for it. */
export class CopyIn extends CopyCall {
  readonly #records: RecordWriter | undefined
  #isAsked = false
  /** Bytes that were handed down and that the socket has not taken. */
  #waiting = 0
  #roomy: ((hasRoom: boolean) => void) | undefined
  #failure: { readonly error: unknown } | undefined
  /** Bytes that were handed down. */
  bytes = 0

  /** @param records what writes the records that are its data, if they are. */
  constructor(
    session: CallSession,
    sql: string,
    records: RecordWriter | undefined,
    limits: SessionLimits,
    holder: object,
    timed: Timed | undefined,
  ) {
    super(session, sql, holder, timed)
    this.#records = records
    this.begin('in', limits)
  }

  /** Whether the server has asked for data, and more can be taken just now. */
  get hasRoom(): boolean {
    return this.#isAsked && !this.isSettled && this.#waiting < WINDOW
  }

  /** When there is room for data; false when none is wanted any more: the promise tells why. */
  room(): Promise<boolean> {
    if (this.hasRoom || this.isSettled) return Promise.resolve(!this.isSettled)
    return new Promise((resolve) => {
      this.#roomy = resolve
    })
  }

  /** Hands down the next data, as much as there is room for. Gives how much that was. */
  write(data: Uint8Array): number {
    let at = 0
    while (at < data.length && this.hasRoom) {
      const piece = data.subarray(at, at + PIECE)
      this.submission.copyData(this.session, this.request, piece)
      this.#sent(piece.length)
      at += piece.length
    }
    return at
  }

  /** Hands down the records that were written, a whole batch at once: the server reads while the next one is written. */
  flush(): void {
    const records = this.#records
    if (records === undefined || records.count === 0 || this.isSettled) return
    const { isFull } = records
    this.#sent(this.submission.copyRecords(this.session, this.request, records))
    if (isFull) this.submission.flush()
  }

  #sent(bytes: number): void {
    this.#waiting += bytes
    this.bytes += bytes
  }

  /** All data was handed down. */
  end(): void {
    if (!this.isSettled) this.submission.copyDone(this.session, this.request)
  }

  /** The data cannot be had to its end: the server is told, and the call rejects with this once it has answered. */
  fail(error: unknown): void {
    if (this.isSettled) return
    this.#failure = { error }
    this.submission.copyFailed(this.session, this.request, reasonOf(error))
  }

  override copyRoom(bytes: number): void {
    this.#isAsked = true
    this.#waiting -= bytes
    this.#records?.taken(bytes)
    if (this.hasRoom) this.#tellRoom(true)
  }

  override complete(tag: string, status: number): void {
    const failure = this.#failure
    if (failure === undefined) return super.complete(tag, status)
    this.answered(status)
    this.reject(() => failure.error)
  }

  override failed(kind: FailureClass, fields: readonly Field[], status: number): void {
    const failure = this.#failure
    const refusal = failure === undefined ? this.#refusal(kind, fields) : undefined
    if (failure === undefined && refusal === undefined) return super.failed(kind, fields, status)
    if (status !== 0) this.answered(status)
    this.reject(() => failure?.error ?? refusal)
  }

  /** The error of a field that could not be encoded, by its record and its column's name. */
  #refusal(kind: FailureClass, fields: readonly Field[]): DataError | undefined {
    if (kind !== FailureClass.Data || this.#records === undefined) return undefined
    const found = byLetter(fields)
    const { [Letter.Message]: reason = '', [Letter.Hint]: hint } = found
    const { [Letter.Argument]: column, [Letter.Element]: record } = found
    const options = hint === undefined ? {} : { hint }
    return withQuery(this.#records.refusal(Number(record), Number(column) - 1, reason, options), this.sql)
  }

  #tellRoom(hasRoom: boolean): void {
    const roomy = this.#roomy
    this.#roomy = undefined
    roomy?.(hasRoom)
  }

  protected override settled(): void {
    super.settled()
    this.#tellRoom(false)
  }
}

/** What the server is told of an error; it may be anything, and hostile. */
function reasonOf(error: unknown): string {
  try {
    const reason = error instanceof Error ? String(error.message) : String(error)
    return reason.slice(0, LONGEST_REASON).toWellFormed()
  } catch {
    return 'the source failed'
  }
}
