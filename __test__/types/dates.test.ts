import test from 'ava'
import { DataError, type TypeOptions } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { checkOutput, checkSamples, type Samples } from './round-trip.ts'

const both = Number.POSITIVE_INFINITY
const date = (iso: string) => new Date(iso)

/** By the types option; the session's zone is Europe/Paris, which must not matter but in the server's own text. */
const cases: [options: TypeOptions, ...samples: Samples[]][] = [
  [
    {},
    [
      'timestamptz',
      ['2024-01-31 11:00:00.123+01', date('2024-01-31T10:00:00.123Z')],
      ['2024-07-31 12:00:00+02', date('2024-07-31T10:00:00Z')],
      ['1970-01-01 01:00:00+01', date('1970-01-01T00:00:00Z')],
      ['1969-12-31 23:59:59.999+01', date('1969-12-31T22:59:59.999Z')],
      ['infinity', both],
      ['-infinity', -both],
    ],
    [
      'timestamp',
      ['2024-01-31 10:00:00.123', date('2024-01-31T10:00:00.123Z')],
      ['1999-12-31 23:59:59.999', date('1999-12-31T23:59:59.999Z')],
      ['2000-01-01 00:00:00', date('2000-01-01T00:00:00Z')],
      ['9999-12-31 23:59:59.999', date('9999-12-31T23:59:59.999Z')],
      ['4714-11-24 00:00:00 BC', date('-004713-11-24T00:00:00Z')],
      ['infinity', both],
      ['-infinity', -both],
    ],
    [
      'date',
      ['2024-02-29', '2024-02-29'],
      ['0001-01-01', '0001-01-01'],
      ['0044-03-15 BC', '0044-03-15 BC'],
      ['5874897-12-31', '5874897-12-31'],
      ['4714-11-24 BC', '4714-11-24 BC'],
      ['infinity', 'infinity'],
      ['-infinity', '-infinity'],
    ],
    [
      'time',
      ['00:00:00', '00:00:00'],
      ['23:59:59.999999', '23:59:59.999999'],
      ['24:00:00', '24:00:00'],
      ['12:15:20.000001', '12:15:20.000001'],
      ['12:15:20.5', '12:15:20.5'],
    ],
    [
      'timetz',
      ['00:00:00+00', '00:00:00+00'],
      ['23:59:59.999999-15:59', '23:59:59.999999-15:59'],
      ['12:00:00+05:30', '12:00:00+05:30'],
      ['12:00:00+05:30:15', '12:00:00+05:30:15'],
      ['24:00:00-01', '24:00:00-01'],
    ],
  ],
  [
    { timestamptz: 'string', timestamp: 'string', date: 'string' },
    [
      'timestamp',
      ['2024-01-31 10:00:00.123456', '2024-01-31 10:00:00.123456'],
      ['0001-01-01 00:00:00', '0001-01-01 00:00:00'],
      ['0001-12-31 23:59:59.9 BC', '0001-12-31 23:59:59.9 BC'],
      ['4714-11-24 00:00:00 BC', '4714-11-24 00:00:00 BC'],
      ['294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999'],
      ['infinity', 'infinity'],
      ['-infinity', '-infinity'],
    ],
  ],
  [
    { date: 'date' },
    [
      'date',
      ['2024-02-29', date('2024-02-29T00:00:00Z')],
      ['1969-12-31', date('1969-12-31T00:00:00Z')],
      ['4714-11-24 BC', date('-004713-11-24T00:00:00Z')],
      ['275760-09-13', date('+275760-09-13T00:00:00Z')],
      ['infinity', both],
      ['-infinity', -both],
    ],
  ],
]

for (const [types, ...samples] of cases) {
  for (const row of samples) {
    test(`${row[0]} under ${JSON.stringify(types)}`, async (t) => {
      const connection = await open(t, { types, serverSettings: { TimeZone: 'Europe/Paris' } })
      await checkSamples(t, connection, row)
    })
  }
}

test('timestamptz as text is in UTC with its offset, whatever the session’s zone and style', async (t) => {
  const connection = await open(t, {
    types: { timestamptz: 'string' },
    serverSettings: { TimeZone: 'Asia/Kolkata', DateStyle: 'SQL, DMY' },
  })
  await checkOutput(t, connection, [
    'timestamptz',
    ['2024-01-31 10:00:00.123456+00', '2024-01-31 10:00:00.123456+00'],
    ['2024-01-31 10:00:00+05:30', '2024-01-31 04:30:00+00'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00+00 BC'],
  ])
  t.is(await connection.fetchValue("select '2024-02-29'::date"), '2024-02-29')
  t.is(await connection.fetchValue("select '2024-02-29 01:02'::timestamp::text"), '29/02/2024 01:02:00')
})

test('microseconds are floored to milliseconds, before 1970 too', async (t) => {
  const connection = await open(t)
  for (const [text, iso] of [
    ['2024-01-01 00:00:00.999999', '2024-01-01T00:00:00.999Z'],
    ['1969-12-31 23:59:59.999999', '1969-12-31T23:59:59.999Z'],
    ['1969-12-31 23:59:59.000001', '1969-12-31T23:59:59.000Z'],
    ['1999-12-31 23:59:59.999999', '1999-12-31T23:59:59.999Z'],
  ] as const) {
    t.deepEqual(await connection.fetchValue('select $1::text::timestamp', [text]), date(iso))
    t.deepEqual(await connection.fetchValue("select ($1::text || '+00')::timestamptz", [text]), date(iso))
  }
})

test('a moment that no Date can hold is an error that names the column and the way out', async (t) => {
  const connection = await open(t, { types: { date: 'date' } })
  for (const [type, text] of [
    ['timestamp', '294276-12-31'],
    ['timestamp', '275760-09-13 00:00:00.001'],
    ['timestamptz', '294276-12-31'],
    ['date', '275760-09-14'],
    ['date', '5874897-12-31'],
  ]) {
    for (const value of [`'${text}'::${type}`, `array[null, '${text}'::${type}]`]) {
      const error = await reason(connection.fetch(`select 1 as fine, ${value} as far`))
      t.true(error instanceof DataError, String(error))
      t.is(error.sqlstate, '22008')
      t.regex(
        error.message,
        new RegExp(`^column "far" holds a value of type ${type}(\\[\\])? that lies outside`),
      )
      t.is(error.hint, `connect with types: { ${type}: 'string' }`)
      t.regex(error.query, /^select 1 as fine/)
      t.is(await connection.fetchValue('select 1'), 1)
    }
  }
  const exact = await open(t, { types: { timestamp: 'string' } })
  t.is(await exact.fetchValue("select '294276-12-31'::timestamp"), '294276-12-31 00:00:00')
})

test('a Date may be given for a date: its UTC day', async (t) => {
  const connection = await open(t, { serverSettings: { TimeZone: 'Pacific/Kiritimati' } })
  t.is(await connection.fetchValue('select $1::date', [date('2024-02-29T23:59:59.999Z')]), '2024-02-29')
  t.is(await connection.fetchValue('select $1::date', [date('1969-12-31T23:59:59.999Z')]), '1969-12-31')
  t.is(await connection.fetchValue('select $1::date', [both]), 'infinity')
})
