import test from 'ava'
import { Interval } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { checkOutput, type Samples } from './round-trip.ts'

const most = 2n ** 63n - 1n

/** PostgreSQL's text in its ISO 8601 style, the parts. */
const samples: [text: string, parts: { months?: number; days?: number; microseconds?: bigint }][] = [
  ['PT0S', {}],
  ['P1Y', { months: 12 }],
  ['P1Y2M', { months: 14 }],
  ['P-1Y-2M', { months: -14 }],
  ['P10M3D', { months: 10, days: 3 }],
  ['P1Y2M-3DT4H5M6.7S', { months: 14, days: -3, microseconds: 14_706_700_000n }],
  ['P-1DT1S', { days: -1, microseconds: 1_000_000n }],
  ['PT-0.000001S', { microseconds: -1n }],
  ['PT-1H-0.5S', { microseconds: -3_600_500_000n }],
  ['PT100H', { microseconds: 360_000_000_000n }],
  ['PT2562047788H54.775807S', { microseconds: most }],
  ['PT-2562047788H-54.775807S', { microseconds: -most }],
  ['P178956970Y7M2147483647D', { months: 2_147_483_647, days: 2_147_483_647 }],
  ['P-178956970Y-7M', { months: -2_147_483_647 }],
]

test('an interval comes out with its three parts, whatever the IntervalStyle', async (t) => {
  const row: Samples = ['interval', ...samples.map(([text, parts]) => [text, new Interval(parts)] as const)]
  for (const IntervalStyle of ['postgres', 'iso_8601', 'postgres_verbose', 'sql_standard']) {
    await checkOutput(t, await open(t, { serverSettings: { IntervalStyle } }), row)
  }
})

test('as text it is ISO 8601, whatever the IntervalStyle, and Interval writes the same', async (t) => {
  for (const IntervalStyle of ['postgres', 'iso_8601', 'postgres_verbose', 'sql_standard']) {
    const connection = await open(t, { types: { interval: 'string' }, serverSettings: { IntervalStyle } })
    await checkOutput(t, connection, ['interval', ...samples.map(([text]) => [text, text] as const)])
  }
  for (const [text, parts] of samples) t.is(new Interval(parts).toString(), text)
})

test('what PostgreSQL prints in its ISO style is what comes out', async (t) => {
  const connection = await open(t, {
    types: { interval: 'string' },
    serverSettings: { IntervalStyle: 'iso_8601' },
  })
  const rows = await connection.fetch(
    `select i, i::text as text from generate_series(-40, 40) m, generate_series(-2, 2) d,
       lateral (select make_interval(months => m, days => d, secs => m * 12345.678 - d * 0.000001) as i) s`,
  )
  t.is(rows.length, 405)
  for (const { i, text } of rows) t.is(i, text)
})

test('infinite intervals are numbers where there are any', async (t) => {
  const connection = await open(t)
  if (connection.getServerVersion().major < 17) return t.pass('they came with PostgreSQL 17')
  t.is(await connection.fetchValue("select 'infinity'::interval"), Infinity)
  t.deepEqual(await connection.fetchValue("select array['-infinity'::interval, null]"), [-Infinity, null])
  const exact = await open(t, { types: { interval: 'string' } })
  t.is(await exact.fetchValue("select '-infinity'::interval"), '-infinity')
})

test('parts are whole numbers', (t) => {
  const { months, days, microseconds } = new Interval({ days: -0, microseconds: 7 })
  t.deepEqual([months, days, microseconds], [0, 0, 7n])
  const wrong: any[] = [
    { months: 0.5 },
    { days: '1' },
    { days: Number.NaN },
    { microseconds: 1.5 },
    { months: 2 ** 53 },
  ]
  for (const parts of wrong) t.throws(() => new Interval(parts), { instanceOf: TypeError })
})

test('an object with some of the parts of an interval goes in as one, and is a document for json', async (t) => {
  const connection = await open(t)
  const cases: [parts: object, text: string][] = [
    [{ months: 14 }, '1 year 2 mons'],
    [{ days: -3, months: 1 }, '1 mon -3 days'],
    [{ microseconds: 1_500_000n }, '00:00:01.5'],
    [{ days: 1, microseconds: -1, months: 0 }, '1 day -00:00:00.000001'],
  ]
  for (const [parts, text] of cases) {
    for (const round of ['first', 'second']) {
      t.is(await connection.fetchValue('select $1::interval::text', [parts]), text, round)
      t.deepEqual(await connection.fetchValue('select $1::interval[]::text[]', [[parts, null]]), [text, null])
    }
  }
  const document = { days: 3 }
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [document]), document)
  await connection.execute('create type pg_temp.span as (days int, months int)')
  t.deepEqual(await connection.fetchValue('select $1::pg_temp.span', [document]), { days: 3, months: null })
  for (const wrong of [{ days: 1.5 }, { days: '1' }, { days: 1, hours: 2 }, {}]) {
    const error = await reason(connection.fetchValue('select $1::interval', [wrong]))
    t.is(error.argument, 1)
    t.regex(error.message, /expected Interval or string for interval, got object/)
  }
})
