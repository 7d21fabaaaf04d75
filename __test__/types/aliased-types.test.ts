import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError, InterfaceError, PostgresError, ProtocolError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

/** A type that is stored as int4 is, as an extension makes one. */
const COUNT = `
  create type count_of;
  create function count_in(cstring) returns count_of language internal immutable strict as 'int4in';
  create function count_out(count_of) returns cstring language internal immutable strict as 'int4out';
  create function count_recv(internal) returns count_of language internal immutable strict as 'int4recv';
  create function count_send(count_of) returns bytea language internal immutable strict as 'int4send';
  create type count_of (input = count_in, output = count_out, receive = count_recv, send = count_send, like = int4);
  create type counted as (n count_of, name text);
  create type mood as enum ('so')`

async function openWith(
  t: ExecutionContext,
  script: string,
): Promise<{ connection: Connection; schema: string }> {
  const connection = await open(t)
  const schema = `aliased_${connection.getServerPid()}`
  await connection.execute(`create schema ${schema}; set search_path to ${schema}, public; ${script}`)
  return { connection, schema }
}

test('a scalar type has the values of the built-in one that it is stored like', async (t) => {
  const { connection, schema } = await openWith(t, COUNT)
  t.is(await connection.fetchValue('select $1::count_of', ['5']), '5')
  t.true((await reason(connection.fetchValue('select $1::count_of', [5]))) instanceof DataError)
  await connection.setBuiltinTypeCodec('count_of', { schema, codecName: 'int' })
  for (const round of ['first', 'second']) {
    t.is(await connection.fetchValue('select $1::count_of', [5]), 5, round)
    t.deepEqual(await connection.fetchValue('select $1::count_of[]', [[5, null, -1]]), [5, null, -1], round)
    t.deepEqual(
      await connection.fetchValue('select $1::counted', [{ n: 7, name: 'x' }]),
      { n: 7, name: 'x' },
      round,
    )
  }
  t.is(await connection.fetchValue('select $1::count_of', ['6']), 6)
  const wrong = await reason(connection.fetchValue('select $1::count_of', [0.5]))
  t.regex(wrong.message, /expected an integer for int4/)
  await connection.resetTypeCodec('count_of', { schema })
  t.is(await connection.fetchValue('select $1::count_of', ['5']), '5')
})

test('an alias by text is for a type with the texts of another and a binary form of its own', async (t) => {
  // Its binary form is that of text.
  const { connection, schema } = await openWith(
    t,
    `create type figure_of;
    create function figure_in(cstring) returns figure_of language internal immutable strict as 'textin';
    create function figure_out(figure_of) returns cstring language internal immutable strict as 'textout';
    create function figure_recv(internal) returns figure_of language internal immutable strict as 'textrecv';
    create function figure_send(figure_of) returns bytea language internal immutable strict as 'textsend';
    create type figure_of (input = figure_in, output = figure_out, receive = figure_recv, send = figure_send, like = text);
    create domain figure_over as figure_of;
    create type figured as (f figure_of, n int4);
    create temp table figures (f figure_of, n int4)`,
  )
  await connection.setBuiltinTypeCodec('figure_of', { schema, codecName: 'float8', format: 'text' })
  const settings = connection.getSettings()
  t.is(settings.getCodec('figure_of', { schema })?.format, 'text')
  for (const round of ['first', 'second']) {
    for (const type of ['figure_of', 'figure_over']) {
      t.is(await connection.fetchValue(`select $1::${type}`, [1.5]), 1.5, round)
      t.is(await connection.fetchValue(`select $1::${type}::text`, [1.5]), '1.5', round)
    }
    t.is(await connection.fetchValue('select $1::figure_of', ['2.50']), 2.5, round)
    t.is(await connection.fetchValue('select $1::figure_of', [null]), null, round)
    const lists = [
      [1.5, null],
      [-0, 3],
    ]
    t.deepEqual(await connection.fetchValue('select $1::figure_of[]', [lists]), lists, round)
    t.deepEqual(await connection.fetchValue('select $1::figure_of[]', [[null]]), [null], round)
    const figured = { f: 1.5, n: 1 }
    t.deepEqual(await connection.fetchValue('select $1::figured', [figured]), figured, round)
    t.deepEqual(
      await connection.fetchValue('select $1::figured', [{ f: null, n: 1 }]),
      { f: null, n: 1 },
      round,
    )
  }
  const wrong = await reason(connection.fetchValue('select $1::figure_of', [true]))
  t.regex(wrong.message, /expected number or bigint for float8, got boolean/)
  await connection.copyRecordsToTable('figures', {
    records: [
      [1.5, 1],
      [null, 2],
    ],
  })
  t.deepEqual(await connection.fetch('select f, n from figures order by n'), [
    { f: 1.5, n: 1 },
    { f: null, n: 2 },
  ])
  await connection.resetTypeCodec('figure_of', { schema })
  t.is(await connection.fetchValue("select '1.50'::figure_of"), '1.50')
})

test('a type without a binary form travels as text, and takes no codec of another format', async (t) => {
  const { connection, schema } = await openWith(
    t,
    `create type bare;
    create function bare_in(cstring) returns bare language internal immutable strict as 'int8in';
    create function bare_out(bare) returns cstring language internal immutable strict as 'int8out';
    create type bare (input = bare_in, output = bare_out, like = int8)`,
  )
  await connection.setBuiltinTypeCodec('bare', { schema, codecName: 'int8' })
  t.is(connection.getSettings().getCodec('bare', { schema })?.format, 'text')
  t.is(await connection.fetchValue('select $1::bare', [5]), 5)
  t.deepEqual(await connection.fetchValue('select $1::bare[]', [[5, null]]), [5, null])
  const codec = {
    format: 'binary',
    encode: (value: Buffer) => value,
    decode: (value: Buffer) => value,
  } as const
  for (const refused of [
    connection.setBuiltinTypeCodec('bare', { schema, codecName: 'int8', format: 'binary' }),
    connection.setTypeCodec({ ...codec, type: 'bare', schema }),
  ]) {
    const error = await reason(refused)
    t.true(error instanceof InterfaceError)
    t.is(error.message, `cannot set a codec of format 'binary' for ${schema}.bare: it has no binary form`)
    t.is(error.hint, "use format: 'text'")
  }
  const builtin = await reason(connection.setTypeCodec({ ...codec, type: 'aclitem', schema: 'pg_catalog' }))
  t.regex(builtin.message, /for pg_catalog\.aclitem: it has no binary form$/)
})

test('what cannot be aliased is refused by name', async (t) => {
  const { connection, schema } = await openWith(t, COUNT)
  const cases: [type: string, options: object, message: string][] = [
    ['nope', { codecName: 'int' }, 'unknown type: public.nope'],
    ['counted', { schema, codecName: 'int' }, `cannot alias ${schema}.counted: it is no scalar type`],
    [
      '_int4',
      { schema: 'pg_catalog', codecName: 'int' },
      'cannot alias pg_catalog._int4: it is no scalar type',
    ],
    ['count_of', { schema, codecName: 'nope' }, 'there is no codec "nope"'],
    ['count_of', { schema, codecName: '_int4' }, 'there is no codec "_int4"'],
    ['count_of', { schema, codecName: 'int', format: 'tuple' }, "format must be 'text' or 'binary'"],
    ['count_of', { schema }, 'codecName must be the name of a built-in type'],
  ]
  for (const [type, options, message] of cases) {
    const error = await reason(connection.setBuiltinTypeCodec(type, options as { codecName: string }))
    t.true(error instanceof InterfaceError)
    t.is(error.message, message)
  }
})

test('hstore takes objects, Maps and pairs, also within other types, and needs no codec', async (t) => {
  const { connection, schema } = await openWith(t, '')
  await connection.execute(
    `create extension if not exists hstore; create type tagged as (tags hstore, n int)`,
  )
  const where = (await connection.fetchValue(
    `select extnamespace::regnamespace::text from pg_extension where extname = 'hstore'`,
  )) as string
  await connection.setBuiltinTypeCodec('hstore', { schema: where, codecName: 'pg_contrib.hstore' })
  const tags = { a: '1', 'b "c"\\': null, '': '' }
  const same = (value: unknown): void => {
    t.deepEqual({ ...(value as object) }, tags)
    t.is(Object.getPrototypeOf(value), null)
  }
  for (const value of [
    tags,
    new Map(Object.entries(tags)),
    Object.entries(tags),
    Object.assign(Object.create(null), tags),
  ]) {
    for (const _ of [1, 2]) same(await connection.fetchValue('select $1::hstore', [value]))
  }
  const [first, second] = (await connection.fetchValue('select $1::hstore[]', [[tags, null]])) as unknown[]
  same(first)
  t.is(second, null)
  for (const n of [1, '1']) {
    const tagged = (await connection.fetchValue('select $1::tagged', [{ tags, n }])) as {
      tags: unknown
      n: number
    }
    same(tagged.tags)
    t.is(tagged.n, 1)
  }
  const cases: [value: unknown, reason: string][] = [
    [{ a: 1 }, 'an object (value 0 of hstore must be a string or null, got number)'],
    [{ a: undefined }, 'an object (undefined cannot be sent to PostgreSQL)'],
    [[['a']], 'an array of 1 element (element 0 of a list for hstore must be a pair of a key and a value)'],
    [new Map([[1, 'a']]), 'a key of the Map is no string'],
    [new Set(['a']), 'a Set cannot be sent to PostgreSQL'],
    [5, '5 (expected object, Map or string for hstore, got number)'],
  ]
  for (const [value, expected] of cases) {
    const error = await reason(connection.fetchValue('select $1::hstore', [value]))
    t.true(error instanceof DataError)
    t.is(error.message, `invalid input for query argument $1: ${expected}`)
  }
  t.not(schema, '')
})

test('a built-in type of another binary form than the type has is told with the way out', async (t) => {
  const connection = await open(t)
  await connection.execute(
    "create type digits as enum ('1', '12345678'); create type with_digits as (d digits)",
  )
  await connection.setBuiltinTypeCodec('digits', { codecName: 'int4' })
  const expected = "if its values have another binary form, give setBuiltinTypeCodec() format: 'text'"
  for (const sql of [
    "select '12345678'::digits",
    "select array['1']::digits[]",
    "select row('1')::with_digits",
  ]) {
    const error = await reason(connection.fetchValue(sql))
    t.true(error instanceof ProtocolError, String(error))
    t.true(error.hint?.endsWith(expected), error.hint)
  }
  for (const argument of ['$1::digits', '$1::digits[]']) {
    const value = argument.endsWith('[]') ? [1] : 1
    const error = await reason(connection.fetchValue(`select ${argument}::text`, [value]))
    t.true(error instanceof PostgresError, String(error))
    t.true(error.hint?.endsWith(expected), error.hint)
  }
  // Where no such type has to do with it there is nothing to say.
  t.is((await reason(connection.fetchValue('select $1::int4', ['x']))).hint, undefined)
  await connection.setBuiltinTypeCodec('digits', { codecName: 'int4', format: 'text' })
  t.is(await connection.fetchValue('select $1::digits', [12345678]), 12345678)
  t.is((await reason(connection.fetchValue('select $1::digits', [3]))).hint, undefined)
})
