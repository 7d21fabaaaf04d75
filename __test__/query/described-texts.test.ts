// What is remembered of which session has described which text: bounded, and learnt again where it was forgotten.

import test from 'ava'
import { connect } from '../../index.ts'
import { bridge } from '../../src/boundary/environment.ts'
import { Queries } from '../../src/boundary/queries.ts'
import { testDatabase } from '../support/server.ts'

const INT4 = Uint32Array.of(23)
const JSONB = Uint32Array.of(3802)

test('sessions are remembered for texts up to a bound, and those of the oldest texts are forgotten', (t) => {
  const queries = new Queries()
  const texts = Array.from({ length: 4_096 }, (_, n) => queries.add(`select ${n}`))
  let most = 0
  for (let session = 1; session <= 256; session++) {
    for (const { number } of texts) queries.describe(number, session, INT4)
    most = Math.max(most, queries.described)
  }
  t.true(most <= 16_384 && most > 4_096, `${most} were remembered`)
  t.is(
    texts.reduce((sum, { sessions }) => sum + sessions.size, 0),
    queries.described,
  )
  t.true(texts.at(-1)?.sessions.has(256))
  for (const query of texts) queries.remove(query)
  t.is(queries.described, 0)
})

test('other types, or another count of them, are another description', (t) => {
  const queries = new Queries()
  const query = queries.add('select $1')
  queries.describe(query.number, 1, INT4)
  queries.describe(query.number, 2, INT4)
  t.deepEqual([...query.sessions], [1, 2])
  queries.describe(query.number, 3, JSONB)
  t.deepEqual([...query.sessions], [3])
  queries.describe(query.number, 1, new Uint32Array())
  t.deepEqual([[...query.sessions], query.parameters], [[1], new Uint32Array()])
  t.is(queries.described, 1)
})

test('a text whose sessions were forgotten takes its arguments as before, and is learnt again', async (t) => {
  const connection = await connect((await testDatabase()).dsn())
  t.teardown(() => connection.close())
  await connection.execute('create type described_pair as (a int, b text)')
  const sql = 'select $1::described_pair as pair'
  const fetch = () => connection.fetchRow(sql, [{ a: 1, b: 'x' }])
  const expected = { pair: { a: 1, b: 'x' } }
  t.deepEqual(await fetch(), expected)
  const { queries } = bridge().submission
  const [session] = queries.get(sql)?.sessions ?? []
  // As if another session had told of other types.
  queries.describeText(sql, (session as number) + 1, INT4)
  t.false(queries.get(sql)?.sessions.has(session as number))
  t.deepEqual(await fetch(), expected)
  t.deepEqual([...(queries.get(sql)?.sessions ?? [])], [session])
})
