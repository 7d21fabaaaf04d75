// Ranges of a database's own types, whose bounds are more than numbers, texts and dates.

import test from 'ava'
import { BitString, Interval, Range } from '../../../index.ts'
import { open, reason } from '../../query/open.ts'

const TYPES = `
  create type spans as range (subtype = interval);
  create type flags as range (subtype = bool);
  create type blobs as range (subtype = bytea);
  create type masks as range (subtype = varbit);
  create type documents as range (subtype = jsonb);
  create type lists as range (subtype = int4[]);
  create type point3 as (x int, y text, z int8);
  create type cubes as range (subtype = point3);
  create domain span as spans;
  create type booking as (span spans, cube cubes)`

const day = new Interval({ days: 1 })
const month = new Interval({ months: 1 })
const corner = { x: 1, y: 'a, "b"', z: 2 ** 40 }

const values: [type: string, values: Range[]][] = [
  ['spans', [new Range(day, month), new Range<unknown>(null, day, { upperInc: true })]],
  ['flags', [new Range(false, true), new Range(true, null, { lowerInc: false })]],
  ['blobs', [new Range(Buffer.of(0, 34, 92), Buffer.of(255)), new Range(Buffer.of())]],
  ['masks', [new Range(new BitString('01'), new BitString('1'))]],
  [
    'documents',
    [new Range<unknown>([1, [2]], { x: 1, y: 2 }), new Range<unknown>(2, [3]), new Range({ days: 1 })],
  ],
  ['lists', [new Range([1], [2, 3], { lowerInc: false, upperInc: true })]],
  ['cubes', [new Range(corner, { ...corner, x: 2 }), new Range(null, corner)]],
]

test('a Range with whatever bounds goes in as it comes out', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(TYPES)
  for (const [type, ranges] of values) {
    for (const range of ranges) {
      const all = [range, new Range(null, null, { empty: true }), null, new Range()]
      for (const _ of [1, 2]) {
        t.deepEqual(await connection.fetchValue(`select $1::${type}`, [range]), range, type)
        t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [all]), all, type)
        t.deepEqual(await connection.fetchValue(`select $1::${type}_multirange`, [[range]]), [range], type)
        const [, back] = await connection.fetchMany(`select $1::${type} as r`, [[null], [range]])
        t.deepEqual(back, { r: range }, type)
      }
    }
    await connection.execute(`create temp table of_${type} (r ${type}, l ${type}[])`)
    await connection.copyRecordsToTable(`of_${type}`, { records: ranges.map((range) => [range, [range]]) })
    const rows = ranges.map((range) => ({ r: range, l: [range] }))
    t.deepEqual(await connection.fetch(`select * from of_${type}`), rows, type)
  }
})

test('such ranges are attributes and domains, and take lists too', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(TYPES)
  const booking = { span: new Range(day, month), cube: new Range(corner) }
  for (const _ of [1, 2]) {
    t.deepEqual(await connection.fetchValue('select $1::booking', [booking]), booking)
    t.deepEqual(await connection.fetchValue('select $1::booking[]', [[booking, null]]), [booking, null])
    t.deepEqual(await connection.fetchValue('select $1::span', [booking.span]), booking.span)
    const both = new Range<unknown>(corner, { x: 2, y: null, z: null }, { upperInc: true })
    for (const list of [
      [corner, { x: 2 }],
      [
        [1, 'a, "b"', 2 ** 40],
        [2, null, null],
      ],
    ]) {
      t.deepEqual(await connection.fetchValue('select $1::cubes', [list]), both)
    }
  }
})

test('bounds are sent as they stood at the call, also when their type is met first', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(TYPES)
  for (const _ of [1, 2]) {
    const lower = { x: 1, y: 'a', z: null }
    const call = connection.fetchValue('select lower($1::cubes)', [new Range(lower)])
    lower.x = 2
    t.deepEqual(await call, { ...lower, x: 1 })
  }
})

test('a bound that the subtype does not take is refused by its side', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(TYPES)
  const cases: [type: string, value: unknown, message: string][] = [
    [
      'spans',
      new Range(true),
      'a Range (lower bound of spans: expected Interval or string for interval, got boolean)',
    ],
    [
      'int4range',
      new Range(null, day),
      'a Range (upper bound of int4range: expected number or bigint for int4, got Interval)',
    ],
    [
      'int4range',
      new Range(Symbol('x')),
      'a Range (lower bound of int4range: a symbol cannot be sent to PostgreSQL)',
    ],
    ['int4', new Range(day), 'a Range (expected number or bigint for int4, got Range)'],
    [
      'spans[]',
      [new Range<unknown>(day, true)],
      'an array of 1 element (invalid array element at index 0: upper bound of spans: expected Interval or string for interval, got boolean)',
    ],
  ]
  for (const [type, value, message] of cases) {
    for (const _ of [1, 2]) {
      const error = await reason(connection.fetch(`select $1::${type}`, [value]))
      t.is(error.name, 'DataError')
      t.is(error.message, `invalid input for query argument $1: ${message}`)
    }
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('bounds of intervals and bytes are compared as the server compares them', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(TYPES)
  const parts = [
    { days: 9 },
    { days: 10 },
    { months: 1 },
    { days: 30 },
    { days: 31 },
    { days: 29, microseconds: 90_000_000_000 },
    { months: -1 },
    {},
  ]
  const spans = parts.map((part) => new Range(new Interval(part), new Interval({ months: 9 })))
  const bytes = ['', '00', '61', '6100', '7f', 'ff'].map((hex) => new Range(Buffer.from(hex, 'hex'), null))
  for (const [type, ranges] of [
    ['spans', spans],
    ['blobs', bytes],
  ] as const) {
    for (const a of ranges) {
      for (const b of ranges) {
        const sql = `select $1::${type} <@ $2::${type} as subset, $1::${type} = $2::${type} as equal`
        const found = await connection.fetchRow(sql, [a, b])
        t.deepEqual({ subset: a.isSubset(b as Range), equal: a.equals(b) }, found, `${a} ${b}`)
      }
    }
  }
  t.is(String(new Range(Buffer.of(1, 255), null)), '["\\\\x01ff",)')
})
