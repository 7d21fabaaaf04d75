import type { Timed } from '../types/call-timing.ts'
import type { SessionLimits } from '../types/session-limits.ts'
import type { RawColumn } from '../want.ts'
import type { Column } from './column.ts'
import { Ask } from './generated.ts'
import type { Query } from './queries.ts'
import { type CallSession, type CallWatcher, SessionCall } from './session-call.ts'
import type { Shape } from './shape.ts'
import type { Terms } from './terms.ts'

/** A statement that was prepared for its own sake. */
export interface Prepared {
  readonly query: Query
  /** Empty for one that is parsed again before every use. */
  readonly name: string
  /** The OIDs of its parameters' types. */
  readonly parameters: readonly number[]
  /** Empty when it gives no rows. */
  readonly columns: readonly RawColumn[]
}

const PREPARE: Terms = { ask: Ask.Prepare, flags: 0, rows: 0, portal: 0 }
const UNPREPARE: Terms = { ask: Ask.Unprepare, flags: 0, rows: 0, portal: 0 }

const NO_COLUMNS: readonly Column[] = []

/** A statement that is being prepared. One that cannot be is let go. */
export class Preparing extends SessionCall<Prepared> {
  readonly #query: Query

  constructor(
    session: CallSession,
    query: Query,
    limits: SessionLimits,
    holder: object,
    timed: Timed | undefined,
    watcher: CallWatcher | undefined,
  ) {
    super(session, query.sql, holder, timed, watcher)
    this.#query = query
    this.send(query, undefined, PREPARE, limits)
  }

  override described(shape: Shape | undefined, types: Uint32Array, name: string, status: number): void {
    this.answered(status)
    const columns = shape?.columns ?? NO_COLUMNS
    this.resolve({ query: this.#query, name, parameters: [...types], columns })
  }
}

/** What is closed on the server: a prepared statement, or a portal. */
export class ServerClosing extends SessionCall<void> {
  constructor(
    session: CallSession,
    query: Query | string,
    portal: number,
    limits: SessionLimits,
    holder: object,
  ) {
    super(session, typeof query === 'string' ? query : query.sql, holder)
    const terms = portal === 0 ? UNPREPARE : { ask: Ask.ClosePortal, flags: 0, rows: 0, portal }
    this.send(query, undefined, terms, limits)
  }

  override complete(_tag: string, status: number): void {
    this.answered(status)
    this.resolve()
  }
}
