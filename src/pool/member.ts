import type { Connection } from '../connection.ts'
import { ReadOnlySQLTransactionError } from '../errors/index.ts'
import type { CallWatcher } from '../session.ts'
import type { Watch } from '../session-runner.ts'
import type { Trace } from './texts.ts'

/** How a member is used: by nobody, by one caller alone, by calls that share it, or no more. */
export type Use = 'idle' | 'whole' | 'shared' | 'leaving'

/** A connection of a pool. */
export class Member implements CallWatcher {
  readonly connection: Connection
  /** The pool's generation when it was opened: those of an older one are replaced. */
  readonly generation: number
  /** When it is to be replaced, by the clock of `timers.ts`. */
  readonly retiresAt: number
  use: Use = 'whole'
  /** Calls made on it. */
  calls = 0
  /** The calls that count towards `maxQueries`: neither `prepare` nor COPY. */
  queries = 0
  /** Calls that share it and are not complete. */
  inFlight = 0
  /** When the last of those was taken. */
  sharedAt = 0
  /** When the first of those began to run: when it was sent, or when the one before it was complete. */
  runningSince = 0
  /** The time since which nobody uses it. */
  idleSince = 0
  /** The same moment by the clock on the wall. */
  idleSinceDate = 0
  /** It is for somebody who waits for a whole connection, as soon as nothing is in flight on it. */
  isClaimed = false
  /** It is to be replaced: no further call is sent on it, and it is closed as soon as nothing is in flight. */
  isRetiring = false
  /** Its server is asked whether it lives before anybody gets it. */
  isDoubted = false
  /** What is told of the calls of who has it alone. */
  watch: Watch | undefined
  /** What who has it alone may have left behind in its session. */
  trace: Trace = 'none'
  /** Calls of who has it alone that the session is not done with, also when their caller is. */
  unanswered = 0

  readonly #onRefused: (of: Member) => void

  /** @param refused is called when the server has refused a write because it takes none. */
  constructor(connection: Connection, generation: number, retiresAt: number, refused: (of: Member) => void) {
    this.#onRefused = refused
    this.connection = connection
    this.generation = generation
    this.retiresAt = retiresAt
  }

  /** A call is made on it, which may count as a query. */
  called(isQuery: boolean): void {
    this.calls++
    if (isQuery) this.queries++
  }

  /** A call of who has it alone. */
  sent(trace: Trace, isQuery: boolean): this {
    this.called(isQuery)
    this.unanswered++
    if (trace !== 'none' && this.trace !== 'lasting') this.trace = trace
    return this
  }

  /** The session is done with one of those. */
  over(): void {
    if (this.unanswered > 0) this.unanswered--
  }

  /** The server has refused a call so. */
  refused(sqlstate: string | undefined): void {
    if (sqlstate === ReadOnlySQLTransactionError.sqlstate) this.#onRefused(this)
  }

  /** Whoever had it has gone, and left it clean. */
  cleaned(): void {
    this.trace = 'none'
    this.unanswered = 0
  }
}
