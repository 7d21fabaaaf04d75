import type { Bridge } from './bridge.ts'
import { failure, withMessage } from './failure.ts'
import { FailureClass } from './generated.ts'
import { Pending } from './pending.ts'
import type { Field } from './record.ts'

/** A session that is asked to end. */
export class Closing extends Pending<void> {
  /** What must not be collected meanwhile. */
  readonly holder: object
  readonly #timeout: number | undefined

  /** @param timeout Milliseconds, then the connection is dropped and a TimeoutError comes; `undefined` for no limit. */
  constructor(bridge: Bridge, session: number, timeout: number | undefined, holder: object) {
    super(session)
    this.holder = holder
    this.#timeout = timeout
    bridge.submission.close(session, bridge.add(this), timeout)
  }

  override done(): void {
    this.resolve()
  }

  override failed(kind: FailureClass, fields: readonly Field[]): void {
    // The session may end by itself before it is asked to.
    if (kind === FailureClass.Lost) return this.resolve()
    const told =
      kind === FailureClass.Timeout
        ? withMessage(fields, `close timed out after ${this.#timeout} ms: the connection was dropped`)
        : fields
    this.reject(() => failure(kind, told, undefined, undefined))
  }
}
