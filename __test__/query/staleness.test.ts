// What a session remembers of a statement (its parameters, its columns, that it is prepared) goes stale when others
// change tables and types. Then the statement is prepared again, and nothing else is forgotten.

import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  DataError,
  InvalidTextRepresentationError,
  PostgresSyntaxError,
  UndefinedTableError,
} from '../../index.ts'
import { open, prepared, reason } from './open.ts'

/** The names of what is prepared, by text. */
async function names(connection: Connection): Promise<Map<string, string>> {
  return new Map((await prepared(connection)).map(({ name, statement }) => [statement, name]))
}

/** With cached statements, and with descriptions alone. */
const sizes = [100, 0] as const

let schemas = 0

/** The connection under test and one that changes things behind its back, in a schema of their own. */
async function both(t: ExecutionContext, statementCacheSize: number): Promise<[Connection, Connection]> {
  const schema = `staleness_${++schemas}`
  const serverSettings = { search_path: schema }
  const other = await open(t, { serverSettings })
  await other.execute(`create schema ${schema}`)
  return [await open(t, { statementCacheSize, serverSettings }), other]
}

test('an argument that its type’s own input refuses leaves every statement prepared', async (t) => {
  const connection = await open(t)
  const good = async (): Promise<void> => {
    t.is(await connection.fetchValue('select 1 where $1', [true]), 1)
    t.is(await connection.fetchValue('select $1::regclass::text', ['pg_class']), 'pg_class')
    t.is(await connection.fetchValue('select $1::tsquery::text', ['a & b']), "'a' & 'b'")
  }
  await good()
  const before = await names(connection)
  for (let round = 0; round < 3; round++) {
    const missing = await reason(connection.fetch('select $1::regclass::text', ['no_such_table']))
    t.true(missing instanceof UndefinedTableError)
    const broken = await reason(connection.fetch('select $1::tsquery::text', ['a &']))
    t.true(broken instanceof PostgresSyntaxError)
  }
  await good()
  t.deepEqual(await names(connection), before)
})

test('only the statement that went stale is prepared again', async (t) => {
  const [connection, other] = await both(t, 100)
  await other.execute('create table alone(a int); create table beside(a int)')
  const run = async (): Promise<unknown[]> => [
    await connection.fetch('table alone'),
    await connection.fetch('table beside'),
    await connection.fetchValue('select 7'),
  ]
  await run()
  const before = await names(connection)
  await other.execute('alter table alone add b text; insert into alone values (1, $$x$$)')
  t.deepEqual(await run(), [[{ a: 1, b: 'x' }], [], 7])
  const after = await names(connection)
  t.not(after.get('table alone'), before.get('table alone'))
  t.is(after.get('table beside'), before.get('table beside'))
  t.is(after.get('select 7'), before.get('select 7'))
})

for (const size of sizes) {
  const mode = `statementCacheSize ${size}`

  test(`${mode}: a parameter of another type now takes what the server refused as the old one`, async (t) => {
    const [connection, other] = await both(t, size)
    await other.execute('create table widened(a int)')
    const insert = (value: unknown): Promise<string> =>
      connection.execute('insert into widened values ($1)', [value])
    t.is(await insert('1'), 'INSERT 0 1')
    await other.execute('alter table widened alter a type text using a::text')
    t.is(await insert('one'), 'INSERT 0 1')
    t.is(await insert('two'), 'INSERT 0 1')
    t.deepEqual(
      (await connection.fetch('table widened')).map(({ a }) => a),
      ['1', 'one', 'two'],
    )
  })

  test(`${mode}: a parameter of another type now takes what was refused unsent, in a transaction too`, async (t) => {
    const [connection, other] = await both(t, size)
    await other.execute('create table flagged(a int)')
    const insert = (value: unknown): Promise<string> =>
      connection.execute('insert into flagged values ($1)', [value])
    t.is(await insert(1), 'INSERT 0 1')
    await other.execute('alter table flagged alter a type bool using a <> 0')
    t.is(await insert(true), 'INSERT 0 1')
    await other.execute('alter table flagged alter a type jsonb using to_jsonb(a)')
    await connection.execute('begin')
    t.is(await insert({ b: 2 }), 'INSERT 0 1')
    await connection.execute('commit')
    t.deepEqual(
      (await connection.fetch('table flagged')).map(({ a }) => a),
      [true, true, { b: 2 }],
    )
  })

  test(`${mode}: a value that is wrong for the type stays its own error, and the statement works on`, async (t) => {
    const [connection, other] = await both(t, size)
    await other.execute('create table wanting(a int)')
    const insert = (value: unknown): Promise<string> =>
      connection.execute('insert into wanting values ($1)', [value])
    await insert(1)
    for (let round = 0; round < 3; round++) {
      t.true((await reason(insert('one'))) instanceof InvalidTextRepresentationError)
      const refused = await reason(insert(true))
      t.true(refused instanceof DataError)
      t.is(refused.argument, 1)
      t.is(await insert(2), 'INSERT 0 1')
    }
    await connection.execute('begin')
    t.true((await reason(insert(true))) instanceof DataError)
    t.true(connection.isInTransaction())
    // Nothing was executed of it, so that the transaction is whole.
    t.is(await insert(3), 'INSERT 0 1')
    await connection.execute('commit')
    t.is(await connection.fetchValue('select count(*) from wanting'), 5)
  })

  test(`${mode}: a type that was dropped and made anew is met by preparing again`, async (t) => {
    const [connection, other] = await both(t, size)
    const make = "create type mood as enum ('sad', 'glad'); create table moods(m mood)"
    await other.execute(make)
    const run = async (): Promise<void> => {
      t.is(await connection.execute('insert into moods values ($1)', ['sad']), 'INSERT 0 1')
      t.is(await connection.fetchValue('select $1::mood', ['glad']), 'glad')
      t.deepEqual(await connection.fetch('select m from moods where m = $1', ['sad']), [{ m: 'sad' }])
    }
    for (let round = 0; round < 3; round++) {
      await run()
      await other.execute(`drop table moods; drop type mood; ${make}`)
    }
    await run()
  })

  test(`${mode}: a result with other columns, types and formats is read as what it is`, async (t) => {
    const [connection, other] = await both(t, size)
    await other.execute('create table shifting(a int, b text)')
    await other.execute('insert into shifting values (1, $$x$$)')
    const rows = (): Promise<unknown> => connection.fetch('select * from shifting')
    t.deepEqual(await rows(), [{ a: 1, b: 'x' }])
    for (const [change, expected] of [
      ['alter table shifting add c int; update shifting set c = 3', { a: 1, b: 'x', c: 3 }],
      ['alter table shifting drop b', { a: 1, c: 3 }],
      ['alter table shifting alter a type timestamptz using to_timestamp(0)', { a: new Date(0), c: 3 }],
      // Travels as text, after columns that travel in binary.
      [
        "alter table shifting alter c type regtype using 'integer'::regtype",
        { a: new Date(0), c: 'integer' },
      ],
      ['alter table shifting alter a type int using 5', { a: 5, c: 'integer' }],
      // And back.
      ['alter table shifting alter c type date using $$2024-01-31$$::date', { a: 5, c: '2024-01-31' }],
      ['alter table shifting rename c to d', { a: 5, d: '2024-01-31' }],
    ] as const) {
      await other.execute(change)
      t.deepEqual(await rows(), [expected], change)
      t.deepEqual(await rows(), [expected], change)
    }
  })
}

for (const forgetting of ['discard all', 'deallocate all']) {
  test(`${forgetting} is seen in its tag: what follows is prepared without an error before`, async (t) => {
    const connection = await open(t)
    const sql = 'select $1::int'
    await connection.fetchValue(sql, [1])
    await connection.execute(forgetting)
    // A transaction would be lost with the error.
    await connection.execute('begin')
    t.is(await connection.fetchValue(sql, [2]), 2)
    await connection.execute('commit')
    await connection.execute(forgetting, [])
    await connection.execute('begin')
    t.is(await connection.fetchValue(sql, [3]), 3)
    await connection.execute('commit')
    await connection.execute(`select 1; ${forgetting === 'discard all' ? 'select 2' : forgetting}; select 3`)
    t.is(await connection.fetchValue(sql, [4]), 4)
  })
}
