// Objects of Temporal are compared by their texts: what they hold is in none of their properties.

import fc from 'fast-check'
import { Range } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { TEMPORAL, temporalTest } from '../temporal-runtime.ts'
import { temporalMoments, temporals } from './families/temporal.ts'
import { batches, eachIs, prove } from './judge.ts'

/** `PlainDate 2024-01-31`, `number Infinity`. */
function tell(value: unknown): string | null {
  if (value === null) return null
  const kind = typeof value === 'number' ? 'number' : Object.prototype.toString.call(value)
  return `${kind.replace(/^\[object Temporal\.(\w+)\]$/, '$1')} ${value}`
}

/** In sessions of every kind: what objects go in as is read in none of their styles. */
const SETTINGS = [
  { DateStyle: 'ISO, MDY', IntervalStyle: 'iso_8601', TimeZone: 'UTC' },
  { DateStyle: 'SQL, DMY', IntervalStyle: 'postgres_verbose', TimeZone: 'Asia/Kolkata' },
  { DateStyle: 'German', IntervalStyle: 'sql_standard', TimeZone: 'America/St_Johns' },
] as const

for (const settings of SETTINGS) {
  const { DateStyle, IntervalStyle } = settings
  for (const { type, samples } of temporals) {
    const title = `${type} comes as an object of Temporal and goes in again: ${Object.values(settings).join(', ')}`
    temporalTest(title, async (t) => {
      const connection = await open(t, { types: TEMPORAL, serverSettings: settings })
      const sql = `select v, array[v, null] as list, row(v) as field
        from (select n, x::${type} as v from unnest($1::text[]) with ordinality u (x, n)) s order by n`
      await prove(t, batches(samples), async (batch) => {
        // The literals are in the server's own styles.
        await connection.execute("set DateStyle = 'ISO, YMD'; set IntervalStyle = 'postgres'")
        const rows: any[] = await connection.fetch(sql, [batch.map((sample) => sample?.literal ?? null)])
        await connection.execute(`set DateStyle = '${DateStyle}'; set IntervalStyle = '${IntervalStyle}'`)
        const label = (i: number): string => `${type} of ${batch[i]?.literal}`
        const expected = batch.map((sample) => sample?.told ?? null)
        const values = rows.map(({ v }) => v)
        eachIs(values.map(tell), expected, label)
        eachIs(
          rows.map(({ list }) => tell(list[0])),
          expected,
          (i) => `in an array: ${label(i)}`,
        )
        eachIs(
          rows.map(({ field }) => tell(field[0])),
          expected,
          (i) => `in a row: ${label(i)}`,
        )
        const alone = await Promise.all(
          values.map((value) => connection.fetchValue(`select $1::${type}`, [value])),
        )
        eachIs(alone.map(tell), expected, (i) => `sent: ${label(i)}`)
        const together: any = await connection.fetchValue(`select $1::${type}[]`, [values])
        eachIs(together.map(tell), expected, (i) => `sent in an array: ${label(i)}`)
      })
    })
  }
}

const RANGES: { readonly [type: string]: string } = {
  timestamptz: 'tstzrange',
  timestamp: 'tsrange',
  date: 'daterange',
}

for (const { type, samples } of temporalMoments) {
  const range = RANGES[type]
  temporalTest(`ranges of ${type} go in with objects of Temporal and compare as the server's`, async (t) => {
    const connection = await open(t, { types: TEMPORAL, serverSettings: { TimeZone: 'Asia/Kolkata' } })
    const literals = samples.map(({ literal }) => literal)
    // Bounds alone, in the server's order; two of them make a pair of ranges.
    await prove(t, batches(fc.tuple(literals, literals, literals, literals)), async (batch) => {
      const four = batch.filter((one) => one !== null)
      const bounds: any[] = await connection.fetch(
        `select least(a, b) as a, greatest(a, b) as b, least(c, d) as c, greatest(c, d) as d
         from unnest($1::${type}[], $2::${type}[], $3::${type}[], $4::${type}[]) with ordinality u (a, b, c, d, n)
         order by n`,
        [0, 1, 2, 3].map((at) => four.map((one) => one[at])),
      )
      const pairs = bounds.map(({ a, b, c, d }) => [new Range(a, b), new Range(c, d)] as const)
      const rows: any[] = await connection.fetch(
        `select x = ${range}(a, b) and y = ${range}(c, d) as same, x <@ y as subset, x = y as equal,
             a = b as one, c = d as other
         from unnest($1::${range}[], $2::${range}[], $3::${type}[], $4::${type}[], $5::${type}[], $6::${type}[])
           with ordinality u (x, y, a, b, c, d, n) order by n`,
        [
          pairs.map(([x]) => x),
          pairs.map(([, y]) => y),
          ...['a', 'b', 'c', 'd'].map((name) => bounds.map((row) => row[name])),
        ],
      )
      eachIs(
        rows.map(({ same }) => same),
        rows.map(() => true),
        (i) => `sent: ${pairs[i]}`,
      )
      // [a,a) is empty to the server, and to a Range that was made of it.
      const filled = pairs.map((pair, i) =>
        pair.map((one, at) =>
          rows[i][at === 0 ? 'one' : 'other'] ? new Range(null, null, { empty: true }) : one,
        ),
      ) as [Range, Range][]
      eachIs(
        filled.map(([x, y]) => x.isSubset(y)),
        rows.map(({ subset }) => subset),
        (i) => `subset: ${filled[i]}`,
      )
      eachIs(
        filled.map(([x, y]) => x.equals(y)),
        rows.map(({ equal }) => equal),
        (i) => `equal: ${filled[i]}`,
      )
    })
  })
}
