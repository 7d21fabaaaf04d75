import test from 'ava'
import { InterfaceError, PostgresSyntaxError, sql, TimeoutError } from '../../index.ts'
import { barrier, open, reason } from './open.ts'

test('a result has its rows, columns, command and row count', async (t) => {
  const connection = await open(t)
  t.deepEqual(await connection.query("select 1::int as a, 'x'::text as b"), {
    rows: [{ a: 1, b: 'x' }],
    columns: [
      {
        name: 'a',
        type: { oid: 23, name: 'int4', kind: 'scalar', schema: 'pg_catalog' },
        tableOid: 0,
        tableColumn: 0,
        typeSize: 4,
        typeModifier: -1,
      },
      {
        name: 'b',
        type: { oid: 25, name: 'text', kind: 'scalar', schema: 'pg_catalog' },
        tableOid: 0,
        tableColumn: 0,
        typeSize: -1,
        typeModifier: -1,
      },
    ],
    command: 'SELECT',
    rowCount: 1,
  })
})

test('a column of a table names it, and its declaration', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table goods (id int, price numeric(10, 2), name varchar(20))')
  const oid = await connection.fetchValue("select 'goods'::regclass::oid")
  for (const again of [false, true]) {
    const { columns } = await connection.query('select name, price, id, id + 1 from goods')
    t.deepEqual(
      columns.map(({ tableOid, tableColumn, typeSize, typeModifier }) => [
        tableOid,
        tableColumn,
        typeSize,
        typeModifier,
      ]),
      [
        [oid, 3, -1, 20 + 4],
        [oid, 2, -1, ((10 << 16) | 2) + 4],
        [oid, 1, 4, -1],
        [0, 0, 4, -1],
      ],
      String(again),
    )
  }
})

test('a table that is made anew shows in the columns', async (t) => {
  const connection = await open(t, { statementCacheSize: 0 })
  const table = async (): Promise<number> => {
    await connection.execute('drop table if exists remade; create temp table remade (a int)')
    const { columns } = await connection.query('select a from remade')
    t.is(columns[0]?.tableOid, await connection.fetchValue("select 'remade'::regclass::oid"))
    return columns[0]?.tableOid as number
  }
  t.not(await table(), await table())
})

test('command and row count are those of the command tag', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table counted (a int)')
  for (const [text, command, rowCount] of [
    ['insert into counted values (1), (2), (3)', 'INSERT', 3],
    ['update counted set a = a + 1 where a > 1', 'UPDATE', 2],
    ['delete from counted where a = 1', 'DELETE', 1],
    ['select * from counted', 'SELECT', 2],
    ['select * from counted where false', 'SELECT', 0],
    ['create temp table other as select 1 a', 'SELECT', 1],
    ['create temp table another (a int)', 'CREATE TABLE', null],
    ['begin', 'BEGIN', null],
    ['commit', 'COMMIT', null],
    ['set application_name to a', 'SET', null],
    ['show application_name', 'SHOW', null],
    ['do $$ begin end $$', 'DO', null],
    ['', '', null],
  ] as const) {
    const result = await connection.query(text)
    t.deepEqual([result.command, result.rowCount], [command, rowCount], text)
  }
})

test('a statement without rows has no columns, one without rows of its kind has them', async (t) => {
  const connection = await open(t)
  const none = await connection.query('create temp table nothing (a int)')
  t.deepEqual([none.rows, none.columns], [[], []])
  const empty = await connection.query('select 1 as a where false')
  t.deepEqual([empty.rows, empty.columns.map(({ name }) => name)], [[], ['a']])
  const bare = await connection.query('select')
  t.deepEqual([bare.rows, bare.columns, bare.rowCount], [[{}], [], 1])
})

test('rows are arrays when that is asked for, with every column of duplicate names', async (t) => {
  const connection = await open(t)
  const text = `select 1 as a, 'x' as a, null::int as "__proto__", true as "0", n,
    array[1, 2] l, '{"k": ["n"]}'::jsonb j, 'abc'::bytea b, now() d from generate_series(1, 3) n`
  for (const again of [false, true]) {
    const { rows, columns } = await connection.query<unknown[]>(text, [], { rows: 'array' })
    t.is(rows.length, 3)
    t.true(rows.every((row) => Array.isArray(row) && row.length === 9))
    t.deepEqual(
      rows[1]?.slice(0, 8),
      [1, 'x', null, true, 2, [1, 2], { k: ['n'] }, Buffer.from('abc')],
      String(again),
    )
    t.true(rows[1]?.[8] instanceof Date)
    t.deepEqual(
      columns.map(({ name }) => name),
      ['a', 'a', '__proto__', '0', 'n', 'l', 'j', 'b', 'd'],
    )
  }
  t.deepEqual((await connection.query('select', [], { rows: 'array' })).rows, [[]])
  const [object] = (await connection.query(text, [], { rows: 'object' })).rows
  t.is(object?.a, 'x')
})

test('many rows as arrays are complete and in order', async (t) => {
  const connection = await open(t)
  const { rows, rowCount } = await connection.query<[number, string]>(
    "select n, 'text ' || n from generate_series(1, 20000) n",
    [],
    { rows: 'array' },
  )
  t.is(rowCount, 20_000)
  t.true(rows.every(([n, text], i) => n === i + 1 && text === `text ${n}`))
})

test('types that are not built in are told by name, kind and schema', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create schema if not exists "Odd schema";
    create type "Odd schema".mood as enum ('ok', 'bad');
    create domain "Odd schema".positive as int check (value > 0);
    create type "Odd schema".pair as (a int, b text);
    create type "Odd schema".span as range (subtype = float8);
    set search_path to nowhere
  `)
  const text = `select 'ok'::"Odd schema".mood a, 1::"Odd schema".positive b, row(1, 'x')::"Odd schema".pair c,
    '[1,2]'::"Odd schema".span d, array['ok']::"Odd schema".mood[] e, '{1}'::int[] f, '{[1,2]}'::int4multirange g,
    '[1,2]'::int4range h, '1 2'::int2vector i, array[row(1, 'x')]::"Odd schema".pair[] j, null k`
  for (const again of [false, true]) {
    const { columns } = await connection.query(text)
    t.deepEqual(
      columns.map(({ type: { name, kind, schema } }) => `${schema}.${name} ${kind}`),
      [
        'Odd schema.mood enum',
        // PostgreSQL describes a column of a domain by what the domain is made of.
        'pg_catalog.int4 scalar',
        'Odd schema.pair composite',
        'Odd schema.span range',
        'Odd schema.mood[] array',
        'pg_catalog.int4[] array',
        'pg_catalog.int4multirange multirange',
        'pg_catalog.int4range range',
        'pg_catalog.int2vector array',
        'Odd schema.pair[] array',
        'pg_catalog.text scalar',
      ],
      String(again),
    )
  }
})

test('the columns of a result are told by their types in a transaction that has failed since', async (t) => {
  const connection = await open(t)
  await connection.execute("create type lone as enum ('x')")
  await connection.execute('begin')
  const [{ columns, rows }, failed] = await Promise.all([
    connection.query("select 'x'::lone as a"),
    reason(connection.fetch('select 1 / 0')),
  ])
  t.is(failed.sqlstate, '22012')
  t.deepEqual(rows, [{ a: 'x' }])
  const [{ type }] = columns as any
  t.deepEqual(type, { oid: type.oid, name: 'lone', kind: 'enum', schema: 'public' })
  await connection.execute('rollback')
})

test('columns of connections to different databases do not mix', async (t) => {
  const [one, two] = [await open(t), await open(t)]
  await one.execute("create type pg_temp.which as enum ('x')")
  await two.execute('create type pg_temp.which as (a int)')
  const kinds = await Promise.all(
    [one, two].map(async (c) => (await c.query('select null::which as a')).columns[0]?.type.kind),
  )
  t.deepEqual(kinds, ['enum', 'composite'])
})

test('the columns are the same objects for the same columns, and cannot be changed', async (t) => {
  const connection = await open(t)
  const first = await connection.query('select 1 as a')
  const second = await connection.query('select 2 as a')
  t.is(first.columns, second.columns)
  t.true(Object.isFrozen(first.columns))
  t.true(Object.isFrozen(first.columns[0]))
})

test('a query of the sql tag, arguments and limits are taken as by every call', async (t) => {
  const connection = await open(t)
  const { rows } = await connection.query(sql<{ a: number }>`select ${1}::int as a`)
  t.deepEqual(rows, [{ a: 1 }])
  t.deepEqual((await connection.query(sql`select ${2}::int`, { rows: 'array' })).rows, [[2]])
  const { key } = await barrier(t)
  const slow = connection.query('select pg_advisory_lock_shared($1)', [key], { timeout: 30 })
  t.true((await reason(slow)) instanceof TimeoutError)
  for (const rows of ['arrays', 'Array', null, true, 1, {}]) {
    const error = await reason(connection.query('select 1', [], { rows: rows as never }))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /^rows must be 'object' or 'array', got /)
  }
})

test('it is one statement', async (t) => {
  const connection = await open(t)
  t.true((await reason(connection.query('select 1; select 2'))) instanceof PostgresSyntaxError)
  t.is((await connection.query('select 1;')).rowCount, 1)
})
