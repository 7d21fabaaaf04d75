import type { ExecutionContext } from 'ava'
import {
  type Connection,
  type ConnectOptions,
  connect,
  type PostgresLogMessage,
  type Queryable,
} from '../../index.ts'
import { type ChaosConnection, ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'

/** A connection to this test file's own database, dropped when the test ends. */
export async function open(t: ExecutionContext, options: ConnectOptions = {}): Promise<Connection> {
  const database = await testDatabase()
  const connection = await connect(database.dsn(), options)
  t.teardown(() => connection.terminate())
  return connection
}

export interface Watched {
  readonly connection: Connection
  /** What of it passes the proxy. */
  readonly link: ChaosConnection
  /** The session's own connection through it, and each cancel's. */
  readonly proxy: ChaosProxy
}

/** A connection in the clear through a proxy that keeps what it passes on. */
export async function openWatched(t: ExecutionContext, options: ConnectOptions = {}): Promise<Watched> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const connection = await connect(dsn, options)
  t.teardown(async () => {
    connection.terminate()
    await proxy.close()
  })
  return { connection, link: proxy.connections[0]!, proxy }
}

/** Calls the method of a name, with whatever arguments. */
export function call(connection: Connection, name: keyof Queryable, ...args: any[]): Promise<any> {
  return (connection[name] as (...args: any[]) => Promise<any>).apply(connection, args)
}

/** What a promise rejects with; a promise that is fulfilled is a failure. */
export async function reason(promise: Promise<unknown>): Promise<any> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it was expected to reject')
}

/** The statements that are prepared on the server, oldest first. Asking leaves no trace among them. */
export async function prepared(connection: Connection): Promise<{ name: string; statement: string }[]> {
  // A script is never prepared, and has no result but its notices.
  const answer = new Promise<string>((resolve) => {
    const listener = (_: Connection, message: PostgresLogMessage): void => {
      connection.removeLogListener(listener)
      resolve(message.message)
    }
    connection.addLogListener(listener)
  })
  await connection.execute(`do $$ begin
    raise notice '%', (select coalesce(json_agg(s order by prepare_time, name), '[]') from pg_prepared_statements s);
  end $$`)
  return JSON.parse(await answer)
}

/** Their texts. */
export async function preparedTexts(connection: Connection): Promise<string[]> {
  return (await prepared(connection)).map(({ statement }) => statement)
}

/** A lock that queries of other connections wait for with `select pg_advisory_lock_shared($1)`. */
export interface Barrier {
  readonly key: number
  open(): Promise<void>
}

let barriers = 0

/** So that a query runs for as long as a test wants, whatever else the machine does. */
export async function barrier(t: ExecutionContext): Promise<Barrier> {
  const holder = await open(t)
  const key = ++barriers
  await holder.execute('select pg_advisory_lock($1)', [key])
  return { key, open: async () => void (await holder.execute('select pg_advisory_unlock($1)', [key])) }
}
