// Every call that takes a limit, or has that of its connection, names it as it was given, wherever the time went.

import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { type CallOptions, type Connection, connect, createPool, TimeoutError } from '../../index.ts'
import { openPool } from '../pool/open.ts'
import { barrier, open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { DEAF_SLEEP, until, untilSleeping } from '../support/waiting.ts'

/** Milliseconds. The protocol has whole ones, so that the fraction shows who tells it. */
const LIMIT = 80.5

const SLOW = 'select pg_sleep(60)'

/** Something that never comes. */
async function* never(): AsyncGenerator<never> {
  await new Promise(() => {})
}

type Make = (connection: Connection, options?: CallOptions) => Promise<unknown>

/** What connections, transactions and pools have. `held` is a table that somebody else has locked. */
const queries: { [name: string]: Make } = {
  execute: (on, options) => on.execute(SLOW, undefined, options),
  'execute with arguments': (on, options) => on.execute('select pg_sleep($1)', [60], options),
  fetch: (on, options) => on.fetch(SLOW, [], options),
  fetchRow: (on, options) => on.fetchRow(SLOW, [], options),
  fetchValue: (on, options) => on.fetchValue(SLOW, [], options),
  query: (on, options) => on.query(SLOW, [], options),
  executeMany: (on, options) => on.executeMany('select pg_sleep($1)', [[60]], options),
  fetchMany: (on, options) => on.fetchMany('select pg_sleep($1)', [[60]], options),
  'executeMany from a source that gives nothing': (on, options) =>
    on.executeMany('select $1::int', never(), options),
  copyFromQuery: (on, options) => on.copyFromQuery(SLOW, undefined, { output: () => {}, ...options }),
  'copyFromQuery with arguments': (on, options) =>
    on.copyFromQuery('select pg_sleep($1)', [60], { output: () => {}, ...options }),
  'copyFromQuery whose arguments take long': (on, options) =>
    on.copyFromQuery('select * from held where a = $1', [1], { output: () => {}, ...options }),
  copyFromTable: (on, options) => on.copyFromTable('held', { output: () => {}, ...options }),
  'copyFromTable into an output that takes nothing': (on, options) =>
    on.copyFromTable('free', { output: () => new Promise(() => {}), ...options }),
  copyToTable: (on, options) => on.copyToTable('held', { source: [Buffer.from('1\n')], ...options }),
  'copyToTable from a source that gives nothing': (on, options) =>
    on.copyToTable('free', { source: never(), ...options }),
  copyRecordsToTable: (on, options) => on.copyRecordsToTable('held', { records: [[1]], ...options }),
  'copyRecordsToTable from a source that gives nothing': (on, options) =>
    on.copyRecordsToTable('free', { records: never(), ...options }),
}

const ofConnections: { [name: string]: Make } = {
  ...queries,
  prepare: (on, options) => on.prepare('select * from held', options),
  'a call of a transaction': (on, options) => on.transaction((tx) => tx.fetch(SLOW, [], options)),
  'a statement': async (on, options) => (await on.prepare('select pg_sleep($1)')).fetch([60], options),
  "a statement's executeMany": async (on, options) =>
    (await on.prepare('select pg_sleep($1)')).executeMany([[60]], options),
  "a statement's explain": async (on, options) =>
    (await on.prepare('select pg_sleep($1)')).explain([60], { analyze: true, ...options }),
  'a cursor that is iterated': (on, options) =>
    on.transaction(async (tx) => {
      for await (const _ of tx.connection.cursor(SLOW, [], options)) break
    }),
  'a cursor that is opened': (on, options) =>
    on.transaction(() => on.cursor('select * from held').open(options)),
  "a cursor's fetch": (on, options) => moved(on, (cursor) => cursor.fetch(1, options)),
  "a cursor's fetchRow": (on, options) => moved(on, (cursor) => cursor.fetchRow(options)),
  "a cursor's forward": (on, options) => moved(on, (cursor) => cursor.forward(1, options)),
}

type Opened = Awaited<ReturnType<ReturnType<Connection['cursor']>['open']>>

/** A cursor whose next row never comes. */
function moved(on: Connection, move: (cursor: Opened) => Promise<unknown>): Promise<unknown> {
  return on.transaction(async () => {
    const sql = 'select case when n = 2 then pg_sleep(60) end from generate_series(1, 9) n'
    const cursor = await on.cursor(sql).open()
    await cursor.forward(1)
    return move(cursor)
  })
}

/** What takes no limit of its own, and has its connection's, behind a call that takes long. */
const byDefault: { [name: string]: Make } = {
  reset: (on) => on.reset(),
  addListener: (on) => on.addListener('limits', () => {}),
  setTypeCodec: (on) =>
    on.setTypeCodec({ type: 'pair', format: 'tuple', encode: (v) => v, decode: (v) => v }),
  'the commit of a transaction': async (on) => {
    const tx = on.transaction()
    await tx.start()
    tx.fetch(SLOW, [], { timeout: null }).catch(() => {})
    await tx.commit()
  },
}

let holder: Connection

/** Two tables, one of which is locked while the tests run. */
test.before(async () => {
  holder = await connect((await testDatabase()).dsn())
  await holder.execute('create table free (a int); create table held (a int)')
  await holder.execute('insert into free select generate_series(1, 100)')
  await holder.execute('begin; lock table held')
})

test.after.always(() => holder?.terminate())

function isLate(t: ExecutionContext, error: any, name: string, words: RegExp): void {
  t.true(error instanceof TimeoutError, `${name}: ${String(error)}`)
  t.regex(error.message, words, name)
}

test('every call of a connection names the limit that it was given', async (t) => {
  const connections = Object.entries(ofConnections).map(async ([name, make]) => {
    const error = await reason(make(await open(t), { timeout: LIMIT }))
    isLate(t, error, name, /^query timed out after 80.5 ms$/)
  })
  await Promise.all(connections)
})

test('every call of a connection names the limit that its connection has', async (t) => {
  await Promise.all(
    Object.entries(ofConnections).map(async ([name, make]) => {
      const connection = await open(t, { commandTimeout: LIMIT })
      isLate(t, await reason(make(connection)), name, /^query timed out after 80.5 ms$/)
    }),
  )
  await Promise.all(
    Object.entries(byDefault).map(async ([name, make]) => {
      const connection = await open(t, { commandTimeout: LIMIT })
      connection.execute(SLOW, [], { timeout: null }).catch(() => {})
      isLate(t, await reason(make(connection)), name, /^(query|reset) timed out after 80.5 ms$/)
    }),
  )
})

test('every call of a pool names its whole limit, also when part of it passed before there was a connection', async (t) => {
  // The wait is told too.
  const words =
    /^(query timed out after 400\.5 ms, of which \d+ ms waiting for a connection|acquire timed out after 400\.5 ms: .*)$/
  const errors = Object.entries(queries).map(async ([name, make]) => {
    const pool = await openPool(t, { maxSize: 1 })
    const held = await pool.acquire()
    const late = reason(make(pool as never, { timeout: 400.5 }))
    const began = performance.now()
    await until('somebody waits', () => pool.getWaitingCount() === 1)
    await until('some of the time has passed', () => performance.now() - began > 20)
    await held.release()
    const error = await late
    isLate(t, error, name, words)
    return error.message as string
  })
  const told = await Promise.all(errors)
  t.true(told.some((message) => message.startsWith('query')))
})

test('what a pool does with its connections names its limit', async (t) => {
  const pool = await openPool(t, { maxSize: 1, acquireTimeout: LIMIT })
  const held = await pool.acquire()
  const acquires = [
    reason(pool.acquire()),
    reason(pool.fetch('select 1')),
    reason(pool.withConnection(() => {}, { timeout: LIMIT })),
    reason(pool.transaction(() => {}, { timeout: LIMIT })),
  ]
  for (const error of await Promise.all(acquires)) {
    isLate(t, error, 'acquire', /^acquire timed out after 80.5 ms: connections open: 1 of 1,/)
  }
  isLate(
    t,
    await reason(pool.acquire({ timeout: 0 })),
    'acquire',
    /^acquire timed out: its limit was 0 ms: connections open: 1 of 1,/,
  )
  held.execute(SLOW).catch(() => {})
  const released = await reason(held.release({ timeout: LIMIT }))
  isLate(t, released, 'release', /^release took longer than 80.5 ms: the connection is dropped$/)
  await pool.acquire({ timeout: null })
  isLate(t, await reason(pool.close({ timeout: LIMIT })), 'close', /^close timed out after 80.5 ms: .*: 1$/)
})

test('close() names its limit', async (t) => {
  for (const [given, options] of [
    [{}, { timeout: LIMIT }],
    [{ commandTimeout: LIMIT }, undefined],
  ] as const) {
    const connection = await open(t, given)
    connection.execute(DEAF_SLEEP, undefined, { timeout: null }).catch(() => {})
    await untilSleeping(connection)
    const error = await reason(connection.close(options))
    isLate(t, error, 'close', /^close timed out after 80.5 ms: the connection was dropped$/)
    await (await testDatabase()).admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  }
  // Longer than the protocol has words for is no limit.
  const connection = await open(t)
  const held = await barrier(t)
  await connection.execute('select 1')
  await connection.close({ timeout: 2 ** 32 + 1 })
  await held.open()
})

test('connecting names its limit', async (t) => {
  const silent = createServer((socket) => void socket.on('error', () => {}))
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as { port: number }
  const dsn = `postgresql://user@127.0.0.1:${port}/db?sslmode=disable`
  const whole = await reason(connect(dsn, { timeout: LIMIT }))
  isLate(t, whole, 'timeout', /^connecting timed out after 80.5 ms while /)
  const pool = await reason(createPool(dsn, { timeout: LIMIT }))
  isLate(t, pool, 'createPool', /^connecting timed out after 80.5 ms while /)
  const address = await reason(connect(`${dsn}&connect_timeout=2`, { timeout: null }))
  isLate(t, address, 'connect_timeout', /^connecting to .* timed out after 2000 ms in the phase /)
})
