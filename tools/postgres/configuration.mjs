// The files that configure a server.

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { giveToAccount } from './account.mjs'
import { SETTINGS_FILE } from './template.mjs'

const DEFAULT_HBA = [
  'local all         all                trust',
  'local replication all                trust',
  'host  all         all 127.0.0.1/32   scram-sha-256',
  'host  all         all ::1/128        scram-sha-256',
  'host  replication all 127.0.0.1/32   scram-sha-256',
  'host  replication all ::1/128        scram-sha-256',
]

/**
 * Durability is given up: a test's server never has to survive the machine. Shared memory for parallel queries lies
 * in the data directory, so that a killed server leaves nothing behind in /dev/shm.
 * @type {Record<string, string>}
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%u@%d ',
  ...(process.platform === 'win32' ? {} : { dynamic_shared_memory_type: 'mmap' }),
}

/** @typedef {Pick<import('../postgres.d.mts').PostgresOptions, 'settings' | 'hba' | 'ident' | 'tls'>} Configuration */

/**
 * Writes what the configuration names; an absent member keeps its file.
 * @param {string} data the data directory
 * @param {Configuration} configuration
 * @param {Record<string, string>} fixed settings that the provisioner needs for itself
 */
export async function configure(data, configuration, fixed) {
  const { settings, hba, ident, tls } = configuration
  if (tls !== undefined) {
    await writeSecret(join(data, 'server.crt'), tls.cert)
    await writeSecret(join(data, 'server.key'), tls.key)
    await writeOrRemove(join(data, 'root.crt'), tls.ca)
    await writeOrRemove(join(data, 'root.crl'), tls.crl)
  }
  if (hba !== undefined) await writeSecret(join(data, 'pg_hba.conf'), lines(hba))
  if (ident !== undefined) await writeSecret(join(data, 'pg_ident.conf'), lines(ident))
  const all = { ...SETTINGS, ...tlsSettings(tls), ...settings, ...fixed }
  const text = Object.entries(all).map(([name, value]) => `${name} = ${quote(value)}`)
  await writeSecret(join(data, SETTINGS_FILE), lines(text))
}

/**
 * @param {Configuration} configuration
 * @returns {Configuration}
 */
export function withDefaults(configuration) {
  return { ...configuration, hba: configuration.hba ?? DEFAULT_HBA }
}

/**
 * @param {import('../postgres.d.mts').ServerTls | undefined} tls
 * @returns {Record<string, string>}
 */
function tlsSettings(tls) {
  if (tls === undefined) return {}
  return {
    ssl: 'on',
    ssl_cert_file: 'server.crt',
    ssl_key_file: 'server.key',
    ...(tls.ca === undefined ? {} : { ssl_ca_file: 'root.crt' }),
    ...(tls.crl === undefined ? {} : { ssl_crl_file: 'root.crl' }),
  }
}

/** @param {string} value */
function quote(value) {
  return `'${value.replaceAll("'", "''")}'`
}

/** @param {readonly string[]} texts */
function lines(texts) {
  return texts.map((line) => `${line}\n`).join('')
}

/**
 * @param {string} path
 * @param {string} content
 */
async function writeSecret(path, content) {
  await writeFile(path, content, { mode: 0o600 })
  await giveToAccount(path)
}

/**
 * @param {string} path
 * @param {string | undefined} content
 */
async function writeOrRemove(path, content) {
  if (content === undefined) await rm(path, { force: true })
  else await writeSecret(path, content)
}
