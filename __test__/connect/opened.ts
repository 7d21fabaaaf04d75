// Connections to real servers, and what they leave behind.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import type { TestServer } from '../support/server.ts'

export { reason } from '../query/open.ts'

/** A connection that is dropped when the test ends. */
export async function opened(
  t: ExecutionContext,
  dsn: string | ConnectOptions,
  options?: ConnectOptions,
): Promise<Connection> {
  const connection = typeof dsn === 'string' ? await connect(dsn, options) : await connect(dsn)
  t.teardown(() => connection.terminate())
  return connection
}

/** The same, closed at once, for what can be read from it in between. */
export async function visit<T>(
  dsn: string | ConnectOptions,
  look: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = typeof dsn === 'string' ? await connect(dsn) : await connect(dsn)
  try {
    return await look(connection)
  } finally {
    await connection.close()
  }
}

/** The port that a connection's server listens on, as the server sees it. */
export function portOf(connection: Connection): Promise<number | null> {
  return connection.fetchValue("select current_setting('port')::int")
}

/** The client sessions of a server by application name; the set-up's own ones have none. */
export async function sessionsOf(server: TestServer, application: string): Promise<number> {
  const [row] = await server.admin(
    `select count(*) as sessions from pg_stat_activity where application_name = '${application}'`,
  )
  return Number(row?.sessions)
}

/** How many TCP sockets of this process lead to a port. Only Linux can tell (proc(5), `/proc/net/tcp`): 0 elsewhere. */
export function socketsTo(port: number): number {
  if (process.platform !== 'linux') return 0
  const own = new Set<string>()
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const link = linkOf(`/proc/self/fd/${descriptor}`)
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
    if (inode !== undefined) own.add(inode)
  }
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = ['tcp', 'tcp6'].flatMap((table) => tableOf(`/proc/net/${table}`))
  return lines.filter((line) => {
    const [, , remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
    return remote.endsWith(wanted) && own.has(inode)
  }).length
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // The descriptor of this very reading is gone again.
    return ''
  }
}

function tableOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1)
  } catch {
    return []
  }
}
