// LISTEN and UNLISTEN are part of a transaction, as everything else is: what a rollback undoes is said again.

import test from 'ava'
import type { Connection } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

const channels = async (connection: Connection): Promise<string[]> =>
  (await connection.fetch('select pg_listening_channels() as name order by 1')).map(({ name }) => name)

const undone = new Error('undone')

test('NOTIFY in a transaction is heard after its COMMIT, and never after a rollback', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  const heard: string[] = []
  await connection.addListener('tx', (_connection, _pid, _channel, payload) => void heard.push(payload))
  await other.transaction(async (tx) => {
    await tx.execute("notify tx, 'committed'")
    await connection.execute('select 1')
    t.deepEqual(heard, [])
  })
  await reason(
    other.transaction(async (tx) => {
      await tx.execute("notify tx, 'rolled back'")
      throw undone
    }),
  )
  // What is said twice in one transaction is told once: that is PostgreSQL's rule.
  await other.execute("begin; notify tx, 'twice'; notify tx, 'twice'; commit")
  t.true(await eventually(() => heard.length === 2))
  t.deepEqual(heard, ['committed', 'twice'])
})

test('a listener that was added in a transaction survives its rollback', async (t) => {
  const connection = await open(t)
  const heard: string[] = []
  const listener = (_connection: unknown, _pid: number, _channel: string, payload: string) =>
    void heard.push(payload)
  await reason(
    connection.transaction(async () => {
      await connection.addListener('kept', listener)
      throw undone
    }),
  )
  t.true(await eventually(async () => (await channels(connection)).length === 1))
  await connection.execute("notify kept, 'heard'")
  t.true(await eventually(() => heard.length === 1))
  t.deepEqual(heard, ['heard'])
})

test('the same behind statements of one’s own, all of them on their way at once', async (t) => {
  const connection = await open(t)
  const heard: string[] = []
  await Promise.all([
    connection.execute('begin'),
    connection.addListener('piped', (_connection, _pid, _channel, payload) => void heard.push(payload)),
    connection.execute('rollback'),
  ])
  t.true(await eventually(async () => (await channels(connection)).length === 1))
  await connection.execute("notify piped, 'heard'")
  t.true(await eventually(() => heard.length === 1))
  t.deepEqual(heard, ['heard'])
})

test('a listener survives a rollback behind which another transaction fails', async (t) => {
  const failed: unknown[] = []
  const connection = await open(t, { onCallbackError: (error) => failed.push(error) })
  const heard: string[] = []
  await Promise.allSettled([
    connection.execute('begin', []),
    connection.addListener('twice', (_connection, _pid, _channel, payload) => void heard.push(payload)),
    connection.execute('rollback', []),
    // LISTEN is said again in here, where the server does not look at it.
    connection.execute('begin', []),
    connection.fetch('select 1 / 0'),
    connection.fetch('select 1'),
  ])
  t.true(connection.isInTransaction())
  await connection.execute('rollback')
  t.true(await eventually(async () => (await channels(connection)).length === 1))
  await connection.execute("notify twice, 'heard'")
  t.true(await eventually(() => heard.length === 1))
  t.deepEqual(failed, [])
})

test('a rollback to a savepoint within a transaction that commits loses no listener', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    await reason(
      tx.transaction(async () => {
        await connection.addListener('nested', () => {})
        throw undone
      }),
    )
  })
  t.true(await eventually(async () => (await channels(connection)).length === 1))
  t.deepEqual(await channels(connection), ['nested'])
})

test('a listener that was removed in a transaction stays removed after its rollback, or its failure', async (t) => {
  const connection = await open(t)
  const listener = () => t.fail('it was removed')
  for (const fails of [false, true]) {
    await connection.addListener('gone', listener)
    await connection.execute('begin')
    if (fails) await reason(connection.execute('select 1/0'))
    await connection.removeListener('gone', listener)
    await connection.execute('rollback')
    t.true(await eventually(async () => (await channels(connection)).length === 0))
    t.deepEqual(await channels(connection), [])
  }
})

test('what a commit has made sure of is not said again', async (t) => {
  const connection = await open(t)
  const queries: string[] = []
  connection.addQueryLogger(({ query }) => {
    if (query.includes('LISTEN')) queries.push(query)
  })
  await connection.addListener('plain', () => {})
  await connection.transaction((tx) => tx.execute('select 1'))
  await connection.transaction((tx) => tx.execute('select 2'))
  t.deepEqual(queries, ['LISTEN "plain"'])
})
