// Objects of Temporal are compared by their texts: what they hold is in none of their properties.

import fc from 'fast-check'
import { open } from '../../query/open.ts'
import { TEMPORAL, temporalTest } from '../temporal-runtime.ts'
import { batches, eachIs, prove } from './judge.ts'

const two = (number: number): string => String(number).padStart(2, '0')
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`)
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999))
  .map(
    ([hour, minute, second, micro]) =>
      `${two(hour)}:${two(minute)}:${two(second)}.${String(micro).padStart(6, '0')}`,
  )
const moment = fc.tuple(date, time).map((parts) => parts.join(' '))
// Of one sign: what has two stays an Interval.
const interval = fc
  .tuple(fc.boolean(), fc.nat(99), fc.nat(11), fc.nat(9999), fc.nat(9999), fc.nat(59), fc.nat(59_999_999))
  .map(([isNegative, ...parts]) => {
    const sign = isNegative ? '-' : ''
    const [years, months, days, hours, minutes, micros] = parts
    return `${sign}${years} years ${sign}${months} months ${sign}${days} days ${sign}${hours} hours ${sign}${minutes} minutes ${sign}${micros} microseconds`
  })

const families: [
  type: string,
  kind: string,
  samples: fc.Arbitrary<string>,
  told?: (printed: string) => string,
][] = [
  [
    'timestamptz',
    'Instant',
    moment.map((text) => `${text}+00`),
    (text) => text.replace(' ', 'T').replace('+00', 'Z'),
  ],
  ['timestamp', 'PlainDateTime', moment, (text) => text.replace(' ', 'T')],
  ['date', 'PlainDate', date, (text) => text],
  ['time', 'PlainTime', time, (text) => text],
  ['interval', 'Duration', interval],
]

for (const [type, kind, samples, told] of families) {
  temporalTest(`${type} comes as a Temporal.${kind} and goes in again`, async (t) => {
    const connection = await open(t, {
      types: TEMPORAL,
      serverSettings: { TimeZone: 'UTC', IntervalStyle: 'iso_8601' },
    })
    const sql = `select v, v::text as text, array[v, null] as list, row(v) as field
      from (select n, x::${type} as v from unnest($1::text[]) with ordinality u (x, n)) s order by n`
    await prove(t, batches(samples), async (batch) => {
      const rows: any[] = await connection.fetch(sql, [batch])
      const label = (i: number): string => `${type} of ${batch[i]}`
      const kindOf = (value: unknown): string | null =>
        value === null ? null : Object.prototype.toString.call(value)
      const kinds = batch.map((literal) => (literal === null ? null : `[object Temporal.${kind}]`))
      const printed = rows.map(({ text }) => text)
      for (const values of [
        rows.map(({ v }) => v),
        rows.map(({ list }) => list[0]),
        rows.map(({ field }) => field[0]),
      ]) {
        eachIs(values.map(kindOf), kinds, label)
        if (told === undefined) continue
        const texts = printed.map((text) => text && told(text))
        eachIs(
          values.map((value) => value && String(value)),
          texts,
          label,
        )
      }
      const values = rows.map(({ v }) => v)
      const alone = await Promise.all(
        values.map((value) => connection.fetchValue(`select $1::${type}::text`, [value])),
      )
      eachIs(alone, printed, (i) => `sent: ${label(i)}`)
      const together = await connection.fetchValue<(string | null)[]>(`select $1::${type}[]::text[]`, [
        values,
      ])
      eachIs(together ?? [], printed, (i) => `sent in an array: ${label(i)}`)
    })
  })
}
