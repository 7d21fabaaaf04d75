// Statements and cursors that a program loses: they leave the server by themselves.

import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { open, preparedTexts } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

const collect = globalThis.gc as () => void

test('a statement that was collected is closed with the next call', async (t) => {
  const connection = await open(t)
  const kept = await connection.prepare('select 1')
  const make = async (): Promise<void> => {
    for (let n = 2; n < 50; n++) await (await connection.prepare(`select ${n}`)).fetchValue()
  }
  await make()
  const isGone = await eventually(async () => {
    collect()
    await turn()
    // A script closes nothing: what is let go rides with a call of the extended protocol.
    await connection.fetchValue('select 0')
    return (await preparedTexts(connection)).length === 2
  })
  t.true(isGone, `${await preparedTexts(connection)}`)
  t.deepEqual(await preparedTexts(connection), ['select 1', 'select 0'])
  t.is(await kept.fetchValue(), 1)
})

test('one that runs, or that a cursor reads, is not collected', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  const running = (await connection.prepare('select 7 from pg_sleep(0.1)')).fetchValue()
  const read = async (): Promise<AsyncIterator<{ n: number }>> => {
    const statement = await connection.prepare<{ n: number }>('select n from generate_series(1, 100) n')
    return statement.cursor([], { prefetch: 5 })[Symbol.asyncIterator]()
  }
  const iterator = await read()
  for (let n = 1; n <= 100; n++) {
    if (n % 10 === 0) {
      collect()
      await turn()
      await connection.fetchValue('select 0')
    }
    t.is((await iterator.next()).value.n, n)
  }
  t.is(await running, 7)
})

test('statements of a connection that has ended are collected without a word', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  const lost = await connection.prepare('select 1')
  await connection.close()
  await lost.close()
  const forget = async (): Promise<void> => {
    const gone = await open(t)
    await gone.prepare('select 2')
    gone.terminate()
  }
  await forget()
  for (let n = 0; n < 5; n++) {
    collect()
    await turn()
    t.is(await other.fetchValue('select $1::int', [n]), n)
  }
})
