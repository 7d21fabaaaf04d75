import type { Bridge } from './bridge.ts'
import { failure } from './failure.ts'
import { FailureClass } from './generated.ts'
import { Pending } from './pending.ts'
import type { Field } from './record.ts'
import { NO_TIMEOUT } from './submission.ts'

/** A session that is asked to end. */
export class Closing extends Pending<void> {
  /** What must not be collected meanwhile. */
  readonly holder: object

  /** @param timeout Milliseconds, then the connection is dropped and a TimeoutError comes; `undefined` for no limit. */
  constructor(bridge: Bridge, session: number, timeout: number | undefined, holder: object) {
    super(session)
    this.holder = holder
    bridge.submission.close(session, bridge.add(this), timeout ?? NO_TIMEOUT)
  }

  override done(): void {
    this.resolve()
  }

  override failed(kind: FailureClass, fields: readonly Field[]): void {
    // The session may end by itself before it is asked to.
    if (kind === FailureClass.Lost) this.resolve()
    else this.reject(() => failure(kind, fields, undefined, undefined))
  }
}
