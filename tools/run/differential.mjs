// npm run test:differential: the same values read by cornac, asyncpg and psycopg.
//
//   (nothing)   many values; docs/reference/differences.md must be what comes out
//   --write     writes that file
//   --short     fewer values, within seconds; for CI. Left out where Python cannot be had.

import '@oxc-node/core/register'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { driverVersions, NoPython, pythonWithDrivers, read } from '../differential/python.mjs'
import { startPostgres } from '../postgres.mjs'
import { buildNative, Failed, installPackages, root } from './steps.mjs'

const DOCUMENT = join(root, 'docs/reference/differences.md')
/** The same values each time: the document is the same then. */
const SEED = 1
const MANY = 400
const FEW = 40

/** @param {string[]} args */
export async function run(args) {
  const unknown = args.find((arg) => !['--write', '--short'].includes(arg))
  if (unknown !== undefined) throw new Failed(`unknown argument "${unknown}": there are --write and --short`)
  await installPackages()
  await buildNative()
  const isShort = args.includes('--short')
  let python
  try {
    python = pythonWithDrivers()
  } catch (error) {
    if (!(error instanceof NoPython) || !isShort) throw error
    console.log(`differential run left out: ${error.message}`)
    return 0
  }
  const { compare, document, DRIVERS } = await import('../differential/report.ts')
  const compared = await readAll(python, isShort ? FEW : MANY, DRIVERS, compare)
  const values = compared.reduce((sum, one) => sum + one.values, 0)
  const open = compared.flatMap((one) => one.open)
  for (const line of open) console.error(`unexplained: ${line}`)
  console.log(
    `${values} values of ${compared.length} types, ${open.length} differences without an explanation`,
  )
  if (open.length > 0) return 1
  if (isShort) return 0
  const text = document(compared, driverVersions())
  console.log(text)
  if (args.includes('--write')) writeFileSync(DOCUMENT, text)
  else if (readFileSync(DOCUMENT, 'utf8') !== text) {
    console.error('docs/reference/differences.md is not up to date: run npm run test:differential -- --write')
    return 1
  }
  return 0
}

async function readAll(python, size, drivers, compare) {
  const { cases, SETUP } = await import('../differential/cases.ts')
  const { connect } = await import('../../index.ts')
  const server = await startPostgres({
    settings: { timezone: 'UTC', lc_monetary: 'C', datestyle: 'ISO', intervalstyle: 'postgres' },
  })
  try {
    const { host, port, user, password } = server
    const all = cases(size, SEED)
    const connection = await connect({
      host,
      port,
      user,
      password,
      database: 'postgres',
      types: { timestamp: 'string', timestamptz: 'string' },
    })
    await connection.execute(SETUP)
    const env = {
      PGHOST: host,
      PGPORT: `${port}`,
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: 'postgres',
    }
    const answers = Object.fromEntries(drivers.map((driver) => [driver, read(python, driver, all, env)]))
    const compared = []
    for (const [i, one] of all.entries()) {
      const ours = await connection.fetch(
        `select v, format('%s', v) as text
           from (select n, ${one.from} as v from unnest($1::text[]) with ordinality u (x, n)) s order by n`,
        [one.literals],
      )
      const theirs = Object.fromEntries(drivers.map((driver) => [driver, answers[driver][i]]))
      compared.push(compare(one, ours, theirs))
    }
    await connection.close()
    return compared
  } finally {
    await server.stop('immediate')
  }
}
