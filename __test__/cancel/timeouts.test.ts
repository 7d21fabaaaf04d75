import test, { type ExecutionContext } from 'ava'
import { connect, InFailedSQLTransactionError, InterfaceError, TimeoutError } from '../../index.ts'
import { barrier, call, open, reason } from '../query/open.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { GUARD_MS, until } from '../support/waiting.ts'

const calls = ['execute', 'fetch', 'fetchRow', 'fetchValue'] as const

function isTimeout(t: ExecutionContext, error: any): void {
  t.true(error instanceof TimeoutError, String(error))
  t.like(error, { name: 'TimeoutError', code: 'ETIMEDOUT', phase: 'query' })
}

test('a call that takes longer than its timeout rejects, and the connection goes on', async (t) => {
  const connection = await open(t)
  for (const name of calls) {
    const begin = performance.now()
    const error = await reason(call(connection, name, 'select pg_sleep(60)', [], { timeout: 50 }))
    isTimeout(t, error)
    t.is(error.message, 'query timed out after 50 ms')
    const took = performance.now() - begin
    t.true(took >= 45, `${took} ms`)
    t.is(await connection.fetchValue('select 1'), 1)
    t.true(performance.now() - begin < GUARD_MS, 'the server was not asked to cancel')
  }
})

test('zero and less reject at once and send nothing', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table untouched(a int)')
  for (const timeout of [0, -0, -1, Number.NEGATIVE_INFINITY]) {
    for (const name of calls) {
      isTimeout(t, await reason(call(connection, name, 'insert into untouched values (1)', [], { timeout })))
    }
  }
  t.is(await connection.fetchValue('select count(*) from untouched'), 0)
})

test('null and Infinity are no limit, also where commandTimeout is one', async (t) => {
  const connection = await open(t, { commandTimeout: 100 })
  isTimeout(t, await reason(connection.fetch('select pg_sleep(30)')))
  for (const timeout of [null, Number.POSITIVE_INFINITY, 1e300, 2 ** 32, 60_000]) {
    t.is(await connection.fetchValue('select 1 from pg_sleep(0.2)', [], { timeout }), 1)
  }
  isTimeout(t, await reason(connection.fetch('select pg_sleep(30)', [], { timeout: undefined as any })))
  isTimeout(t, await reason(connection.fetch('select pg_sleep(30)', [], { timeout: 20.5 })))
  const error = await reason(connection.execute('select pg_sleep(30)'))
  t.is(error.message, 'query timed out after 100 ms')
})

test('what is no duration is refused', async (t) => {
  const connection = await open(t)
  for (const timeout of [Number.NaN, true, false, '1', {}, [], 1n, Symbol('x')] as any[]) {
    for (const name of calls) {
      const error = await reason(call(connection, name, 'select 1', [], { timeout }))
      t.true(error instanceof InterfaceError, String(timeout))
      t.regex(error.message, /^invalid timeout value: expected a number of milliseconds or null, got /)
    }
    t.true((await reason(connection.close({ timeout }))) instanceof InterfaceError)
    t.true((await reason(connection.reset({ timeout }))) instanceof InterfaceError)
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('the time spent behind other calls counts', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table waited(a int)')
  const blocked = await barrier(t)
  const running = connection.fetchValue('select 7 from pg_advisory_lock_shared($1)', [blocked.key])
  // Sent behind, unsent behind a script, and a script itself.
  const waiting = await Promise.all([
    reason(connection.fetch('select 1', [], { timeout: 50 })),
    reason(connection.execute('select 2', [], { timeout: 50 })),
    reason(connection.execute('insert into waited values (1)', [], { timeout: 50 })),
    reason(connection.fetch('insert into waited values ($1)', [2], { timeout: 50 })),
  ])
  for (const error of waiting) isTimeout(t, error)
  await blocked.open()
  t.is(await running, 7)
  t.deepEqual(await connection.fetch('table waited'), [])
})

test('a timeout leaves a transaction failed, and prepared statements as they were', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select $1::int', [1]), 1)
  t.is(await connection.fetchValue('select pg_sleep($1)', [0]), null)
  // It is prepared, so that it is sent at once: long before its time is up, even on a machine that pauses.
  const timesOutAsleep = async (): Promise<void> => {
    isTimeout(t, await reason(connection.fetch('select pg_sleep($1)', [60], { timeout: 1_000 })))
  }
  await connection.execute('begin')
  await timesOutAsleep()
  t.true((await reason(connection.fetch('select $1::int', [1]))) instanceof InFailedSQLTransactionError)
  t.true(connection.isInTransaction())
  await connection.execute('rollback')
  t.is(await connection.fetchValue('select $1::int', [2]), 2)
  await timesOutAsleep()
  t.is(await connection.fetchValue('select 3 from pg_sleep($1)', [0]), 3)
})

test('500 timeouts of next to nothing never hit the query behind them', async (t) => {
  const connection = await open(t)
  let timedOut = 0
  for (let n = 0; n < 500; n++) {
    const error = await connection.fetch('select pg_sleep(60)', [], { timeout: 1 + (n % 3) }).catch((e) => e)
    if (error instanceof TimeoutError) timedOut++
    else t.fail(String(error))
    t.is(await connection.fetchValue('select $1::int', [n]), n)
  }
  t.is(timedOut, 500)
})

test('timeouts about as long as the query give a result or a TimeoutError, nothing else', async (t) => {
  const connection = await open(t)
  for (let n = 0; n < 300; n++) {
    const [value, behind] = await Promise.all([
      connection
        .fetchValue('select 1 from pg_sleep(0.003)', [], { timeout: 1 + (n % 6) })
        .catch((error) => error),
      connection.fetchValue('select $1::int', [n]),
    ])
    t.true(value === 1 || value instanceof TimeoutError, String(value))
    t.is(behind, n)
  }
})

test('a result that is being read when the time is up is dropped', async (t) => {
  const database = await testDatabase()
  const { host, port } = database.server
  await using proxy = await ChaosProxy.start({ target: { host, port } })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const connection = await connect(dsn)
  t.teardown(() => connection.terminate())
  const [link] = proxy.connections
  for (const read of [100, 10_000, 1_000_000]) {
    // So much of it comes before the time is up, the rest afterwards.
    const after = link!.bytesToClient + read
    proxy.set({ cut: { after, how: 'hold', direction: 'toClient' } })
    const sql = "select repeat('x', 1000) from generate_series(1, 100000)"
    const call = reason(connection.fetch(sql, [], { timeout: 2_000 }))
    await until(`${read} bytes are read`, () => link!.bytesToClient === after)
    isTimeout(t, await call)
    proxy.set({ cut: { after: Number.POSITIVE_INFINITY, how: 'hold', direction: 'toClient' } })
    t.is((await connection.fetch('select generate_series(1, 3)')).length, 3)
  }
})

test('many calls in flight keep their own limits', async (t) => {
  const connection = await open(t)
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      n % 50 === 0
        ? connection.fetch('select pg_sleep(60)', [], { timeout: 30 }).catch((error) => error.name)
        : connection.fetchValue('select $1::int', [n], { timeout: 20_000 }),
    ),
  )
  t.deepEqual(
    results,
    Array.from({ length: 200 }, (_, n) => (n % 50 === 0 ? 'TimeoutError' : n)),
  )
})
