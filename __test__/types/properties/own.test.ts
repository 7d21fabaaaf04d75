import test from 'ava'
import fc from 'fast-check'
import { open } from '../../query/open.ts'
import { testDatabase } from '../../support/server.ts'
import { OWN_TYPES, own } from './families/own.ts'
import { batches, column, eachIs, prove, proveFamilies } from './judge.ts'

test.before(async () => {
  await (await testDatabase()).admin(OWN_TYPES)
})

proveFamilies(own)

test('rows of no type of their own are lists of their fields', async (t) => {
  const connection = await open(t)
  const fields = fc.tuple(
    fc.option(fc.integer()),
    fc.option(fc.string({ unit: fc.constantFrom(...'ab"(),\\ é😀') })),
    fc.option(fc.integer().map((n) => `${n}.5`)),
    fc.option(fc.array(fc.option(fc.integer()), { maxLength: 3 })),
  )
  await prove(t, batches(fields), async (batch) => {
    const lists = [0, 1, 2].map((at) => batch.map((row) => row?.[at] ?? null))
    const arrays = batch.map((row) => (row?.[3] == null ? null : `{${row[3].map((n) => n ?? 'NULL')}}`))
    const rows: any[] = await connection.fetch(
      `select row(a, b, n, l::int4[], row(a), (a, b)::pair) as r, array[row(a, l::int4[])] as list
         from unnest($1::int4[], $2::text[], $3::numeric[], $4::text[]) with ordinality u (a, b, n, l, place)
        order by place`,
      [...lists, arrays],
    )
    const expected = batch.map((row) => {
      const [a, b, n, l] = row ?? [null, null, null, null]
      return { r: [a, b, n, l, [a], { a, b }], list: [[a, l]] }
    })
    for (const name of ['r', 'list']) {
      eachIs(column(rows, name), column(expected, name), (i) => `${name} of ${JSON.stringify(batch[i])}`)
    }
  })
})
