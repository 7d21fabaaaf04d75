// Ranges and multiranges over every subtype: the server makes them of bounds, and says what their bounds are.

import test from 'ava'
import fc from 'fast-check'
import { type Connection, Range, type TypeOptions } from '../../../index.ts'
import { open } from '../../query/open.ts'
import {
  DAY_MICROS,
  dateText,
  days,
  FIRST_DAY,
  LAST_DATE_DAY,
  micros,
  timestampText,
} from './families/moments.ts'
import { batches, column, eachIs, prove } from './judge.ts'

interface RangeKind {
  /** Of the range type; that of multiranges is the one beside it. */
  readonly range: string
  readonly multirange: string
  readonly subtype: string
  /** Literals of bounds. */
  readonly bounds: fc.Arbitrary<string>
  readonly types?: TypeOptions
}

interface Made {
  readonly lower: string | null
  readonly upper: string | null
  readonly kind: string
}

const integers = (most: number): fc.Arbitrary<string> =>
  fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -most, max: most })).map(String)
const endless = fc.constantFrom('infinity', '-infinity')
const day = days(FIRST_DAY, LAST_DATE_DAY - 1)
const instant = fc
  .tuple(day, micros)
  .map(([at, time]) => timestampText(BigInt(at) * DAY_MICROS + (time / 1000n) * 1000n))
const decimal = fc
  .tuple(fc.integer(), fc.integer({ min: 0, max: 99_999 }))
  .map(([whole, fraction]) => `${whole}.${fraction}`)
const word = fc.string({
  unit: fc.constantFrom(...'ab"\\ (),[]{}\'éж\n\v\u00a0\u2028', 'empty', ''),
  maxLength: 5,
})

const kinds: RangeKind[] = [
  { range: 'int4range', multirange: 'int4multirange', subtype: 'int4', bounds: integers(2 ** 31 - 2) },
  {
    range: 'int8range',
    multirange: 'int8multirange',
    subtype: 'int8',
    bounds: fc.oneof(integers(2 ** 31), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 2n }).map(String)),
  },
  {
    range: 'numrange',
    multirange: 'nummultirange',
    subtype: 'numeric',
    bounds: fc.oneof(decimal, integers(10), endless, fc.constant('NaN')),
  },
  {
    range: 'daterange',
    multirange: 'datemultirange',
    subtype: 'date',
    bounds: fc.oneof(day.map(dateText), endless),
  },
  {
    range: 'daterange',
    multirange: 'datemultirange',
    subtype: 'date',
    bounds: fc.oneof(day.map(dateText), endless),
    types: { date: 'date' },
  },
  { range: 'tsrange', multirange: 'tsmultirange', subtype: 'timestamp', bounds: fc.oneof(instant, endless) },
  {
    range: 'tstzrange',
    multirange: 'tstzmultirange',
    subtype: 'timestamptz',
    bounds: fc.oneof(instant, endless),
  },
  {
    range: 'tstzrange',
    multirange: 'tstzmultirange',
    subtype: 'timestamptz',
    bounds: fc.oneof(instant, endless),
    types: { timestamptz: 'string' },
  },
]

const made = (bounds: fc.Arbitrary<string>): fc.Arbitrary<Made> =>
  fc.record({
    lower: fc.option(bounds, { freq: 6 }),
    upper: fc.option(bounds, { freq: 6 }),
    kind: fc.constantFrom('[)', '[]', '()', '(]'),
  })

/** Ranges of the bounds, the lesser one first. */
const MAKE = ({ range, subtype }: RangeKind): string => `
  select n, case when x is null then null
    when l > u then ${range}(u, l, k) else ${range}(l, u, k) end as r
  from (select n, k as x, k, a::${subtype} as l, b::${subtype} as u
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality t (a, b, k, n)) s`

for (const kind of kinds) {
  const { range, multirange, types } = kind
  test(`${range} and ${multirange}${types === undefined ? '' : ` under ${JSON.stringify(types)}`}`, async (t) => {
    const connection = await open(t, { types, serverSettings: { TimeZone: 'UTC' } })
    await prove(t, batches(made(kind.bounds)), async (batch) => {
      const bounds = [
        batch.map((one) => one?.lower ?? null),
        batch.map((one) => one?.upper ?? null),
        batch.map((one) => one?.kind ?? null),
      ]
      const ranges = await checkOut(connection, kind, bounds)
      await checkIn(connection, range, ranges)
      await checkMultiranges(
        connection,
        kind,
        ranges.filter((one) => one !== null),
      )
    })
  })
}

test('ranges of a type of its own, whose bounds are texts', async (t) => {
  const connection = await open(t)
  await connection.execute('create type words as range (subtype = text, collation = "C")')
  await prove(t, batches(made(word)), async (batch) => {
    const given = batch.map((one) => one && sorted(one))
    const texts = given.map((one) => (one === null ? '' : String(one)))
    const sql = `select format('%s', r) as printed, lower(r) as lower, upper(r) as upper, isempty(r) as empty
      from (select $1::words as r) s`
    const rows: any[] = await Promise.all(given.map((one) => connection.fetchRow(sql, [one])))
    for (const [i, { printed, lower, upper, empty }] of rows.entries()) {
      const one = given[i]
      if (!one) continue
      eachIs([lower, upper], empty ? [null, null] : [one.lower, one.upper], () => `bounds of ${texts[i]}`)
      if (!empty) eachIs([printed], [texts[i]], () => `text of ${texts[i]}`)
    }
  })
})

/** As the server orders texts under the collation "C". */
function sorted({ lower, upper, kind }: Made): Range<string> {
  const isTurned = lower !== null && upper !== null && Buffer.from(lower).compare(Buffer.from(upper)) > 0
  const [low, high] = isTurned ? [upper, lower] : [lower, upper]
  return new Range(low, high, { lowerInc: kind.startsWith('['), upperInc: kind.endsWith(']') })
}

/** What comes out is what the server says of the range's bounds. */
async function checkOut(
  connection: Connection,
  kind: RangeKind,
  bounds: (string | null)[][],
): Promise<(Range | null)[]> {
  const rows: any[] = await connection.fetch(
    `select r, lower(r), upper(r), lower_inc(r), upper_inc(r), isempty(r), array[r, null] as list
       from (${MAKE(kind)}) m order by n`,
    bounds,
  )
  const expected = rows.map(({ lower, upper, lower_inc, upper_inc, isempty }) =>
    isempty === null
      ? null
      : new Range(lower, upper, { lowerInc: lower_inc, upperInc: upper_inc, empty: isempty }),
  )
  const label = (i: number): string => `${kind.range} of ${bounds.map((list) => list[i])}`
  eachIs(column(rows, 'r'), expected, label)
  eachIs(
    column(rows, 'list'),
    expected.map((one) => [one, null]),
    (i) => `in an array: ${label(i)}`,
  )
  return expected
}

/** Alone and in an array, a range goes in as it came out, and so does its text. */
async function checkIn(connection: Connection, type: string, values: readonly unknown[]): Promise<void> {
  const sql = `select $1::${type} as r`
  const label = (i: number): string => `${type} ${values[i]} as an argument`
  const alone = await Promise.all(values.map((value) => connection.fetchValue(sql, [value])))
  eachIs(alone, values, label)
  const array: any = await connection.fetchValue(`select $1::${type}[]`, [values])
  eachIs(array, values, (i) => `in an array: ${label(i)}`)
  const table = [values, values.toReversed()]
  const back: any = await connection.fetchValue(`select $1::${type}[]`, [table])
  eachIs(back, table, () => `two dimensions of ${type}`)
  const texts = values.map((value) => (value === null ? null : textOf(value)))
  const read: any = await connection.fetchValue(`select $1::text[]::${type}[]`, [texts])
  eachIs(read, values, (i) => `by its text: ${label(i)}`)
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? `{${value.join()}}` : String(value)
}

/** Multiranges of a few of them each, some of none. */
async function checkMultiranges(
  connection: Connection,
  { range, multirange }: RangeKind,
  ranges: Range[],
): Promise<void> {
  const rows: any[] = await connection.fetch(
    `select m, (select coalesce(array_agg(r), '{}') from unnest(m) r) as parts
       from generate_series(0, 3) size, generate_series(1, greatest(cardinality($1::${range}[]), 1)) first,
         lateral (select ${multirange}(variadic ($1::${range}[])[first : first + size - 1]) as m) s
      limit 100`,
    [ranges],
  )
  const expected = column(rows, 'parts')
  eachIs(column(rows, 'm'), expected, (i) => `${multirange} of ${expected[i]}`)
  await checkIn(connection, multirange, [...expected, null])
}
