import type { Session } from './session.ts'

interface Unclosed {
  readonly session: Session
  readonly made: string | undefined
  /** A pool has it, and tells of all its connections together. */
  isPooled: boolean
}

/** Connections that were collected without having been closed. */
const unclosed: FinalizationRegistry<Unclosed> = new FinalizationRegistry(({ session, made, isPooled }) => {
  if (session.isClosed) return
  if (isPooled) return session.terminate()
  process.emitWarning(
    `unclosed connection to the server process ${session.pid} was collected: it is dropped`,
    {
      code: 'CORNAC_UNCLOSED_CONNECTION',
      detail: made ?? 'set NODE_DEBUG=cornac to see where it was made',
    },
  )
  session.terminate()
})

/** Drops the session when the connection is collected, with a warning unless a pool had it: see {@link watchUnclosedPool}. */
export function watchUnclosed(connection: object, session: Session): { isPooled: boolean } {
  const held: Unclosed = { session, made: creationStack('the connection'), isPooled: false }
  unclosed.register(connection, held, connection)
  return held
}

/** Pools that were collected without having been closed. */
const unclosedPools: FinalizationRegistry<{ readonly name: string; readonly made: string | undefined }> =
  new FinalizationRegistry(({ name, made }) => {
    process.emitWarning(`unclosed pool of connections to ${name} was collected: they are dropped`, {
      code: 'CORNAC_UNCLOSED_POOL',
      detail: made ?? 'set NODE_DEBUG=cornac to see where it was made',
    })
  })

/** Warns when the pool is collected without having been closed. Its connections are collected with it, and dropped. */
export function watchUnclosedPool(pool: object, name: string): void {
  unclosedPools.register(pool, { name, made: creationStack('the pool') }, pool)
}

export function unwatchUnclosedPool(pool: object): void {
  unclosedPools.unregister(pool)
}

export function unwatchUnclosed(connection: object): void {
  unclosed.unregister(connection)
}

function creationStack(what: string): string | undefined {
  if (!/\bcornac\b/.test(process.env.NODE_DEBUG ?? '')) return undefined
  return new Error(`${what} was made here`).stack
}
