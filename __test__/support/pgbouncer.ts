// PgBouncer in front of a test server.

import { connect } from 'node:net'
import { findProgram, type Requirement } from './programs.ts'
import {
  type Daemon,
  type DsnOverrides,
  formatDsn,
  freePort,
  type PostgresAddress,
  startDaemon,
} from './provisioner.ts'

const program = findProgram('pgbouncer')

/** For `requiring(pgbouncer)`. */
export const pgbouncer: Requirement = {
  name: 'PgBouncer',
  remedy: 'apt-get install pgbouncer',
  available: program !== undefined,
}

export interface PgBouncerOptions {
  /** The server behind it. */
  server: PostgresAddress
  mode: 'session' | 'transaction' | 'statement'
  /** Further lines of the section [pgbouncer]; they win. */
  settings?: Record<string, string>
}

export interface PgBouncer extends PostgresAddress {
  dsn(overrides?: DsnOverrides): string
  log(): string
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startPgBouncer({ server, mode, settings = {} }: PgBouncerOptions): Promise<PgBouncer> {
  if (program === undefined) throw new Error(`${pgbouncer.name} is not installed: ${pgbouncer.remedy}`)
  const port = await freePort()
  const daemon: Daemon = await startDaemon({
    name: 'pgbouncer',
    program,
    arguments: (folder) => [`${folder}/pgbouncer.ini`],
    files: (folder) => ({
      'pgbouncer.ini': iniFile(server, { ...defaults(folder, port, mode, server.user), ...settings }),
      'users.txt': `${quoted(server.user)} ${quoted(server.password)}\n`,
    }),
    ready: () => listens(port),
  })
  const address = { ...plain(server), host: '127.0.0.1', port, socketDirectory: daemon.folder }
  return {
    ...address,
    dsn: (overrides) => formatDsn(address, overrides),
    log: () => daemon.log(),
    stop: () => daemon.stop(),
    [Symbol.asyncDispose]: () => daemon.stop(),
  }
}

function defaults(folder: string, port: number, mode: string, user: string): Record<string, string> {
  return {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: folder,
    auth_type: 'scram-sha-256',
    auth_file: `${folder}/users.txt`,
    admin_users: user,
    pool_mode: mode,
    server_tls_sslmode: 'disable',
  }
}

function iniFile({ host, port }: PostgresAddress, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  return `[databases]\n* = host=${host} port=${port}\n\n[pgbouncer]\n${lines.join('')}`
}

function plain({
  version,
  user,
  password,
}: PostgresAddress): Pick<PostgresAddress, 'version' | 'user' | 'password'> {
  return { version, user, password }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
