// Objects of Temporal as arguments.

import { Range } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { temporalTest as run } from './temporal-runtime.ts'

const { Temporal } = globalThis as { Temporal?: any }

run('objects of Temporal go in as what they are, alone, in arrays and in ranges', async (t) => {
  const connection = await open(t)
  await connection.execute("set timezone = 'UTC'; set intervalstyle = 'iso_8601'")
  const instant = Temporal.Instant.from('2024-01-31T10:00:00.123456Z')
  for (const [type, value, text] of [
    ['timestamptz', instant, '2024-01-31 10:00:00.123456+00'],
    ['timestamptz', Temporal.Instant.from('-000043-03-15T00:00:00Z'), '0044-03-15 00:00:00+00 BC'],
    ['timestamp', Temporal.PlainDateTime.from('2024-01-31T10:00:00.5'), '2024-01-31 10:00:00.5'],
    ['date', Temporal.PlainDate.from('-000043-03-15'), '0044-03-15 BC'],
    ['date', Temporal.PlainDate.from('+012345-03-15'), '12345-03-15'],
    ['time', Temporal.PlainTime.from('10:11:12.000001'), '10:11:12.000001'],
    ['interval', Temporal.Duration.from('-P1Y3DT4H0.000005S'), 'P-1Y-3DT-4H-0.000005S'],
    ['interval', Temporal.Duration.from('P2WT1.5S'), 'P14DT1.5S'],
    [
      'timestamptz[]',
      [instant, null, '2024-01-31'],
      '{"2024-01-31 10:00:00.123456+00",NULL,"2024-01-31 00:00:00+00"}',
    ],
    ['jsonb', { at: instant }, '{"at": "2024-01-31T10:00:00.123456Z"}'],
    ['jsonb', Temporal.PlainDate.from('2024-01-31'), '"2024-01-31"'],
    ['interval', Temporal.Duration.from({ microseconds: -(2 ** 60) }), 'PT-320255973H-30M-6.846976S'],
    ['tstzrange', new Range(instant, null), '["2024-01-31 10:00:00.123456+00",)'],
    [
      'tstzrange',
      new Range(Temporal.ZonedDateTime.from('-000043-03-15T10:00:00+01:00[+01:00]'), Infinity),
      '["0044-03-15 09:00:00+00 BC",infinity)',
    ],
    [
      'daterange',
      new Range(Temporal.PlainDate.from('+012345-03-15').withCalendar('hebrew')),
      '[12345-03-15,)',
    ],
    [
      'tsmultirange',
      [new Range(Temporal.PlainDateTime.from('-000043-03-15T10:00:00'), null, { lowerInc: false })],
      '{("0044-03-15 10:00:00 BC",)}',
    ],
  ] as const) {
    // The first time the types of the statement are not known.
    for (const _ of [1, 2]) {
      t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, `${type} ${text}`)
    }
  }
})

run('an object of Temporal that its type does not hold is refused', async (t) => {
  const connection = await open(t)
  const instant = Temporal.Instant.from('2024-01-31T10:00:00Z')
  for (const [type, value, message] of [
    [
      'timestamptz',
      Temporal.Instant.from('2024-01-31T10:00:00.123456789Z'),
      /PostgreSQL has microseconds, the value has nanoseconds/,
    ],
    [
      'tstzrange',
      new Range(null, Temporal.Instant.from('2024-01-31T10:00:00.123456789Z')),
      /PostgreSQL has microseconds, the value has nanoseconds/,
    ],
    [
      'daterange',
      new Range(Temporal.PlainYearMonth.from('2024-01')),
      /a Range \(lower bound of daterange: expected Date or string for date, got object\)/,
    ],
    ['timestamp', instant, /got Temporal\.Instant/],
    ['text', instant, /expected string for text, got Temporal\.Instant/],
    ['timestamptz', Temporal.PlainDate.from('2024-01-31'), /got Temporal\.PlainDate/],
  ] as const) {
    const error = await reason(connection.fetch(`select $1::${type}`, [value]))
    t.is(error.name, 'DataError')
    t.regex(error.message, message)
  }
})
