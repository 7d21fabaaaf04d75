// Random values of each family: what comes out is what the server itself says of them.

import test from 'ava'
import fc from 'fast-check'
import { open } from '../query/open.ts'

const RUNS = { numRuns: 60 }

/** Characters that arrays, ranges and composites quote, and some that they need not. */
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'B',
    ' ',
    ',',
    ';',
    '{',
    '}',
    '(',
    ')',
    '"',
    "'",
    '\\',
    '\n',
    'é',
    'ж',
    '😀',
    'NULL',
  ),
  maxLength: 6,
})

test('arrays that travel as text hold what their elements are', async (t) => {
  const connection = await open(t)
  const lists = fc.array(fc.array(text, { maxLength: 3 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(lists, async (lists) => {
      // Lexemes are any text but the empty one.
      const lexemes = lists.map((list) => list.map((lexeme) => lexeme || 'x'))
      const vectors: string[] = []
      for (const list of lexemes) {
        vectors.push(
          (await connection.fetchValue('select array_to_tsvector($1::text[])::text', [list])) as string,
        )
      }
      t.deepEqual(
        await connection.fetchValue('select array(select unnest($1::text[])::tsvector)', [vectors]),
        vectors,
      )
      const table = [vectors, vectors.toReversed()]
      t.deepEqual(
        await connection.fetchValue(
          'select array[array(select unnest($1::text[])::tsvector), array(select unnest($2::text[])::tsvector)]',
          table,
        ),
        table,
      )
    }),
    RUNS,
  )
})

test('float4 is what the server prints', async (t) => {
  const connection = await open(t)
  // Large whole numbers, among which lie those that are halfway between two decimals.
  const whole = fc.maxSafeInteger().map((n) => Math.fround(Math.trunc(n / 2 ** (Math.abs(n) % 40))))
  const floats = fc.array(fc.oneof(fc.float({ noNaN: true }), whole), { minLength: 1, maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(floats, async (floats) => {
      const rows: any[] = await connection.fetch(
        'select f, f::text as text, array[f, null] as list from unnest($1::float4[]) f',
        [floats],
      )
      for (const [i, { f, text, list }] of rows.entries()) {
        t.true(Object.is(f, Number(text)) && Object.is(list[0], f), `${f} is ${text}`)
        t.true(Object.is(Math.fround(f), floats[i]), `${f} is ${floats[i]}`)
      }
    }),
    RUNS,
  )
})

test('intervals, ranges, networks, bits and geometry are what the server prints', async (t) => {
  const connection = await open(t, { serverSettings: { IntervalStyle: 'iso_8601' } })
  await connection.execute('set extra_float_digits = 1')
  const rows: any[] = await connection.fetch(
    `select i, i::text as i_text, r, r::text as r_text, n, n::text as n_text, d, d::text as d_text,
       c, format('%s', c) as c_text, b, b::text as b_text, p, p::text as p_text, s, s::text as s_text, m, m::text as m_text
     from generate_series(1, 2000) k, lateral (select
       make_interval(months => (random() * 4000 - 2000)::int, days => (random() * 4000 - 2000)::int,
         secs => round((random() * 4e6 - 2e6)::numeric, (random() * 6)::int)::float8) as i,
       int4range((random() * -100)::int, nullif((random() * 9)::int, 1), (array['[]', '()', '[)', '(]'])[1 + k % 4]) as r,
       numrange(-round((random() * 1000)::numeric, k % 7), round((random() * 1000)::numeric, k % 5),
         (array['[]', '()', '[)', '(]'])[1 + k % 4]) as n,
       daterange('2024-01-01'::date - (random() * 900000)::int, null, '()') as d,
       set_masklen(('2001:db8::'::inet + (random() * 2 ^ 40)::bigint), 1 + (random() * 127)::int) as c,
       (k * 7919)::bit(20)::varbit as b, point(random() * 1e6 - 5e5, exp(random() * 600 - 300)) as p,
       ('[' || k || ',' || k + 3 || ')')::int8range as s,
       int4multirange(int4range(k, k + 2), int4range(k + 5, k + 9)) as m) v`,
  )
  t.is(rows.length, 2000)
  for (const row of rows) {
    for (const name of ['i', 'r', 'n', 'c', 'b', 's']) {
      if (String(row[name]) !== row[`${name}_text`]) t.is(String(row[name]), row[`${name}_text`], name)
    }
    t.deepEqual([row.p.x, row.p.y], row.p_text.slice(1, -1).split(',').map(Number))
    t.is(`{${row.m.join(',')}}`, row.m_text)
    t.is(String(row.d), row.d_text)
  }
})
