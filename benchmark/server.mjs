import { selfSigned } from './certificate.mjs'

/**
 * @typedef {import('./runners/target.mjs').Target} Target
 *
 * @typedef {object} BenchServer
 * @property {Record<import('./workloads.mjs').Login, Target>} targets the same server, by the way a session is opened
 * @property {() => Promise<void>} stop
 */

const SCRAM_USER = 'bench_scram'
const SCRAM_PASSWORD = 'correct horse battery staple'

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
 * Starts a PostgreSQL 18 of its own, or takes the one that `url` names as it is.
 *
 * @param {string | undefined} url
 * @returns {Promise<BenchServer>}
 */
export async function openServer(url) {
  if (url !== undefined) return { targets: targetsOf(fromUrl(url)), stop: async () => {} }
  // biome-ignore lint/correctness/useImportExtensions: it takes the declarations beside the module for the module
  const { startPostgres } = await import('../tools/postgres.mjs')
  const server = await startPostgres({ version: 18, settings: SETTINGS, hba: HBA, tls: selfSigned() })
  const target = {
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    password: undefined,
    database: 'postgres',
  }
  return { targets: targetsOf({ ...target, sslmode: 'disable' }), stop: () => server.stop() }
}

/** Statements that the logins need besides the workloads' own. */
export const LOGIN_SETUP = [
  `drop role if exists ${SCRAM_USER}`,
  `create role ${SCRAM_USER} login password '${SCRAM_PASSWORD}'`,
]

/** @param {Target} target */
function targetsOf(target) {
  return {
    trust: target,
    scram: { ...target, user: SCRAM_USER, password: SCRAM_PASSWORD },
    tls: { ...target, sslmode: /** @type {const} */ ('require') },
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
