// Timeouts and signals of prepare(): the connection goes on, and nothing is left on the server.

import test from 'ava'
import { TimeoutError } from '../../index.ts'
import { open, preparedTexts, reason } from '../query/open.ts'
import { untilLocked } from '../support/waiting.ts'

/** Preparing it waits for whoever has locked the table. */
const WAITS = 'select * from locked_table'

test('preparing that takes too long is cancelled, and the next call works', async (t) => {
  const [holder, connection] = [await open(t), await open(t)]
  await holder.execute('create table locked_table(a int)')
  await holder.execute('begin; lock table locked_table in access exclusive mode')
  const late = await reason(connection.prepare(WAITS, { timeout: 60 }))
  t.true(late instanceof TimeoutError)
  t.is(late.query, WAITS)
  t.is(await connection.fetchValue('select 1'), 1)
  const controller = new AbortController()
  const given = reason(connection.prepare(WAITS, { name: 'given up', signal: controller.signal }))
  await untilLocked(connection)
  controller.abort('given up')
  t.is(await given, 'given up')
  t.deepEqual(await preparedTexts(connection), ['select 1'])
  await holder.execute('commit')
  // The name is free.
  const statement = await connection.prepare(WAITS, { name: 'given up' })
  t.deepEqual(await statement.fetch(), [])
})

test('limits that are over before anything is sent', async (t) => {
  const connection = await open(t)
  t.true((await reason(connection.prepare('select 1', { timeout: 0 }))) instanceof TimeoutError)
  const signal = AbortSignal.abort('before')
  t.is(await reason(connection.prepare('select 1', { signal })), 'before')
  const statement = await connection.prepare('select pg_sleep($1)')
  t.true((await reason(statement.fetch([0], { timeout: -1 }))) instanceof TimeoutError)
  t.is(await reason(statement.fetch([0], { signal })), 'before')
  t.is(await reason(statement.explain([0], { signal })), 'before')
  t.deepEqual(await preparedTexts(connection), ['select pg_sleep($1)'])
})

test('a call of a statement that is given up leaves the statement usable', async (t) => {
  const connection = await open(t, { commandTimeout: 50 })
  // To prepare it may take its time.
  const statement = await connection.prepare('select pg_sleep($1), 7 as n', { timeout: null })
  for (const call of [
    () => statement.fetch([60]),
    () => statement.fetchRow([60]),
    () => statement.fetchValue([60]),
    () => statement.executeMany([[60]]),
  ]) {
    t.true((await reason(call())) instanceof TimeoutError)
    t.is(await statement.fetchValue([0], { column: 'n', timeout: null }), 7)
  }
})

test('giving up at any turn of the event loop leaves no statement behind', async (t) => {
  const connection = await open(t)
  let given = 0
  for (let turns = 0; turns < 12; turns++) {
    const controller = new AbortController()
    const preparing = connection.prepare(`select ${turns}`, { signal: controller.signal }).then(
      (statement) => statement.close(),
      (error) => {
        t.is(error, 'reason')
        given++
      },
    )
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    controller.abort('reason')
    await preparing
    // What was let go rides with a call of the extended protocol.
    await connection.fetchValue('select 0')
    t.deepEqual(await preparedTexts(connection), ['select 0'], `${turns} turns before the abort`)
  }
  t.true(given > 0)
})
