import test from 'ava'
import { Json, json } from '../../index.ts'
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
      // Lists within are documents, whatever they look like together.
      for (const lists of [
        [[1], [2]],
        [[1, 2], [3]],
        [[], [[]]],
        [[[1]], 'null', { a: [2] }],
        [[null, 'x'], null, []],
      ]) {
        const [ndims, value] = await connection
          .fetchRow(`select array_ndims($1::${type}[]) as n, $1::${type}[] as v`, [lists])
          .then((row) => [row?.n, row?.v])
        t.is(ndims, 1)
        t.deepEqual(
          value,
          lists.map((list) => (list === 'null' ? null : list)),
        )
      }
      t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[[undefined, 1], [2]]]), [
        [null, 1],
        [2],
      ])
      t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[Int8Array.of(1, 2), [3]]]), [
        [1, 2],
        [3],
      ])
      t.is(await connection.fetchValue(`select array_ndims($1::${type}[])`, ['{{1},{2}}']), 2)
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
})

test('a Json within objects and arrays is the document that it holds, digit for digit', async (t) => {
  const connection = await open(t)
  const digits = new Json('{"n": 12345678901234567890.10, "a": [1e400]}')
  class Line {
    toJSON(): unknown {
      return { digits }
    }
  }
  const cases: [value: unknown, text: string][] = [
    [{ a: digits }, `{"a":${digits}}`],
    [{ a: [new Json('1'), new Json('null'), json('x')] }, '{"a":[1,null,"x"]}'],
    [[digits, new Json(' [2] ')], `[${digits}, [2] ]`],
    [[[new Line()]], `[[{"digits":${digits}}]]`],
    [{ twice: digits, again: digits }, `{"twice":${digits},"again":${digits}}`],
    [json({ a: digits }), `{"a":${digits}}`],
    [json(digits), digits.text],
  ]
  for (const [value, text] of cases) {
    // Known already, an array is written in one form, else in two.
    for (const _ of [1, 2]) t.is(await connection.fetchValue('select $1::json::text', [value]), text)
  }
  t.deepEqual(JSON.parse(JSON.stringify({ a: new Json('{"b": 1}') })), { a: { b: 1 } })
  t.throws(() => json({ a: new Json('{"secret": ') }), { instanceOf: TypeError, message: /holds no JSON/ })
})

test('an object whose toJSON writes JSON itself keeps the documents in it', async (t) => {
  const connection = await open(t)
  const held = new Json('{"b": [1]}')
  const value = { before: held, own: { toJSON: () => JSON.stringify({ held }) }, behind: held }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [value]), {
    before: { b: [1] },
    own: '{"held":{"b":[1]}}',
    behind: { b: [1] },
  })
})

test('a text that only looks like one of the driver’s own is a text', async (t) => {
  const connection = await open(t)
  const value = { a: new Json('1'), b: 'cornac:0', c: '"cornac::0"', d: '{}' }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [value]), { ...value, a: 1 })
})

test('an object without properties is one, a Map, a Set or a Promise is refused wherever it is', async (t) => {
  const connection = await open(t)
  const plain = { a: {}, b: [{}, []], c: '{}' }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [plain]), plain)
  const shared = {}
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [{ a: shared, b: [shared] }]), {
    a: {},
    b: [{}],
  })
  class Pairs extends Map<string, number> {
    toJSON(): unknown {
      return Object.fromEntries(this)
    }
  }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [{ pairs: new Pairs([['a', 1]]) }]), {
    pairs: { a: 1 },
  })
  for (const lost of [new Map([[1, 2]]), new Set([1]), Promise.resolve(1)]) {
    for (const value of [lost, { lost }, [lost], { a: [{ lost }] }]) {
      for (const type of ['jsonb', 'json', 'jsonb[]']) {
        const error = await reason(connection.fetch(`select $1::${type}`, [value]))
        if (type === 'jsonb[]' && !Array.isArray(value)) continue
        t.is(error.name, 'DataError', `${type}: ${error}`)
        t.regex(error.hint, /await it first|an array/, `${type}: ${error}`)
      }
    }
    t.throws(() => json({ lost }), { instanceOf: TypeError })
  }
})

test('-0 is -0 in json by itself and 0 within a document, as JSON.stringify writes it', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select $1::json::text', [-0]), '-0')
  t.is(await connection.fetchValue('select ($1::json[])[1]::text', [[-0]]), '-0')
  t.is(await connection.fetchValue('select $1::json::text', [{ a: -0 }]), '{"a":0}')
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
