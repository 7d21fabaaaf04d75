import type { Observer } from './observer.ts'
import type { SessionPlace } from './session.ts'
import type { SessionLimits } from './types/session-limits.ts'

/** One place in the order of a session's calls, for what takes several of them. */
export interface SessionUse {
  /** The limits of all calls in this place together. */
  readonly limits: SessionLimits
  /** Is told of what is done. */
  readonly observer: Observer
  /** Rejects when the session ends, or is closed, while the place is held. */
  readonly ended: Promise<void>
  /** Makes a call in this place. May throw what its promise could reject with. */
  make<C>(call: (place: SessionPlace) => C): C
  /** Makes the last one: what was called behind it follows. The same goes for it. */
  last<C>(call: (place: SessionPlace) => C): C
}
