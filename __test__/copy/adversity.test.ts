// COPY on connections that break and servers that are killed: all rows went in or none, and what is said of that is true.

import test, { type ExecutionContext } from 'ava'
import { type Connection, ConnectionDoesNotExistError, connect, PostgresError } from '../../index.ts'
import { isLong, type Outcome, outcome } from '../adversity/outcome.ts'
import { open } from '../query/open.ts'
import { type ChaosOptions, ChaosProxy, type Direction } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { collector } from './ends.ts'

const { serial } = test

interface Played {
  readonly proxy: ChaosProxy
  readonly results: readonly Outcome[]
}

/** A session of two COPYs through a proxy; the table is `cut`. */
async function play(t: ExecutionContext, chaos: Omit<ChaosOptions, 'target'>): Promise<Played> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, ...chaos })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const results: Outcome[] = []
  try {
    const connected = await outcome(connect(dsn))
    results.push(connected)
    if (connected.kind !== 'fulfilled') return { proxy, results }
    const connection = connected.value as Connection
    const output = collector()
    results.push(await outcome(connection.copyRecordsToTable('cut', { records: [[1], [2]] })))
    results.push(await outcome(connection.copyFromQuery('values (1), (2)', [], { output: output.take })))
    if (results.at(-1)?.kind === 'fulfilled') t.is(output.text(), '1\n2\n')
    connection.terminate()
    return { proxy, results }
  } finally {
    await proxy.close()
  }
}

for (const direction of ['toServer', 'toClient'] as Direction[]) {
  serial(`a connection that is cut anywhere ${direction} has kept all rows or none`, async (t) => {
    t.timeout(600_000)
    const admin = await open(t)
    await admin.execute('create table cut (a int)')
    const { proxy, results } = await play(t, { capture: true })
    t.deepEqual(
      results.map(({ kind }) => kind),
      ['fulfilled', 'fulfilled', 'fulfilled'],
    )
    const whole = Buffer.concat(proxy.connections[0]!.captured[direction])
    // The login is cut elsewhere.
    const first = whole.indexOf(direction === 'toServer' ? 'SELECT * FROM' : 'Z\0\0\0\u0005I')
    t.true(first > 0)
    for (let after = first; after < whole.length; after += isLong ? 1 : 7) {
      await admin.execute('truncate cut')
      const where = `cut after ${after} of ${whole.length} bytes`
      const [connected, copied] = (await play(t, { cut: { after, direction, how: 'fin' } })).results
      if (connected?.kind !== 'fulfilled' || copied === undefined) continue
      t.not(copied.kind, 'hung', where)
      // The server may not have noticed yet.
      const others =
        'select count(*) from pg_stat_activity where datname = current_database() and state <> $1'
      await until(where, async () => (await admin.fetchValue(others, ['idle'])) === 1)
      const count = await admin.fetchValue('select count(*) from cut')
      t.true(count === 0 || count === 2, `${where}: ${count} rows`)
      if (copied.kind === 'fulfilled') t.is(count, 2, where)
      if (copied.kind !== 'rejected') continue
      t.true(copied.error instanceof PostgresError, `${where}: ${copied.error}`)
      if (!copied.error.maybeExecuted) t.is(count, 0, `${where}: it is said not to have been executed`)
    }
    await admin.execute('drop table cut')
  })
}

const endless = "select repeat('x', 1000), generate_series(1, 1000000000)"

serial('a session that is killed in the midst of a COPY out rejects, whatever its output does', async (t) => {
  const admin = await open(t)
  for (const isBusy of [false, true]) {
    const connection = await open(t)
    let began!: () => void
    const started = new Promise<void>((resolve) => {
      began = resolve
    })
    const output = (): Promise<void> => {
      began()
      return isBusy ? new Promise(() => {}) : Promise.resolve()
    }
    const copy = outcome(
      connection.copyFromQuery(endless, [], { output, ...(isBusy ? { timeout: 2_000 } : {}) }),
    )
    await started
    await admin.execute('select pg_terminate_backend($1)', [connection.getServerPid()])
    const result = await copy
    t.is(result.kind, 'rejected')
    // Behind a busy output the socket may not be read, so that it is its limit that ends it.
    const { error } = result as { error: any }
    const isLoss = error instanceof ConnectionDoesNotExistError || error.sqlstate === '57P01'
    t.true(isLoss || (isBusy && error.name === 'TimeoutError'), String(error))
  }
})

serial('data of any amount leaves memory flat, out of the server and into it', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  const rows = (isLong ? 10_000 : 200) * 1_000
  const row = 'x'.repeat(999)
  const base = process.memoryUsage.rss()
  let most = 0
  const watch = (): void => {
    most = Math.max(most, process.memoryUsage.rss() - base)
  }
  const slow = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const query = `select '${row}' from (select generate_series(1, ${rows})) x`
  t.is(await connection.copyFromQuery(query, [], { output: slow, onProgress: watch }), `COPY ${rows}`)
  t.log(`out: ${Math.round(most / 2 ** 20)} MiB more at the most`)
  t.true(most < 64 * 2 ** 20)
  await connection.execute('create temp table sink (a text)')
  most = 0
  const piece = Buffer.from(`${row}\n`.repeat(1_000))
  const source = (function* () {
    for (let i = 0; i < rows / 1_000; i++) yield piece
  })()
  const options = { where: 'false', onProgress: watch }
  t.is(await connection.copyToTable('sink', { source, ...options }), 'COPY 0')
  const records = (function* () {
    for (let i = 0; i < rows; i++) yield [row]
  })()
  t.is(await connection.copyRecordsToTable('sink', { records, ...options }), 'COPY 0')
  t.log(`in: ${Math.round(most / 2 ** 20)} MiB more at the most`)
  t.true(most < 96 * 2 ** 20)
})
