import test from 'ava'
import { DataError, Range } from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { boxed, catalog, openWith, own } from './open.ts'

test('arrays, domains, composites and ranges follow the codec of what they are made of', async (t) => {
  const connection = await openWith(
    t,
    `create domain amount as numeric check (value > 0); create type item as (name text, price numeric, prices numeric[]);
     create type span as range (subtype = numeric)`,
  )
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const [one, two] = [{ text: '1.0' }, { text: '2.00' }]
  const values: [type: string, value: unknown, comes?: unknown][] = [
    ['numeric[]', [one, null, two]],
    ['amount', one],
    ['amount[]', [one, two]],
    ['item', { name: 'a "b", c', price: one, prices: [two, null] }],
    ['item[]', [{ name: null, price: one, prices: null }, null]],
    ['item', ['x', one, []], { name: 'x', price: one, prices: [] }],
    ['span', new Range(one, two)],
    ['span', new Range(null, two, { upperInc: true })],
    ['span[]', [new Range(one, two), null]],
    ['span_multirange', [new Range(null, one), new Range(two, null)]],
  ]
  for (const [type, value, comes = value] of values) {
    const sql = `select $1::${type}`
    t.deepEqual(await connection.fetchValue(sql, [value]), comes, `${type}, first`)
    t.deepEqual(await connection.fetchValue(sql, [value]), comes, `${type}, second`)
  }
})

test('an array of documents with a codec has one dimension: a list in it is a document', async (t) => {
  const connection = await open(t)
  const codec = { encode: JSON.stringify, decode: JSON.parse }
  await connection.setTypeCodec({ type: 'json', schema: catalog, ...codec })
  const values = [[1, [2]], { a: [] }, 'x', null]
  t.deepEqual(await connection.fetchValue('select $1::json[]', [values]), values)
  t.deepEqual(await connection.fetchValue(`select '{{1,2},{3,4}}'::json[]`), [
    [1, 2],
    [3, 4],
  ])
})

test('a codec says whether a list in an array is one of its values or a further dimension', async (t) => {
  const connection = await openWith(t, `create type mood as enum ('so', 'la')`)
  const schema = await own(connection)
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  await connection.setTypeCodec({ type: 'mood', schema, encode: String, decode: (label) => label })
  await connection.setTypeCodec({ type: 'uuid', schema: catalog, format: 'binary', ...hexadecimal })
  const [a, b] = [{ text: '1' }, { text: '2' }]
  const [one, two] = ['00000000000000000000000000000001', '00000000000000000000000000000002']
  const cases: [type: string, value: unknown, shape: number[]][] = [
    [
      'numeric',
      [
        [a, null],
        [null, b],
      ],
      [2, 2],
    ],
    [
      'numeric',
      [
        [[a], [b]],
        [[null], [a]],
        [[b], [b]],
      ],
      [3, 2, 1],
    ],
    ['numeric', [[[[[[a, b]]]]]], [1, 1, 1, 1, 1, 2]],
    ['numeric', [null, a], [2]],
    ['mood', [['so'], [null], ['la']], [3, 1]],
    ['uuid', [[one, two, null]], [1, 3]],
  ]
  for (const [type, value, shape] of cases) {
    const bounds = shape.map((length, i) => `[${i - 1}:${i + length - 2}]`).join('')
    const sql = `select $1::${type}[] as v, array_dims($1::${type}[]) as dims,
      format('%s=%s', '${bounds}', $1::${type}[])::${type}[] as moved`
    const dims = shape.map((length) => `[1:${length}]`).join('')
    for (const round of ['first', 'second']) {
      t.deepEqual(
        await connection.fetchRow(sql, [value]),
        { v: value, dims, moved: value },
        `${type}, ${round}`,
      )
    }
  }
  t.deepEqual(await connection.fetchValue('select $1::numeric[]', [[]]), [])
  // As its own text, whatever the bounds.
  t.deepEqual(await connection.fetchValue('select $1::numeric[]', ['[3:4]={1,NULL}']), [a, null])
  const ragged = await reason(connection.fetchValue('select $1::numeric[]', [[[a], [a, b]]]))
  t.regex(ragged.message, /non-homogeneous array/)
  const seven = await reason(connection.fetchValue('select $1::numeric[]', [[[[[[[[a]]]]]]]]))
  t.regex(seven.message, /at most 6 dimensions/)
  const text = { encode: JSON.stringify, decode: JSON.parse }
  await connection.setTypeCodec({ type: 'jsonb', schema: catalog, takesLists: false, ...text })
  t.deepEqual(
    await connection.fetchRow('select $1::jsonb[] as v, array_ndims($1::jsonb[]) as n', [
      [[{ x: 1 }], ['y']],
    ]),
    { v: [[{ x: 1 }], ['y']], n: 2 },
  )
  await connection.setTypeCodec({
    type: 'numeric',
    schema: catalog,
    takesLists: true,
    encode: ([value]: number[]) => String(value),
    decode: (value) => [Number(value)],
  })
  t.deepEqual(await connection.fetchValue('select $1::numeric[]', [[[1.5], [2]]]), [[1.5], [2]])
})

/** A uuid as 32 digits. */
const hexadecimal = {
  encode: (value: string): Uint8Array => Buffer.from(value, 'hex'),
  decode: (bytes: Buffer): string => bytes.toString('hex'),
}

test('numbers of a typed array reach the codec of their type', async (t) => {
  const connection = await open(t)
  const half = { encode: (value: number) => String(value / 2), decode: (text: string) => Number(text) * 2 }
  await connection.setTypeCodec({ type: 'float8', schema: catalog, ...half })
  t.deepEqual(await connection.fetchValue('select $1::float8[]', [Float64Array.of(1, 3)]), [1, 3])
  t.is(await connection.fetchValue('select ($1::float8[])[2]::text', [Float64Array.of(1, 3)]), '1.5')
})

test('bounds of ranges and multiranges pass through a codec of any format', async (t) => {
  const connection = await openWith(
    t,
    `create type ids as range (subtype = uuid); create domain some_ids as ids;
     create type spans as (id int, many tstzmultirange, one tstzrange);
     create type span as range (subtype = numeric)`,
  )
  const micros = { encode: (value: bigint) => [value], decode: ([value]: bigint[]) => value }
  await connection.setTypeCodec({ type: 'uuid', schema: catalog, format: 'binary', ...hexadecimal })
  await connection.setTypeCodec({ type: 'timestamptz', schema: catalog, format: 'tuple', ...micros })
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const [one, two] = ['00000000000000000000000000000001', '00000000000000000000000000000002']
  const ids = new Range(one, two, { lowerInc: false, upperInc: true })
  const [early, late] = [new Range<bigint>(null, 5n), new Range(7n, null)]
  const quoted = new Range({ text: '-1.50' }, { text: '2' }, { upperInc: true })
  const cases: [type: string, value: unknown, text: string][] = [
    ['ids', ids, '(00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002]'],
    [
      'ids[]',
      [ids, null],
      '{"(00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002]",NULL}',
    ],
    ['some_ids', ids, '(00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002]'],
    ['ids', new Range(null, null, { empty: true }), 'empty'],
    ['ids', new Range(null, null), '(,)'],
    [
      'tstzmultirange',
      [early, late],
      '{(,"2000-01-01 00:00:00.000005+00"),["2000-01-01 00:00:00.000007+00",)}',
    ],
    ['tstzmultirange', [], '{}'],
    [
      'tstzmultirange[]',
      [[early], [late]],
      '{"{(,\\"2000-01-01 00:00:00.000005+00\\")}","{[\\"2000-01-01 00:00:00.000007+00\\",)}"}',
    ],
    [
      'spans',
      { id: 1, many: [early], one: late },
      '(1,"{(,""2000-01-01 00:00:00.000005+00"")}","[""2000-01-01 00:00:00.000007+00"",)")',
    ],
    ['span', quoted, '[-1.50,2]'],
    ['span_multirange', [quoted], '{[-1.50,2]}'],
    ['span_multirange[]', [[quoted], null], '{"{[-1.50,2]}",NULL}'],
  ]
  await connection.execute("set timezone = 'UTC'")
  for (const [type, value, text] of cases) {
    const sql = `select $1::${type} as v, format('%s', $1::${type}) as text`
    for (const round of ['first', 'second']) {
      t.deepEqual(await connection.fetchRow(sql, [value]), { v: value, text }, `${type}, ${round}`)
    }
  }
  const beside = await reason(connection.fetchValue('select $1::tstzmultirange', [[early, '[2026-01-01,)']]))
  t.regex(beside.message, /a codec gave its binary form, and something beside it is text/)
})

test('a value that comes as text and whose codec reads bytes is made of its text, or refused by name', async (t) => {
  // Nothing of a regclass or a tsvector comes in binary, and so nothing of a composite with one.
  const connection = await openWith(
    t,
    `create type entry as (place regclass, id uuid, data bytea, name text, ids uuid[], span tstzrange);
     create type held as (entry entry, words tsvector)`,
  )
  await connection.setTypeCodec({ type: 'bytea', schema: catalog, format: 'binary', ...hexadecimal })
  await connection.setTypeCodec({ type: 'text', schema: catalog, format: 'binary', ...hexadecimal })
  const sql = `select row(row('pg_class', null, '\\x00ff', 'é', null, null)::entry, 'a b')::held`
  const entry = { place: 'pg_class', id: null, data: '00ff', name: 'c3a9', ids: null, span: null }
  t.deepEqual(await connection.fetchValue(sql), { entry, words: "'a' 'b'" })
  await connection.setTypeCodec({ type: 'uuid', schema: catalog, format: 'binary', ...hexadecimal })
  const tuple = { format: 'tuple', encode: (all: unknown) => all, decode: (all: unknown) => all } as const
  await connection.setTypeCodec({ type: 'timestamptz', schema: catalog, ...tuple })
  t.deepEqual(await connection.fetchValue(sql), { entry, words: "'a' 'b'" }, 'where there is nothing to read')
  const refused: [value: string, type: string][] = [
    ["row(null, '00000000-0000-0000-0000-000000000001', null, null, null, null)::entry", 'uuid'],
    ["row(null, null, null, null, '{00000000-0000-0000-0000-000000000001}', null)::entry", 'uuid'],
    ["array[row(null, null, null, null, null, '[2026-01-01,)')::entry]", 'timestamptz'],
    [
      "row(row(null, '00000000-0000-0000-0000-000000000001', null, null, null, null)::entry, '')::held",
      'uuid',
    ],
  ]
  for (const [value, type] of refused) {
    const [error, after] = await Promise.all([
      reason(connection.fetch(`select 1 as a, ${value} as b`)),
      connection.fetchValue('select 2'),
    ])
    t.true(error instanceof DataError)
    t.is(error.sqlstate, '0A000')
    t.is(
      error.message,
      `column "b" holds a value that the codec for pg_catalog.${type} cannot read: it came as text, with all of the value that it is a part of`,
    )
    t.regex(error.hint, /select the part by itself/)
    t.is(after, 2)
  }
  t.is(
    await connection.fetchValue(
      "select (row(null, '00000000-0000-0000-0000-000000000001', null, null, null, null)::entry).id",
    ),
    '00000000000000000000000000000001',
  )
})

test('fields of a row without a type go by the codecs of their call', async (t) => {
  const connection = await open(t)
  const [row, rows] = [
    "select row(1, date '2000-01-02')",
    "select array[row(1, daterange('2000-01-02', null))]",
  ]
  const [plain, plains] = [[1, '2000-01-02'], [[1, new Range('2000-01-02')]]]
  t.deepEqual(await connection.fetchValue(row), plain)
  t.deepEqual(await connection.fetchValue(rows), plains)
  const prepared = await connection.prepare(row)
  await connection.setTypeCodec({
    type: 'date',
    schema: catalog,
    format: 'tuple',
    encode: (days) => days,
    decode: ([days]) => ({ days }),
  })
  // Twice: what the fields are is remembered.
  for (const round of ['first', 'second']) {
    t.deepEqual(await connection.fetchValue(row), [1, { days: 1 }], round)
    t.deepEqual(await connection.fetchValue(rows), [[1, new Range({ days: 1 })]], round)
  }
  t.deepEqual(await prepared.fetchValue(), plain)
  // Fields come in binary, which this one does not read.
  await connection.setTypeCodec({ type: 'date', schema: catalog, ...boxed })
  const error = await reason(connection.fetchValue(row))
  t.true(error instanceof DataError, String(error))
  t.is(error.sqlstate, '0A000')
  t.is(error.hint, 'cast the field to text, or the row to a type of its own')
  t.deepEqual(await connection.fetchValue("select row(1, date '2000-01-02'::text)"), plain)
  await connection.resetTypeCodec('date', { schema: catalog })
  t.deepEqual(await connection.fetchValue(row), plain)
  t.deepEqual(await connection.fetchValue(rows), plains)
})
