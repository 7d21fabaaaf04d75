import test from 'ava'
import {
  DivisionByZeroError,
  InFailedSQLTransactionError,
  InterfaceError,
  PostgresSyntaxError,
  UndefinedTableError,
} from '../../index.ts'
import { call, open, reason } from './open.ts'

test('a command tag comes as the server writes it', async (t) => {
  const connection = await open(t)
  const tags: [sql: string, tag: string][] = [
    ['create temp table tags(a int)', 'CREATE TABLE'],
    ['insert into tags values (1), (2), (3)', 'INSERT 0 3'],
    ['update tags set a = a + 1 where a > 1', 'UPDATE 2'],
    ['select * from tags', 'SELECT 3'],
    ['values (1), (2)', 'SELECT 2'],
    ['merge into tags using (values (9)) v(a) on false when not matched then insert values (v.a)', 'MERGE 1'],
    ['delete from tags', 'DELETE 4'],
    ['begin', 'BEGIN'],
    ['savepoint s', 'SAVEPOINT'],
    ['rollback', 'ROLLBACK'],
    ['do $$ begin end $$', 'DO'],
    ['drop table tags', 'DROP TABLE'],
    ['set application_name = x', 'SET'],
  ]
  for (const [sql, tag] of tags) t.is(await connection.execute(sql), tag)
})

test('a script gives the tag of its last command', async (t) => {
  const connection = await open(t)
  t.is(await connection.execute('create temp table s(a int); insert into s values (1), (2)'), 'INSERT 0 2')
  t.is(await connection.execute('select 1; select * from s;'), 'SELECT 2')
  t.is(await connection.execute('select 1;;; -- nothing behind\n'), 'SELECT 1')
})

test('an empty text has an empty tag and no rows', async (t) => {
  const connection = await open(t)
  for (const sql of ['', ' ', ';', '\n-- a comment', '/* a comment */', ';;;']) {
    t.is(await connection.execute(sql), '', sql)
    t.deepEqual(await connection.fetch(sql), [], sql)
    t.is(await connection.fetchRow(sql), null, sql)
    t.is(await connection.fetchValue(sql), null, sql)
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a script is one implicit transaction', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table atomic(a int)')
  const error = await reason(
    connection.execute('insert into atomic values (1); select 1/0; insert into atomic values (2)'),
  )
  t.true(error instanceof DivisionByZeroError)
  t.is(await connection.fetchValue('select count(*) from atomic'), 0)
  t.false(connection.isInTransaction())
})

test('a script that opens a transaction leaves it open, and one that fails in it leaves it failed', async (t) => {
  const connection = await open(t)
  t.is(await connection.execute('begin; create temp table inside(a int)'), 'CREATE TABLE')
  t.true(connection.isInTransaction())
  t.true(
    (await reason(connection.execute('insert into inside values (1); select 1/0'))) instanceof
      DivisionByZeroError,
  )
  t.true(connection.isInTransaction())
  t.true((await reason(connection.execute('select 1'))) instanceof InFailedSQLTransactionError)
  t.is(await connection.execute('rollback'), 'ROLLBACK')
  t.false(connection.isInTransaction())
  t.true((await reason(connection.execute('table inside'))) instanceof UndefinedTableError)
})

test('with arguments it is one statement and gives its tag', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table one(a int)')
  t.is(await connection.execute('insert into one select generate_series(1, $1)', [3]), 'INSERT 0 3')
  t.is(await connection.execute('select * from one where a < $1', [3]), 'SELECT 2')
  t.is(await connection.execute('delete from one where a = $1', [7]), 'DELETE 0')
  const error = await reason(connection.execute('insert into one values ($1); select 1', [1]))
  t.true(error instanceof PostgresSyntaxError)
  t.is(error.sqlstate, '42601')
  t.is(await connection.fetchValue('select count(*) from one'), 3)
})

test('an empty list of arguments is none: the text may be a script', async (t) => {
  const connection = await open(t)
  t.is(await connection.execute('select 1; select 2', []), 'SELECT 1')
  t.is(await connection.execute('select 1; select 2', undefined), 'SELECT 1')
})

test('rows of a script are read and dropped, also many', async (t) => {
  const connection = await open(t)
  t.is(await connection.execute("select repeat('x', 100) from generate_series(1, 50000)"), 'SELECT 50000')
  t.is(await connection.execute('select n from generate_series(1, $1::int) n', [50_000]), 'SELECT 50000')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a query with several statements is refused by fetch', async (t) => {
  const connection = await open(t)
  t.true((await reason(connection.fetch('select 1; select 2'))) instanceof PostgresSyntaxError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('VACUUM and other statements that want no transaction run alone', async (t) => {
  const connection = await open(t)
  await connection.execute('create table vacuumed(a int)')
  t.is(await connection.execute('vacuum vacuumed'), 'VACUUM')
  t.deepEqual(await connection.fetch('vacuum vacuumed'), [])
})

test('what is no text is refused without a throw', async (t) => {
  const connection = await open(t)
  for (const sql of [undefined, null, 1, {}, Buffer.from('select 1'), Symbol('x')] as any[]) {
    for (const name of ['execute', 'fetch', 'fetchRow', 'fetchValue'] as const) {
      const error = await reason(call(connection, name, sql))
      t.true(error instanceof InterfaceError, `${name}(${String(sql)})`)
      t.regex(error.message, /^the query must be a string, got /)
    }
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a text that PostgreSQL cannot take is refused and the connection goes on', async (t) => {
  const connection = await open(t)
  for (const sql of ["select 'a\0b'", '\0', "select '\ud800'", '\udc00']) {
    for (const name of ['execute', 'fetch'] as const) {
      const error = await reason(call(connection, name, sql))
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /^the query contains a (NUL character|lone surrogate), /)
    }
  }
  t.is(await connection.fetchValue("select '😀'"), '😀')
})
