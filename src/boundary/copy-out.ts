import type { Timed } from '../types/call-timing.ts'
import type { SessionLimits } from '../types/session-limits.ts'
import { CopyCall } from './copy-call.ts'
import type { CallSession } from './session-call.ts'

/** A COPY out of the server: pieces of data as they come, each given back when it was used. */
export class CopyOut extends CopyCall {
  #pieces: Buffer[] = []
  #next: ((piece: Buffer | undefined) => void) | undefined
  /** Messages of the server that have come: PostgreSQL sends one a row. */
  messages = 0

  constructor(
    session: CallSession,
    sql: string,
    limits: SessionLimits,
    holder: object,
    timed: Timed | undefined,
  ) {
    super(session, sql, holder, timed)
    this.begin('out', limits)
  }

  /** The next piece, `undefined` when there is none any more: the promise tells why. */
  next(): Promise<Buffer | undefined> {
    const piece = this.#pieces.shift()
    if (piece !== undefined || this.isSettled) return Promise.resolve(piece)
    return new Promise((resolve) => {
      this.#next = resolve
    })
  }

  /** So many bytes were used: as many more may come. */
  used(bytes: number): void {
    if (!this.isSettled) this.submission.taken(this.session, this.request, bytes)
  }

  override copied(messages: number, data: Uint8Array): void {
    if (this.isSettled) return
    this.messages += messages
    // The memory is that of the next records.
    this.#give(Buffer.from(data))
  }

  #give(piece: Buffer): void {
    const next = this.#next
    this.#next = undefined
    if (next === undefined) this.#pieces.push(piece)
    else next(piece)
  }

  protected override reject(make: () => unknown): void {
    this.#pieces = []
    super.reject(make)
  }

  protected override settled(): void {
    super.settled()
    this.#next?.(undefined)
  }
}
