// A small service for the demonstration, on one of three drivers: GET /report reads 100,000 rows, /burst makes 2,000
// queries together, /health answers "ok". Its parent asks it by HTTP and stops it by closing its standard input.
//
// usage: node demo/service.mjs cornac | node-postgres | postgres.js DSN

import { createServer } from 'node:http'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { mainThreadClock } from '../benchmark/runners/clock.mjs'

export const REPORT = `
  select n as id, 'customer ' || n % 500 as customer, timestamptz '2026-01-01 08:00+00' + n * interval '7 minutes' as placed_at,
         (n * 37 % 25000) / 100.0 as total, n % 4 <> 0 as paid, n % 7 as items
    from generate_series(1, $1::int) n`
export const ONE = 'select $1::int as id, $2::text as name'
export const ROWS = 100_000
export const QUERIES = 2_000

/** What a service asks of a driver: its pool of ten, with each driver's best settings. */
const DRIVERS = {
  async cornac(dsn) {
    const { createPool } = await import('../dist/index.js')
    const pool = await createPool(dsn, { minSize: 10, maxSize: 10 })
    return { fetch: (text, args) => pool.fetch(text, args), close: () => pool.close() }
  },
  async 'node-postgres'(dsn) {
    const { default: pg } = await import('pg')
    const pool = new pg.Pool({ connectionString: dsn, min: 10, max: 10 })
    let names = 0
    const nameOf = new Map()
    const named = (text) => {
      if (!nameOf.has(text)) nameOf.set(text, `statement_${++names}`)
      return nameOf.get(text)
    }
    return {
      fetch: async (text, values) => (await pool.query({ name: named(text), text, values })).rows,
      close: () => pool.end(),
    }
  },
  async 'postgres.js'(dsn) {
    const { default: postgres } = await import('postgres')
    const sql = postgres(dsn, { max: 10 })
    return { fetch: (text, args) => sql.unsafe(text, args, { prepare: true }), close: () => sql.end() }
  },
}

async function serve(driver, dsn) {
  const { fetch, close } = await DRIVERS[driver](dsn)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const clock = mainThreadClock()
  const routes = {
    '/health': async () => 'ok',
    async '/report'() {
      delay.reset()
      delay.enable()
      const cpu = process.cpuUsage()
      const began = performance.now()
      const thread = clock.mainThread()
      const rows = await fetch(REPORT, [ROWS])
      const took = performance.now() - began
      const busy = (clock.mainThread() - thread) / 1e6
      delay.disable()
      return JSON.stringify({ rows: rows.length, took, busy, held: delay.max / 1e6, ...cpuSince(cpu) })
    },
    async '/burst'() {
      const cpu = process.cpuUsage()
      const began = performance.now()
      const calls = Array.from({ length: QUERIES }, (_, n) => fetch(ONE, [n, `name ${n}`]))
      const answers = await Promise.all(calls)
      const right = answers.filter(([row], n) => row.id === n && row.name === `name ${n}`).length
      return JSON.stringify({ right, took: performance.now() - began, ...cpuSince(cpu) })
    },
  }
  const server = createServer(async ({ url }, response) => {
    const route = routes[url]
    try {
      response.end(route === undefined ? 'nothing here' : await route())
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
  process.stdin.resume().on('end', async () => {
    server.closeAllConnections()
    server.close()
    await close()
  })
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1_000 }
}

if (process.argv[1]?.endsWith('service.mjs')) await serve(process.argv[2], process.argv[3])
