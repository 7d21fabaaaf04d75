import test from 'ava'
import {
  ConnectionDoesNotExistError,
  InterfaceError,
  type QueryLogRecord,
  TimeoutError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

test('a query logger is told of each call that has ended, on a later tick', async (t) => {
  const connection = await open(t)
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  await connection.fetchValue('select $1::int', [1]).then(() => t.deepEqual(records, []))
  await connection.execute('select 1; select 2', undefined, { timeout: 10_000 })
  await connection.query('select 3')
  t.true(await eventually(() => records.length === 3))
  t.deepEqual(
    records.map(({ query, args, timeout, kind, exception, internal }) => [
      query,
      args,
      timeout,
      kind,
      exception,
      internal,
    ]),
    [
      ['select $1::int', [1], null, 'query', null, false],
      ['select 1; select 2', undefined, 10_000, 'query', null, false],
      ['select 3', undefined, null, 'query', null, false],
    ],
  )
  for (const { connection: from, elapsed } of records) {
    t.is(from, connection)
    t.true(elapsed > 0 && elapsed < 60_000)
  }
})

test('it is told of failures, time-outs, aborts, refused arguments and losses', async (t) => {
  const connection = await open(t, { commandTimeout: 30_000 })
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  const cause = new Error('not any more')
  const errors = [
    await reason(connection.fetch('select 1/0')),
    await reason(connection.fetch('select pg_sleep(60)', [], { timeout: 20 })),
    await reason(connection.fetch('select pg_sleep(60)', [], { signal: AbortSignal.abort(cause) })),
    await reason(connection.fetch('select $1::int', [{}])),
    await reason(connection.fetch('select pg_terminate_backend(pg_backend_pid())')),
  ]
  t.true(await eventually(() => records.length === errors.length))
  t.deepEqual(
    records.map(({ exception, timeout }) => [exception, timeout]),
    errors.map((error, index) => [error, index === 1 ? 20 : 30_000]),
  )
  t.true(errors[1] instanceof TimeoutError)
  t.is(errors[2], cause)
  t.is(errors[4].sqlstate ?? ConnectionDoesNotExistError.sqlstate, '57P01')
})

test('what the driver asks for itself is told as internal', async (t) => {
  const connection = await open(t)
  await connection.execute("create type mood as enum ('so', 'la la')")
  // The core's own question for the types of a call is not told. It may not read this catalog here, so that the name of
  // the type is asked for once more, by the query that is.
  await connection.execute('revoke select on pg_catalog.pg_range from public; set role pg_read_all_stats')
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  await connection.query("select 'so'::mood")
  t.true(await eventually(() => records.length === 2))
  t.deepEqual(
    records.map(({ query, internal }) => [query.slice(0, 12), internal]),
    [
      ['select t.oid', true],
      ["select 'so':", false],
    ],
  )
})

test('COPY is told with its arguments', async (t) => {
  const connection = await open(t)
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  await connection.copyFromQuery('select $1::int', [1], { output: () => {} })
  await connection.copyFromQuery('select 2', [], { output: () => {} })
  t.true(await eventually(() => records.length === 2))
  t.deepEqual(
    records.map(({ kind, query, args }) => [kind, query, args]),
    [
      ['copy', 'COPY (select $1::int\n) TO STDOUT', [1]],
      ['copy', 'COPY (select 2\n) TO STDOUT', []],
    ],
  )
})

test('transaction control and reset are told', async (t) => {
  const connection = await open(t)
  const queries: string[] = []
  connection.addQueryLogger(({ query }) => void queries.push(query))
  await connection.transaction((tx) => tx.fetch('select 1'))
  await connection.reset()
  t.true(await eventually(() => queries.length === 4))
  t.deepEqual(queries.slice(0, 3).sort(), ['BEGIN', 'COMMIT', 'select 1'])
  t.is(queries[3], connection.getResetQuery())
})

test('a query logger outlives a reset, is called once however often it was added, and can be taken back', async (t) => {
  const connection = await open(t)
  let calls = 0
  const logger = () => void calls++
  connection.addQueryLogger(logger)
  connection.addQueryLogger(logger)
  await connection.reset()
  await connection.execute('select 1')
  t.true(await eventually(() => calls === 2))
  connection.removeQueryLogger(logger)
  connection.removeQueryLogger(logger)
  await connection.execute('select 1')
  await new Promise(setImmediate)
  t.is(calls, 2)
  for (const wrong of [undefined, null, {}, 'x'] as any[]) {
    t.throws(() => connection.addQueryLogger(wrong), { instanceOf: InterfaceError })
    t.notThrows(() => connection.removeQueryLogger(wrong))
  }
})

test('what a query logger throws goes to onCallbackError, and its call is none the wiser', async (t) => {
  const caught: unknown[] = []
  const connection = await open(t, { onCallbackError: (error) => void caught.push(error) })
  const thrown = new Error('from the logger')
  connection.addQueryLogger(() => {
    throw thrown
  })
  t.is(await connection.fetchValue('select 1'), 1)
  t.true(await eventually(() => caught.length === 1))
  t.deepEqual(caught, [thrown])
})
