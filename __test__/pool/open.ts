import type { ExecutionContext } from 'ava'
import { type Connection, createPool, type Pool, type PoolConnection, type PoolOptions } from '../../index.ts'
import { type ChaosConnection, ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'

/** A pool on this test file's own database, dropped when the test ends. */
export async function openPool(t: ExecutionContext, options: PoolOptions = {}): Promise<Pool> {
  const database = await testDatabase()
  const pool = await createPool(database.dsn(), options)
  t.teardown(() => pool.terminate())
  return pool
}

export interface WatchedPool {
  readonly pool: Pool
  readonly proxy: ChaosProxy
  readonly link: ChaosConnection
}

/** A pool in the clear through a proxy that keeps what it passes on, of one connection. */
export async function openWatchedPool(t: ExecutionContext): Promise<WatchedPool> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const pool = await createPool(dsn, { maxSize: 1 })
  t.teardown(async () => {
    pool.terminate()
    await proxy.close()
  })
  return { pool, proxy, link: proxy.connections[0]! }
}

/** The process of the session behind a connection or a call. */
export async function pidOf(from: Pool | Connection | PoolConnection): Promise<number> {
  return (await from.fetchValue<number>('select pg_backend_pid()')) as number
}

/** Warnings of this process with a code, from now to the end of the test. */
export function warnings(t: ExecutionContext, code: string): Error[] {
  const seen: Error[] = []
  const listener = (warning: Error & { code?: string }): void => {
    if (warning.code === code) seen.push(warning)
  }
  process.on('warning', listener)
  t.teardown(() => void process.off('warning', listener))
  return seen
}
