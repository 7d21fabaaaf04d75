/**
 * @typedef {import('../workloads.mjs').Workload} Workload
 * @typedef {import('./target.mjs').Target} Target
 *
 * @typedef {object} Session
 * @property {(worker: number, values: number[]) => Promise<Record<string, any>[]>} fetch the workload's statement once
 * @property {(text: string, values: number[]) => Promise<Record<string, any>[]>} other another statement
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Writer
 * @property {(sql: string) => Promise<Record<string, any>[]>} fetch
 * @property {(rows: any[][]) => Promise<unknown>} write the workload's rows, all of them or none
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Adapter what a JavaScript driver has to offer here, no more than its users write
 * @property {string} version
 * @property {(target: Target, workload: Workload, size: { connections: number }) => Promise<Session>} open
 * @property {(target: Target, workload: Workload) => Promise<Writer>} openWriter
 * @property {(target: Target) => Promise<void>} connectAndClose
 *   opens a session, sends `select 1` by the simple protocol, closes: one of the drivers connects with its first query
 * @property {string} importing an expression that loads what a user imports, and is true when its names are there
 */

/** @type {Record<string, () => Promise<Adapter>>} */
const adapters = {
  cornac: async () => (await import('./drivers/cornac.mjs')).adapter,
  'node-postgres': async () =>
    (await import('./drivers/node-postgres.mjs')).nodePostgres({ named: false, pipeline: false }),
  'node-postgres-named': async () =>
    (await import('./drivers/node-postgres.mjs')).nodePostgres({ named: true, pipeline: false }),
  'node-postgres-pipeline': async () =>
    (await import('./drivers/node-postgres.mjs')).nodePostgres({ named: true, pipeline: true }),
  'postgres-js': async () => (await import('./drivers/postgres-js.mjs')).adapter,
  'pg-native': async () => (await import('./drivers/pg-native.mjs')).adapter,
}

/**
 * Loads one driver and nothing of the others.
 *
 * @param {string} name
 */
export function loadAdapter(name) {
  const load = adapters[name]
  if (load === undefined)
    throw new Error(`no driver "${name}"; there are ${Object.keys(adapters).join(', ')}`)
  return load()
}
