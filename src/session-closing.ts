import { TimeoutError } from './errors/index.ts'
import type { Session } from './session.ts'

/**
 * Ends a session gracefully, unless its limits end it first: then it is dropped, and a TimeoutError comes, or the reason
 * of the signal. `timeout` is in milliseconds; `holder` is kept from being collected meanwhile.
 */
export async function closeSession(
  session: Session,
  timeout: number | undefined,
  signal: AbortSignal | undefined,
  holder: object,
): Promise<void> {
  if (session.isClosed) return
  if (signal?.aborted || (timeout !== undefined && timeout <= 0)) {
    session.terminate()
    signal?.throwIfAborted()
    throw new TimeoutError(`close timed out: its limit was ${timeout} ms, the connection was dropped`, {
      phase: 'close',
    })
  }
  const drop = (): void => session.terminate()
  signal?.addEventListener('abort', drop, { once: true })
  try {
    await session.close(timeout, holder)
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener('abort', drop)
  }
}
