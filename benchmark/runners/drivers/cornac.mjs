import { readFileSync } from 'node:fs'
import { columnsOf, wayOf } from '../../workloads.mjs'
import { toUrl } from '../target.mjs'

const root = new URL('../../../', import.meta.url)

/** What users import, compiled: the benchmark never runs TypeScript through a loader. */
const entry = new URL('dist/index.js', root).href

/** @type {import('../adapter.mjs').Adapter} */
export const adapter = {
  version: JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version,
  async open(target, workload, { connections }) {
    const { connect, createPool } = await load()
    const url = toUrl(target)
    const options = workload.unnamed ? { statementCacheSize: 0 } : {}
    if (connections === 1) {
      const connection = await connect(url, options)
      return {
        fetch: (_worker, values) => connection.fetch(workload.sql, values),
        other: (text, values) => connection.fetch(text, values),
        close: () => connection.close(),
      }
    }
    const pool = await createPool(url, { ...options, minSize: connections, maxSize: connections })
    return {
      fetch: (_worker, values) => pool.fetch(workload.sql, values),
      other: (text, values) => pool.fetch(text, values),
      close: () => pool.close(),
    }
  },
  async openWriter(target, workload) {
    const { connect } = await load()
    const connection = await connect(toUrl(target))
    const columns = workload.columns.map(([name]) => name)
    const ways = {
      each: (rows) => connection.executeMany(workload.insert, rows),
      arrays: (rows) => connection.execute(workload.insertArrays, columnsOf(rows)),
      copy: (rows) => connection.copyRecordsToTable(workload.target, { records: rows, columns }),
    }
    return {
      fetch: (sql) => connection.fetch(sql),
      write: ways[wayOf(workload)],
      close: () => connection.close(),
    }
  },
  async connectAndClose(target) {
    const { connect } = await load()
    const connection = await connect(toUrl(target))
    await connection.execute('select 1')
    await connection.close()
  },
  importing: `typeof (await import(${JSON.stringify(entry)})).connect === 'function'`,
}

/** @type {Promise<any> | undefined} */
let loaded

function load() {
  loaded ??= import(entry)
  return loaded
}
