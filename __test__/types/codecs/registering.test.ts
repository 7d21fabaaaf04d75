import test from 'ava'
import {
  connect,
  createPool,
  InterfaceError,
  type TypeCodec,
  UnsupportedClientFeatureError,
} from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { testDatabase } from '../../support/server.ts'
import { boxed, catalog, openWith, own } from './open.ts'

test('a codec is taken back, and another one takes its place', async (t) => {
  const connection = await open(t)
  const number = { encode: String, decode: Number }
  t.is(await connection.fetchValue('select 1.5'), '1.5')
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...number })
  t.is(await connection.fetchValue('select 1.5'), 1.5)
  await connection.setTypeCodec({ type: 'decimal', schema: catalog, ...boxed })
  t.deepEqual(await connection.fetchValue('select 1.5'), { text: '1.5' })
  await connection.resetTypeCodec('numeric')
  t.deepEqual(await connection.fetchValue('select 1.5'), { text: '1.5' }, 'in another schema')
  await connection.resetTypeCodec('DECIMAL', { schema: catalog })
  t.is(await connection.fetchValue('select 1.5'), '1.5')
  t.is(await connection.fetchValue('select $1::numeric', [1.5]), '1.5')
  await connection.resetTypeCodec('no such type')
})

test('built-in types have the names that SQL has for them', async (t) => {
  const connection = await open(t)
  for (const [type, sql] of [
    ['integer', 'select 5'],
    ['Double Precision', 'select 5::float8'],
    ['character varying', 'select 5::varchar'],
    ['timestamp with time zone', 'select now()'],
    ['bool', 'select true'],
  ] as const) {
    await connection.setTypeCodec({ type, schema: catalog, encode: String, decode: () => type })
    t.is(await connection.fetchValue(sql), type)
  }
})

test('types that cannot have a codec are refused by name, with the remedy', async (t) => {
  const connection = await openWith(
    t,
    `create type span as range (subtype = numeric); create domain amount as numeric; create type pair as (a int)`,
  )
  const schema = await own(connection)
  const codec = { encode: String, decode: String }
  const cases: [given: object, kind: new (message?: string) => Error, message: string | RegExp][] = [
    [{ type: 'nope' }, InterfaceError, 'unknown type: public.nope'],
    [{ type: 'json' }, InterfaceError, 'unknown type: public.json'],
    [{ type: 'Numeric "x"', schema: catalog }, InterfaceError, 'unknown type: pg_catalog.Numeric "x"'],
    [{ type: '_int4', schema: catalog }, InterfaceError, /neither a scalar type nor a composite type$/],
    [{ type: 'int4range', schema: catalog }, InterfaceError, /neither a scalar type nor a composite type$/],
    [{ type: 'span', schema }, InterfaceError, /neither a scalar type nor a composite type$/],
    [{ type: 'amount', schema }, UnsupportedClientFeatureError, /: it is a domain$/],
    [{ type: 'pair', schema }, UnsupportedClientFeatureError, /of format 'text' .* it is a composite type$/],
    [
      { type: 'int4', schema: catalog, format: 'tuple' },
      InterfaceError,
      "pg_catalog.int4 does not support the format 'tuple'",
    ],
    [
      { type: 'int4', schema: catalog, format: 'other' },
      InterfaceError,
      /the format "other", which is none of text, binary, tuple$/,
    ],
    [{ type: '' }, InterfaceError, 'invalid codec: it has no type'],
    [{ type: 'int4', encode: 5 }, InterfaceError, 'invalid codec: it has no function encode'],
    [{ type: 'int4', decode: undefined }, InterfaceError, 'invalid codec: it has no function decode'],
  ]
  for (const [given, kind, message] of cases) {
    const error = await reason(connection.setTypeCodec({ ...codec, ...given } as unknown as TypeCodec))
    t.true(error instanceof kind, `${error}`)
    if (typeof message === 'string') t.is(error.message, message)
    else t.regex(error.message, message)
  }
  t.true((await reason(connection.setTypeCodec(undefined as never))) instanceof InterfaceError)
  t.is(await connection.fetchValue('select 1.5'), '1.5')
  connection.terminate()
  t.true((await reason(connection.setTypeCodec({ type: 'x', ...codec }))) instanceof InterfaceError)
  t.true((await reason(connection.resetTypeCodec('x'))) instanceof InterfaceError)
})

test('calls keep the codecs of when they were made, and prepared statements of when they were prepared', async (t) => {
  const connection = await open(t)
  const sql = 'select $1::numeric as n'
  const before = await connection.prepare(sql)
  const codec = { encode: (value: number) => String(value * 2), decode: (text: string) => Number(text) }
  const early = connection.fetchValue(sql, ['1.5'])
  const set = connection.setTypeCodec({ type: 'numeric', schema: catalog, ...codec })
  const [first] = await Promise.all([early, set])
  t.is(first, '1.5')
  t.is(await connection.fetchValue(sql, [1.5]), 3)
  const after = await connection.prepare(sql)
  const calls = [connection.fetchValue(sql, [2]), after.fetchValue([2]), before.fetchValue(['2'])]
  const reset = connection.resetTypeCodec('numeric', { schema: catalog })
  const late = connection.fetchValue(sql, ['2'])
  t.deepEqual(await Promise.all([...calls, reset, late]), [4, 4, '2', undefined, '2'])
  t.is(await after.fetchValue([1]), 2)
  t.is(await before.fetchValue(['1']), '1')
})

test('the driver asks its own questions without the codecs of the program', async (t) => {
  const connection = await openWith(t, 'create type pair as (a int)')
  const schema = await own(connection)
  for (const type of ['oid', 'int4', 'text', 'name', 'char', 'bool', 'int2']) {
    await connection.setTypeCodec({
      type,
      schema: catalog,
      encode: () => 'nonsense',
      decode: () => 'nonsense',
    })
  }
  await connection.setTypeCodec({ type: 'pair', schema, format: 'tuple', encode: (x) => x, decode: (x) => x })
  const { columns } = await connection.query(`select '(1)'::pair as p, '{}'::pair[] as q`)
  t.deepEqual(
    columns.map(({ type }) => type.name),
    ['pair', 'pair[]'],
  )
  const pieces: Buffer[] = []
  await connection.copyFromQuery('select $1::int8, $2::varchar', [5, 'x'], {
    output: (piece) => void pieces.push(piece),
  })
  t.is(Buffer.concat(pieces).toString(), '5\tx\n')
  const nested = connection.transaction((tx) =>
    tx.transaction(async () => 'run', { isolation: 'read_committed' }),
  )
  t.is(await nested, 'run')
})

test('types.codecs are for every connection of a pool', async (t) => {
  const database = await testDatabase()
  const maker = await open(t)
  await maker.execute("create type public.codec_mood as enum ('so')")
  const codecs: TypeCodec[] = [
    { type: 'codec_mood', encode: String, decode: (text) => `${text}!` },
    { type: 'numeric', schema: catalog, encode: String, decode: Number },
  ]
  const pool = await createPool(database.dsn(), {
    types: { codecs, numeric: 'string' },
    minSize: 0,
    maxSize: 3,
  })
  t.teardown(() => pool.close())
  const values = await Promise.all(
    [1, 2, 3].map(() =>
      pool.withConnection(async (connection) => [
        await connection.fetchRow(`select 'so'::codec_mood as mood, $1::numeric as n`, [1.5]),
        connection.getServerPid(),
      ]),
    ),
  )
  for (const [row] of values) t.deepEqual(row, { mood: 'so!', n: 1.5 })
  t.is(await pool.fetchValue('select 2.5'), 2.5)
})

test('a connection is not made when a type of types.codecs is not there', async (t) => {
  const database = await testDatabase()
  const codecs = [{ type: 'no_such_type', encode: String, decode: String }]
  const error = await reason(connect(database.dsn(), { types: { codecs } }))
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'unknown type: public.no_such_type')
})
