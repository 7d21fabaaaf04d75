import { UNLIMITED } from '../types/session-limits.ts'
import { Ask } from './generated.ts'
import { type CallSession, type CallWatcher, SessionCall } from './session-call.ts'
import type { Terms } from './terms.ts'

const RESERVE: Terms = { ask: Ask.Reserve, flags: 0, rows: 0, portal: 0 }

/** The session of a reservation, which tells where its calls are made. */
export interface PlacedSession extends CallSession {
  within: number
  at: number
}

/**
 * A place in the order of a session's calls, for calls that are made later. What is called behind it waits until it is
 * given up. Its promise is settled then, and rejects when the session ends or is closed before.
 */
export class Reservation extends SessionCall<void> {
  readonly #session: PlacedSession
  /** The transaction is the one that was being opened when the place was taken. */
  readonly #within: number

  /** @param sql the text that it is for, which its error tells. */
  constructor(session: PlacedSession, sql: string, holder: object, watcher: CallWatcher | undefined) {
    super(session, sql, holder, undefined, watcher)
    this.#session = session
    this.#within = session.within
    this.send('', undefined, RESERVE, UNLIMITED)
    // Who makes calls in it hears of it from them.
    this.promise.catch(() => {})
  }

  /** Makes calls in this place, behind those that were made in it before. */
  make<T>(call: () => T): T {
    const session = this.#session
    const { within, at } = session
    session.within = this.#within
    session.at = this.request
    try {
      return call()
    } finally {
      session.within = within
      session.at = at
    }
  }

  /** Lets the calls behind it be sent. */
  release(): void {
    if (this.isSettled) return
    this.resolve()
    this.submission.abandon(this.#session.number, this.request)
  }
}
