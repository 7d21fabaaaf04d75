import { createRequire } from 'node:module'
import pg from 'pg'

export const version = createRequire(import.meta.url)('pg/package.json').version

/** @typedef {import('../adapter.mjs').Adapter} Adapter */

/**
 * One adapter for the three ways to use the package.
 *
 * @param {{ named: boolean, pipeline: boolean }} ways
 * @returns {Adapter}
 */
export function nodePostgres({ named, pipeline }) {
  return {
    version,
    async open(target, workload, { connections }) {
      const settings = { ...settingsOf(target), pipeline }
      const client =
        connections === 1 ? new pg.Client(settings) : new pg.Pool({ ...settings, max: connections })
      if (connections === 1) await client.connect()
      const name = named && !workload.unnamed ? workload.name : undefined
      return {
        async fetch(_worker, values) {
          const { rows } = await client.query({ name, text: workload.sql, values })
          return rows
        },
        close: () => client.end(),
      }
    },
    async connectAndClose(target) {
      const client = new pg.Client({ ...settingsOf(target), pipeline })
      await client.connect()
      await client.query('select 1')
      await client.end()
    },
    importing: `typeof (await import(${JSON.stringify(import.meta.resolve('pg'))})).default.Client === 'function'`,
  }
}

/** @param {import('../target.mjs').Target} target */
function settingsOf({ host, port, user, password, database, sslmode }) {
  const ssl = sslmode === 'require' ? { rejectUnauthorized: false } : false
  return { host, port, user, password, database, ssl }
}
