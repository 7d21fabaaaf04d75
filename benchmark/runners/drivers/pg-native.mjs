import { createRequire } from 'node:module'
import pg from 'pg'
import { columnsOf, wayOf } from '../../workloads.mjs'

/**
 * libpq under node-postgres's client, which queues the calls that libpq takes one at a time. Named statements where
 * the work allows them: without them every call is parsed and planned anew.
 *
 * @type {import('../adapter.mjs').Adapter}
 */
export const adapter = {
  version: createRequire(import.meta.url)('pg-native').version,
  async open(target, workload, { connections }) {
    const settings = settingsOf(target)
    const client =
      connections === 1
        ? new pg.native.Client(settings)
        : new pg.native.Pool({ ...settings, max: connections })
    if (connections === 1) await client.connect()
    const name = workload.unnamed ? undefined : workload.name
    return {
      async fetch(_worker, values) {
        const { rows } = await client.query({ name, text: workload.sql, values })
        return rows
      },
      async other(text, values) {
        const { rows } = await client.query({ name: name && `${name}-other`, text, values })
        return rows
      },
      close: () => client.end(),
    }
  },
  async openWriter(target, workload) {
    if (wayOf(workload) === 'copy') throw new Error('pg-native has no COPY from memory')
    const client = new pg.native.Client(settingsOf(target))
    await client.connect()
    const { name } = workload
    const ways = {
      async each(rows) {
        await client.query('begin')
        for (const values of rows) await client.query({ name, text: workload.insert, values })
        await client.query('commit')
      },
      arrays: (rows) => client.query({ name, text: workload.insertArrays, values: columnsOf(rows) }),
    }
    return {
      fetch: async (sql) => (await client.query(sql)).rows,
      write: ways[wayOf(workload)],
      close: () => client.end(),
    }
  },
  async connectAndClose(target) {
    const client = new pg.native.Client(settingsOf(target))
    await client.connect()
    await client.query('select 1')
    await client.end()
  },
  importing: `typeof (await import(${JSON.stringify(import.meta.resolve('pg'))})).default.native.Client === 'function'`,
}

/** @param {import('../target.mjs').Target} target */
function settingsOf({ host, port, user, password, database, sslmode }) {
  return { host, port, user, password, database, ssl: { sslmode } }
}
