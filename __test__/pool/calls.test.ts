// Calls on the pool itself: they share connections, and none waits behind what is slow.

import test, { type ExecutionContext } from 'ava'
import {
  ConnectionDoesNotExistError,
  DataError,
  DivisionByZeroError,
  InterfaceError,
  QueryCanceledError,
  sql,
  TimeoutError,
} from '../../index.ts'
import { barrier, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { eventually, syncsSent, until } from '../support/waiting.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'
import { openPool, openWatchedPool, pidOf, type WatchedPool } from './open.ts'

test('every kind of call runs on the pool', async (t) => {
  const pool = await openPool(t)
  t.is(await pool.execute('create table called (n int)'), 'CREATE TABLE')
  t.is(await pool.execute('insert into called select generate_series(1, $1::int)', [3]), 'INSERT 0 3')
  t.deepEqual(await pool.fetch('select n from called order by n limit 2'), [{ n: 1 }, { n: 2 }])
  t.deepEqual(await pool.fetchRow('select n from called where n = $1', [3]), { n: 3 })
  t.is(await pool.fetchValue('select sum(n)::int from called'), 6)
  const { rows, command, rowCount, columns } = await pool.query(sql`select n from called where n < ${2}`, {
    rows: 'array',
  })
  t.deepEqual(rows, [[1]])
  t.is(command, 'SELECT')
  t.is(rowCount, 1)
  t.is(columns[0]!.name, 'n')
})

/** Twenty calls are on their way before the first one is answered, and each gets its own answer. */
async function areSentTogether(t: ExecutionContext, { pool, proxy, link }: WatchedPool): Promise<void> {
  const before = syncsSent(link)
  proxy.set({ cut: { after: link.bytesToClient, how: 'hold', direction: 'toClient' } })
  const calls = Array.from({ length: 20 }, (_, i) => pool.fetchValue('select $1::int', [i]))
  await until('the calls are sent', () => syncsSent(link) === before + 20)
  proxy.set({ cut: { after: Number.POSITIVE_INFINITY, how: 'hold', direction: 'toClient' } })
  t.deepEqual(
    await Promise.all(calls),
    Array.from({ length: 20 }, (_, i) => i),
  )
}

test('calls made together share connections, several in flight on one', async (t) => {
  const watched = await openWatchedPool(t)
  const { pool } = watched
  await pool.fetchValue('select $1::int', [0])
  await areSentTogether(t, watched)
  t.is(pool.getStats().acquired, 21)
})

test('no more than maxInFlight calls are on one connection, and none shares one without pipelining', async (t) => {
  for (const pipeline of [{ maxInFlight: 2 }, false] as const) {
    const pool = await openPool(t, { maxSize: 1, pipeline })
    const { key, open } = await barrier(t)
    const first = pool.fetch('select pg_advisory_lock_shared($1)', [key]).catch(() => {})
    const others = Array.from({ length: 6 }, (_, i) => pool.fetchValue('select $1::int', [i]))
    t.is(pool.getWaitingCount(), 6)
    await open()
    await first
    t.deepEqual(await Promise.all(others), [0, 1, 2, 3, 4, 5])
  }
})

test('a call that begins a transaction has no other ones in it, and is rolled back alone', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.execute('create table beside_begin (n int)')
  for (const begin of ['begin', 'start transaction']) {
    await Promise.all([
      pool.fetch(begin),
      pool.fetch('insert into beside_begin values (1)'),
      pool.query(begin),
      pool.fetch('insert into beside_begin values (2)'),
    ])
  }
  t.false(await pool.withConnection((connection) => connection.isInTransaction()))
  const database = await testDatabase()
  t.is((await database.admin('select n from beside_begin')).length, 4)
})

test('each call has its own error', async (t) => {
  const pool = await openPool(t, { maxSize: 2 })
  const settled = await Promise.allSettled([
    pool.fetchValue('select 1'),
    pool.fetchValue('select 1/0'),
    pool.fetchValue('select $1::int', ['not a number']),
    pool.fetchValue('select $1::int', [{}]),
    pool.fetchValue('select 2'),
    pool.fetch(7 as never),
    pool.fetch('select 1', [], { timeouts: 1 } as never),
  ])
  const [one, zero, text, object, two, wrong, option] = settled.map((end) =>
    end.status === 'fulfilled' ? end.value : end.reason,
  )
  t.is(one, 1)
  t.is(two, 2)
  t.true(zero instanceof DivisionByZeroError)
  t.true(text instanceof DataError)
  t.true(object instanceof DataError)
  t.true(wrong instanceof InterfaceError)
  t.true(option instanceof InterfaceError)
})

test('nothing is sent behind a statement that is slow, as long as there is another way', async (t) => {
  const pool = await openPool(t, { maxSize: 2, serverSettings: { application_name: 'slow' } })
  const { key, open } = await barrier(t)
  await pool.fetchValue('select 0')
  const slow = pool.fetchValue('select 1 from (select pg_advisory_xact_lock_shared($1)) _', [key])
  await until('the slow call runs', async () => (await waitingLocks()) > 0)
  // Each of them would wait for the slow one if it were sent behind it.
  for (let i = 0; i < 50; i++) t.is(await pool.fetchValue('select $1::int', [i]), i)
  await open()
  t.is(await slow, 1)
})

async function waitingLocks(): Promise<number> {
  const [row] = await (await testDatabase()).admin(
    "select count(*) as n from pg_stat_activity where wait_event = 'advisory' and application_name = 'slow'",
  )
  return Number(row!.n)
}

test('a text that was slow gets a connection alone', async (t) => {
  const pool = await openPool(t, { maxSize: 2, minSize: 2 })
  const slow = 'select 1 from (select pg_sleep($1)) _'
  for (let i = 0; i < 3; i++) await pool.fetchValue(slow, [0.05])
  const running = [pool.fetchValue(slow, [0.2]), pool.fetchValue(slow, [0.2])]
  t.is(pool.getIdleSize(), 0)
  // Nothing is free, and the next one waits in place of being sent behind them.
  const third = pool.fetchValue('select 3')
  t.is(pool.getWaitingCount(), 1)
  t.is(await third, 3)
  await Promise.all(running)
})

test('calls share connections to a server that is far away', async (t) => {
  const watched = await openWatchedPool(t)
  const { pool, proxy } = watched
  proxy.set({ latency: 10 })
  // Each takes longer than what is slow beside fast ones.
  for (let i = 0; i < 60; i++) await pool.fetchValue('select $1::int', [i])
  await areSentTogether(t, watched)
})

test('a transaction has its connection alone', async (t) => {
  const pool = await openPool(t, { maxSize: 2 })
  await pool.transaction(async (tx) => {
    const own = await tx.fetchValue('select pg_backend_pid()')
    const pids = await Promise.all(Array.from({ length: 20 }, () => pidOf(pool)))
    t.false(pids.includes(own as number))
  })
})

test('who wants a connection alone gets one although calls keep coming', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  let stop = false
  const workers = Array.from({ length: 8 }, async () => {
    while (!stop) await pool.fetchValue('select 1')
  })
  for (let i = 0; i < 20; i++) {
    await pool.withConnection(async (connection) => t.is(await connection.fetchValue('select 7'), 7))
  }
  stop = true
  await Promise.all(workers)
  t.is(pool.getIdleSize(), 1)
})

test('the timeout of a call counts its wait for a connection', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const held = await pool.acquire()
  const error = await reason(pool.fetch('select 1', [], { timeout: 20 }))
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'acquire')
  const abort = new AbortController()
  const aborted = pool.fetch('select 1', [], { signal: abort.signal })
  abort.abort(new Error('enough'))
  t.is((await reason(aborted)).message, 'enough')
  await held.release()
  t.is((await reason(pool.fetch('select pg_sleep(60)', [], { timeout: 50 }))).phase, 'query')
  t.is(await pool.fetchValue('select 1', [], { timeout: 10_000 }), 1)
  t.true((await reason(pool.fetch('select 1', [], { timeout: 0 }))) instanceof TimeoutError)
  t.is(pool.getIdleSize() + pool.getStats().inUse, 1)
})

test('an aborted call is cancelled on the server, and harms no other one', async (t) => {
  const pool = await openPool(t, { maxSize: 2, serverSettings: { application_name: 'aborted' } })
  const abort = new AbortController()
  const sleeping = pool.fetch('select pg_sleep(60)', [], { signal: abort.signal })
  const others = Array.from({ length: 10 }, (_, i) => pool.fetchValue('select $1::int', [i]))
  await until('it sleeps', async () => {
    const [row] = await (await testDatabase()).admin(
      "select count(*) as n from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'aborted'",
    )
    return Number(row!.n) === 1
  })
  abort.abort(new Error('enough'))
  t.is((await reason(sleeping)).message, 'enough')
  const settled = await Promise.allSettled(others)
  t.false(settled.some((s) => s.status === 'rejected' && !(s.reason instanceof QueryCanceledError)))
  t.deepEqual(
    settled.map((s) => (s.status === 'fulfilled' ? s.value : s.reason)),
    Array.from({ length: 10 }, (_, i) => i),
  )
  t.true(await eventually(() => pool.getIdleSize() === pool.getSize()))
})

test('a call that was given up leaves its place when the server is done with it, and nothing is asked for that', async (t) => {
  const { pool, link } = await openWatchedPool(t)
  t.is(await pool.fetchValue('select $1::int', [0]), 0)
  const before = syncsSent(link)
  const abort = new AbortController()
  const sleeping = pool.fetch('select $1::int from pg_sleep(60)', [1], { signal: abort.signal })
  await until('it runs', () => syncsSent(link) >= before + 2)
  t.is(pool.getIdleSize(), 0)
  abort.abort(new Error('enough'))
  t.is((await reason(sleeping)).message, 'enough')
  await until('its place is free', () => pool.getIdleSize() === 1)
  const sent = messageTypes(readTrace(link.captured.toServer, 1))
  t.false(sent.includes('Q'), sent)
  t.is(await pool.fetchValue('select $1::int', [2]), 2)
})

test('arguments are sent as they stood at the call', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const held = await pool.acquire()
  const args = [1]
  const waiting = pool.fetchValue('select $1::int', args)
  args[0] = 2
  await held.release()
  t.is(await waiting, 1)
})

test('with a setup or reset hook each call has a connection alone, on which the hooks run', async (t) => {
  const pool = await openPool(t, {
    maxSize: 2,
    setup: async (connection) => void (await connection.execute("set application_name = 'prepared'")),
  })
  const names = await Promise.all(Array.from({ length: 10 }, () => pool.fetchValue('show application_name')))
  t.deepEqual([...new Set(names)], ['prepared'])
})

test('a killed backend harms what was on it, and the next calls run', async (t) => {
  const pool = await openPool(t, { maxSize: 2, serverSettings: { application_name: 'killed' } })
  await pool.fetchValue('select 1')
  const sleeping = pool.fetch('select pg_sleep(60)')
  const database = await testDatabase()
  await until('it is killed', async () => {
    const rows = await database.admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'killed'",
    )
    return rows.length > 0
  })
  const error = await reason(sleeping)
  t.true(error.sqlstate === '57P01' || error instanceof ConnectionDoesNotExistError)
  t.is(error.maybeExecuted, true)
  t.is(await pool.fetchValue('select 1'), 1)
})
