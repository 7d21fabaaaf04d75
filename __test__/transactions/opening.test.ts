// BEGIN goes out with the first statement, under one Sync: when it fails by itself, the statement runs nowhere.

import test, { type ExecutionContext } from 'ava'
import { type Connection, connect, InterfaceError, PostgresError, type Transaction } from '../../index.ts'
import { openWatched, reason } from '../query/open.ts'
import { bindComplete, errorResponse, parseComplete, readyForQuery } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { type ReplicationPair, startReplicationPair } from '../support/standby.ts'
import { untilActive } from '../support/waiting.ts'
import { readTrace } from '../support/wire-trace.ts'

let pair: ReplicationPair

test.before(async () => {
  pair = await startReplicationPair()
  await pair.primary.admin('create sequence calls')
  await pair.primary.admin(
    'create function noted() returns int language sql as $$ select pg_advisory_lock(7); select 1 $$',
  )
  await pair.caughtUp()
})

test.after.always(() => pair?.stop())

/** A standby cannot begin a serializable transaction. */
const FAILS = { isolation: 'serializable' } as const

async function onStandby(t: ExecutionContext): Promise<Connection> {
  const connection = await connect(pair.standby.dsn())
  t.teardown(() => connection.terminate())
  return connection
}

/** Whether `noted()` has run: its lock stays with the session. */
const ran = (connection: Connection): Promise<number | null> =>
  connection.fetchValue(
    "select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
  )

const FIRST: Record<string, (tx: Transaction) => Promise<unknown>> = {
  'a statement that is known': (tx) => tx.fetch('select noted() as known'),
  'a statement that is met for the first time': (tx) => tx.fetch('select noted()'),
  'a statement with arguments': (tx) => tx.fetch('select noted() + $1', [1]),
  'a script': (tx) => tx.execute('select noted()'),
  'sets of arguments': (tx) => tx.fetchMany('select noted() + $1', [[1], [2]]),
  'sets of a slow source': (tx) =>
    tx.fetchMany(
      'select noted() + $1',
      (async function* () {
        await new Promise(setImmediate)
        yield [1]
      })(),
    ),
  'several calls together': (tx) =>
    Promise.all([
      tx.fetch('select noted()'),
      tx.fetch('select noted() as known'),
      tx.execute('select noted()'),
      tx.fetchMany('select noted() + $1', [[1]]),
    ]),
  'a call on the connection': (tx) => tx.connection.fetch('select noted() as known'),
  'a nested transaction': (tx) =>
    tx.transaction((inner) => Promise.all([inner.fetch('select noted()'), inner.execute('select noted()')])),
  'a prepared statement': async (tx) => {
    const statement = await tx.connection.prepare('select noted()')
    return statement.fetch()
  },
  'a cursor': async (tx) => {
    for await (const _ of tx.connection.cursor('select noted()')) return
  },
}

for (const [name, first] of Object.entries(FIRST)) {
  for (const statementCacheSize of [100, 0]) {
    test(`BEGIN that fails has nothing run: ${name}, with ${statementCacheSize} statements cached`, async (t) => {
      const connection = await connect(pair.standby.dsn(), { statementCacheSize })
      t.teardown(() => connection.terminate())
      await connection.fetch('select noted() as known where false')
      await connection.execute('select pg_advisory_unlock_all()')
      for (let round = 0; round < 2; round++) {
        const error = await reason(connection.transaction(first, FAILS))
        t.true(error instanceof PostgresError, String(error))
        t.is(error.sqlstate, '0A000')
        t.regex(error.message, /serializable mode in a hot standby/)
        t.false(connection.isInTransaction())
        t.is(await ran(connection), 0)
      }
      // The next one is not taken for a part of it.
      t.deepEqual(await connection.transaction((tx) => tx.fetch('select 1 as a')), [{ a: 1 }])
    })
  }
}

test('calls that are made in the same tick as the end of the transaction are no part of it', async (t) => {
  const connection = await onStandby(t)
  const tx = connection.transaction(FAILS)
  await tx.start()
  const [within, commit, behind, next] = await Promise.allSettled([
    tx.fetch('select noted()'),
    tx.commit(),
    connection.fetchValue('select 2'),
    connection.transaction((other) => other.fetchValue('select 3')),
  ])
  t.is(within.status, 'rejected')
  t.is(commit.status, 'rejected')
  t.deepEqual(behind, { status: 'fulfilled', value: 2 })
  t.deepEqual(next, { status: 'fulfilled', value: 3 })
  t.is(await ran(connection), 0)
  t.is(tx.state, 'failed')
})

test('BEGIN and its first statement have one Sync, a savepoint in between too', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetchValue('select 1')
  const types = (): string =>
    readTrace(link.captured.toServer, 1)
      .map(({ type }) => type)
      .join('')
  let from = types().length
  await connection.transaction((tx) => tx.fetchValue('select 1'))
  t.regex(types().slice(from), /^PBD?EBESPBD?ES$/)
  from = types().length
  await connection.transaction((tx) => tx.transaction((inner) => inner.fetchValue('select 1')))
  t.regex(types().slice(from), /^PBD?EPBD?EBES(PBD?ES){2}$/)
})

test('a first call that is refused before it is sent leaves the transaction usable', async (t) => {
  const { connection } = await openWatched(t)
  await connection.execute('create temp table noted(a int)')
  for (let round = 0; round < 2; round++) {
    const outcomes = await connection.transaction((tx) =>
      Promise.allSettled([
        tx.execute('insert into noted values ($1)', [{}]),
        tx.execute('insert into noted values ($1)', [1]),
        tx.fetchValue('select 1'),
      ]),
    )
    t.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    )
  }
  await reason(
    connection.transaction(async (tx) => {
      await Promise.allSettled([
        tx.execute('insert into noted values ($1)', [{}]),
        tx.execute('insert into noted values ($1)', [2]),
      ])
      throw new Error('undone')
    }),
  )
  t.deepEqual(await connection.fetch('table noted'), [{ a: 1 }, { a: 1 }])
})

test('what the server skips is not taken for answered', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    // BEGIN fails, and what follows up to the Sync is skipped.
    const asked = await session.expectUntil('S')
    t.true(asked.some(({ type, body }) => type === 'P' && body.includes('BEGIN')))
    session.send(
      parseComplete(),
      bindComplete(),
      errorResponse({ S: 'ERROR', V: 'ERROR', C: '57014', M: 'canceling statement due to user request' }),
      readyForQuery(),
    )
    // Nothing but the end follows.
    await session.expect('X')
  })
  t.teardown(() => server.close())
  const connection = await connect(server.dsn('?sslmode=disable'), { requireAuth: ['none'] })
  const results = await Promise.allSettled(
    await connection
      .transaction(async (tx) =>
        Promise.allSettled([tx.fetch('select 1'), tx.fetch('select 2'), tx.execute('select 3')]),
      )
      .catch((error) => [Promise.reject(error)]),
  )
  t.true(results.length > 0)
  for (const result of results) {
    const value = result.status === 'fulfilled' ? (result.value as PromiseSettledResult<unknown>) : result
    t.is(value.status, 'rejected')
    const error = (value as PromiseRejectedResult).reason
    t.true(error.sqlstate === '57014' || error instanceof InterfaceError, String(error))
  }
  await connection.close()
})

test('the first call of a transaction is cancelled on the server, and the transaction ends', async (t) => {
  const { primary } = pair
  const holder = await connect(primary.dsn())
  await holder.execute('create table first_call(a int)')
  await holder.execute('begin; lock table first_call')
  // PostgreSQL does not answer BEGIN before what shares its Sync has ended.
  for (const sql of ['select pg_sleep($1)', 'select $1::int from first_call']) {
    for (const isAborted of [false, true]) {
      const connection = await connect(primary.dsn())
      t.teardown(() => connection.terminate())
      if (!sql.includes('first_call')) await connection.fetch(sql, [0])
      const controller = new AbortController()
      const call = connection.transaction((tx) =>
        tx.fetch(sql, [600], isAborted ? { signal: controller.signal } : { timeout: 100 }),
      )
      const ended = reason(call)
      if (isAborted) {
        await untilActive(connection, primary)
        controller.abort(new RangeError('enough'))
      }
      const error = await ended
      if (isAborted) t.is(error.message, 'enough')
      else t.is(error.message, 'query timed out after 100 ms')
      t.false(connection.isInTransaction())
      t.is(await connection.fetchValue('select 1'), 1)
    }
  }
  holder.terminate()
})
