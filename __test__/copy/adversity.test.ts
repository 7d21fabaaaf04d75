// COPY of servers that are killed in the midst of it, and of more data than memory takes.

import test from 'ava'
import { ConnectionDoesNotExistError } from '../../index.ts'
import { isLong, outcome } from '../adversity/outcome.ts'
import { open } from '../query/open.ts'
import { Gate } from '../support/gate.ts'

const { serial } = test

const endless = "select repeat('x', 1000), generate_series(1, 1000000000)"

serial('a session that is killed in the midst of a COPY out rejects, whatever its output does', async (t) => {
  const admin = await open(t)
  for (const isBusy of [false, true]) {
    const connection = await open(t)
    const gate = new Gate()
    if (!isBusy) gate.open()
    const copy = outcome(
      connection.copyFromQuery(endless, [], {
        output: () => gate.pass(),
        ...(isBusy ? { timeout: 2_000 } : {}),
      }),
    )
    await gate.reached
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
  // A quarter of the data: garbage counts too, until the runtime collects it.
  const limit = 128 * 2 ** 20
  const rows = (isLong ? 10_000 : 500) * 1_000
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
  t.true(most < limit)
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
  t.true(most < limit)
})
