import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pipeline as finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { wayOf } from '../../workloads.mjs'
import { copyStatement, copyText } from '../copy-text.mjs'

/**
 * Prepared statements on, as is its default, unless the work forbids them. The look-up of array types, a query at the start of each
 * connection, is made only for the work that needs it.
 *
 * @type {import('../adapter.mjs').Adapter}
 */
export const adapter = {
  version: installedVersion(),
  async open(target, workload, { connections }) {
    const arrays = workload.columns.some(([, type]) => type.endsWith('[]'))
    const sql = postgres({
      ...settingsOf(target),
      max: connections,
      fetch_types: arrays,
      prepare: !workload.unnamed,
    })
    const parts = templateOf(workload.sql)
    const otherParts = templateOf(workload.other?.sql ?? '')
    return {
      fetch: (_worker, values) => sql(parts, ...values),
      other: (_text, values) => sql(otherParts, ...values),
      close: () => sql.end(),
    }
  },
  async openWriter(target, workload) {
    const sql = postgres({ ...settingsOf(target), max: 1, fetch_types: false })
    const names = workload.columns.map(([name]) => name)
    const objectOf = (values) => Object.fromEntries(values.map((value, i) => [names[i], value]))
    const parts = templateOf(workload.insert ?? '')
    const ways = {
      // It pipelines what is called at the same time on the connection of a transaction.
      each: (rows) => sql.begin((own) => rows.map((values) => own(parts, ...values))),
      // Its helper for many rows makes one statement of them.
      arrays: (rows) => sql`insert into ${sql(workload.target)} ${sql(rows.map(objectOf), names)}`,
      copy: async (rows) => finished(copyText(rows), await sql.unsafe(copyStatement(workload)).writable()),
    }
    return {
      fetch: (text) => sql.unsafe(text),
      write: ways[wayOf(workload)],
      close: () => sql.end(),
    }
  },
  async connectAndClose(target) {
    const sql = postgres({ ...settingsOf(target), max: 1, fetch_types: false })
    await sql`select 1`.simple()
    await sql.end()
  },
  importing: `typeof (await import(${JSON.stringify(import.meta.resolve('postgres'))})).default === 'function'`,
}

/** @param {import('../target.mjs').Target} target */
function settingsOf({ host, port, user, password, database, sslmode }) {
  const ssl = sslmode === 'require' ? { rejectUnauthorized: false } : false
  return {
    host,
    port,
    username: user,
    password,
    database,
    ssl,
    idle_timeout: 0,
    max_lifetime: null,
  }
}

/** Its API is the tagged template: the parts between the parameters, the same array for every call. */
function templateOf(text) {
  const parts = text.split(/\$\d+/)
  return Object.freeze(Object.assign(parts, { raw: Object.freeze([...parts]) }))
}

function installedVersion() {
  const entry = createRequire(import.meta.url).resolve('postgres')
  const manifest = fileURLToPath(new URL('../../package.json', `file://${entry}`))
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
