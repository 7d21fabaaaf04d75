import test from 'ava'
import {
  type Connection,
  InvalidCachedStatementError,
  InvalidSQLStatementNameError,
  UndefinedTableError,
} from '../../index.ts'
import { eventually } from '../support/waiting.ts'
import { open, prepared, preparedTexts, reason } from './open.ts'

const names = async (connection: Connection): Promise<string[]> =>
  (await prepared(connection)).map(({ name }) => name)

test('a query is prepared once and then used by its name', async (t) => {
  const connection = await open(t)
  for (let n = 0; n < 5; n++) t.is(await connection.fetchValue('select $1::int -- marked', [n]), n)
  t.deepEqual(await preparedTexts(connection), ['select $1::int -- marked'])
  const [name] = await names(connection)
  t.regex(name!, /^cornac_[0-9a-f]+_[0-9a-f]+$/)
  await connection.execute('select $1::int -- marked', [1])
  await connection.fetchRow('select $1::int -- marked', [1])
  t.deepEqual(await names(connection), [name])
  t.is(
    await connection.fetchValue(
      'select generic_plans + custom_plans from pg_prepared_statements where name = $1',
      [name],
    ),
    7,
  )
})

test('scripts are never prepared', async (t) => {
  const connection = await open(t)
  await connection.execute('select 1')
  await connection.execute('select 2', [])
  t.deepEqual(await preparedTexts(connection), [])
})

test('the least recently used statement leaves, and is closed on the server', async (t) => {
  const connection = await open(t, { statementCacheSize: 3 })
  const run = (n: number) => connection.fetchValue(`select ${n}`)
  for (const n of [1, 2, 3, 1, 2, 4]) await run(n)
  t.deepEqual(await preparedTexts(connection), ['select 1', 'select 2', 'select 4'])
  await run(5)
  t.deepEqual(await preparedTexts(connection), ['select 2', 'select 4', 'select 5'])
  await run(2)
  await run(1)
  t.deepEqual(await preparedTexts(connection), ['select 2', 'select 5', 'select 1'])
  for (let n = 100; n < 400; n++) await run(n)
  t.deepEqual(await preparedTexts(connection), ['select 397', 'select 398', 'select 399'])
})

test('as many statements as the size says stay, a hundred by default', async (t) => {
  const connection = await open(t)
  for (let n = 0; n < 150; n++) await connection.fetchValue(`select ${n}`)
  const texts = await preparedTexts(connection)
  t.is(texts.length, 100)
  t.true(texts.includes('select 149'))
  t.false(texts.includes('select 0'))
})

test('a size of 0 leaves nothing on the server and gives the same results', async (t) => {
  const connection = await open(t, { statementCacheSize: 0 })
  for (let n = 0; n < 10; n++) {
    t.deepEqual(await connection.fetch('select $1::int as a, $2::text as b', [n, `${n}`]), [
      { a: n, b: `${n}` },
    ])
    t.is(await connection.execute('select generate_series(1, $1)', [n]), `SELECT ${n}`)
    t.is(await connection.fetchValue('select $1::text', ['x'.repeat(n)]), 'x'.repeat(n))
  }
  const many = await Promise.all(
    Array.from({ length: 100 }, (_, n) => connection.fetchValue(`select $1::int * ${n % 3}`, [n])),
  )
  t.deepEqual(
    many,
    Array.from({ length: 100 }, (_, n) => n * (n % 3)),
  )
  t.deepEqual(await preparedTexts(connection), [])
  await connection.execute('deallocate all')
  await connection.execute('discard all')
  t.is(await connection.fetchValue('select $1::int', [1]), 1)
})

test('a text longer than the largest cacheable one is not kept', async (t) => {
  const connection = await open(t, { maxCacheableStatementSize: 20 })
  const padded = (length: number) => 'select 1'.padEnd(length, ' ')
  for (const length of [19, 20, 21, 20_000]) {
    t.is(await connection.fetchValue(padded(length)), 1)
    t.is(await connection.fetchValue(padded(length)), 1)
  }
  t.is(await connection.fetchValue("select '😀😀😀😀😀😀'"), '😀'.repeat(6))
  t.deepEqual(await preparedTexts(connection), [padded(19), padded(20), "select '😀😀😀😀😀😀'"])
  const whole = await open(t, { maxCacheableStatementSize: 0 })
  await whole.fetchValue(padded(100_000))
  t.deepEqual(await preparedTexts(whole), [padded(100_000)])
  const usual = await open(t)
  await usual.fetchValue(padded(15_360))
  await usual.fetchValue(padded(15_361))
  t.deepEqual(await preparedTexts(usual), [padded(15_360)])
})

test('a statement leaves when its lifetime is over, however often it was used', async (t) => {
  const connection = await open(t, { maxCachedStatementLifetime: 150 })
  await connection.fetchValue('select 1 -- marked')
  const [first] = await names(connection)
  const isPreparedAnew = await eventually(async () => {
    await connection.fetchValue('select 1 -- marked')
    const now = await names(connection)
    return now.length === 1 && now[0] !== first
  })
  t.true(isPreparedAnew)
  const forever = await open(t, { maxCachedStatementLifetime: 0 })
  await forever.fetchValue('select 1 -- marked')
  const kept = await names(forever)
  // Had it a lifetime of next to nothing, each of these would prepare it anew.
  for (let round = 0; round < 10; round++) await forever.fetchValue('select 1 -- marked')
  t.deepEqual(await names(forever), kept)
})

for (const forgetting of ['discard all', 'deallocate all']) {
  test(`after ${forgetting} a statement is prepared again, outside of a transaction`, async (t) => {
    const connection = await open(t)
    t.is(await connection.fetchValue('select $1::int', [1]), 1)
    await connection.execute(forgetting)
    t.is(await connection.fetchValue('select $1::int', [2]), 2)
    t.deepEqual(await preparedTexts(connection), ['select $1::int'])
  })
}

test('statements that are lost unseen within a transaction are an error with a hint', async (t) => {
  const connection = await open(t, { statementCacheSize: 100 })
  const sql = 'select $1::int'
  await connection.fetchValue(sql, [1])
  await connection.execute("begin; do $$ begin execute 'deallocate all'; end $$")
  const error = await reason(connection.fetchValue(sql, [2]))
  t.true(error instanceof InvalidSQLStatementNameError)
  t.regex(error.hint, /pooler.*statementCacheSize/)
  await connection.execute('rollback')
  t.is(await connection.fetchValue(sql, [3]), 3)
})

test('calls that were sent together are prepared again together, in their order', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table ordered(id serial, n int)')
  const insert = (n: number) => connection.execute('insert into ordered(n) values ($1)', [n])
  await insert(-1)
  await connection.execute('deallocate all')
  await Promise.all(Array.from({ length: 50 }, (_, n) => insert(n)))
  const rows = await connection.fetch('select n from ordered order by id')
  t.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 51 }, (_, n) => n - 1),
  )
})

test('a result type that changed is met by preparing again, outside of a transaction', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  await connection.execute('create table changing(a int)')
  await connection.execute('insert into changing values (1)')
  t.deepEqual(await connection.fetch('table changing'), [{ a: 1 }])
  await other.execute('alter table changing add b text default $$x$$')
  t.deepEqual(await connection.fetch('table changing'), [{ a: 1, b: 'x' }])
  await other.execute('alter table changing alter a type text')
  const all = await Promise.all(Array.from({ length: 20 }, () => connection.fetch('table changing')))
  for (const rows of all) t.deepEqual(rows, [{ a: '1', b: 'x' }])
})

test('within a transaction it is an InvalidCachedStatementError, and the next try works', async (t) => {
  const connection = await open(t)
  await connection.execute('create table changing_inside(a int)')
  t.deepEqual(await connection.fetch('table changing_inside'), [])
  await connection.execute('begin; alter table changing_inside add b int')
  const error = await reason(connection.fetch('table changing_inside'))
  t.true(error instanceof InvalidCachedStatementError)
  t.is(error.sqlstate, '0A000')
  t.true(connection.isInTransaction())
  await connection.execute('rollback')
  t.deepEqual(await connection.fetch('table changing_inside'), [])
  await connection.execute('drop table changing_inside; create table changing_inside(c text)')
  await connection.execute("insert into changing_inside values ('x')")
  t.deepEqual(await connection.fetch('table changing_inside'), [{ c: 'x' }])
})

test('a parameter’s type that changed is met by preparing again', async (t) => {
  const connection = await open(t)
  await connection.execute('create table retyped(a int)')
  const insert = (value: unknown) => connection.execute('insert into retyped values ($1)', [value])
  t.is(await insert('1'), 'INSERT 0 1')
  await connection.execute('drop table retyped; create table retyped(a bool)')
  t.is(await insert('1'), 'INSERT 0 1')
  t.is(await insert(true), 'INSERT 0 1')
  t.deepEqual(await connection.fetch('table retyped'), [{ a: true }, { a: true }])
  await connection.execute('drop table retyped')
  t.true((await reason(insert(true))) instanceof UndefinedTableError)
  await connection.execute('create table retyped(a text)')
  t.is(await insert('x'), 'INSERT 0 1')
})

test('two connections that describe a text differently do not disturb each other', async (t) => {
  const [first, second] = [await open(t), await open(t)]
  await first.execute('create temp table twofold(a jsonb)')
  await second.execute('create temp table twofold(a int[])')
  for (let n = 0; n < 4; n++) {
    for (const connection of [first, second]) {
      t.is(await connection.execute('insert into twofold values ($1)', [[n]]), 'INSERT 0 1')
      t.deepEqual(await connection.fetchRow('delete from twofold returning a'), { a: [n] })
    }
  }
})
