import test from 'ava'
import fc from 'fast-check'
import { Range } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { checkOutput, type Samples } from './round-trip.ts'

const empty = new Range(null, null, { empty: true })
const all = new Range()
const at = (iso: string): Date => new Date(iso)

const samples: Samples[] = [
  [
    'int4range',
    ['[1,5)', new Range(1, 5)],
    ['[1,5]', new Range(1, 6)],
    ['[-2147483648,2147483647)', new Range(-2_147_483_648, 2_147_483_647)],
    ['(,5)', new Range(null, 5)],
    ['[1,)', new Range(1)],
    ['(,)', all],
    ['empty', empty],
    ['[3,3)', empty],
  ],
  [
    'int8range',
    ['[1,9007199254740993)', new Range<number | bigint>(1, 9_007_199_254_740_993n)],
    ['(,)', all],
  ],
  [
    'numrange',
    ['[1.50,2]', new Range('1.50', '2', { upperInc: true })],
    ['(1,2)', new Range('1', '2', { lowerInc: false })],
    ['[-Infinity,Infinity]', new Range('-Infinity', 'Infinity', { upperInc: true })],
    ['empty', empty],
  ],
  [
    'daterange',
    ['[2024-02-29,2024-03-01)', new Range('2024-02-29', '2024-03-01')],
    ['[-infinity,infinity]', new Range('-infinity', 'infinity', { upperInc: true })],
    ['[0044-03-15 BC,)', new Range('0044-03-15 BC')],
  ],
  [
    'tsrange',
    [
      '[2024-01-31 10:00,2024-01-31 11:00)',
      new Range(at('2024-01-31T10:00:00Z'), at('2024-01-31T11:00:00Z')),
    ],
    ['[2024-01-31,infinity)', new Range<Date | number>(at('2024-01-31T00:00:00Z'), Infinity)],
  ],
  ['tstzrange', ['(2024-01-31 11:00+01,]', new Range(at('2024-01-31T10:00:00Z'), null, { lowerInc: false })]],
  [
    'int4multirange',
    ['{}', []],
    ['{[1,5)}', [new Range(1, 5)]],
    ['{(,1),[3,5),[9,)}', [new Range(null, 1), new Range(3, 5), new Range(9)]],
    ['{(,)}', [all]],
  ],
  [
    'nummultirange',
    [
      '{[1.5,2],(3,4)}',
      [new Range('1.5', '2', { upperInc: true }), new Range('3', '4', { lowerInc: false })],
    ],
  ],
  ['datemultirange', ['{[2024-02-29,2024-03-02)}', [new Range('2024-02-29', '2024-03-02')]]],
  ['tstzmultirange', ['{[2024-01-31 10:00+00,)}', [new Range(at('2024-01-31T10:00:00Z'))]]],
]

for (const row of samples) {
  test(`${row[0]}: texts and values`, async (t) => {
    await checkOutput(t, await open(t), row)
  })
}

test('a range follows the options of its bounds', async (t) => {
  const connection = await open(t, {
    types: { int8: 'bigint', timestamptz: 'string', date: 'date', numeric: 'number' },
  })
  t.deepEqual(await connection.fetchValue("select '[1,5)'::int8range"), new Range(1n, 5n))
  t.deepEqual(await connection.fetchValue("select '[1.5,5)'::numrange"), new Range(1.5, 5))
  t.deepEqual(
    await connection.fetchValue("select '[2024-01-31 10:00:00.000001+00,)'::tstzrange"),
    new Range('2024-01-31 10:00:00.000001+00'),
  )
  t.deepEqual(
    await connection.fetchValue("select '[2024-01-31,)'::daterange"),
    new Range(at('2024-01-31T00:00:00Z')),
  )
})

test('a range has the bounds that it has', (t) => {
  const range = new Range(1, 5)
  t.deepEqual(
    [range.lower, range.upper, range.lowerInc, range.upperInc, range.lowerInf, range.upperInf, range.isEmpty],
    [1, 5, true, false, false, false, false],
  )
  // No bound is never in the range.
  t.deepEqual([all.lowerInc, all.upperInc, all.lowerInf, all.upperInf], [false, false, true, true])
  const nothing = new Range(1, 5, { empty: true, upperInc: true })
  t.deepEqual(
    [nothing.lower, nothing.upper, nothing.lowerInc, nothing.upperInc, nothing.lowerInf, nothing.upperInf],
    [null, null, false, false, false, false],
  )
  t.true(nothing.isEmpty)
})

test('a range is written as PostgreSQL reads it', async (t) => {
  const connection = await open(t)
  const cases: [type: string, range: Range, text: string][] = [
    ['int4range', new Range(1, 5), '[1,5)'],
    ['int4range', empty, 'empty'],
    ['int8range', new Range(null, 2n ** 60n), '(,1152921504606846976)'],
    ['numrange', new Range('1.5', '2', { lowerInc: false, upperInc: true }), '(1.5,2]'],
    ['numrange', new Range(-Infinity, Infinity), '[-infinity,infinity)'],
    ['daterange', new Range('2024-01-31', '2024-02-01'), '[2024-01-31,2024-02-01)'],
    ['daterange', new Range('0044-03-15 BC', '2024-02-01'), '["0044-03-15 BC",2024-02-01)'],
    ['tsrange', new Range(at('2024-01-31T10:00:00.120Z')), '["2024-01-31 10:00:00.12+00",)'],
    ['tstzrange', new Range(at('-000043-03-15T10:00:00Z')), '["0044-03-15 10:00:00+00 BC",)'],
    ['tstzrange', new Range(at('+012345-03-15T10:00:00Z')), '["12345-03-15 10:00:00+00",)'],
  ]
  for (const [type, range, text] of cases) {
    t.is(range.toString(), text)
    const back: any = await connection.fetchValue(`select $1::text::${type}`, [range.toString()])
    t.is(
      await connection.fetchValue(`select $1::text::${type} = $2::text::${type}`, [
        range.toString(),
        back.toString(),
      ]),
      true,
      text,
    )
  }
  t.is(new Range('a"b', '\\').toString(), '["a""b","\\\\")')
  t.is(new Range('', ' ').toString(), '[""," ")')
})

test('a number that stands for several integers is no bound of a range of them', async (t) => {
  const connection = await open(t)
  for (const type of ['int8range', 'int8multirange', 'int8range[]']) {
    const sql = `select $1::${type}::text`
    const of = (range: Range): unknown => (type === 'int8range' ? range : [range])
    for (const value of [of(new Range(2 ** 60)), of(new Range(-(2 ** 53), null))]) {
      for (const _ of [1, 2]) {
        const error = await reason(connection.fetch(sql, [value]))
        t.is(error.name, 'DataError', type)
        t.regex(
          error.message,
          /\$1.*lower bound of int8range: a number for int8 must be a safe integer/,
          type,
        )
        t.is(error.argument, 1)
        t.is(error.hint, 'pass a bigint, or a string')
      }
    }
    for (const bound of [2n ** 60n, String(2n ** 60n)]) {
      const text = await connection.fetchValue<string>(sql, [of(new Range<unknown>(bound))])
      t.regex(text ?? '', /\[1152921504606846976,\)/, type)
    }
  }
  t.is(await connection.fetchValue('select $1::numrange::text', [new Range(2 ** 53)]), '[9007199254740992,)')
  t.is(await connection.fetchValue('select lower($1::numrange) = 1e300', [new Range(1e300)]), true)
})

test('an invalid Date is no bound', async (t) => {
  const connection = await open(t)
  for (const _ of [1, 2]) {
    const error = await reason(connection.fetch('select $1::tstzrange', [new Range(new Date(NaN))]))
    t.is(error.message, 'invalid input for query argument $1: a bound of it is an invalid Date')
  }
})

test('ranges of text quote their bounds and are read back', async (t) => {
  const connection = await open(t)
  t.is(new Range(-0, 0, { upperInc: true }).toString(), '[-0,0]')
  t.is(String(await connection.fetchValue("select '(,)'::numrange")), '(,)')
})

/** What asyncpg's test of issubset says, with the server as judge. */
test('subsets, supersets and equality are those of the server', async (t) => {
  const connection = await open(t)
  const bound = fc.option(fc.integer({ min: -3, max: 3 }).map(String), { nil: null })
  const range = fc
    .tuple(bound, bound, fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 9 }))
    .filter(([lower, upper]) => lower === null || upper === null || Number(lower) <= Number(upper))
    .map(([lower, upper, lowerInc, upperInc, luck]) => {
      const isPoint = lower !== null && lower === upper
      return new Range(lower, upper, {
        lowerInc: isPoint || lowerInc,
        upperInc: isPoint || upperInc,
        empty: luck === 0,
      })
    })
  const pairs = fc.sample(fc.tuple(range, range), 600)
  const rows = await connection.fetch(
    'select a <@ b as subset, a = b as equal from unnest($1::text[], $2::text[]) as t (x, y), lateral (select x::numrange as a, y::numrange as b) s',
    [pairs.map(([a]) => String(a)), pairs.map(([, b]) => String(b))],
  )
  for (const [i, { subset, equal }] of rows.entries()) {
    const [a, b] = pairs[i] as [Range, Range]
    t.is(a.isSubset(b), subset, `${a} <@ ${b}`)
    t.is(b.isSuperset(a), subset, `${b} @> ${a}`)
    t.is(a.equals(b), equal, `${a} = ${b}`)
  }
})

test('bounds are compared as the server compares them, not as text', (t) => {
  const inside = (bound: unknown, lower: unknown, upper: unknown): boolean =>
    new Range<unknown>(bound, bound, { upperInc: true }).isSubset(new Range<unknown>(lower, upper))
  t.true(inside('9', '-10', '10'))
  t.true(inside('0.10', '0.1', '0.11'))
  t.true(inside('-5', '-5.5', '-4.5'))
  t.true(inside('-0', '0', '1'))
  t.false(inside('10.00000000000000000001', '9', '10.00000000000000000001'))
  t.true(inside('2024-01-31', '0044-03-15 BC', '10000-01-01'))
  t.true(inside('0045-01-01 BC', '0046-01-01 BC', '0044-01-01 BC'))
  t.true(inside('2024-01-31', '-infinity', 'infinity'))
  t.true(inside(at('2024-01-31T00:00:00Z'), Number.NEGATIVE_INFINITY, at('2024-02-01T00:00:00Z')))
  t.true(inside(5n, 1, 10n))
  t.true(new Range('1', '2.0').equals(new Range('1.00', '2')))
  t.false(new Range(1, 2).equals({ lower: 1, upper: 2 }))
})
