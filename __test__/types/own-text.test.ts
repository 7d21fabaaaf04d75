// Values that are no scalars to JavaScript go in as they come out: by themselves, in arrays, and where the parameter is a
// document after all.

import test from 'ava'
import { BitString, type Connection, Interval, Range } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { checkSamples, type Samples } from './round-trip.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
const p = (x: number, y: number) => ({ x, y })

const samples: Samples[] = [
  [
    'int4range',
    ['[1,5)', new Range(1, 5)],
    ['empty', new Range(0, 0, { empty: true })],
    ['(,)', new Range<number>()],
  ],
  ['int8range', ['[1,9007199254740993)', new Range<number | bigint>(1, 2n ** 53n + 1n)]],
  [
    'numrange',
    ['(0.10,1e3]'.replace('1e3', '1000'), new Range('0.10', '1000', { lowerInc: false, upperInc: true })],
  ],
  ['daterange', ['[2024-01-31,infinity)', new Range('2024-01-31', 'infinity')]],
  [
    'point',
    ['(1,2)', p(1, 2)],
    ['(-0,0.1)', p(-0, 0.1)],
    ['(NaN,-Infinity)', p(nan, -infinity)],
    ['(1e+300,5e-324)', p(1e300, 5e-324)],
  ],
  ['line', ['{1,-2,3}', { a: 1, b: -2, c: 3 }]],
  ['lseg', ['[(1,2),(3,4)]', { p1: p(1, 2), p2: p(3, 4) }]],
  ['box', ['(3,4),(1,2)', { high: p(3, 4), low: p(1, 2) }]],
  [
    'path',
    ['[(1,2),(3,4)]', { points: [p(1, 2), p(3, 4)], isClosed: false }],
    ['((1,2),(3,4),(5,6))', { points: [p(1, 2), p(3, 4), p(5, 6)], isClosed: true }],
  ],
  ['polygon', ['((0,0),(1,1),(0,1))', { points: [p(0, 0), p(1, 1), p(0, 1)] }]],
  ['circle', ['<(1,2),3.5>', { center: p(1, 2), radius: 3.5 }]],
  [
    'pg_snapshot',
    ['10:20:10,14', { xmin: 10n, xmax: 20n, xip: [10n, 14n] }],
    ['1:1:', { xmin: 1n, xmax: 1n, xip: [] }],
  ],
  ['varbit', ['', new BitString('')], ['010100111', new BitString('010100111')]],
  ['bit(4)', ['0101', new BitString('0101')]],
  [
    'interval',
    [
      '1 year 2 mons -3 days +04:05:06.7',
      new Interval({ months: 14, days: -3, microseconds: 14_706_700_000 }),
    ],
  ],
]

for (const row of samples) {
  test(`${row[0]}: values and texts, both ways`, async (t) => {
    await checkSamples(t, await open(t), row)
  })
}

/** Twice: the first time the types of the statement are not known. */
async function sent(connection: Connection, type: string, value: unknown): Promise<(string | null)[]> {
  const texts: (string | null)[] = []
  for (const _ of [1, 2]) texts.push(await connection.fetchValue(`select $1::${type}::text`, [value]))
  return texts
}

test('bounds of ranges are of every kind that their type has', async (t) => {
  const connection = await open(t)
  await connection.execute("set timezone = 'UTC'")
  const at = new Date(1_706_695_200_123)
  for (const [type, value, text] of [
    ['int8range', new Range(1n, 5n), '[1,5)'],
    ['numrange', new Range(-0.5, 1e21), '[-0.5,1000000000000000000000)'],
    ['tstzrange', new Range(at, null), '["2024-01-31 10:00:00.123+00",)'],
    ['tsrange', new Range(null, at, { upperInc: true }), '(,"2024-01-31 10:00:00.123"]'],
    ['daterange', new Range<any>(at, infinity), '[2024-01-31,infinity)'],
    ['int4range[]', [new Range(1, 2), null, '[3,4]'], '{"[1,2)",NULL,"[3,5)"}'],
    ['int4multirange', [new Range(1, 2), '[5,7]'], '{[1,2),[5,8)}'],
    ['int4multirange', [], '{}'],
    ['int4multirange[]', [[new Range(1, 2)], [], null], '{"{[1,2)}","{}",NULL}'],
    // By the first element that is not NULL: a list of multiranges is a dimension.
    [
      'int4multirange[]',
      [
        [null, [new Range(1, 2)]],
        [['[5,7]'], null],
      ],
      '{{NULL,"{[1,2)}"},{"{[5,8)}",NULL}}',
    ],
    ['int4multirange[]', [[null], [null]], '{{NULL},{NULL}}'],
  ] as const) {
    for (const got of await sent(connection, type, value)) t.is(got, text, `${type} ${text}`)
  }
})

test('a list is a value of point and tid, and the outermost one is the array', async (t) => {
  const connection = await open(t)
  for (const [type, value, text] of [
    ['point', [1, 2.5], '(1,2.5)'],
    ['point[]', [[1, 2], [3, 4], p(5, 6), '(7,8)', null], '{"(1,2)","(3,4)","(5,6)","(7,8)",NULL}'],
    ['point[]', [Float64Array.of(1, 2)], '{"(1,2)"}'],
    ['tid', [4_294_967_295, 65_535], '(4294967295,65535)'],
    [
      'tid[]',
      [
        [0, 1],
        [2, 3],
      ],
      '{"(0,1)","(2,3)"}',
    ],
    ['box[]', [{ high: p(1, 1), low: p(0, 0) }], '{(1,1),(0,0)}'],
  ] as const) {
    for (const got of await sent(connection, type, value)) t.is(got, text, `${type} ${text}`)
  }
})

test('what looks like a value of another type is a document where the parameter is one', async (t) => {
  const connection = await open(t)
  const documents: unknown[] = [
    p(1, 2),
    { a: 1, b: 2, c: 3 },
    { points: [p(1, 2)] },
    { center: p(1, 2), radius: 3 },
    { x: 'text', y: null },
    { x: 1, y: 2, z: 3 },
    { ['__proto__']: 1 },
    { constructor: 1 },
  ]
  for (const type of ['json', 'jsonb']) {
    for (const document of documents) {
      for (const _ of [1, 2]) {
        t.deepEqual(await connection.fetchValue(`select $1::${type}`, [document]), document)
        t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[document, [document]]]), [
          document,
          [document],
        ])
      }
    }
  }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [new BitString('01')]), { bits: '01' })
  const error = await reason(connection.fetch('select $1::jsonb', [new Interval({ days: 1 })]))
  t.regex(error.message, /JSON has no bigint/)
})

test('domains over such types take their values', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create domain duration as interval;
    create type textrange as range (subtype = text)`)
  t.is(await connection.fetchValue('select $1::duration::text', [new Interval({ days: 1 })]), '1 day')
  t.is(
    await connection.fetchValue('select $1::textrange::text', [new Range('a "b"', 'c,d')]),
    '["a ""b""","c,d")',
  )
})

test('a value of another type, or with members of other kinds, is refused', async (t) => {
  const connection = await open(t)
  for (const [type, value, message] of [
    ['int4', new Range(1, 2), 'a Range (expected number or bigint for int4, got Range)'],
    [
      'interval',
      { days: '1' },
      'an object of 12 characters as JSON (expected Interval or string for interval, got object)',
    ],
    [
      'int4range',
      new Interval(),
      'an Interval (expected Range, array or string for int4range, got Interval)',
    ],
    [
      'point',
      { high: p(1, 2), low: p(0, 0) },
      'an object (expected point, array or string for point, got object)',
    ],
    ['point', [1, 2, 3], 'an array of 3 elements (a list for point must be two numbers)'],
    ['tid', [1, 65_536], /must be two numbers: a block below 2\^32 and a place below 2\^16/],
    ['text', new BitString('1'), 'a BitString (expected string for text, got BitString)'],
    [
      'int4multirange',
      [1],
      'an array of 1 element (invalid element at index 0: expected Range, array or string for int4multirange, got number)',
    ],
    [
      'int4range',
      new Range({} as any, 1),
      'a Range (lower bound of int4range: expected number or bigint for int4, got object)',
    ],
    ['int4range', new Range('1\ud800', '2'), 'a value with a lone surrogate cannot be sent to PostgreSQL'],
  ] as const) {
    for (const _ of [1, 2]) {
      const error = await reason(connection.fetch(`select $1::${type}`, [value]))
      const text = error.message.replace('invalid input for query argument $1: ', '')
      if (typeof message === 'string') t.is(text, message)
      else t.regex(text, message)
      t.is(error.argument, 1)
    }
  }
  t.is(await connection.fetchValue('select 1'), 1)
})
