// Tables and types that change while statements that use them are prepared.

import test from 'ava'
import { ConnectionDoesNotExistError, InterfaceError } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { open, preparedTexts, reason } from './open.ts'

test('a table that changes under load fails no call, and each sees the table of its time', async (t) => {
  const owner = await open(t)
  await owner.execute(
    'create table shifting (id int primary key, a text); insert into shifting values (1, $$x$$)',
  )
  const connections = await Promise.all(Array.from({ length: 4 }, () => open(t)))
  let isOver = false
  const calls: number[] = []
  const seen = new Set<string>()
  const callers = connections.flatMap((connection) =>
    Array.from({ length: 4 }, async () => {
      const caller = calls.push(0) - 1
      for (; !isOver; calls[caller]!++) {
        const row = await connection.fetchRow('select * from shifting where id = $1', [1])
        seen.add(Object.keys(row ?? {}).join())
        t.is(row?.id, 1)
      }
    }),
  )
  const failed = Promise.all(callers)
  // A call is run again once: each change waits until nobody is left whom the one before may have hit.
  const settled = async () => {
    const before = [...calls]
    while (calls.some((count, caller) => count < before[caller]! + 2)) {
      await Promise.race([failed, new Promise(setImmediate)])
    }
  }
  for (let round = 0; round < 20; round++) {
    for (const change of [
      'add column b int',
      'alter column a type varchar(10)',
      'drop column b',
      'alter column a type text',
    ]) {
      await owner.execute(`alter table shifting ${change}`)
      await settled()
    }
  }
  isOver = true
  await failed
  t.deepEqual([...seen].sort(), ['id,a', 'id,a,b'])
})

test('reloadSchemaState() forgets types and statements', async (t) => {
  const connection = await open(t)
  await connection.execute("create type mood as enum ('so', 'la la')")
  const name = async () => (await connection.query('select m from moods')).columns[0]?.type.name
  await connection.execute('create table moods (m mood)')
  t.is(await name(), 'mood')
  await connection.execute('alter type mood rename to temper')
  t.is(await name(), 'mood')
  await connection.reloadSchemaState()
  t.is(await name(), 'temper')
  await connection.fetch("select 'so'::temper as m")
  t.true((await preparedTexts(connection)).length > 0)
  await connection.reloadSchemaState()
  await connection.fetchValue('select 1')
  t.deepEqual(
    (await preparedTexts(connection)).filter((each) => each !== 'select 1'),
    [],
  )
})

test('a reload among calls that are on their way harms none of them', async (t) => {
  const connection = await open(t)
  const calls: Promise<unknown>[] = []
  for (let n = 0; n < 200; n++) {
    calls.push(connection.fetchValue(`select $1::int + ${n % 7}`, [n]))
    if (n % 10 === 0) calls.push(connection.reloadSchemaState().then(() => -1))
  }
  const values = (await Promise.all(calls)).filter((value) => value !== -1)
  t.deepEqual(
    values,
    Array.from({ length: 200 }, (_, n) => n + (n % 7)),
  )
})

test('a reload of a connection that is closed or lost is refused', async (t) => {
  const database = await testDatabase()
  const closed = await open(t)
  await closed.close()
  t.true((await reason(closed.reloadSchemaState())) instanceof InterfaceError)
  const lost = await open(t)
  await database.admin(`select pg_terminate_backend(${lost.getServerPid()})`)
  await reason(lost.fetch('select 1'))
  t.true((await reason(lost.reloadSchemaState())) instanceof ConnectionDoesNotExistError)
})
