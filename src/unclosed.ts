import type { Session } from './session.ts'

interface Unclosed {
  readonly session: Session
  readonly made: string | undefined
}

/** Connections that were collected without having been closed. */
const unclosed: FinalizationRegistry<Unclosed> = new FinalizationRegistry(({ session, made }) => {
  if (session.isClosed) return
  process.emitWarning(
    `unclosed connection to the server process ${session.pid} was collected: it is dropped`,
    {
      code: 'CORNAC_UNCLOSED_CONNECTION',
      detail: made ?? 'set NODE_DEBUG=cornac to see where it was made',
    },
  )
  session.terminate()
})

/** Drops the session when the connection is collected, with a warning. */
export function watchUnclosed(connection: object, session: Session): void {
  unclosed.register(connection, { session, made: creationStack() }, connection)
}

export function unwatchUnclosed(connection: object): void {
  unclosed.unregister(connection)
}

function creationStack(): string | undefined {
  if (!/\bcornac\b/.test(process.env.NODE_DEBUG ?? '')) return undefined
  return new Error('the connection was made here').stack
}
