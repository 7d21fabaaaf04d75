import { UNLIMITED } from '../types/session-limits.ts'
import { Ask } from './generated.ts'
import { type CallSession, type CallWatcher, SessionCall } from './session-call.ts'

/** What opens a transaction or a savepoint. Calls that are made until it is answered do not run without it. */
export class Opening extends SessionCall<void> {
  constructor(
    session: CallSession,
    sql: string,
    number: number,
    holder: object,
    watcher: CallWatcher | undefined,
  ) {
    super(session, sql, holder, undefined, watcher)
    this.send(sql, undefined, { ask: Ask.Opening, flags: 0, rows: 0, portal: number }, UNLIMITED)
  }

  override complete(_tag: string, status: number): void {
    this.answered(status)
    this.resolve()
  }
}
