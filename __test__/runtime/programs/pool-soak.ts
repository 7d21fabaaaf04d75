// Does all that a pool does, again and again, while its backends are killed, and tells after each round what is in use.
//
// arguments: the DSN, calls a round, and rounds or, with an `m` behind it, minutes

import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import {
  connect,
  createPool,
  InterfaceError,
  type Pool,
  PostgresError,
  TimeoutError,
} from '../../../index.ts'

const [dsn, amount, length] = process.argv.slice(2) as [string, string, string]
const gc = globalThis.gc as () => void
const SIZE = 8
const NAME = 'pool-soak'
const serverSettings = { application_name: NAME }

class GivenUp extends Error {}

const warned = new Map<string, number>()
process.on('warning', (warning: Error & { code?: string }) => {
  const code = warning.code ?? warning.message
  warned.set(code, (warned.get(code) ?? 0) + 1)
})

const killer = await connect(dsn, { serverSettings: { application_name: 'killer' } })
const pool = await createPool(dsn, { maxSize: SIZE, maxWaiting: 5_000, serverSettings })
await killer.execute('drop table if exists soaked; create table soaked (n int, t text)')

/** Each thing that is done, and how often beside the others. */
const WORK: readonly (readonly [times: number, work: (n: number) => Promise<unknown>])[] = [
  [60, (n) => pool.fetchRow('select $1::int as n, $2::text as t', [n, 'some text'])],
  [10, (n) => pool.query('select n, n::text as t from generate_series(1, $1::int) n', [n % 100])],
  [5, (n) => pool.fetchValue('select 1 / $1::int', [n % 2])],
  [2, () => pool.fetch('select $1::int', [{}])],
  [2, (n) => pool.fetch(`select $1::int as "column ${n % 100}"`, [n])],
  [
    5,
    (n) =>
      pool.transaction((tx) => tx.execute('insert into soaked values ($1, $2)', [n, 'in a transaction'])),
  ],
  [2, (n) => rollback(n)],
  [2, () => pool.fetch('select pg_sleep(1)', [], { timeout: randomInt(1, 30) })],
  [2, () => abort((signal) => pool.fetch('select pg_sleep(1)', [], { signal }))],
  [2, () => abort((signal) => pool.withConnection((connection) => connection.fetch('select 1'), { signal }))],
  [2, () => pool.withConnection((connection) => connection.execute("set work_mem = '5MB'"), { timeout: 50 })],
  [1, () => pool.withConnection((connection) => connection.execute('create temp table lasting (n int)'))],
  [2, () => leaveAll()],
  [2, (n) => pool.executeMany('insert into soaked values ($1, $2)', sets(n))],
  [1, (n) => pool.copyRecordsToTable('soaked', { records: sets(n) })],
  [1, () => pool.copyFromQuery('select generate_series(1, 500)', [], { output: () => {} })],
  [1, () => cursor()],
  [1, (n) => endByHand(n)],
  [1, () => leak()],
  [1, () => otherPool()],
]
const DECK = WORK.flatMap(([times, work]) => Array.from({ length: times }, () => work))

function* sets(n: number): Generator<[number, string]> {
  for (let i = 0; i < 20; i++) yield [n + i, `text ${i}`]
}

function rollback(n: number): Promise<unknown> {
  return pool.transaction(async (tx) => {
    await tx.execute('insert into soaked values ($1, $2)', [n, 'never'])
    await tx.transaction((inner) => inner.fetchValue('select 1'))
    throw new GivenUp()
  })
}

function abort(call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new GivenUp()), randomInt(0, 20))
  return call(controller.signal)
}

/** What a careless user leaves behind. */
function leaveAll(): Promise<unknown> {
  return pool.withConnection(async (connection) => {
    await connection.addListener('soaked', () => {})
    connection.addLogListener(() => {})
    await connection.prepare('select $1::int')
    await connection.execute('begin')
    await connection.cursor('select generate_series(1, 100)').open()
    connection.fetch('select pg_sleep(0.01)').catch(() => {})
  })
}

function cursor(): Promise<unknown> {
  return pool.transaction(async ({ connection }) => {
    for await (const { n } of connection.cursor('select n from generate_series(1, 1000) n')) {
      if (n === 300) break
    }
  })
}

async function endByHand(n: number): Promise<void> {
  const connection = await pool.acquire()
  if (n % 2 === 0) connection.terminate()
  else await connection.close()
  await connection.release()
}

/** Nobody releases it: the pool takes it back when it is collected. */
async function leak(): Promise<void> {
  if (Math.random() < 0.8) return
  const connection = await pool.acquire()
  await connection.fetch('select 1')
}

async function otherPool(): Promise<void> {
  if (Math.random() < 0.8) return
  const other: Pool = await createPool(dsn, { minSize: 2, maxSize: 3, serverSettings })
  try {
    await Promise.all([other.fetch('select 1'), other.transaction((tx) => tx.fetch('select 2'))])
  } finally {
    if (Math.random() < 0.5) await other.close()
    else other.terminate()
  }
}

/** What may be thrown while backends are killed and callers give up. */
function mayBe(error: unknown): boolean {
  return (
    error instanceof PostgresError ||
    error instanceof TimeoutError ||
    error instanceof GivenUp ||
    // The body's own pool may be told so when it was terminated.
    (error instanceof InterfaceError && /pool is clos|is closed|released back/.test(error.message))
  )
}

async function round(first: number, count: number): Promise<{ kills: number; failures: number }> {
  let next = 0
  let failures = 0
  let isOver = false
  const caller = async (): Promise<void> => {
    while (next < count) {
      const n = first + next++
      try {
        await DECK[randomInt(DECK.length)]!(n)
      } catch (error) {
        if (!mayBe(error)) throw error
        failures++
      }
      // A leaked connection is only seen when it is collected.
      if (n % 500 === 0) gc()
    }
  }
  let kills = 0
  const killing = (async () => {
    while (!isOver) {
      kills += (await killer.fetchValue<number>(
        `select count(pg_terminate_backend(pid))::int from (
           select pid from pg_stat_activity where application_name = $1 order by random() limit 1) victims`,
        [NAME],
      )) as number
      await delay(randomInt(50, 150))
    }
  })()
  await Promise.all(Array.from({ length: 32 }, caller))
  isOver = true
  await killing
  await pool.expireConnections()
  await killer.execute('truncate soaked')
  return { kills, failures }
}

/** Everything is back: no caller waits, no connection is out, none leaves. */
async function settled(): Promise<number> {
  for (const end = performance.now() + 30_000; performance.now() < end; await delay(20)) {
    gc()
    const backends = (await killer.fetchValue(
      'select count(*)::int from pg_stat_activity where application_name = $1',
      [NAME],
    )) as number
    const { size, idle, waiting } = pool.getStats()
    if (idle === size && waiting === 0 && backends === size) return backends
  }
  throw new Error(`the pool did not come to rest: ${JSON.stringify(pool.getStats())}`)
}

const descriptors = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)
let others = 0

const end = length.endsWith('m') ? performance.now() + Number.parseFloat(length) * 60_000 : undefined
const count = Number(amount)
for (let n = 0; end === undefined ? n < Number(length) : n < 5 || performance.now() < end; n++) {
  const { kills, failures } = await round(n * count, count)
  const backends = await settled()
  for (let i = 0; i < 4; i++) {
    gc()
    await delay(20)
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const size = pool.getSize()
  // A descriptor for each connection, and those that the process had before it opened them.
  others = descriptors() - size
  console.log(
    'round',
    JSON.stringify({
      rss,
      heapUsed,
      external,
      arrayBuffers,
      descriptors: others,
      backends,
      size,
      kills,
      failures,
    }),
  )
}
await pool.close()
await killer.close()
// The driver closes sockets behind the calls that end them.
for (const end = performance.now() + 20_000; descriptors() >= others && performance.now() < end; )
  await delay(5)
console.log('end', JSON.stringify({ descriptors: descriptors(), warned: Object.fromEntries(warned) }))
