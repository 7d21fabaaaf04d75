import test from 'ava'
import { DataError, type TypeCodec } from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { catalog, openWith, own } from './open.ts'

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
