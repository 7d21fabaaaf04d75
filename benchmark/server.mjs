import { readFileSync } from 'node:fs'
import { selfSigned } from './certificate.mjs'

/**
 * @typedef {import('./runners/target.mjs').Target} Target
 *
 * @typedef {object} BenchServer
 * @property {Record<import('./workloads.mjs').Login, Target>} targets the same server, by the way a session is opened
 * @property {number | undefined} postmaster the process whose children the sessions are, where it can be seen
 * @property {() => Promise<void>} stop
 */

const SCRAM_USER = 'bench_scram'
const SCRAM_PASSWORD = 'correct horse battery staple'
const DATABASE = 'cornac_benchmark'

const CREATE = [
  `create role ${SCRAM_USER} login password '${SCRAM_PASSWORD}'`,
  `create database ${DATABASE} template template0 encoding 'UTF8'`,
]
const DROP = [`drop database if exists ${DATABASE} with (force)`, `drop role if exists ${SCRAM_USER}`]

/** What makes runs comparable: no background work, no waiting for the disk, no plan that appears half-way. */
const SETTINGS = {
  autovacuum: 'off',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
  max_connections: '60',
  shared_buffers: '256MB',
  timezone: 'UTC',
}

/** Loopback is trusted but for the one user that exists to prove a password. */
const HBA = [
  'local all all trust',
  `host all ${SCRAM_USER} 127.0.0.1/32 scram-sha-256`,
  'host all all 127.0.0.1/32 trust',
]

/**
 * Starts a PostgreSQL 18 of its own, or takes the one that `url` names, with a database of its own in it.
 *
 * @param {string | undefined} url
 * @returns {Promise<BenchServer>}
 */
export async function openServer(url) {
  if (url === undefined) {
    const { startPostgres } = await import('../tools/postgres.mjs')
    const server = await startPostgres({ version: 18, settings: SETTINGS, hba: HBA, tls: selfSigned() })
    const admin = fromUrl(server.dsn())
    const postmaster = await asAdmin(admin, CREATE)
    return { targets: targetsOf(admin), postmaster, stop: () => server.stop() }
  }
  const admin = fromUrl(url)
  const postmaster = await asAdmin(admin, [...DROP, ...CREATE])
  const stop = async () => void (await asAdmin(admin, DROP))
  return { targets: targetsOf(admin), postmaster, stop }
}

/**
 * @param {Target} target
 * @param {string[]} statements
 * @returns {Promise<number | undefined>} the postmaster, see {@link BenchServer}
 */
async function asAdmin({ host, port, user, password, database }, statements) {
  // Imported late: the package is there only after the peers have been installed.
  const { default: pg } = await import('pg')
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  const { rows } = await client.query('select pg_backend_pid() pid')
  const postmaster = parentOf(rows[0].pid)
  await client.end()
  return postmaster
}

/** The parent of a session's process, if it runs on this machine. */
function parentOf(pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
    return name === 'postgres' ? Number(parent) : undefined
  } catch {
    return undefined
  }
}

/** @param {Target} admin */
function targetsOf(admin) {
  const trust = { ...admin, database: DATABASE }
  return {
    trust,
    scram: { ...trust, user: SCRAM_USER, password: SCRAM_PASSWORD },
    tls: { ...trust, sslmode: /** @type {const} */ ('require') },
  }
}

/**
 * @param {string} text
 * @returns {Target}
 */
function fromUrl(text) {
  const url = new URL(text)
  return {
    host: url.hostname || '127.0.0.1',
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password) || undefined,
    database: url.pathname.slice(1) || 'postgres',
    sslmode: 'disable',
  }
}
