import test from 'ava'
import {
  DataError,
  DivisionByZeroError,
  InFailedSQLTransactionError,
  InterfaceError,
  PostgresSyntaxError,
  UndefinedTableError,
  UniqueViolationError,
} from '../../index.ts'
import { open, reason } from './open.ts'

test('calls made together are answered in order, each with its own result', async (t) => {
  const connection = await open(t)
  const order: number[] = []
  const results = await Promise.all(
    Array.from({ length: 1000 }, async (_, i) => {
      const value = await connection.fetchValue('select $1::int', [i])
      order.push(i)
      return value
    }),
  )
  t.deepEqual(results, order)
  t.deepEqual(
    order,
    Array.from({ length: 1000 }, (_, i) => i),
  )
})

test('a COPY that the server refuses, before data or behind it, leaves the connection as it was', async (t) => {
  const connection = await open(t)
  await connection.execute('create table base(a int); create view some_view as select a from base')
  for (const sql of [
    'copy some_view from stdin',
    'copy (select 1/(2-n) from generate_series(1, 3) n) to stdout',
  ]) {
    for (let round = 0; round < 2; round++) {
      const around = await Promise.allSettled([
        connection.fetchValue('select 1'),
        connection.fetch(sql),
        connection.fetchValue('select 2'),
      ])
      t.deepEqual(
        around.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
        sql,
      )
    }
  }
  t.false(connection.isClosed())
})

test('statements reach the server in the order of the calls, whatever their kind', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table log(id serial, what text)')
  const calls: Promise<unknown>[] = []
  for (let i = 0; i < 40; i++) {
    calls.push(connection.execute('insert into log(what) values ($1)', [`a${i}`]))
    calls.push(connection.execute(`insert into log(what) values ('b${i}')`))
    calls.push(connection.fetch(`insert into log(what) values ('c${i}') returning id`))
    calls.push(connection.fetchValue('insert into log(what) values ($1) returning id', [`d${i}`]))
    if (i % 10 === 0)
      calls.push(
        connection.execute('copy log to stdout'),
        connection.fetch('copy log to stdout').catch(() => {}),
      )
  }
  await Promise.all(calls)
  const rows = await connection.fetch('select what from log order by id')
  t.deepEqual(
    rows.map(({ what }) => what),
    Array.from({ length: 40 }, (_, i) => ['a', 'b', 'c', 'd'].map((letter) => letter + i)).flat(),
  )
})

test('the first use of a statement keeps its place among calls that are in flight', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table places(id serial, n int)')
  await connection.fetch('select pg_sleep($1)', [0])
  await connection.execute('insert into places(n) values ($1)', [0])
  const calls: Promise<unknown>[] = []
  for (let n = 1; n < 60; n += 3) {
    calls.push(connection.fetch('select pg_sleep($1)', [0.005]))
    calls.push(connection.execute('insert into places(n) values ($1)', [n]))
    calls.push(connection.fetch(`insert into places(n) values (${n + 1})`))
    calls.push(connection.execute('insert into places(n) values ($1)', [n + 2]))
  }
  await Promise.all(calls)
  const rows = await connection.fetch('select n from places order by id')
  t.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 61 }, (_, n) => n),
  )
})

test('an error is that of its own call only', async (t) => {
  const connection = await open(t)
  const settled = await Promise.allSettled([
    connection.fetchValue('select 1'),
    connection.fetchValue('select 1/0'),
    connection.fetchValue('select 2'),
    connection.fetchValue('select * from nowhere'),
    connection.fetchValue('select $1::int', ['x', 'y']),
    connection.execute('selekt'),
    connection.fetchValue('select $1::int', [1.5]),
    connection.fetchValue('select $1::int', [3]),
    connection.execute('select 1; select 1/0'),
    connection.execute('copy nowhere to stdout'),
    connection.fetchValue('select $1::int', [4]),
    connection.fetchValue('select 1/$1::int', [0]),
    connection.fetchValue('select 5'),
  ])
  const outcomes = settled.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : outcome.reason.constructor,
  )
  t.deepEqual(outcomes, [
    1,
    DivisionByZeroError,
    2,
    UndefinedTableError,
    InterfaceError,
    PostgresSyntaxError,
    DataError,
    3,
    DivisionByZeroError,
    UndefinedTableError,
    4,
    DivisionByZeroError,
    5,
  ])
})

test('outside of a transaction a failure undoes nothing of the calls around it', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table unique_numbers(a int primary key)')
  const insert = (a: number) => connection.execute('insert into unique_numbers values ($1)', [a])
  const settled = await Promise.allSettled([1, 2, 2, 3, 1, 4].map(insert))
  t.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  t.deepEqual(await connection.fetch('table unique_numbers'), [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }])
})

test('within a transaction what was sent behind a failure fails as the server says', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table t(a int primary key)')
  await connection.execute('insert into t values ($1)', [0])
  const settled = await Promise.allSettled([
    connection.execute('begin'),
    connection.execute('insert into t values ($1)', [1]),
    connection.execute('insert into t values ($1)', [1]),
    connection.execute('insert into t values ($1)', [2]),
    connection.fetch('table t'),
    connection.execute('commit'),
    connection.fetch('table t'),
  ])
  const outcomes = settled.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : outcome.reason.constructor,
  )
  t.deepEqual(outcomes, [
    'BEGIN',
    'INSERT 0 1',
    UniqueViolationError,
    InFailedSQLTransactionError,
    InFailedSQLTransactionError,
    'ROLLBACK',
    [{ a: 0 }],
  ])
  t.false(connection.isInTransaction())
})

test('isInTransaction follows the answers', async (t) => {
  const connection = await open(t)
  t.false(connection.isInTransaction())
  const begun = connection.execute('begin')
  t.false(connection.isInTransaction())
  await begun
  t.true(connection.isInTransaction())
  await reason(connection.fetch('select 1/0'))
  t.true(connection.isInTransaction())
  await connection.execute('rollback')
  t.false(connection.isInTransaction())
  await connection.fetch('begin')
  t.true(connection.isInTransaction())
  await connection.fetch('commit')
  t.false(connection.isInTransaction())
})

test('execute runs COPY TO STDOUT and drops its data, calls for rows refuse it', async (t) => {
  const connection = await open(t)
  const sql = 'copy (select n from generate_series(1, 100000) n) to stdout'
  t.is(await connection.execute(sql), 'COPY 100000')
  for (const call of [
    connection.fetch(sql),
    connection.fetchRow(sql),
    connection.fetchValue(`/* note */ ${sql}`),
  ]) {
    const error = await reason(call)
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'COPY TO STDOUT cannot be run as a query: it gives data and no rows')
    t.is(error.hint, 'use copyFromTable() or copyFromQuery()')
  }
  t.is(await connection.execute(`select 1; ${sql}; select 2`), 'SELECT 1')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('COPY FROM STDIN is refused, and the connection goes on', async (t) => {
  const connection = await open(t)
  await connection.execute('create table target(a int)')
  const refusedAs = async (call: Promise<unknown>) => {
    const error = await reason(call)
    t.true(error instanceof InterfaceError, String(error))
    t.is(error.message, 'COPY FROM STDIN cannot be run as a query: it waits for data')
    t.is(error.hint, 'use copyToTable() or copyRecordsToTable()')
    t.is(await connection.fetchValue('select 1'), 1)
  }
  await refusedAs(connection.execute('copy target from stdin'))
  await refusedAs(connection.fetch('copy target from stdin'))
  await refusedAs(connection.fetchRow('-- c\ncopy target from stdin'))
  await refusedAs(connection.execute('select 1; copy target from stdin; select 2'))
  await refusedAs(connection.execute('copy target from stdin; copy target from stdin'))
  await connection.execute('begin')
  await refusedAs(connection.execute('copy target from stdin').finally(() => connection.execute('rollback')))
  const around = await Promise.allSettled([
    connection.fetchValue('select 1'),
    connection.fetch('copy target from stdin'),
    connection.fetchValue('select 2'),
    connection.execute('copy target from stdin'),
    connection.fetchValue('select 3'),
  ])
  t.deepEqual(
    around.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  t.false(connection.isClosed())
})

test('calls made by code of an argument are sent, behind the call it belongs to', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table nested(id serial, what text)')
  const insert = 'insert into nested(what) select $1::jsonb->>0'
  const inner: Promise<unknown>[] = []
  const argument = {
    toJSON() {
      inner.push(connection.execute(insert, [['inner']]))
      inner.push(connection.execute("insert into nested(what) values ('script')"))
      inner.push(connection.fetch("insert into nested(what) values ('other')"))
      return ['outer']
    },
  }
  await connection.execute(insert, [argument])
  await Promise.all(inner)
  const rows = await connection.fetch('select what from nested order by id')
  t.deepEqual(
    rows.map(({ what }) => what),
    ['outer', 'inner', 'script', 'other'],
  )
})

test('an argument that ends the connection while it is written leaves every call settled', async (t) => {
  const connection = await open(t)
  const argument = {
    toJSON() {
      connection.terminate()
      return {}
    },
  }
  await reason(connection.fetch('select $1::jsonb', [argument]))
  t.true(connection.isClosed())
  t.true((await reason(connection.fetch('select 1'))) instanceof InterfaceError)
})

test('arguments that change themselves while they are written do no harm', async (t) => {
  const connection = await open(t)
  const args: unknown[] = [null, 1]
  args[0] = { toJSON: () => args.pop() && 'cut' }
  t.true((await reason(connection.fetch('select $1::jsonb, $2::int', args))) instanceof DataError)
  const growing: unknown[] = []
  growing.push({ toJSON: () => growing.length < 50 && growing.push(1) }, 2)
  await connection.fetch('select $1::jsonb', [growing]).catch(() => {})
  const lying = new Proxy([1, 2, 3], {
    get: (target, name) => (name === 'length' ? -1 : Reflect.get(target, name)),
  })
  await connection.fetch('select $1::int[]', [lying]).catch(() => {})
  await connection.fetch('select $1::int', lying).catch(() => {})
  const proxied = new Proxy([1, 2, 3], {})
  t.deepEqual(await connection.fetchValue('select $1::int[]', [proxied]), [1, 2, 3])
  t.deepEqual(await connection.fetchValue('select $1::int + $2::int + $3::int', proxied), 6)
  const angry = new Proxy([1], { get: (_, name) => (name === 'length' ? 1 : fail(String(name))) })
  t.true((await reason(connection.fetch('select $1::int[]', [angry]))) instanceof DataError)
  t.is(await connection.fetchValue('select 1'), 1)
})

function fail(what: string): never {
  throw new Error(`${what} is nobody’s business`)
}

test('hundreds of calls of several kinds keep their answers apart', async (t) => {
  const connection = await open(t, { statementCacheSize: 5 })
  const calls = Array.from({ length: 600 }, async (_, i) => {
    switch (i % 4) {
      case 0:
        return t.is(await connection.fetchValue(`select $1::int + ${i % 12}`, [i]), i + (i % 12))
      case 1:
        return t.deepEqual(
          await connection.fetch('select generate_series(1, $1::int) n', [i % 7]),
          Array.from({ length: i % 7 }, (_, n) => ({ n: n + 1 })),
        )
      case 2:
        return t.is(
          await connection.execute(`select ${i}; select generate_series(1, ${i % 5})`),
          `SELECT ${i % 5}`,
        )
      default:
        return t.is(
          (await reason(connection.fetchRow('select 1/$1::int, $2::text', [0, `call ${i}`]))).name,
          'DivisionByZeroError',
        )
    }
  })
  await Promise.all(calls)
})
