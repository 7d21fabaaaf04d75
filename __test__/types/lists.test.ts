// Lists of bounds and of numbers as values of ranges and geometric types, alone and in arrays, composites and COPY.

import test from 'ava'
import { DataError, Range, type DataError as Refusal, UnsupportedClientFeatureError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const at = (iso: string): Date => new Date(iso)
const point = (x: number, y: number): object => ({ x, y })

/** What goes in, and the text that the server has for it. */
const values: [type: string, ...cases: [value: unknown, text: string][]][] = [
  [
    'int4range',
    [[1, 5], '[1,6)'],
    [[1], '[1,)'],
    [[null, 5], '(,6)'],
    [[1, null], '[1,)'],
    [[null, null], '(,)'],
    [[null], '(,)'],
    [[], 'empty'],
    [['1', '5'], '[1,6)'],
    [[1n, 5], '[1,6)'],
    [new Int32Array([1, 5]), '[1,6)'],
  ],
  ['int8range', [[2n ** 60n, 2n ** 60n], '[1152921504606846976,1152921504606846977)']],
  ['numrange', [['1.50', 2], '[1.50,2]'], [[-Infinity, Infinity], '[-Infinity,Infinity]']],
  ['daterange', [['0044-03-15 BC', at('2024-01-31T00:00:00Z')], '["0044-03-15 BC",2024-02-01)']],
  [
    'tstzrange',
    [[at('2024-01-31T10:00:00.120Z'), Infinity], '["2024-01-31 10:00:00.12+00",infinity]'],
    [[at('2024-01-31T10:00:00Z')], '["2024-01-31 10:00:00+00",)'],
  ],
  ['words', [['a "b"', 'c,\\'], '["a ""b""","c,\\\\"]'], [['', null], '["",)']],
  [
    'int4multirange',
    [
      [
        [1, 5],
        [7, 9],
      ],
      '{[1,6),[7,10)}',
    ],
    [[[1, 5], new Range(7, 9), '[11,12]'], '{[1,6),[7,9),[11,13)}'],
    [[[]], '{}'],
    [[[null, null]], '{(,)}'],
  ],
  [
    'int4range[]',
    [[[1, 5], [7]], '{"[1,6)","[7,)"}'],
    [[null, [1, 5], new Range(2, 3), '[4,5]'], '{NULL,"[1,6)","[2,3)","[4,6)"}'],
    [[[], [null, null], [1, 2]], '{empty,"(,)","[1,3)"}'],
    [[[['1', '2']], [['3', '4']]], '{{"[1,3)"},{"[3,5)"}}'],
    [[['[1,2]'], ['empty']], '{{"[1,3)"},{empty}}'],
    [
      [
        [new Range(1, 2), null],
        [null, null],
      ],
      '{{"[1,2)",NULL},{NULL,NULL}}',
    ],
    [
      [
        [[1, 2], null],
        [null, [null, null]],
      ],
      '{{"[1,3)",NULL},{NULL,"(,)"}}',
    ],
    [[[null, null]], '{{NULL,NULL}}'],
  ],
  [
    'int4multirange[]',
    [[[[1, 5]], []], '{"{[1,6)}","{}"}'],
    [
      [
        [
          [
            [1, 5],
            [7, 9],
          ],
        ],
      ],
      '{{"{[1,6),[7,10)}"}}',
    ],
    [[[new Range(1, 2)]], '{"{[1,2)}"}'],
  ],
  ['point', [[1, 2], '(1,2)'], [new Float64Array([1.5, 2]), '(1.5,2)'], [[-0, NaN], '(-0,NaN)']],
  ['line', [[1, 2, 3], '{1,2,3}'], [new Float32Array([1, 2, 3]), '{1,2,3}']],
  [
    'box',
    [[2, 3, 0, 1], '(2,3),(0,1)'],
    [
      [
        [2, 3],
        [0, 1],
      ],
      '(2,3),(0,1)',
    ],
    [[point(2, 3), [0, 1]], '(2,3),(0,1)'],
    [{ high: [2, 3], low: point(0, 1) }, '(2,3),(0,1)'],
    [new Float64Array([2, 3, 0, 1]), '(2,3),(0,1)'],
  ],
  [
    'lseg',
    [[2, 3, 0, 1], '[(2,3),(0,1)]'],
    [[[2, 3], point(0, 1)], '[(2,3),(0,1)]'],
    [{ p1: [2, 3], p2: [0, 1] }, '[(2,3),(0,1)]'],
  ],
  [
    'circle',
    [[1, 2, 3], '<(1,2),3>'],
    [[[1, 2], 3], '<(1,2),3>'],
    [[point(1, 2), 3], '<(1,2),3>'],
    [{ center: [1, 2], radius: 3 }, '<(1,2),3>'],
  ],
  ['polygon', [[[1, 2], point(3, 4)], '((1,2),(3,4))'], [{ points: [[1, 2]] }, '((1,2))']],
  ['path', [{ points: [[1, 2], point(3, 4)], isClosed: false }, '[(1,2),(3,4)]']],
  ['point[]', [[[1, 2], point(3, 4)], '{"(1,2)","(3,4)"}'], [[[[1, 2]], [null]], '{{"(1,2)"},{NULL}}']],
  ['line[]', [[[1, 2, 3], null], '{"{1,2,3}",NULL}'], [[[[1, 2, 3]]], '{{"{1,2,3}"}}']],
  [
    'box[]',
    [
      [
        [2, 3, 0, 1],
        [
          [2, 3],
          [0, 1],
        ],
      ],
      '{(2,3),(0,1);(2,3),(0,1)}',
    ],
    [
      [
        [[2, 3, 0, 1]],
        [
          [
            [2, 3],
            [0, 1],
          ],
        ],
      ],
      '{{(2,3),(0,1)};{(2,3),(0,1)}}',
    ],
  ],
  [
    'circle[]',
    [
      [
        [1, 2, 3],
        [[1, 2], 3],
      ],
      '{"<(1,2),3>","<(1,2),3>"}',
    ],
    [[[[1, 2, 3]], [[[1, 2], 3]]], '{{"<(1,2),3>"},{"<(1,2),3>"}}'],
  ],
  [
    'polygon[]',
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
        null,
      ],
      '{"((1,2),(3,4))",NULL}',
    ],
    [
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      '{{"((1,2),(3,4))"}}',
    ],
  ],
  [
    'made',
    [{ r: [1, 5], b: [2, 3, 0, 1], m: [[1, 5]] }, '("[1,6)","(2,3),(0,1)","{[1,6)}")'],
    [[[1, 5], null, []], '("[1,6)",,{})'],
  ],
  [
    'made[]',
    [[{ r: [1] }, [[1, 5], null, []]], '{"(\\"[1,)\\",,)","(\\"[1,6)\\",,{})"}'],
    [[[{ r: [1] }]], '{{"(\\"[1,)\\",,)"}}'],
  ],
]

const TYPES = `create type words as range (subtype = text);
  create type made as (r int4range, b box, m int4multirange)`

for (const [type, ...cases] of values) {
  test(`lists are values of ${type}`, async (t) => {
    const connection = await open(t, { serverSettings: { search_path: 'pg_temp', TimeZone: 'UTC' } })
    await connection.execute(TYPES)
    const sql = `select $1::${type}::text`
    for (const [value, text] of cases) {
      // The second time the parameter's type is known.
      t.is(await connection.fetchValue(sql, [value]), text)
      t.is(await connection.fetchValue(sql, [value]), text)
    }
    await connection.execute(`create temp table kept (v ${type})`)
    await connection.executeMany(
      'insert into kept values ($1)',
      cases.map(([value]) => [value]),
    )
    await connection.copyRecordsToTable('kept', { records: cases.map(([value]) => [value]) })
    const kept = await connection.fetch('select v::text as text from kept')
    const texts = cases.map(([, text]) => text)
    t.deepEqual(
      kept.map((row) => row.text),
      [...texts, ...texts],
    )
  })
}

test('ranges whose bounds have a codec take lists too', async (t) => {
  for (const format of ['text', 'binary'] as const) {
    const connection = await open(t)
    const bytes = (value: number): Buffer => {
      const all = Buffer.alloc(4)
      all.writeInt32BE(value)
      return all
    }
    await connection.setTypeCodec({
      schema: 'pg_catalog',
      type: 'int4',
      format,
      encode: ({ n }: { n: number }) => (format === 'text' ? String(n) : bytes(n)),
      decode: String,
    })
    const of = (n: number): object => ({ n })
    for (const [type, value, text] of [
      ['int4range', [of(1), of(5)], '[1,6)'],
      ['int4range', [of(1)], '[1,)'],
      ['int4range', [], 'empty'],
      ['int4range[]', [[of(1), of(5)], [null, null], null], '{"[1,6)","(,)",NULL}'],
      [
        'int4range[]',
        [
          [new Range(of(1), of(5)), null],
          [null, null],
        ],
        '{{"[1,5)",NULL},{NULL,NULL}}',
      ],
      ['int4multirange', [[of(1), of(5)]], '{[1,6)}'],
      ['int4multirange[]', [[[of(1), of(5)]], []], '{"{[1,6)}","{}"}'],
    ] as const) {
      for (const round of ['first', 'second']) {
        t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, `${format}, ${round}`)
      }
    }
    const error = await reason(connection.fetchValue('select $1::int4range', [[of(1), of(2), of(3)]]))
    t.regex(error.message, /a list for int4range has at most two bounds, this one has 3/)
  }
})

test('a list that is no value of the type is refused with what is one', async (t) => {
  const connection = await open(t)
  const bounds = 'pass [lower, upper], null for a bound that is not there'
  for (const [type, value, message, hint] of [
    ['int4range', [1, 2, 3], /\(a list for int4range has at most two bounds, this one has 3\)$/, bounds],
    ['int4range', [1.5, 2], /\(lower bound of int4range: expected an integer for int4\)$/, undefined],
    [
      'int4range',
      [1, true],
      /\(upper bound of int4range: expected number or bigint for int4, got boolean\)$/,
    ],
    ['int4range', { lower: 1 }, /got object\)$/, 'pass new Range(lower, upper), or [lower, upper]'],
    ['int4range', 5, /\(expected Range, array or string for int4range, got number\)$/],
    [
      'int4multirange',
      [1, 5],
      /\(invalid element at index 0: expected Range, array or string for int4multirange, got number\)$/,
      'pass a list of ranges, such as [[1, 5], [7, 9]]',
    ],
    ['int4multirange', [[1, 'a\0']], /element at index 0: upper bound of int4range: .* NUL character\)$/],
    [
      'int4range[]',
      [
        [1, 5],
        [1, 2, 3],
      ],
      /element at index 1: a list for int4range has at most two bounds/,
    ],
    ['point', [1], /\(a list for point must be two numbers\)$/],
    ['line', [1, 2], /\(a list for line must be three numbers\)$/],
    ['box', [1, 2, 3], /\(a list for box must be four numbers or two points\)$/],
    ['lseg', [[1, 2], 3, 4], /\(a list for lseg must be four numbers or two points\)$/],
    ['circle', [[1, 2]], /\(a list for circle must be three numbers, or a point and a number\)$/],
    ['polygon', [1, 2, 3, 4], /\(a list for polygon must be points\)$/],
    ['box[]', [null, [1, 2]], /index 1: a list for box must be four numbers or two points\)$/],
    [
      'path',
      [[1, 2]],
      /\(expected path or string for path, got array\)$/,
      'pass { points, isClosed }: a list does not say whether a path is closed',
    ],
  ] as [string, unknown, RegExp, string?][]) {
    const error: Refusal = await reason(connection.fetchValue(`select $1::${type}`, [value]))
    t.true(error instanceof DataError, `${type}: ${error}`)
    t.regex(error.message, message)
    if (hint !== undefined) t.is(error.hint, hint, type)
  }
})

test('nothing but a string goes in for a row of no type, and the refusal says so', async (t) => {
  const connection = await open(t)
  for (const value of [[1], { a: 1 }, 5, new Range(1, 2), true]) {
    for (const round of ['first', 'second']) {
      const error = await reason(connection.fetchValue('select $1::record', [value]))
      t.true(error instanceof UnsupportedClientFeatureError, `${round}: ${error}`)
      t.is(
        error.message,
        'query argument $1: a row of no type of its own cannot be sent to PostgreSQL, which has no input for it',
      )
      t.is(error.hint, 'say in the query which type is meant, as in $1::address')
    }
  }
  const many = await reason(
    connection.executeMany('select $2::record, $1::int4', [
      [1, null],
      [1, [2]],
    ]),
  )
  t.true(many instanceof UnsupportedClientFeatureError)
  t.regex(many.message, /^query argument \$2 in element #1 of executeMany\(\) sequence: a row of no type/)
  const array = await reason(connection.fetchValue('select $1::record[]', [[[1]]]))
  t.true(array instanceof UnsupportedClientFeatureError, String(array))
  // PostgreSQL's own input is PostgreSQL's to refuse.
  t.is((await reason(connection.fetchValue('select $1::record', ['(1)']))).sqlstate, '0A000')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a list in an array of domains over arrays, or of vectors of numbers, is one element', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create type counted as (name text, counts int[]);
    create domain int_list as int[]; create domain lists as int_list; create domain text_list as text[];
    create domain range_list as int4range[]; create domain counted_list as counted[];
    create domain documents as jsonb[]; create domain more_documents as documents; create domain texts as json[]`)
  const counted = { name: 'a, "b"', counts: [1, 2] }
  const cases: [type: string, value: unknown, comes?: unknown][] = [
    ['int_list[]', [[1], [2, 3]]],
    ['int_list[]', [[1, 2], [3, 4], null, []]],
    [
      'int_list[]',
      [
        [
          [1, 2],
          [3, null],
        ],
        [5],
      ],
    ],
    ['int_list[]', ['{1}', [2, 3], Int32Array.of(4)], [[1], [2, 3], [4]]],
    ['int_list[]', []],
    ['lists[]', [[1], [2, 3]]],
    ['text_list[]', [['a b', '', 'NULL', null, '"\\'], ['{}']]],
    ['range_list[]', [[new Range(1, 5), null], [[7, 8]]], [[new Range(1, 5), null], [new Range(7, 9)]]],
    ['counted_list[]', [[counted], [counted, null]]],
    ['documents[]', [[{ a: 1 }, [1, 2]], [{ b: 2 }], null, []]],
    ['more_documents[]', ['{"[3]"}', [[1], null, 'null', 5]], [[[3]], [[1], null, null, 5]]],
    ['texts[]', [[[1], [2]]]],
    ['int2vector[]', [[1], [2, 3]]],
    [
      'oidvector[]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]
  for (const [type, value, comes = value] of cases) {
    // Twice: the second time the types are known when the arguments are written.
    for (const round of ['first', 'second']) {
      t.deepEqual(await connection.fetchValue(`select $1::${type}`, [value]), comes, `${type}, ${round}`)
    }
  }
  const error = await reason(connection.fetchValue('select $1::int_list[]', [[[1], 2]]))
  t.regex(error.message, /index 1: expected array for int4\[\], got number/)
  // The lists within are documents, and no dimension.
  t.is(await connection.fetchValue('select array_ndims(($1::documents[])[1])', [[[[1], [2]]]]), 1)
})
