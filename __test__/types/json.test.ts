import test from 'ava'
import { json } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const values: unknown[] = [
  {},
  [],
  { a: 1, b: [true, false, null, 'x'], c: { d: -1.5e-7 } },
  [1, 'two', { three: [4] }],
  [[1, 2], [3]],
  [[], [[]]],
  { __proto__: null, constructor: 1, '': 3, '0': 4 },
  { 'quote"s': '\u2028\n\t\\', emoji: '😀', nul: 'ж' },
  1,
  -0.5,
  1e300,
  true,
  false,
  [null],
  ['{1,2}'],
]

test('json and jsonb carry any value there and back', async (t) => {
  const connection = await open(t)
  for (const type of ['json', 'jsonb']) {
    for (const value of values) {
      const expected = JSON.parse(JSON.stringify(value))
      // Once before the parameter's type is known and once after.
      for (const _ of [1, 2]) {
        t.deepEqual(
          await connection.fetchValue(`select $1::${type}`, [value]),
          expected,
          JSON.stringify(value),
        )
      }
    }
    for (const text of ['x', '', '{"a":1}', 'null']) {
      t.is(await connection.fetchValue(`select $1::${type}`, [json(text)]), text)
    }
    t.is(await connection.fetchValue(`select $1::${type}`, [json(null)]), null)
    t.false(await connection.fetchValue(`select $1::${type} is null`, [json(null)]))
    t.true(await connection.fetchValue(`select $1::${type} is null`, [null]))
  }
})

test('a key named __proto__ in a document is data', async (t) => {
  const connection = await open(t)
  const value = await connection.fetchValue(`select '{"__proto__": {"polluted": true}}'::jsonb`)
  t.deepEqual(Object.keys(value), ['__proto__'])
  t.is(({} as any).polluted, undefined)
})

test('an array for json is a document, one for json[] is an array of documents', async (t) => {
  const connection = await open(t)
  for (const type of ['json', 'jsonb']) {
    for (const _ of [1, 2]) {
      t.deepEqual(await connection.fetchValue(`select $1::${type}`, [[1, [2]]]), [1, [2]])
      t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[1, { a: 2 }, null, true]]), [
        1,
        { a: 2 },
        null,
        true,
      ])
      t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[json([1, 2]), json('x')]]), [
        [1, 2],
        'x',
      ])
      t.is(await connection.fetchValue(`select array_ndims($1::${type}[])`, [[[1], [2]]]), 2)
      t.deepEqual(await connection.fetchValue(`select $1::int[]`, [[1, 2]]), [1, 2])
    }
  }
})

test('numbers that a double cannot hold come as JSON.parse gives them', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue(`select '12345678901234567890'::jsonb`), 12_345_678_901_234_567_000)
  const exact = await open(t, { types: { json: 'text' } })
  t.is(await exact.fetchValue(`select '12345678901234567890'::jsonb`), '12345678901234567890')
})

test('toJSON is what an object is sent as', async (t) => {
  const connection = await open(t)
  class Money {
    toJSON(): unknown {
      return { amount: '1.50' }
    }
  }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [new Money()]), { amount: '1.50' })
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [{ nested: [new Money(), new Date(0)] }]), {
    nested: [{ amount: '1.50' }, '1970-01-01T00:00:00.000Z'],
  })
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [new Map([[1, 2]])]), {})
})

test('a document that PostgreSQL refuses is its error', async (t) => {
  const connection = await open(t)
  t.is((await reason(connection.fetch('select $1::jsonb', ['{']))).name, 'InvalidTextRepresentationError')
  t.is(
    (await reason(connection.fetch('select $1::jsonb', [{ a: '\0' }]))).name,
    'UntranslatableCharacterError',
  )
  t.is(await connection.fetchValue('select $1::json', [{ a: '\0' }]).then((value) => value.a), '\0')
})
