// Statements and cursors of a pool's connection: they end with its release, and harm nobody who has it next.

import test from 'ava'
import { createPool, InterfaceError, type Pool } from '../../index.ts'
import { prepared, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

async function pool(t: { teardown(run: () => void): void }): Promise<Pool> {
  const database = await testDatabase()
  const made = await createPool(database.dsn(), { maxSize: 1 })
  t.teardown(() => made.terminate())
  return made
}

test('a statement is refused once its connection was released, and when that is out again', async (t) => {
  const one = await pool(t)
  const connection = await one.acquire()
  const statement = await connection.prepare('select $1::int', { name: 'mine' })
  t.is(await statement.fetchValue([1]), 1)
  await connection.release()
  const again = await one.acquire()
  t.is((await prepared(again)).length, 1)
  const error = await reason(statement.fetchValue([2]))
  t.true(error instanceof InterfaceError)
  t.regex(error.message, /cannot call PreparedStatement.fetchValue\(\): .* released back to the pool/)
  t.throws(() => statement.getName(), { message: /released back to the pool/ })
  // Closing it is as good as losing it: it leaves with the next call.
  await statement.close()
  t.is(await again.fetchValue('select 3'), 3)
  t.deepEqual(
    (await prepared(again)).map(({ statement }) => statement),
    ['select 3'],
  )
  await again.release()
})

test('a cursor that is left open ends with the release', async (t) => {
  const one = await pool(t)
  const connection = await one.acquire()
  await connection.execute('begin')
  const cursor = await connection.cursor('select n from generate_series(1, 9) n').open()
  const iterator = connection.cursor('select n from generate_series(1, 900) n')[Symbol.asyncIterator]()
  t.deepEqual(await iterator.next(), { done: false, value: { n: 1 } })
  t.deepEqual(await cursor.fetchRow(), { n: 1 })
  await connection.release()
  const again = await one.acquire()
  t.false(again.isInTransaction())
  const error = await reason(cursor.fetch(1))
  t.regex(error.message, /cannot call Cursor.fetch\(\): .* released back to the pool/)
  const late = await reason(
    (async () => {
      for (;;) if ((await iterator.next()).done) return
    })(),
  )
  t.regex(late.message, /released back to the pool|does not exist/)
  t.is(await again.fetchValue("select count(*) from pg_cursors where name like 'cornac%'"), 0)
  await cursor.close()
  await again.release()
})

test('cursors and statements within transactions of the pool', async (t) => {
  const one = await pool(t)
  const sum = await one.transaction(async ({ connection }) => {
    let sum = 0
    for await (const { n } of connection.cursor('select n from generate_series(1, 120) n')) sum += n
    await using statement = await connection.prepare<{ n: number }>('select $1::int as n')
    for await (const { n } of statement.cursor([5])) sum += n
    return sum
  })
  t.is(sum, 7265)
})
