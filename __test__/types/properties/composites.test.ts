// A composite travels as text when something in it has no binary form that the driver reads: its other attributes are the
// same values then, whatever the session's settings.

import test from 'ava'
import type { Connection } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { testDatabase } from '../../support/server.ts'
import { builtin } from './families/builtin.ts'
import { OWN_TYPES, own } from './families/own.ts'
import { type Family, titleOf } from './families/sample.ts'
import { batches, column, eachIs, prove } from './judge.ts'

test.before(async () => {
  await (await testDatabase()).admin(OWN_TYPES)
})

const SETTINGS: readonly string[] = [
  '',
  "set intervalstyle = 'postgres_verbose'; set timezone = 'Asia/Kolkata'; set bytea_output = 'escape'",
  "set intervalstyle = 'sql_standard'; set timezone = 'America/St_Johns'",
  "set intervalstyle = 'iso_8601'",
]

/** Types of a family's values: one that travels in binary, one that travels as text. */
async function makeTypes(connection: Connection, { type }: Family): Promise<void> {
  await connection.execute(`create type pg_temp.plain as (v ${type}, l ${type}[], n int4);
    create type pg_temp.beside as (v ${type}, l ${type}[], n int4, c regclass)`)
}

/** What goes in otherwise than as a value comes out the same. */
const families = [...builtin, ...own].filter(({ note }) => note === undefined)

for (const family of families) {
  test(`${titleOf(family)} is the same within a composite in binary and in text`, async (t) => {
    const connection = await open(t, { types: family.options })
    await makeTypes(connection, family)
    for (const settings of SETTINGS) {
      await connection.execute(settings)
      const sql = `select v, array[v, null, v] as l, row(v, array[v, null, v], 1)::pg_temp.plain as plain,
          row(v, array[v, null, v], 1, 'pg_class')::pg_temp.beside as beside
        from (select n, ${family.from ?? `x::${family.type}`} as v from unnest($1::text[]) with ordinality u (x, n)) s
        order by n`
      await prove(t, batches(family.samples, 40), async (batch) => {
        const rows: any[] = await connection.fetch(sql, [batch.map((sample) => sample?.literal ?? null)])
        const expected = rows.map(({ v, l }) => ({ v, l, n: 1 }))
        const label = (i: number): string => `${family.type} of ${batch[i]?.literal} under ${settings}`
        eachIs(column(rows, 'plain'), expected, label)
        const beside = expected.map((value) => ({ ...value, c: 'pg_class' }))
        eachIs(column(rows, 'beside'), beside, label)
      })
    }
  })
}

test('vectors of numbers are lists within a composite that travels as text', async (t) => {
  const connection = await open(t)
  await connection.execute(
    'create type pg_temp.vectors as (a int2vector, b oidvector, o int2vector[], c regclass)',
  )
  t.deepEqual(
    await connection.fetchValue(
      `select row('1 -2 3', '', array['4 5'::int2vector], 'pg_class')::pg_temp.vectors`,
    ),
    { a: [1, -2, 3], b: [], o: [[4, 5]], c: 'pg_class' },
  )
})
