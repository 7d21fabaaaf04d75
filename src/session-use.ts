import type { Observer } from './observer.ts'
import type { SessionPlace } from './session.ts'
import type { Awaitable } from './types/awaitable.ts'

/** The use of one session for what takes several calls. */
export interface SessionUse {
  /** The limit of all of it in milliseconds, `undefined` for none. */
  readonly timeout: number | undefined
  /** Is told of what is done. */
  readonly observer: Observer
  /** Makes a call as soon as one may be made. Rejects when none may. */
  begin<C>(call: (place: SessionPlace) => Awaitable<C>): Promise<C>
}
