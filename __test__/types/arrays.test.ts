import test from 'ava'
import { BitString, Interval, Range } from '../../index.ts'
import { open, reason } from '../query/open.ts'

test('lower bounds are dropped, dimensions are nested arrays', async (t) => {
  const connection = await open(t)
  const cases: [text: string, value: unknown][] = [
    ['{}', []],
    ['{1}', [1]],
    ['{1,NULL,3}', [1, null, 3]],
    ['[5:7]={1,2,3}', [1, 2, 3]],
    [
      '[1:3][-1:0]={{1,2},{4,5},{6,7}}',
      [
        [1, 2],
        [4, 5],
        [6, 7],
      ],
    ],
    [
      '{{{1,2},{3,4}},{{5,NULL},{7,8}}}',
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, null],
          [7, 8],
        ],
      ],
    ],
    ['{{{{{{1}}}}}}', [[[[[[1]]]]]]],
    ['{NULL}', [null]],
    ['{{NULL},{NULL}}', [[null], [null]]],
  ]
  for (const [text, value] of cases) {
    t.deepEqual(await connection.fetchValue('select $1::text::int4[]', [text]), value, text)
    t.deepEqual(await connection.fetchValue('select $1::int4[]', [value]), value, text)
    t.deepEqual(await connection.fetchValue('select $1::text::int8[]', [text]), value, text)
    t.deepEqual(
      await connection.fetchValue('select $1::text::text[]', [text]),
      JSON.parse(JSON.stringify(value), asText),
      text,
    )
  }
})

function asText(_: string, value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value
}

test('an array of no element in any dimension is empty', async (t) => {
  const connection = await open(t)
  for (const value of [[], [[]], [[], []], [[[]]]]) {
    t.is(
      await connection.fetchValue('select $1::int4[] = array[]::int4[]', [value]),
      true,
      JSON.stringify(value),
    )
    t.deepEqual(await connection.fetchValue('select $1::text[]', [value]), [], JSON.stringify(value))
  }
})

test('texts of any kind survive in an array', async (t) => {
  const connection = await open(t)
  const texts = [
    '',
    ' ',
    'NULL',
    'null',
    '{',
    '}',
    '"',
    '\\',
    ',',
    'a b',
    '\n',
    '\t',
    '\v',
    'é',
    'ж',
    '😀',
    "'",
    null,
    '{}',
    '\\"',
  ]
  t.deepEqual(await connection.fetchValue('select $1::text[]', [texts]), texts)
  t.deepEqual(await connection.fetchValue('select $1::varchar[]', [texts]), texts)
  t.deepEqual(await connection.fetchValue('select array(select unnest($1::text[]))', [texts]), texts)
  const names = texts.filter((text) => text !== null)
  t.deepEqual(await connection.fetchValue('select $1::name[]', [names]), names)
  for (const text of texts) t.is(await connection.fetchValue('select ($1::text[])[1]', [[text]]), text)
})

test('typed arrays are arrays of numbers', async (t) => {
  const connection = await open(t)
  const cases: [type: string, value: unknown, expected: unknown[]][] = [
    ['int4', new Int32Array([1, -2]), [1, -2]],
    ['int2', new Int16Array([1, -2]), [1, -2]],
    ['int4', new Int8Array([1, -2]), [1, -2]],
    ['int4', new Uint16Array([1, 65_535]), [1, 65_535]],
    ['int8', new Uint32Array([1, 4_294_967_295]), [1, 4_294_967_295]],
    ['int8', new BigInt64Array([1n, -(2n ** 63n)]), [1, -(2n ** 63n)]],
    ['float8', new Float64Array([0.1, -0, Number.NaN]), [0.1, -0, Number.NaN]],
    ['float4', new Float32Array([0.1, 1.5]), [0.1, 1.5]],
    ['float8', new Float64Array(), []],
    ['int4', new Int32Array([7, 8, 9]).subarray(1), [8, 9]],
  ]
  for (const [type, value, expected] of cases) {
    for (const _ of [1, 2])
      t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [value]), expected, type)
  }
})

test('int2vector and oidvector come as text or arrays, and take arrays', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select $1::int2vector::text', [[1, 2]]), '1 2')
  t.is(await connection.fetchValue('select $1::oidvector::text', [[1, 4_294_967_295]]), '1 4294967295')
  for (const empty of [[], [[]], [[], []]]) {
    t.is(await connection.fetchValue('select $1::int2vector::text', [empty]), '')
    t.is(await connection.fetchValue('select $1::oidvector::text', [empty]), '')
  }
  t.is((await connection.fetch('select indkey, proargtypes from pg_index, pg_proc limit 3')).length, 3)
})

test('what is no array is refused as that, whatever it is', async (t) => {
  const connection = await open(t)
  const values = [
    new Interval({ days: 1 }),
    new Range(1, 2),
    new BitString('1'),
    { x: 1, y: 2 },
    { days: 1 },
    new Date(0),
  ]
  for (const type of ['interval[]', 'int4range[]', 'varbit[]', 'point[]', 'int4[]', 'int2vector']) {
    for (const value of values) {
      const error = await reason(connection.fetch(`select $1::${type}`, [value]))
      t.is(error.name, 'DataError', type)
      t.true(error.message.includes(`(expected array for ${type}, got `), error.message)
      t.is(error.hint, 'pass an array: [value]')
    }
  }
})

test('arrays of 10^5 elements, beside NULL', async (t) => {
  const connection = await open(t)
  const numbers = Array.from({ length: 100_000 }, (_, n) => (n % 1000 === 0 ? null : n))
  t.deepEqual(await connection.fetchValue('select $1::int4[]', [numbers]), numbers)
  t.deepEqual(await connection.fetchValue('select $1::float8[]', [numbers]), numbers)
  const texts = numbers.map((n) => (n === null ? null : `text ${n}`))
  t.deepEqual(await connection.fetchValue('select $1::text[]', [texts]), texts)
  const rows = await connection.fetch(
    'select array[n, n * 2] as a, array[n::text] as b from generate_series(1, 20000) n',
  )
  t.true(rows.every(({ a, b }, i) => a[0] === i + 1 && a[1] === 2 * i + 2 && b[0] === String(i + 1)))
})

test('any() and unnest take arrays of every size', async (t) => {
  const connection = await open(t)
  for (const size of [0, 1, 1000]) {
    const numbers = Array.from({ length: size }, (_, n) => n)
    t.is(
      await connection.fetchValue('select count(*) from generate_series(0, 999) n where n = any($1)', [
        numbers,
      ]),
      size,
    )
    t.is(
      await connection.fetchValue('select count(*) from unnest($1::int[], $2::text[])', [
        numbers,
        numbers.map(String),
      ]),
      size,
    )
  }
})
