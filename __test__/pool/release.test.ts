// What a connection leaves behind, and that the next caller finds none of it.

import test from 'ava'
import { type Connection, InterfaceError, type PoolConnection, TimeoutError } from '../../index.ts'
import { reason } from '../query/open.ts'
import { eventually, syncsSent, untilGone } from '../support/waiting.ts'
import { openPool, openWatchedPool, pidOf, warnings } from './open.ts'

/** What leaves something behind, and a question whose answer shows it. */
const TRACES: readonly { name: string; leave: (c: PoolConnection) => Promise<unknown>; ask: string }[] = [
  { name: 'a setting', leave: (c) => c.execute("set work_mem = '7MB'"), ask: 'show work_mem' },
  {
    name: 'a setting made by a function',
    leave: (c) => c.fetch("select set_config('work_mem', '7MB', false)"),
    ask: 'show work_mem',
  },
  {
    name: 'a setting behind another statement',
    leave: (c) => c.execute("select 1; set work_mem = '7MB'"),
    ask: 'show work_mem',
  },
  { name: 'a role', leave: (c) => c.execute('set role pg_monitor'), ask: 'select current_user::text' },
  {
    name: 'a session authorization',
    leave: (c) => c.execute('set session authorization pg_monitor'),
    ask: 'select session_user::text',
  },
  {
    name: 'a role set by a function',
    leave: (c) => c.fetch("select set_config('role', 'pg_monitor', false)"),
    ask: 'select current_user::text',
  },
  {
    name: 'a session authorization set as a setting',
    leave: (c) => c.execute("set session_authorization = 'pg_monitor'"),
    ask: 'select session_user::text',
  },
  {
    name: 'an advisory lock',
    leave: (c) => c.fetch('select pg_advisory_lock(hashtext(current_database()))'),
    ask: "select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
  },
  {
    name: 'a temporary table',
    leave: (c) => c.execute('create temp table left_behind (n int)'),
    ask: "select coalesce(to_regclass('pg_temp.left_behind')::text, 'none')",
  },
  {
    name: 'a temporary table made by SELECT INTO',
    leave: (c) => c.execute('select 1 as n into temporary left_behind'),
    ask: "select coalesce(to_regclass('pg_temp.left_behind')::text, 'none')",
  },
  ...[
    'create /* for now */ temp table left_behind (n int)',
    'explain analyze create temp table left_behind as select 1 as n',
    'do $$ begin create temp table left_behind (n int); end $$',
  ].map((sql) => ({
    name: `a temporary table made by ${sql}`,
    leave: (c: PoolConnection) => c.fetch(sql),
    ask: "select coalesce(to_regclass('pg_temp.left_behind')::text, 'none')",
  })),
  {
    name: 'a channel',
    leave: (c) => c.execute('listen somewhere'),
    ask: 'select count(*)::int from pg_listening_channels()',
  },
  {
    name: 'a statement prepared by hand',
    leave: (c) => c.execute('prepare by_hand as select 1'),
    ask: "select count(*)::int from pg_prepared_statements where name = 'by_hand'",
  },
  {
    name: 'a cursor with hold',
    leave: (c) => c.execute('begin; declare kept cursor with hold for select 1; commit'),
    ask: "select count(*)::int from pg_cursors where name = 'kept'",
  },
  {
    name: 'a setting made in a block of code',
    leave: (c) => c.execute("do $$ begin perform set_config('work_mem', '7MB', false); end $$"),
    ask: 'show work_mem',
  },
  {
    name: 'an open transaction',
    leave: (c) => c.execute('begin; set local work_mem = $$7MB$$'),
    ask: 'show work_mem',
  },
  {
    name: 'a transaction opened by fetch',
    leave: (c) => c.fetch('begin isolation level serializable'),
    ask: 'show transaction_isolation',
  },
  {
    name: 'a failed transaction',
    leave: async (c) => {
      await c.execute('begin')
      await c.fetch('select 1/0').catch(() => {})
    },
    ask: 'show work_mem',
  },
]

for (const { name, leave, ask } of TRACES) {
  test(`the next caller does not find ${name}`, async (t) => {
    const pool = await openPool(t, { maxSize: 1 })
    const clean = await pool.fetchValue(ask)
    const connection = await pool.acquire()
    await leave(connection)
    await connection.release()
    t.deepEqual(await pool.fetchValue(ask), clean)
    t.deepEqual(await pool.withConnection((next) => next.fetchValue(ask)), clean)
  })

  test(`nor does a call on the pool itself leave ${name}`, async (t) => {
    const pool = await openPool(t, { maxSize: 1 })
    const clean = await pool.fetchValue(ask)
    await leave(pool as unknown as PoolConnection)
    t.deepEqual(await pool.fetchValue(ask), clean)
  })
}

test('a session in which nothing was changed is released without a round trip', async (t) => {
  const { pool, link } = await openWatchedPool(t)
  const use = () =>
    pool.withConnection(async (connection) => {
      await connection.fetch('select $1::int', [1])
      await connection.transaction((tx) => tx.fetchValue("select set_config('app.user', 'x', true)"))
    })
  await use()
  const before = syncsSent(link)
  await use()
  // The query, BEGIN together with the statement, and COMMIT.
  t.is(syncsSent(link) - before, 3)
  await pool.withConnection((connection) => connection.execute("set work_mem = '5MB'"))
  t.is(await pool.fetchValue('show work_mem'), '4MB')
})

test('cached statements stay', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const sql = 'select $1::int + 4711'
  await pool.withConnection(async (connection) => {
    await connection.fetch(sql, [1])
    await connection.execute("set work_mem = '5MB'")
  })
  const count =
    "select count(*)::int from pg_prepared_statements where statement like '%4711%' and statement not like '%pg_prepared%'"
  t.is(await pool.fetchValue(count), 1)
})

test('a query that was given up is over before the next caller has the session', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const connection = await pool.acquire()
  const abort = new AbortController()
  const sleeping = connection.fetch('select pg_sleep(60)', [], { signal: abort.signal })
  await connection.fetchValue('select 1', [], { timeout: 1 }).catch(() => {})
  abort.abort(new Error('enough'))
  await reason(sleeping)
  await connection.release()
  t.is(await pool.fetchValue('select 5'), 5)
})

test('a call that nobody waited for ends before the next caller has the session', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const connection = await pool.acquire()
  const stray = connection.fetchValue('select 1 from pg_sleep(0.05)')
  await connection.release()
  t.is(await stray, 1)
  t.is(await pool.fetchValue('select 2'), 2)
})

test('statements that were prepared and not closed leave the session, and so do their names', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const count = 'select count(*)::int from pg_prepared_statements where from_sql or statement like $1'
  for (const name of ['by_hand', 'by_hand', undefined]) {
    const statement = await pool.withConnection(async (connection) => {
      const made = await connection.prepare('select 4712', { name })
      t.is(await made.fetchValue(), 4712)
      return made
    })
    t.is(await pool.fetchValue(count, ['%4712']), 0)
    t.true((await reason(statement.fetch())) instanceof InterfaceError)
    await statement.close()
  }
  // Its answer has come when its user is gone.
  const { late } = await pool.withConnection((connection) => ({
    late: connection.prepare('select 4712', { name: 'by_hand' }),
  }))
  await late
  t.is(await pool.fetchValue(count, ['%4712']), 0)
})

test('what an init hook has prepared by name stays for all who get the connection', async (t) => {
  const kept: unknown[] = []
  const pool = await openPool(t, {
    maxSize: 1,
    init: async (connection) => void kept.push(await connection.prepare('select 4713', { name: 'by_init' })),
  })
  for (let i = 0; i < 2; i++) {
    t.is(await pool.withConnection((connection) => connection.fetchValue('execute by_init')), 4713)
  }
})

for (const hook of ['discard all', undefined]) {
  test(`a transaction is rolled back whose BEGIN is on its way at the release, ${hook ? 'ahead of the reset hook' : 'without hooks'}`, async (t) => {
    const seen = warnings(t, 'CORNAC_RESET_IN_TRANSACTION')
    const reset = hook && { reset: async (connection: Connection) => void (await connection.execute(hook)) }
    const pool = await openPool(t, { maxSize: 1, ...reset })
    const connection = await pool.acquire()
    const pid = connection.getServerPid()
    const begin = connection.execute('begin')
    await connection.release()
    await begin
    await pool.withConnection(async (next) => {
      t.is(next.getServerPid(), pid)
      t.false(next.isInTransaction())
    })
    t.true(await eventually(() => seen.length > 0))
  })
}

test('a call that nobody waited for ends also where the session is closed for what it holds', async (t) => {
  const pool = await openPool(t, { maxSize: 1, reset: () => t.fail('there is nothing to reset') })
  const connection = await pool.acquire()
  const pid = connection.getServerPid()
  await connection.execute('create temp table closed_for (n int)')
  const stray = connection.fetchValue('select 1 from pg_sleep(0.05)')
  await connection.release()
  t.is(await stray, 1)
  await untilGone(pid)
})

test('listeners of channels that are left are removed with a warning, and have heard by the connection of the pool', async (t) => {
  const seen = warnings(t, 'CORNAC_RELEASED_WITH_LISTENERS')
  const pool = await openPool(t, { maxSize: 1 })
  const heard: string[] = []
  const stream = await pool.withConnection(async (connection) => {
    await connection.addListener('leftover', (from, pid, channel, payload) => {
      t.is(from, connection)
      t.is(pid, connection.getServerPid())
      heard.push(`${channel} ${payload}`)
    })
    const stream = connection.notifications('leftover')
    await connection.execute("notify leftover, 'one'")
    t.true(await eventually(() => heard.length === 1))
    return stream
  })
  await pool.execute("notify leftover, 'two'")
  t.deepEqual(await pool.fetch('select pg_listening_channels()'), [])
  t.is((await stream.next()).value?.payload, 'one')
  t.true((await stream.next()).done)
  t.deepEqual(heard, ['leftover one'])
  t.true(await eventually(() => seen.length > 0))
  t.true(
    seen.some(
      ({ message }) =>
        message === 'a connection was released to its pool with listeners, 2 of channels: they are removed',
    ),
  )
})

test('log listeners that are left are removed with a warning', async (t) => {
  const seen = warnings(t, 'CORNAC_RELEASED_WITH_LISTENERS')
  const pool = await openPool(t, { maxSize: 1 })
  let heard = 0
  await pool.withConnection(async (connection) => {
    connection.addLogListener((from) => {
      heard++
      t.is(from, connection)
    })
    await connection.execute("do $$ begin raise notice 'one'; end $$")
  })
  await pool.execute("do $$ begin raise notice 'two'; end $$")
  t.true(await eventually(() => heard === 1))
  t.is(heard, 1)
  t.true(
    await eventually(() => seen.some(({ message }) => message.includes('listeners, 1 of the log: they'))),
  )
})

test('a transaction that is left open is rolled back with a warning, and cannot be used on', async (t) => {
  const seen = warnings(t, 'CORNAC_RESET_IN_TRANSACTION')
  const pool = await openPool(t, { maxSize: 1 })
  const connection = await pool.acquire()
  const tx = connection.transaction()
  await tx.start()
  await tx.execute('create table never (n int)')
  await connection.release()
  t.is(await pool.fetchValue("select to_regclass('never')::text"), null)
  for (const use of [tx.execute('create table never (n int)'), tx.commit(), tx.transaction(() => {})]) {
    const error = await reason(use)
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /the transaction was ended by a reset, by the release of its connection or/)
  }
  t.is(await pool.fetchValue("select to_regclass('never')::text"), null)
  t.true(await eventually(() => seen.length > 0))
})

test('the reset hook runs in place of the reset query, and what it throws is thrown by release', async (t) => {
  let fails = false
  const pool = await openPool(t, {
    maxSize: 1,
    reset: async (connection) => {
      if (fails) throw new Error('reset failed')
      await connection.execute("set application_name = 'reset'")
    },
  })
  const connection = await pool.acquire()
  const pid = connection.getServerPid()
  await connection.release()
  t.is(await pool.withConnection((next) => next.fetchValue('show application_name')), 'reset')
  fails = true
  const last = await pool.acquire()
  t.is(last.getServerPid(), pid)
  t.is((await reason(last.release())).message, 'reset failed')
  await untilGone(pid)
  fails = false
  t.not(await pool.withConnection(pidOf), pid)
})

test('a reset that takes too long ends the connection, by the limit of its acquire or of its own', async (t) => {
  const pool = await openPool(t, { maxSize: 1, reset: () => new Promise(() => {}) })
  for (const [acquire, release] of [
    [{ timeout: 200 }, undefined],
    [undefined, { timeout: 20 }],
  ] as const) {
    const connection = await pool.acquire(acquire)
    const pid = connection.getServerPid()
    const error = await reason(connection.release(release))
    t.true(error instanceof TimeoutError)
    await untilGone(pid)
  }
  t.true(await eventually(() => pool.getSize() === 1))
})

test('a connection that its user closed gives its place to another', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  for (const end of ['close', 'terminate'] as const) {
    const connection = await pool.acquire()
    const pid = connection.getServerPid()
    await connection[end]()
    await connection.release()
    t.not(await pool.withConnection(pidOf), pid)
  }
  t.is(pool.getSize(), 1)
})

test('a connection that its user is closing is given to nobody', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  let closing: Promise<void> | undefined
  const pid = await pool.withConnection((connection) => {
    closing = connection.close()
    return connection.getServerPid()
  })
  t.not(await pool.withConnection(pidOf), pid)
  await closing
})

test('neither preparing a statement nor COPY counts towards maxQueries', async (t) => {
  const pool = await openPool(t, { maxSize: 1, maxQueries: 2 })
  const pids = new Set<number>()
  for (let i = 0; i < 3; i++) {
    await pool.withConnection(async (connection) => {
      pids.add(connection.getServerPid())
      const statement = await connection.prepare('select 1')
      await statement.close()
      await connection.copyFromQuery('select 1', [], { output() {} })
    })
    await pool.copyFromQuery('select 1', [], { output() {} })
  }
  t.is(pids.size, 1)
})

test('a connection is replaced after maxQueries calls', async (t) => {
  const pool = await openPool(t, { maxSize: 1, maxQueries: 3 })
  const pids = new Set<number>()
  for (let i = 0; i < 9; i++) pids.add(await pool.withConnection(pidOf))
  t.is(pids.size, 3)
})
