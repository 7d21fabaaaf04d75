// Types that another session of the database forgets at any time: calls that need them run all the same.

import test from 'ava'
import { Range } from '../../../index.ts'
import { open } from '../../query/open.ts'

const TYPES = `
  create type forgotten_mood as enum ('sad', 'ok');
  create domain forgotten_document as jsonb;
  create type forgotten as (x int, mood forgotten_mood, moods forgotten_mood[], documents forgotten_document[]);
  create type forgotten_span as range (subtype = forgotten_mood);
  create table forgotten_values (n int, v forgotten)`

const VALUE = { x: 1, mood: 'sad', moods: ['sad', 'ok'], documents: [[1], { a: 2 }] }
const TEXT = '(1,sad,"{sad,ok}","{[1],""{\\\\""a\\\\"": 2}""}")'
const ROUNDS = 40

test('calls run with the types that they have found, whoever forgets them meanwhile', async (t) => {
  const [connection, pipelined, other] = [await open(t), await open(t), await open(t)]
  await connection.execute(TYPES)
  const asText = await connection.prepare('select $1::forgotten::text')
  let isOver = false
  let done = 0
  const told = async <T>(call: Promise<T>): Promise<T> => call.finally(() => done++)
  const forgets = (async () => {
    while (!isOver) {
      await other.reloadSchemaState()
      // Once a call at the most: a look-up that is too late sixteen times is given up.
      for (const before = done; done === before && !isOver; ) await other.fetchValue('select 1')
    }
  })()
  try {
    for (let n = 0; n < ROUNDS; n++) {
      t.is(await told(asText.fetchValue([VALUE])), TEXT)
      const [text, moods, list, row, span] = await Promise.all([
        told(pipelined.fetchValue('select $1::forgotten::text', [VALUE])),
        told(pipelined.fetchValue('select $1::forgotten_mood[]', [['ok', null]])),
        told(pipelined.fetchValue('select $1::forgotten[]', [[VALUE, null]])),
        told(pipelined.fetchValue('select row($1::forgotten, $2::forgotten_mood)', [VALUE, 'ok'])),
        told(pipelined.fetchValue('select $1::forgotten_span', [new Range('ok', null)])),
      ])
      t.is(text, TEXT)
      t.deepEqual(moods, ['ok', null])
      t.deepEqual(list, [VALUE, null])
      t.deepEqual(row, [VALUE, 'ok'])
      t.deepEqual(span, new Range('ok', null))
      const sets = Array.from({ length: 20 }, (_, i) => [i, VALUE])
      await told(connection.executeMany('insert into forgotten_values values ($1, $2)', sets))
      await told(connection.copyRecordsToTable('forgotten_values', { records: sets }))
    }
  } finally {
    isOver = true
    await forgets
  }
  t.is(
    await connection.fetchValue('select count(*)::int from forgotten_values where v::text = $1', [TEXT]),
    40 * ROUNDS,
  )
})
