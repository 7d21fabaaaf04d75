import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  connect,
  createPool,
  DataError,
  InterfaceError,
  Range,
  type TypeCodec,
  UnsupportedClientFeatureError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

/** A connection whose session has these types of its own. */
async function openWith(t: ExecutionContext, types: string): Promise<Connection> {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(types)
  return connection
}

/** Where the types of a session are. */
async function own(connection: Connection): Promise<string> {
  return connection.fetchValue('select pg_my_temp_schema()::regnamespace::text') as Promise<string>
}

const catalog = 'pg_catalog'

/** Objects that hold the text. */
const boxed = { encode: (value: { text: string }) => value.text, decode: (text: string) => ({ text }) }

test('a text codec gets every value of its type as text, in both directions', async (t) => {
  const connection = await open(t)
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const value = { text: '1.50' }
  t.deepEqual(await connection.fetchValue('select $1::numeric', [value]), value)
  t.deepEqual(await connection.fetchValue('select 1.50'), value)
  t.is(await connection.fetchValue('select $1::numeric', [null]), null)
  t.deepEqual(
    await connection.fetch('select n::numeric as n, n::text as t, n as i from generate_series(1, 2) n'),
    [
      { n: { text: '1' }, t: '1', i: 1 },
      { n: { text: '2' }, t: '2', i: 2 },
    ],
  )
})

test('strings reach the codec of their type too, and no other', async (t) => {
  const connection = await open(t)
  const seen: unknown[] = []
  const encode = (value: unknown): string => {
    seen.push(value)
    return JSON.stringify(value)
  }
  await connection.setTypeCodec({ type: 'jsonb', schema: catalog, encode, decode: JSON.parse })
  t.is(await connection.fetchValue('select $1::jsonb', ['a string']), 'a string')
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [[1, { a: 2 }]]), [1, { a: 2 }])
  t.is(await connection.fetchValue('select $1::text', ['another']), 'another')
  t.deepEqual(seen, ['a string', [1, { a: 2 }]])
})

test('arrays, domains, composites and ranges follow the codec of what they are made of', async (t) => {
  const connection = await openWith(
    t,
    `create domain amount as numeric check (value > 0); create type item as (name text, price numeric, prices numeric[]);
     create type span as range (subtype = numeric)`,
  )
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const [one, two] = [{ text: '1.0' }, { text: '2.00' }]
  const values: [type: string, value: unknown, comes?: unknown][] = [
    ['numeric[]', [one, null, two]],
    ['amount', one],
    ['amount[]', [one, two]],
    ['item', { name: 'a "b", c', price: one, prices: [two, null] }],
    ['item[]', [{ name: null, price: one, prices: null }, null]],
    ['item', ['x', one, []], { name: 'x', price: one, prices: [] }],
    ['span', new Range(one, two), '[1.0,2.00)'],
    ['span', new Range(null, two, { upperInc: true }), '(,2.00]'],
  ]
  for (const [type, value, comes = value] of values) {
    const sql = `select $1::${type}`
    t.deepEqual(await connection.fetchValue(sql, [value]), comes, `${type}, first`)
    t.deepEqual(await connection.fetchValue(sql, [value]), comes, `${type}, second`)
  }
})

test('an array of a type with a codec has one dimension: a list in it is a value for the codec', async (t) => {
  const connection = await open(t)
  const codec = { encode: JSON.stringify, decode: JSON.parse }
  await connection.setTypeCodec({ type: 'json', schema: catalog, ...codec })
  const values = [[1, [2]], { a: [] }, 'x', null]
  t.deepEqual(await connection.fetchValue('select $1::json[]', [values]), values)
  t.deepEqual(await connection.fetchValue(`select '{{1,2},{3,4}}'::json[]`), [
    [1, 2],
    [3, 4],
  ])
})

test('a codec for an enum, found in its schema', async (t) => {
  const connection = await openWith(t, `create type mood as enum ('so', 'la la')`)
  const schema = await own(connection)
  const mood: TypeCodec = {
    type: 'mood',
    schema,
    encode: (value: symbol) => value.description,
    decode: (label) => Symbol.for(label),
  }
  await connection.setTypeCodec(mood)
  const so = Symbol.for('so')
  t.is(await connection.fetchValue('select $1::mood', [so]), so)
  t.deepEqual(await connection.fetchValue('select $1::mood[]', [[so, null]]), [so, null])
  t.is((await reason(connection.fetchValue('select $1::mood', [Symbol('up')]))).sqlstate, '22P02')
})

test('a binary codec gets and gives bytes', async (t) => {
  const connection = await openWith(t, 'create type pair as (id uuid, n int)')
  await connection.setTypeCodec({
    type: 'uuid',
    schema: catalog,
    format: 'binary',
    encode: (value: bigint) => Buffer.from(value.toString(16).padStart(32, '0'), 'hex'),
    decode: (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`),
  })
  for (const round of ['first', 'second']) {
    t.is(await connection.fetchValue('select $1::uuid', [5n]), 5n, round)
    t.deepEqual(await connection.fetchValue('select $1::uuid[]', [[5n, null]]), [5n, null], round)
    t.deepEqual(await connection.fetchValue('select $1::pair', [{ id: 7n, n: 1 }]), { id: 7n, n: 1 }, round)
  }
  t.is(await connection.fetchValue(`select '00000000-0000-0000-0000-0000000000ff'::uuid`), 255n)
  const beside = await reason(connection.fetchValue('select $1::pair', [{ id: 7n, n: '1' }]))
  t.true(beside instanceof DataError)
  t.regex(beside.message, /a codec gave its binary form, and something beside it is text/)
})

test('tuples are what types of date and time consist of', async (t) => {
  const connection = await open(t)
  const cases: [type: string, text: string, tuple: unknown[]][] = [
    ['date', '2000-02-01', [31]],
    ['date', 'infinity', [2147483647]],
    ['date', '-infinity', [-2147483648]],
    ['time', '00:00:01.5', [1_500_000n]],
    ['timestamp', '2000-01-01 00:00:00.000001', [1n]],
    ['timestamp', '-infinity', [-(2n ** 63n)]],
    ['timestamptz', '1999-12-31 23:59:59+00', [-1_000_000n]],
    ['timetz', '00:00:01+01', [1_000_000n, -3600]],
    ['interval', '1 year 2 days 00:00:03', [12, 2, 3_000_000n]],
  ]
  for (const type of new Set(cases.map(([type]) => type))) {
    const same = (tuple: unknown): unknown => tuple
    await connection.setTypeCodec({ type, schema: catalog, format: 'tuple', encode: same, decode: same })
  }
  for (const [type, text, tuple] of cases) {
    t.deepEqual(await connection.fetchValue(`select '${text}'::${type}`), tuple, type)
    t.true(await connection.fetchValue(`select $1::${type} = '${text}'`, [tuple]), type)
    const numbers = tuple.map((part) => (Number.isSafeInteger(Number(part)) ? Number(part) : part))
    t.true(await connection.fetchValue(`select $1::${type} = '${text}'`, [numbers]), `${type}, numbers`)
    t.deepEqual(await connection.fetchValue(`select array[$1::${type}]`, [tuple]), [tuple], type)
  }
  const error = await reason(connection.fetchValue('select $1::interval', [[1, 2]]))
  t.is(
    error.message,
    'invalid input for query argument $1: the codec for pg_catalog.interval must give [months, days, microseconds] in whole numbers',
  )
})

test('tuples of a composite are its attributes in order', async (t) => {
  const connection = await openWith(t, 'create type place as (name text, x float8, at point)')
  const schema = await own(connection)
  class Place {
    readonly parts: unknown[]
    constructor(parts: unknown[]) {
      this.parts = parts
    }
  }
  await connection.setTypeCodec({
    type: 'place',
    schema,
    format: 'tuple',
    encode: ({ parts }: Place) => parts,
    decode: (parts) => new Place(parts),
  })
  const place = new Place(['Ulm', 1.5, { x: 1, y: 2 }])
  for (const round of ['first', 'second']) {
    t.deepEqual(await connection.fetchValue('select $1::place', [place]), place, round)
    t.deepEqual(await connection.fetchValue('select $1::place[]', [[place, null]]), [place, null], round)
  }
  t.deepEqual(await connection.fetchValue(`select '(,,)'::place`), new Place([null, null, null]))
  const short = await reason(connection.fetchValue('select $1::place', [new Place([1])]))
  t.regex(short.message, /a list for place must have 3 values, this one has 1/)
})

test('what a codec throws fails its own call, is its cause, and leaves the connection usable', async (t) => {
  const connection = await open(t)
  const mine = new Error('mine')
  const fail = (): never => {
    throw mine
  }
  await connection.setTypeCodec({ type: 'int4', schema: catalog, encode: fail, decode: fail })
  const [in1, in2, out, fine] = await Promise.all([
    reason(connection.fetchValue('select $2::int4, $1::text', ['a', 5])),
    reason(connection.executeMany('select $1::int4', [[null], [5]])),
    reason(connection.fetch('select 1::int8 as a, 2::int4 as b')),
    connection.fetchValue('select 3::int8'),
  ])
  t.true(in1 instanceof DataError)
  t.is(in1.message, 'invalid input for query argument $2: the codec for pg_catalog.int4 threw an error')
  t.is(in1.argument, 2)
  t.is(in1.value, 5)
  t.is(in1.cause, mine)
  t.is(
    in2.message,
    'invalid input for query argument $1 in element #1 of executeMany() sequence: the codec for pg_catalog.int4 threw an error',
  )
  t.is(in2.element, 1)
  t.true(out instanceof DataError)
  t.is(out.message, 'column "b" holds a value that the codec for pg_catalog.int4 could not decode')
  t.is(out.cause, mine)
  t.is(fine, 3)
  const again = await reason(connection.fetchValue('select $2::int4, $1::text', ['a', 5]))
  t.is(again.message, in1.message)
})

test('what an encoder gives must be of its format', async (t) => {
  const connection = await open(t)
  const cases: [format: TypeCodec['format'], gives: unknown, message: string, hint?: string][] = [
    ['text', 5, 'a string, gave a number'],
    ['text', undefined, 'a string, gave undefined'],
    ['text', null, 'a string, gave null'],
    ['text', Promise.resolve('x'), 'a string, gave a Promise', 'encode() is called without being waited for'],
    ['binary', 'x', 'a Uint8Array, gave a string'],
    ['tuple', {}, 'an array, gave an object'],
  ]
  for (const [format, gives, message, hint] of cases) {
    await connection.setTypeCodec({
      type: 'date',
      schema: catalog,
      format,
      encode: () => gives,
      decode: String,
    })
    const error = await reason(connection.fetchValue('select $1::date', [1]))
    t.true(error instanceof DataError)
    t.is(
      error.message,
      `invalid input for query argument $1: the codec for pg_catalog.date must give ${message}`,
    )
    t.is(error.hint, hint)
  }
  await connection.setTypeCodec({ type: 'date', schema: catalog, encode: () => 'a\0', decode: String })
  t.regex(
    (await reason(connection.fetchValue('select $1::date', [1]))).message,
    /cannot hold the NUL character/,
  )
})

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

test('every call goes by codecs: query, cursors, many sets, records', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table price (n numeric, all_of numeric[])')
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const [one, two] = [{ text: '1' }, { text: '2' }]
  await connection.executeMany('insert into price values ($1, $2)', [
    [one, [one, two]],
    [two, null],
  ])
  t.is(await connection.copyRecordsToTable('price', { records: [[one, [two]]] }), 'COPY 1')
  const rows = [
    { n: one, all_of: [one, two] },
    { n: two, all_of: null },
    { n: one, all_of: [two] },
  ]
  t.deepEqual((await connection.query('select * from price')).rows, rows)
  t.deepEqual(
    (await connection.query('select * from price', [], { rows: 'array' })).rows,
    rows.map((row) => Object.values(row)),
  )
  t.deepEqual(await connection.fetchMany('select * from price where n > $1', [[one]]), [rows[1]])
  const found: unknown[] = []
  await connection.transaction(async () => {
    for await (const row of connection.cursor('select * from price where n < $1', [two])) found.push(row)
  })
  t.deepEqual(found, [rows[0], rows[2]])
})

test('arguments for a codec are taken as they stood at the call', async (t) => {
  const connection = await open(t)
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const value = { text: '1' }
  const call = connection.fetchValue('select $1::numeric + 0', [value])
  value.text = '2'
  t.deepEqual(await call, { text: '1' })
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
