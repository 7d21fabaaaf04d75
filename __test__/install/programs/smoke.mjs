// What a user does with the driver, in plain JavaScript that every runtime runs. Each step says that it was done;
// a step that gives something else, or never ends, ends the program with a failure.
//
// usage: smoke.mjs <DSN> <the authority's certificate in PEM>

import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { connect, createPool, errors, QueryCanceledError, UniqueViolationError } from 'cornac'

const [dsn, ca] = process.argv.slice(2)

/** Longer than a busy machine needs; a step that is stuck ends so, and says which it was. */
const STUCK_MS = 60_000

async function step(name, run) {
  const guard = setTimeout(() => {
    console.log(`stuck: ${name}`)
    process.exit(70)
  }, STUCK_MS)
  await run()
  clearTimeout(guard)
  console.log(`done: ${name}`)
}

let connection

await step('connect', async () => {
  connection = await connect(dsn)
  assert.ok(connection.getServerVersion().major >= 13)
})

await step('query', async () => {
  const rows = await connection.fetch(
    'select $1::int4 as n, $2::text as t, $3::jsonb as j, $4::bytea as b, $5::timestamptz as d, $6::int8 as i',
    [7, 'naïve ✓', { a: [1, null] }, new Uint8Array([0, 255]), new Date(0), 2n ** 60n],
  )
  assert.deepEqual(rows, [
    { n: 7, t: 'naïve ✓', j: { a: [1, null] }, b: Buffer.from([0, 255]), d: new Date(0), i: 2n ** 60n },
  ])
  assert.equal(Object.getPrototypeOf(rows[0]), Object.prototype)
  const many = await connection.fetch('select n, repeat(n::text, 10) t from generate_series(1, 20000) n')
  assert.equal(many.length, 20_000)
  assert.deepEqual(many[19_999], { n: 20_000, t: '20000'.repeat(10) })
  // Larger than the buffer that results come in.
  const large = await connection.fetchRow(
    "select repeat('ä', 200000) t, decode(repeat('ff', 400000), 'hex') b",
  )
  assert.equal(large.t, 'ä'.repeat(200_000))
  assert.deepEqual(large.b, Buffer.alloc(400_000, 255))
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, n) => connection.fetchValue('select $1::int4 * 2', [n])),
  )
  assert.deepEqual(
    answers,
    Array.from({ length: 500 }, (_, n) => n * 2),
  )
})

await step('error', async () => {
  await connection.execute('create temp table once (id int primary key)')
  await connection.execute('insert into once values (1)')
  const error = await connection.execute('insert into once values ($1)', [1]).catch((error) => error)
  assert.ok(error instanceof UniqueViolationError)
  assert.ok(error instanceof errors.IntegrityConstraintViolationError)
  assert.equal(error.sqlstate, '23505')
  // Bun's stacks hold no callers beyond an await.
  if (globalThis.Bun === undefined) assert.match(error.stack, /smoke\.mjs/)
})

await step('transaction', async () => {
  await connection.transaction(async (tx) => {
    await tx.execute('insert into once values (2)')
    await tx.transaction(async (inner) => inner.execute('insert into once values (1)')).catch(() => {})
  })
  assert.equal(await connection.fetchValue('select count(*) from once'), 2)
})

await step('cursor', async () => {
  let sum = 0
  await connection.transaction(async () => {
    for await (const { n } of connection.cursor('select generate_series(1, 1000) n')) sum += n
  })
  assert.equal(sum, 500_500)
})

await step('copy', async () => {
  await connection.execute('create temp table place (id int, name text)')
  await connection.copyRecordsToTable('place', {
    records: [
      [1, 'Aberdeen'],
      [2, null],
    ],
  })
  await connection.copyToTable('place', { source: Readable.from([Buffer.from('3\tÖrebro\n')]) })
  const chunks = []
  await connection.copyFromTable('place', { output: async (chunk) => void chunks.push(chunk), format: 'csv' })
  assert.equal(Buffer.concat(chunks).toString(), '1,Aberdeen\n2,\n3,Örebro\n')
  const stream = new PassThrough()
  const read = stream.toArray()
  await connection.copyFromQuery('select n from generate_series(1, $1::int) n', [3], { output: stream })
  assert.equal(Buffer.concat(await read).toString(), '1\n2\n3\n')
})

await step('notifications', async () => {
  const heard = new Promise((resolve) => {
    connection.addListener('smoke', (_connection, _pid, channel, payload) => resolve({ channel, payload }))
  })
  await connection.execute("select pg_notify('smoke', 'hello')")
  assert.deepEqual(await heard, { channel: 'smoke', payload: 'hello' })
})

await step('cancel', async () => {
  const controller = new AbortController()
  const call = connection.fetch('select pg_sleep(600)', [], { signal: controller.signal })
  const other = await connect(dsn)
  const pid = connection.getServerPid()
  const asleep = "select wait_event = 'PgSleep' from pg_stat_activity where pid = $1"
  while (!(await other.fetchValue(asleep, [pid]))) {}
  controller.abort(new Error('enough'))
  await assert.rejects(call, { message: 'enough' })
  assert.equal(await connection.fetchValue('select 1'), 1)
  const limited = connection.fetch('select pg_sleep(600)', [], { timeout: 20 })
  await assert.rejects(limited, { name: 'TimeoutError' })
  assert.equal(await connection.fetchValue('select 2'), 2)
  // Held before it is cancelled: its error comes before or after the answer to the other connection.
  const cancelled = assert.rejects(
    connection.fetch('select pg_sleep(600)'),
    (error) => error instanceof QueryCanceledError,
  )
  while (!(await other.fetchValue(asleep, [pid]))) {}
  await other.fetchValue('select pg_cancel_backend($1)', [pid])
  await cancelled
  await other.close()
})

await step('pool', async () => {
  const pool = await createPool(dsn, { maxSize: 4 })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => pool.fetchValue('select $1::int4', [n])),
  )
  assert.equal(answers[199], 199)
  await pool.transaction(async (tx) => assert.equal(await tx.fetchValue('select 1'), 1))
  await pool.close()
  assert.equal(pool.getSize(), 0)
})

await step('tls', async () => {
  const secure = await connect(dsn, { ssl: { ca } })
  assert.equal(await secure.fetchValue('select ssl from pg_stat_ssl where pid = pg_backend_pid()'), true)
  await secure.close()
  await assert.rejects(connect(dsn, { ssl: { ca: [] } }))
})

await step('refused', async () => {
  await assert.rejects(connect('postgresql://u@127.0.0.1:1/d'), (error) => {
    assert.ok(error instanceof errors.ConnectionFailureError)
    assert.equal(error.cause.code, 'ECONNREFUSED')
    return true
  })
})

await step('worker', async () => {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { dsn } })
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  const said = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  assert.equal(said, 42)
  assert.equal(await connection.fetchValue('select 43'), 43)
  assert.equal(await exited, 0)
})

await step('close', async () => {
  await connection.close()
  await assert.rejects(connection.fetchValue('select 1'), (error) => error instanceof errors.InterfaceError)
})

// An open connection that nobody uses does not hold the process: it ends by itself after this line.
await connect(dsn)
console.log('finished')
