import test from 'ava'
import fc from 'fast-check'
import { open, reason } from '../query/open.ts'

// A column of documents is read by the core and made of object literals here: the result is JSON.parse's in all.

/** Equal in values, in the order and the attributes of properties, and in prototypes. */
function same(
  t: { is(a: unknown, b: unknown, message?: string): boolean },
  actual: any,
  expected: any,
): void {
  if (typeof expected !== 'object' || expected === null) {
    if (!Object.is(actual, expected)) t.is(actual, expected)
    return
  }
  t.is(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected))
  t.is(Array.isArray(actual), Array.isArray(expected))
  t.is(JSON.stringify(Reflect.ownKeys(actual)), JSON.stringify(Reflect.ownKeys(expected)))
  for (const key of Object.keys(expected)) {
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(actual, key)!
    t.is(JSON.stringify(attributes), '{"writable":true,"enumerable":true,"configurable":true}')
    same(t, value, expected[key])
  }
}

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)

const TEXTS: string[] = [
  ...['0', '-0', '0.1', '1e999', '-1e999', '5e-324', '1E+2', '2.5e-7', '9007199254740993'],
  ...[
    '2147483647',
    '2147483648',
    '-2147483648',
    '-2147483649',
    '18446744073709551615',
    '18446744073709551616',
  ],
  ...[
    '123456789012345678901234567890',
    '0.30000000000000004',
    '2.2250738585072011e-308',
    '-9223372036854775809',
  ],
  ...['null', 'true', ' false ', '""', '"x"', '[]', '{}', '[[]]', '[{}]', '{"a": []}'],
  '"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\\\/"',
  '"\\ud83d\\ude00 \\u00e9 😀 é ж"',
  '["\\ud800", "\\udc00x", "\\ud83d"]',
  '{"\\ud800": 1, "b": {"\\u0000": 2}}',
  '{"a": 1, "b": 2, "a": 3}',
  '[{"a": {"x": 1, "x": {"y": 2}}}]',
  '{"10": 1, "2": 2, "b": 3, "a": 4, "-1": 5, "4294967295": 6, "": 7}',
  '{"__proto__": {"__proto__": null}, "constructor": 1, "then": 2, "toJSON": 3}',
  `{"long": "${'x'.repeat(65_535)}", "longer": "${'é'.repeat(65_536)}", "wide": "${'ж'.repeat(70_000)}"}`,
  nested(100, '[', ']'),
  nested(127, '{"a":', '}').replace('}', '1}'),
  nested(500, '[', ']'),
  `[${Array.from({ length: 5000 }, (_, i) => `{"i": ${i}, "half": ${i / 2}, "s": "s${i}"}`).join(', ')}]`,
  `"${'megabytes'.repeat(300_000)}"`,
  `{${Array.from({ length: 200 }, (_, i) => `"key ${i}": ${i}`).join(', ')}}`,
  `{"${'k'.repeat(5000)}": 1}`,
]

test('documents of every kind are what JSON.parse makes of them', async (t) => {
  const connection = await open(t)
  for (const text of TEXTS) {
    const expected = JSON.parse(text)
    // Alone, and beside others of its column: what one leaves behind changes none that follow.
    same(t, await connection.fetchValue('select $1::text::json', [text]), expected)
    const rows: any[] = await connection.fetch(
      'select a, b, 7 as n from (values ($1::text::json, null::json), (null, $1::text::json)) v (a, b)',
      [text],
    )
    same(t, rows[0].a, expected)
    same(t, rows[1].b, expected)
    t.deepEqual([rows[0].b, rows[1].a, rows[0].n, rows[1].n], [null, null, 7, 7])
  }
})

test('documents of random values and spellings are what JSON.parse makes of them', async (t) => {
  const connection = await open(t)
  const key = fc.oneof(
    fc.constantFrom('a', 'b', 'id', '__proto__', '0', '12', '', 'naïve', '日本'),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  )
  const scalar = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((members) => new Map(members)),
    ),
  }))
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 40 }), async (values) => {
      const texts = values.map(spell)
      const types = ['json', 'jsonb'] as const
      for (const type of types) {
        const rows: any[] = await connection.fetch(
          `select d, d::text as text from unnest($1::text[]) as t (x), lateral (select x::${type} as d) s`,
          [texts],
        )
        for (const row of rows) same(t, row.d, JSON.parse(row.text))
      }
    }),
    { numRuns: 150 },
  )
})

/** Members in their order, integer-like keys too, as a plain object would not keep them. */
function spell(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([name, member]) => `${JSON.stringify(name)} : ${spell(member)}`).join(' ,')}}`
  }
  return Array.isArray(value)
    ? `[ ${value.map(spell).join(',\n')}]`
    : JSON.stringify(value).replaceAll('\\u0000', '')
}

test('a column of more kinds of objects than are kept gives them all, and goes on', async (t) => {
  const connection = await open(t)
  const sql = `select json_build_object('key ' || i % 1000, i, 'same', json_build_object('x', i)) as d,
    jsonb_build_object('i', i) as e from generate_series(1, 3000) i`
  for (const _ of [1, 2, 3]) {
    const rows: any[] = await connection.fetch(sql)
    t.true(
      rows.every(
        ({ d, e }, n) => d[`key ${(n + 1) % 1000}`] === n + 1 && d.same.x === n + 1 && e.i === n + 1,
      ),
    )
    t.deepEqual(Object.keys(rows[2999].d), ['key 0', 'same'])
  }
})

test('objects of equal keys share nothing but their form', async (t) => {
  const connection = await open(t)
  const [first, second]: any[] = await connection.fetch(
    `select '{"a": {"b": [1]}}'::jsonb as d from generate_series(1, 2)`,
  )
  first.d.a.b.push(2)
  first.d.a.extra = true
  t.deepEqual(second.d, { a: { b: [1] } })
})

test('documents are read alike by every connection, whichever saw their keys first', async (t) => {
  const connections = await Promise.all([open(t), open(t), open(t)])
  const sql = `select jsonb_build_object('n', i, case when i % 2 = 0 then 'even' else 'odd' end, i) as d
    from generate_series($1::int, $1 + 9) i`
  const results = await Promise.all(
    connections.flatMap((connection) => [1, 2, 3, 4].map((from) => connection.fetch(sql, [from]))),
  )
  for (const [i, rows] of results.entries()) {
    const from = (i % 4) + 1
    for (const [at, row] of rows.entries()) {
      const n = from + at
      t.deepEqual((row as any).d, n % 2 === 0 ? { n, even: n } : { n, odd: n })
    }
  }
})

test('documents within arrays, and as text, stay what they were', async (t) => {
  const connection = await open(t)
  const text = '{"a": 1, "a": {"b": [null, "\\u00e9"]}}'
  t.deepEqual(await connection.fetchValue('select array[$1::text::json, null]', [text]), [
    JSON.parse(text),
    null,
  ])
  const exact = await open(t, { types: { json: 'text' } })
  t.is(await exact.fetchValue('select $1::text::json', [text]), text)
  t.deepEqual(await exact.fetchValue('select array[$1::text::json]', [text]), [text])
})

test('an error between documents leaves the rows before it unseen and the connection usable', async (t) => {
  const connection = await open(t)
  const error = await reason(
    connection.fetch(
      `select jsonb_build_object('n', i, 'inverse', 1 / (500 - i)) from generate_series(1, 1000) i`,
    ),
  )
  t.is(error.name, 'DivisionByZeroError')
  t.deepEqual(await connection.fetchValue(`select '{"n": 1, "inverse": 2}'::jsonb`), { n: 1, inverse: 2 })
})
