// Servers for tests. Most tests share one and have a database of their own in it; a test that changes a whole server
// (its roles' passwords, settings, pg_hba.conf, its life) starts one.

import { randomBytes } from 'node:crypto'
import { type AdminRow, type AdminTarget, runSql } from './admin.ts'
import { defaultVersion, externalServer } from './environment.ts'
import type {
  DsnOverrides,
  PostgresAddress,
  PostgresOptions,
  PostgresServer,
  PostgresVersion,
} from './provisioner.ts'
import { formatDsn, startPostgres } from './provisioner.ts'

export interface TestDatabase {
  readonly name: string
  readonly server: TestServer
  dsn(overrides?: DsnOverrides): string
  /** Runs a script in this database as the superuser, with a client that is independent of the driver. */
  admin(sql: string): Promise<AdminRow[]>
  /** Ends the database's sessions and removes it. */
  drop(): Promise<void>
}

export interface TestServer extends PostgresAddress {
  dsn(overrides?: DsnOverrides): string
  /** Runs a script in the database `postgres` (or another) as the superuser (or another). */
  admin(sql: string, as?: Partial<AdminTarget>): Promise<AdminRow[]>
  /** A database of a fresh name; dropped when the test file ends. `options` follow CREATE DATABASE's WITH. */
  createDatabase(options?: string): Promise<TestDatabase>
}

export type OwnServer = TestServer & PostgresServer

const databases = new Set<TestDatabase>()
const servers = new Set<PostgresServer>()
const shared = new Map<number, Promise<TestServer>>()
let ownDatabase: Promise<TestDatabase> | undefined

/**
 * The server that test files share: `PGTEST_URL`'s, else the one that the runner has started
 * (`CORNAC_TEST_SERVER_<version>`, an address as JSON), else one started for this file.
 * Do not change what others on it would notice.
 */
export function sharedServer(version: PostgresVersion = defaultVersion): Promise<TestServer> {
  const known = shared.get(version)
  if (known !== undefined) return known
  const server = findSharedServer(version)
  shared.set(version, server)
  return server
}

/** This test file's own database on the shared server. */
export function testDatabase(): Promise<TestDatabase> {
  ownDatabase ??= sharedServer().then((server) => server.createDatabase())
  return ownDatabase
}

/** A server for this test file alone; stopped when the file ends, if `stop()` was not called before. */
export async function startServer(options: PostgresOptions = {}): Promise<OwnServer> {
  const server = await startPostgres({ version: defaultVersion, ...options })
  servers.add(server)
  return Object.assign(server, databaseMethods(server))
}

async function findSharedServer(version: PostgresVersion): Promise<TestServer> {
  if (externalServer !== undefined) return describeExternal(externalServer)
  const provided = process.env[`CORNAC_TEST_SERVER_${version}`]
  if (provided === undefined) return startServer({ version })
  return describe(JSON.parse(provided) as PostgresAddress)
}

async function describeExternal(url: string): Promise<TestServer> {
  const { hostname, port, username, password } = new URL(url)
  const server = describe({
    version: 0,
    host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
    port: Number(port || 5432),
    socketDirectory: '',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  })
  const [row] = await server.admin('show server_version_num')
  server.version = Math.floor(Number(row?.server_version_num) / 10_000)
  return server
}

function describe(address: PostgresAddress): TestServer {
  return {
    ...address,
    ...databaseMethods(address),
    dsn: (overrides) => formatDsn(address, overrides),
  }
}

function databaseMethods(address: PostgresAddress): Pick<TestServer, 'admin' | 'createDatabase'> {
  return {
    admin: (sql, as) => runSql({ ...address, ...as }, sql),
    async createDatabase(this: TestServer, options = '') {
      const name = `test_${randomBytes(6).toString('hex')}`
      await runSql(address, `create database ${name} ${options}`)
      const database: TestDatabase = {
        name,
        server: this,
        dsn: (overrides) => formatDsn(address, { database: name, ...overrides }),
        admin: (sql) => runSql({ ...address, database: name }, sql),
        async drop() {
          databases.delete(database)
          await runSql(address, `drop database if exists ${name} with (force)`)
        },
      }
      databases.add(database)
      return database
    },
  }
}

// Not a hook of ava: those run beside the test file's own hooks, which may still use the server. This event comes
// when nothing is left to do, and a test file that leaves a connection open never gets there.
process.once('beforeExit', async () => {
  await Promise.allSettled([...servers].map((server) => server.stop('immediate')))
  await Promise.allSettled([...databases].filter(isElsewhere).map((database) => database.drop()))
})

function isElsewhere(database: TestDatabase): boolean {
  return ![...servers].some((server) => server.port === database.server.port)
}
