import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectedOf } from './canonical.mjs'
import { argumentsOf, verifiedCalls } from './workloads.mjs'

/**
 * @typedef {object} Fixture
 * @property {string} serverVersion
 * @property {(workload: import('./workloads.mjs').Workload) => string} workloadPath a file for the runners; like the
 *   next it lasts as long as the process
 * @property {(workload: import('./workloads.mjs').Workload) => string} expectedPath
 */

/**
 * Makes the workloads' tables and writes down what each statement has to answer, from the server's own text.
 *
 * @param {import('./runners/target.mjs').Target} target
 * @param {import('./workloads.mjs').Workload[]} workloads
 * @returns {Promise<Fixture>}
 */
export async function prepareFixture(target, workloads) {
  const client = await connectForText(target)
  const folder = mkdtempSync(join(tmpdir(), 'cornac-benchmark-'))
  const workloadPath = ({ name }) => join(folder, `${name}.json`)
  const expectedPath = ({ name }) => join(folder, `${name}.expected.json`)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const workload of workloads) writeFileSync(workloadPath(workload), JSON.stringify(workload))
  try {
    for (const workload of workloads) {
      for (const statement of workload.setup ?? []) await client.query(statement)
      for (const table of workload.tables ?? []) await client.query(`vacuum (analyze, freeze) ${table}`)
    }
    for (const workload of workloads.filter(({ sql }) => sql !== undefined)) {
      writeFileSync(expectedPath(workload), JSON.stringify(await expect(client, workload)))
    }
    const { rows } = await client.query('show server_version')
    return { serverVersion: rows[0].server_version, workloadPath, expectedPath }
  } finally {
    await client.end()
  }
}

async function expect(client, workload) {
  const calls = []
  for (let n = 0; n < verifiedCalls(workload); n += 1) {
    const { rows } = await client.query(workload.sql, argumentsOf(workload, n))
    if (workload.rows !== null && rows.length !== workload.rows) {
      throw new Error(
        `workload "${workload.name}" says ${workload.rows} rows, the server sent ${rows.length}`,
      )
    }
    calls.push(rows)
  }
  return expectedOf(workload, calls)
}

/** A connection whose every value is the server's own text. */
async function connectForText({ host, port, user, password, database }) {
  // Imported late: the package is there only after the peers have been installed.
  const { default: pg } = await import('pg')
  const types = { getTypeParser: () => (text) => text }
  const client = new pg.Client({ host, port, user, password, database, types, options: '-c timezone=UTC' })
  await client.connect()
  return client
}
