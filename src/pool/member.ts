import type { Connection } from '../connection.ts'
import { ReadOnlySQLTransactionError } from '../errors/index.ts'
import type { Watch } from '../session-runner.ts'
import type { Trace } from './texts.ts'

/** How a member is used: by nobody, by one caller alone, by calls that share it, or no more. */
export type Use = 'idle' | 'whole' | 'shared' | 'leaving'

/** A connection of a pool. */
export class Member {
  readonly connection: Connection
  /** The pool's generation when it was opened: those of an older one are replaced. */
  readonly generation: number
  /** When it is to be replaced, by the clock of `timers.ts`. */
  readonly retiresAt: number
  use: Use = 'whole'
  /** Calls made on it. */
  calls = 0
  /** Calls that share it and are not complete. */
  inFlight = 0
  /** When the last of those was taken. */
  sharedAt = 0
  /** When the first of those began to run: when it was sent, or when the one before it was complete. */
  runningSince = 0
  /** Since when nobody uses it. */
  idleSince = 0
  /** The same by the clock on the wall. */
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
  /** Calls of who has it alone that have not ended, or ended before the server had answered. */
  unanswered = 0

  /** @param refused is called when the server has refused a write because it takes none. */
  constructor(connection: Connection, generation: number, retiresAt: number, refused: (of: Member) => void) {
    this.#refused = refused
    this.connection = connection
    this.generation = generation
    this.retiresAt = retiresAt
  }

  /** A call of who has it alone. */
  sent(trace: Trace, call: Promise<unknown>): void {
    this.calls++
    this.unanswered++
    if (trace !== 'none' && this.trace !== 'lasting') this.trace = trace
    call.then(this.#answered, this.#failed)
  }

  /** The server has refused a call so. */
  refusedWith(sqlstate: unknown): void {
    if (sqlstate === ReadOnlySQLTransactionError.sqlstate) this.#refused(this)
  }

  /** Whoever had it has gone, and left it clean. */
  cleaned(): void {
    this.trace = 'none'
    this.unanswered = 0
  }

  readonly #refused: (of: Member) => void

  readonly #answered = (): void => {
    if (this.unanswered > 0) this.unanswered--
  }

  /** What the server has refused is answered. What was given up may still run. */
  readonly #failed = (error: unknown): void => {
    if (wasAnswered(error)) this.#answered()
    this.refusedWith(Object(error).sqlstate)
  }
}

/** Whether the server is done with a call that has failed so, or has never seen it. */
function wasAnswered(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'sqlstate' in error
}
