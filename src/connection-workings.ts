import { callbackFailure } from './listeners.ts'
import { type ConnectionPlace, Observer } from './observer.ts'
import type { Session } from './session.ts'
import { Listeners } from './session-listeners.ts'
import { SessionRunner } from './session-runner.ts'
import { TransactionScope } from './transaction-scope.ts'
import type { RecordClass } from './types/record.ts'

/** What a connection of a kind `C` is made of; `connect()` makes it. */
export interface ConnectionParts {
  readonly session: Session
  readonly place: ConnectionPlace
  /** Milliseconds, `null` for none. */
  readonly commandTimeout: number | null
  /** What rows are made as where a call does not say it. */
  readonly recordClass: RecordClass | undefined
  readonly onCallbackError: ((error: unknown) => void) | undefined
}

/** What a connection works by. */
export interface ConnectionWorkings<C extends object> {
  readonly runner: SessionRunner
  readonly scope: TransactionScope
  readonly listeners: Listeners<C>
}

/**
 * Makes what a connection works by.
 *
 * @param connection who is told to listeners and query loggers
 * @param listens told when it begins and ceases to listen to a channel
 */
export function connectionWorkings<C extends object>(
  parts: ConnectionParts,
  connection: () => C,
  listens: (isListening: boolean) => void,
): ConnectionWorkings<C> {
  const { session, place, commandTimeout, recordClass, onCallbackError } = parts
  const failed = callbackFailure(onCallbackError)
  const observer = new Observer(place, failed)
  observer.connectionOf = connection
  const runner = new SessionRunner(session, commandTimeout, observer, recordClass)
  const scope = new TransactionScope(runner, () => session.isInTransaction, observer)
  const listeners = new Listeners<C>({
    session,
    runner: scope,
    loggers: observer.loggers,
    failed,
    connection,
    listens,
  })
  return { runner, scope, listeners }
}
