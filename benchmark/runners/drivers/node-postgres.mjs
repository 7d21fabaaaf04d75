import { createRequire } from 'node:module'
import { pipeline as finished } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { columnsOf, wayOf } from '../../workloads.mjs'
import { copyStatement, copyText } from '../copy-text.mjs'

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
        async other(text, values) {
          const { rows } = await client.query({ name: name && `${name}-other`, text, values })
          return rows
        },
        close: () => client.end(),
      }
    },
    async openWriter(target, workload) {
      const client = new pg.Client({ ...settingsOf(target), pipeline })
      await client.connect()
      const name = named ? workload.name : undefined
      const insert = (values) => client.query({ name, text: workload.insert, values })
      // A failure in a pipeline leaves the block failed, and COMMIT rolls it back.
      const pipelined = (rows) =>
        Promise.all([client.query('begin'), ...rows.map(insert), client.query('commit')])
      const inSequence = async (rows) => {
        await client.query('begin')
        for (const values of rows) await insert(values)
        await client.query('commit')
      }
      const ways = {
        each: pipeline ? pipelined : inSequence,
        arrays: (rows) => client.query({ name, text: workload.insertArrays, values: columnsOf(rows) }),
        copy: (rows) => finished(copyText(rows), client.query(copyFrom(copyStatement(workload)))),
      }
      return {
        fetch: async (sql) => (await client.query(sql)).rows,
        write: ways[wayOf(workload)],
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
