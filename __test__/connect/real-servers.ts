// What the tests of TLS and authentication against real servers share.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import type { ChaosConnection, ChaosProxy } from '../support/chaos-proxy.ts'
import { defaultVersion } from '../support/environment.ts'

/** All majors at home and in CI; the one that `CORNAC_TEST_PG` names where it is set. */
export const VERSIONS: readonly (15 | 16 | 17 | 18)[] =
  process.env.CORNAC_TEST_PG === undefined ? [15, 16, 17, 18] : [defaultVersion]

// No test may depend on what lies in the home of whoever runs it.
const folder = mkdtempSync(join(tmpdir(), 'cornac-tls-'))
process.env.HOME = folder
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

let count = 0

/** The path of a new file; readable for its owner alone, as PostgreSQL wants keys. */
export function file(content: string | Uint8Array): string {
  const path = join(folder, `file-${++count}`)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

/** A path inside the test's own temporary folder. */
export function pathInFolder(name: string): string {
  return join(folder, name)
}

/** `connect()` with environment variables: they are read before it first waits. */
export function connectIn(
  variables: { [name: string]: string },
  dsn?: string,
  options?: ConnectOptions,
): Promise<Connection> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  try {
    return connect(dsn, options)
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** What a promise rejects with. A connection that comes instead is ended, and undefined is given. */
export async function rejection(promise: Promise<Connection>): Promise<any> {
  try {
    const connection = await promise
    connection.terminate()
    return undefined
  } catch (error) {
    return error
  }
}

/** Lets a connection end with the test. */
export async function held(t: ExecutionContext, promise: Promise<Connection>): Promise<Connection> {
  const connection = await promise
  t.teardown(() => connection.terminate())
  return connection
}

export interface Protection {
  ssl: boolean
  /** `TLSv1.3` */
  version: string | null
  cipher: string | null
  /** The client certificate's subject, as `/CN=alice`. */
  client_dn: string | null
}

/** What the server says of the connection's protection. */
export async function protection(connection: Connection): Promise<Protection> {
  const row = await connection.fetchRow<Protection>(
    'select ssl, version, cipher, client_dn from pg_stat_ssl where pid = pg_backend_pid()',
  )
  return row as Protection
}

/** The start of each connection through a capturing proxy: `SSLRequest S TLS`, `SSLRequest N plain`, `plain`. */
export function attempts(proxy: ChaosProxy, from = 0): string[] {
  return proxy.connections.slice(from).map(attempt)
}

function attempt({ captured }: ChaosConnection): string {
  const sent = Buffer.concat(captured.toServer)
  const answer = Buffer.concat(captured.toClient).toString('latin1', 0, 1)
  if (sent.length === 0) return 'nothing'
  if (sent[0] === 0x16) return 'direct TLS'
  if (sent.readInt32BE(4) !== 80_877_103) return 'plain'
  const next = sent.length === 8 ? '' : sent[8] === 0x16 ? ' TLS' : ' plain'
  return `SSLRequest ${answer}${next}`
}

/** Listens, and tells how many connections came. */
export async function watchedPort(t: ExecutionContext): Promise<{ port: number; connections(): number }> {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address() as { port: number }
  return { port: address.port, connections: () => connections }
}
