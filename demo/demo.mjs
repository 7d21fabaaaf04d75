// npm run demo: a page that shows what using cornac is like, run for real.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { inspect } from 'node:util'
import { connect } from '../dist/index.js'
import { bold, dim, heading, row } from './page.mjs'
import { openShop } from './shop.mjs'

/** @returns {Promise<number>} the exit code */
export async function demo() {
  const server = await serverToUse()
  try {
    const connection = await connect(server.dsn)
    try {
      await show(connection, server.name)
    } finally {
      await connection.close()
    }
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
    return {
      dsn: configured,
      name: configured ? 'of DATABASE_URL' : `of ${variables.join(', ')}`,
      stop: async () => {},
    }
  }
  console.log(dim('starting an embedded PostgreSQL 18 …'))
  const { startPostgres } = await import('../tools/postgres.mjs')
  const server = await startPostgres({ version: 18 })
  return { dsn: server.dsn(), name: 'embedded', stop: () => server.stop('immediate') }
}

async function show(connection, name) {
  const { major, micro } = connection.getServerVersion()
  console.log(
    `\n${bold('cornac')}  PostgreSQL ${major}.${micro} (${name}), server process ${connection.getServerPid()}`,
  )
  await openShop(connection)
  await typedQueries(connection)
  await pipelinedBurst(connection)
  await anError(connection)
  await cancellation(connection)
  await heldLoop(connection)
}

async function typedQueries(connection) {
  heading('Typed values')
  const order = await connection.fetchRow(
    `select o.id, c.name, o.placed_at, o.total, o.tags, o.address, o.paid
       from shop_order o join customer c on c.id = o.customer_id
      where o.total > $1 and o.tags @> $2 order by o.id limit 1`,
    ['100.00', ['gift']],
  )
  console.log(inspect(order, { colors: process.stdout.isTTY, depth: 3 }))
  console.log(dim('numeric stays exact text, timestamptz is a Date, jsonb is parsed, text[] is an array'))
  const big = await connection.fetchRow(
    'select 9007199254740991::int8 as safe, 9007199254740993::int8 as beyond',
  )
  row('int8 never rounds', inspect(big))
  row('a command tag', await connection.execute('update shop_order set paid = true where not paid'))
}

async function pipelinedBurst(connection) {
  heading('A pipelined burst on one connection')
  const ids = Array.from({ length: 2000 }, (_, i) => (i % 5000) + 1)
  const sql = 'select total from shop_order where id = $1'
  await connection.fetchValue(sql, [1])
  const cpu = process.cpuUsage()
  const began = performance.now()
  const totals = await Promise.all(ids.map((id) => connection.fetchValue(sql, [id])))
  const together = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const few = ids.slice(0, 200)
  const alone = performance.now()
  for (const id of few) await connection.fetchValue(sql, [id])
  const one = ((performance.now() - alone) / few.length) * 1000
  row(
    `${totals.length} queries together`,
    `${together.toFixed(1)} ms, ${perSecond(totals.length, together)} a second`,
  )
  row('one after the other', `${one.toFixed(0)} µs each, ${perSecond(1000, one)} a second`)
  row('CPU of this process', `${((user + system) / totals.length).toFixed(1)} µs a query`)
}

async function anError(connection) {
  heading('An error as you meet it')
  try {
    await connection.execute('insert into customer (id, name) values ($1, $2)', [1, 'Ada'])
  } catch (error) {
    console.log(`${error.name}: ${error.message}`)
    row('sqlstate', error.sqlstate)
    row(
      'constraint',
      `${error.schemaName?.replace(/^pg_temp.*/, 'pg_temp')}.${error.tableName}.${error.constraintName}`,
    )
    row('detail', error.detail)
  }
  try {
    await connection.fetch('select * from shop_order where id = $1', [1.5])
  } catch (error) {
    console.log(`\n${error.name}: ${error.message}`)
    console.log(dim('found before anything was sent: the connection, and a transaction on it, are untouched'))
  }
}

async function cancellation(connection) {
  heading('A timeout that works')
  const began = performance.now()
  await connection.fetch('select pg_sleep(60)', [], { timeout: 200 }).catch((error) => {
    row(error.name, `${error.message}`)
  })
  const answer = await connection.fetchValue("select 'usable'")
  row(
    'the connection',
    `${answer} again after ${(performance.now() - began).toFixed(0)} ms: the server stopped the query`,
  )
}

async function heldLoop(connection) {
  heading('How long the event loop was held')
  const sql =
    'select id, customer_id, placed_at, total, tags, address, paid from shop_order, generate_series(1, 2)'
  await connection.fetch(sql)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const loop = performance.eventLoopUtilization()
  const began = performance.now()
  let rows = 0
  for (let i = 0; i < 10; i++) rows += (await connection.fetch(sql)).length
  const took = performance.now() - began
  const { active } = performance.eventLoopUtilization(loop)
  delay.disable()
  row(`${rows.toLocaleString('en')} rows of 7 columns`, `${took.toFixed(0)} ms`)
  row(
    'the event loop was busy for',
    `${active.toFixed(0)} ms of them, ${((active / rows) * 1e6).toFixed(0)} ns a row`,
  )
  row(
    'its delay',
    `${(delay.percentile(99) / 1e6).toFixed(1)} ms at the 99th percentile (the timer's own 1 ms included)`,
  )
}

function perSecond(count, ms) {
  return Math.round((count / ms) * 1000).toLocaleString('en')
}
