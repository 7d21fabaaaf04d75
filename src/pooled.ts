import type { Runner } from './queryable.ts'
import type { ListenerCounts } from './session-listeners.ts'
import type { SessionRunner } from './session-runner.ts'

/** What a pool does with a connection beyond its public methods. */
export interface Pooled<C extends object> {
  /** What makes its calls, all of them. */
  readonly runner: Runner
  /** Gets each call of who has it alone when it is made, and makes those of callers that share it. */
  readonly watched: Pick<SessionRunner, 'watch' | 'share'>
  /** Called once when it has ended. */
  ended: (() => void) | undefined
  /** What listeners and transactions get for the connection: that of the pool's which its user has. */
  face: { deref(): C | undefined } | undefined
  /** Who listens to channels and to the log. */
  readonly listeners: { readonly isEmpty: boolean; readonly counts: ListenerCounts }
  /** A pool has it from now on. */
  joined(): void
  /** All that is done to open it is done: from now on its calls keep the process alive. */
  opened(): void
  /** Its user has gone: whether it keeps the process alive is for the next one to say. */
  forgetUser(): void
  /** What its user has prepared and not closed is closed with the next call; none of its calls runs any more. */
  letStatementsGo(): void
  /**
   * As `reset()`, but cached statements stay; with `query` in place of the reset query.
   *
   * @param isQuiet nothing that was sent before is unanswered
   */
  restore(
    query: (() => Promise<unknown>) | undefined,
    timeout: number | null,
    isQuiet: boolean,
  ): Promise<void>
}
