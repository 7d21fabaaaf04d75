import type { FailureClass } from './generated.ts'
import type { Field } from './record.ts'

/** A session, as the records that belong to no request reach it. */
export interface SessionEvents {
  /** It has described a query: types are known that were not, or are others. */
  described(): void
  parameter(name: string, value: string): void
  /** `running` is the text of the call that ran, where one did. */
  notice(fields: readonly Field[], running: string | undefined): void
  notification(pid: number, channel: string, payload: string): void
  /** Once: the session is over. */
  ended(kind: FailureClass, fields: readonly Field[]): void
}
