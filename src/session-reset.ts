import type { CallLimits } from './call-options.ts'
import { TimeoutError } from './errors/index.ts'
import type { Session } from './session.ts'
import type { SessionRunner } from './session-runner.ts'
import { now } from './timers.ts'
import type { TransactionScope } from './transaction-scope.ts'
import type { Signal } from './types/platform.ts'
import { TAG } from './wanted.ts'

/** What is brought back to its beginning. */
export interface ResetParts {
  readonly session: Session
  readonly runner: SessionRunner
  readonly scope: TransactionScope
}

/**
 * Rolls back what is open and runs the reset query, unless that is empty; then what `hook` does. The timeout is for all of
 * it but the hook.
 *
 * @param isQuiet nothing that was sent before is unanswered
 */
export async function restoreSession(
  { session, runner, scope }: ResetParts,
  query: string,
  hook: (() => Promise<unknown>) | undefined,
  limits: CallLimits,
  isQuiet: boolean,
): Promise<void> {
  const timeout = runner.timeout(limits)
  const end = timeout === undefined ? undefined : now() + timeout
  const remaining = (): CallLimits => ({
    timeout: end === undefined ? null : end - now(),
    whole: limits.whole ?? (timeout === undefined ? undefined : { timeout, waited: 0 }),
    signal: limits.signal,
  })
  // A body meets the end of its transaction itself.
  const warns = !scope.hasBody
  scope.abandon()
  // What is called meanwhile finds the session as it is afterwards.
  await runner.onSession(query, limits, async ({ make }) => {
    const execute = (sql: string): Promise<string> =>
      make(() => runner.send<string>(TAG, sql, undefined, remaining()))
    const run = async (): Promise<void> => {
      if (session.isInTransaction) {
        if (warns) warnOfTransaction()
        await execute('ROLLBACK')
      }
      if (query !== '') await execute(query)
    }
    await run()
    // An empty text is answered when all that was sent before it is.
    if (query === '' && !isQuiet) await execute('')
    // A BEGIN that was still on its way when this was called.
    if (session.isInTransaction) await run()
  })
  await hook?.()
}

function warnOfTransaction(): void {
  process.emitWarning('resetting a connection with an open transaction: it is rolled back', {
    code: 'CORNAC_RESET_IN_TRANSACTION',
    detail: 'a transaction that was begun by hand was not ended: transaction() with a body ends it by itself',
  })
}

/** Runs a reset within its limits, whose error tells the whole limit: each of its calls knows only what was left. */
export async function limitedReset(
  timeout: number | undefined,
  signal: Signal | undefined,
  reset: (limits: CallLimits) => Promise<void>,
): Promise<void> {
  if (signal?.aborted) throw signal.reason
  if (timeout !== undefined && timeout <= 0) throw timedOut(`: its limit was ${timeout} ms`, undefined)
  try {
    await reset({ timeout: timeout ?? null, signal })
  } catch (error) {
    throw error instanceof TimeoutError ? timedOut(` after ${timeout} ms`, error) : error
  }
}

function timedOut(how: string, cause: TimeoutError | undefined): TimeoutError {
  const maybeExecuted = cause?.maybeExecuted ?? false
  return new TimeoutError(`reset timed out${how}`, { phase: 'reset', maybeExecuted, cause })
}
