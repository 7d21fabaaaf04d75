import type { ExecutionContext } from 'ava'
import { type Connection, DataError, Interval } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { temporalTest as run, TEMPORAL } from './temporal-runtime.ts'

/** A connection that gives objects of Temporal. */
function openTemporal(t: ExecutionContext): Promise<Connection> {
  return open(t, { types: TEMPORAL, serverSettings: { TimeZone: 'Asia/Kolkata', DateStyle: 'SQL, DMY' } })
}

const cases: [literal: string, kind: string, text: string][] = [
  ["timestamptz '2024-01-31 10:00:00.123456+01'", 'Instant', '2024-01-31T09:00:00.123456Z'],
  ["timestamptz '0044-03-15 12:00:00+00 BC'", 'Instant', '-000043-03-15T12:00:00Z'],
  ["timestamptz '12345-03-15 12:00:00+00'", 'Instant', '+012345-03-15T12:00:00Z'],
  ["timestamp '2024-01-31 10:00:00.000001'", 'PlainDateTime', '2024-01-31T10:00:00.000001'],
  ["timestamp '0001-12-31 23:59:59 BC'", 'PlainDateTime', '0000-12-31T23:59:59'],
  ["date '2024-02-29'", 'PlainDate', '2024-02-29'],
  ["date '4714-11-24 BC'", 'PlainDate', '-004713-11-24'],
  ["date '9999-12-31'", 'PlainDate', '9999-12-31'],
  ["date '10000-01-01'", 'PlainDate', '+010000-01-01'],
  ["time '12:15:20.000001'", 'PlainTime', '12:15:20.000001'],
  ["interval '1 year 2 months 3 days 04:05:06.007008'", 'Duration', 'P1Y2M3DT4H5M6.007008S'],
  ["interval '-1 year -2 months -00:00:00.5'", 'Duration', '-P1Y2MT0.5S'],
  ["interval '0'", 'Duration', 'PT0S'],
]

for (const [literal, kind, text] of cases) {
  run(`${literal} is a ${kind}`, async (t) => {
    const connection = await openTemporal(t)
    const row: any = await connection.fetchRow(`select ${literal} as one, array[${literal}, null] as list`)
    for (const value of [row.one, row.list[0]]) {
      t.is(String(value), text)
      t.is(Object.prototype.toString.call(value), `[object Temporal.${kind}]`)
    }
    t.is(row.list[1], null)
  })
}

run('an interval of parts with different signs, which no Duration can be, stays an Interval', async (t) => {
  const connection = await openTemporal(t)
  t.deepEqual(
    await connection.fetchValue("select interval '1 month -1 day'"),
    new Interval({ months: 1, days: -1 }),
  )
})

run('infinities are numbers', async (t) => {
  const connection = await openTemporal(t)
  for (const type of ['timestamptz', 'timestamp', 'date']) {
    t.deepEqual(await connection.fetchValue(`select array['infinity'::${type}, '-infinity']`), [
      Infinity,
      -Infinity,
    ])
  }
})

run('what Temporal cannot hold is an error that names its column', async (t) => {
  const connection = await openTemporal(t)
  for (const literal of [
    "date '5874897-12-31'",
    "timestamp '294276-12-31'",
    "time '24:00:00'",
    "array[time '24:00']",
  ]) {
    const error = await reason(connection.fetch(`select 1 as a, ${literal} as b, date '2024-01-31' as c`))
    t.true(error instanceof DataError, String(error))
    t.is(error.sqlstate, '22008')
    t.regex(error.message, /^column "b" holds a value that lies outside of what Temporal can hold/)
    t.is(await connection.fetchValue('select 1'), 1)
  }
})
