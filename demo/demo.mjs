// npm run demo: what a service gains, shown on this machine, beside node-postgres and postgres.js.

import { relative } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { connect } from '../dist/index.js'
import { compare, DRIVERS } from './compare.mjs'
import { Page } from './page.mjs'
import { cancelOne } from './pipeline.mjs'
import { PATIENCE, restartUnderLoad } from './restart.mjs'
import { QUERIES, ROWS } from './service.mjs'

const FILE = fileURLToPath(new URL('../tmp/demo.html', import.meta.url))

/** The few lines that did it. */
const LINES = `import { createPool } from 'cornac'

const pool = await createPool(process.env.DATABASE_URL, { maxSize: 10, acquireTimeout: 5_000 })

const rows = await pool.fetch('select id, customer, total from report where month = $1', ['2026-01'])

await pool.transaction(async (tx) => {
  await tx.execute('update account set balance = balance - $1 where id = $2', [10, 1])
})

await pool.fetch('select slow()', [], { timeout: 200 }) // stops on the server`

/** @returns {Promise<number>} the exit code */
export async function demo() {
  const server = await serverToUse()
  try {
    await show(server)
  } finally {
    await server.stop()
  }
  return 0
}

async function serverToUse() {
  const configured = process.env.DATABASE_URL
  const variables = Object.keys(process.env).filter((name) =>
    /^PG(HOST|PORT|USER|DATABASE|SERVICE|PASSWORD)$/.test(name),
  )
  if (configured || variables.length > 0) {
    const name = configured ? 'of DATABASE_URL' : `of ${variables.join(', ')}`
    return { dsn: () => configured, name, restart: undefined, stop: async () => {} }
  }
  console.log('starting an embedded PostgreSQL 18 …')
  const { startPostgres } = await import('../tools/postgres.mjs')
  const server = await startPostgres({ version: 18 })
  return {
    dsn: () => server.dsn(),
    name: 'embedded',
    restart: () => server.restart(),
    stop: () => server.stop('immediate'),
  }
}

async function show(server) {
  const page = new Page()
  const connection = await connect(server.dsn())
  try {
    const { major, micro } = connection.getServerVersion()
    page.title('cornac', `PostgreSQL ${major}.${micro} (${server.name}), Node.js ${process.versions.node}`)
    await reports(page, server)
    await pipeline(page, connection)
    await timeout(page, connection)
    await anError(page, connection)
  } finally {
    await connection.close()
  }
  if (server.restart !== undefined) await restart(page, server)
  page.heading('What did it')
  page.code(LINES)
  page.write(FILE)
  page.note(`\nthis page as a file: ${relative(process.cwd(), FILE)}`)
}

/** Each driver in a process of its own, with its own pool of ten connections. */
async function reports(page, server) {
  // A configured server is told by variables, which only cornac and libpq read all of.
  const drivers = server.dsn() === undefined ? ['cornac'] : DRIVERS
  const compared = []
  for (const driver of drivers) compared.push(await compare(driver, server.dsn()))
  page.heading(`A report of ${ROWS.toLocaleString('en')} rows is read while /health is asked every 5 ms`)
  page.table(
    ['the service uses', '/health at worst', 'in the middle', 'loop held at most', 'its CPU', 'report takes'],
    compared.map(({ driver, report, health }) => [
      driver,
      milliseconds(health.worst),
      milliseconds(health.median),
      milliseconds(report.held),
      milliseconds(report.busy),
      milliseconds(report.took),
    ]),
  )
  page.heading(`${QUERIES.toLocaleString('en')} queries made together, on a pool of ten`)
  page.table(
    ['the service uses', 'right answers', 'all take', 'CPU a query', 'queries a second'],
    compared.map(({ driver, burst }) => [
      driver,
      String(burst.right),
      milliseconds(burst.took),
      `${((burst.cpu / QUERIES) * 1_000).toFixed(0)} µs`,
      Math.round((QUERIES / burst.took) * 1_000).toLocaleString('en'),
    ]),
  )
  page.note(
    'CPU of the report is that of the JavaScript thread, CPU of a query that of the whole process. One run each on this machine, after a first one that is not counted; npm run bench measures with care.',
  )
}

async function pipeline(page, connection) {
  page.heading('Five queries at once on one connection, the third one cancelled')
  const { ends, took } = await cancelOne(connection)
  for (const [at, end] of ends.entries()) page.row(`query ${at + 1}`, end)
  page.row('all of it', milliseconds(took))
}

async function timeout(page, connection) {
  page.heading('A timeout that stops the query on the server')
  const began = performance.now()
  await connection.fetch('select pg_sleep(60)', [], { timeout: 200 }).catch((error) => {
    page.row(error.name, error.message)
  })
  const answer = await connection.fetchValue("select 'usable'")
  page.row('the connection', `${answer} again after ${milliseconds(performance.now() - began)}`)
}

async function anError(page, connection) {
  page.heading('An error as you meet it')
  const error = await connection.fetch('select id, nmae from (values (1, 2)) v (id, name)').catch((e) => e)
  page.row(error.name, error.message)
  page.code(error.excerpt() ?? '')
  const refused = await connection.fetch('select $1::int', [1.5]).catch((e) => e)
  page.row(refused.name, refused.message)
  page.note(
    'The second was found before anything was sent: the connection, and a transaction on it, are untouched.',
  )
}

async function restart(page, server) {
  page.heading('The server is restarted while twenty callers use a pool')
  const { ends, restarted, gap, size } = await restartUnderLoad(server)
  for (const [end, count] of ends) page.row(count.toLocaleString('en'), end)
  page.row('the restart took', milliseconds(restarted))
  page.row('nobody got an answer for', milliseconds(gap))
  page.row('afterwards', `${size} connections are open, and every caller goes on`)
  page.note(
    `Callers give the pool ${PATIENCE / 1_000} s to get a connection (acquireTimeout), so that those who came meanwhile waited. What was in flight is not tried again by itself: its error says whether it may have run (maybeExecuted).`,
  )
}

function milliseconds(value) {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}
