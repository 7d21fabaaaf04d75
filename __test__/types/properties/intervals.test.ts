import test from 'ava'
import fc from 'fast-check'
import { Interval } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { intervalParts, intervals, intervalTexts } from './families/intervals.ts'
import { proveFamilies } from './judge.ts'

for (const IntervalStyle of ['postgres', 'sql_standard']) proveFamilies(intervals, { IntervalStyle })
proveFamilies(intervalTexts, { IntervalStyle: 'iso_8601' })

test('an Interval writes itself as PostgreSQL does', async (t) => {
  const connection = await open(t, { serverSettings: { IntervalStyle: 'iso_8601' } })
  const given = fc.sample(intervalParts, 500).map((all) => new Interval(all))
  const rows = await connection.fetch('select i::text as text from unnest($1::interval[]) i', [given])
  t.deepEqual(
    rows.map(({ text }) => text),
    given.map(String),
  )
})
