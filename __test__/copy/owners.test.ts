// COPY on a pool, and what query loggers learn of it.

import test from 'ava'
import { createPool, type QueryLogRecord } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { collector } from './ends.ts'

test('a pool copies on a connection of its own, and gives it back', async (t) => {
  const database = await testDatabase()
  const pool = await createPool(database.dsn(), { maxSize: 2 })
  t.teardown(() => pool.terminate())
  await pool.execute('create table pooled (a int)')
  const tags = await Promise.all([
    pool.copyRecordsToTable('pooled', { records: [[1]] }),
    pool.copyToTable('pooled', { source: { text: '2\n3\n' } }),
    pool.copyRecordsToTable('pooled', { records: [[4]] }),
  ])
  t.deepEqual(tags, ['COPY 1', 'COPY 2', 'COPY 1'])
  const output = collector()
  t.is(await pool.copyFromQuery('table pooled order by a', [], { output: output.take }), 'COPY 4')
  t.is(output.text(), '1\n2\n3\n4\n')
  const failure = new Error('no room')
  const fails = (): void => {
    throw failure
  }
  t.is(await reason(pool.copyFromTable('pooled', { output: fails })), failure)
  t.is(await pool.fetchValue('select count(*) from pooled'), 4)
  t.deepEqual([pool.getIdleSize(), pool.getSize()].map(Math.sign), [1, 1])
  await pool.close()
})

test('query loggers are told of a COPY once, with its text and its end', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table logged (a int)')
  const told: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void told.push(record))
  await connection.copyToTable('logged', { source: { text: '1\n' }, timeout: 60_000 })
  const failure = await reason(connection.copyToTable('logged', { source: { text: 'x\n' } }))
  await until('both were told', () => told.length === 2)
  t.deepEqual(
    told.map(({ kind, query, timeout, exception }) => ({ kind, query, timeout, exception })),
    [
      { kind: 'copy', query: 'COPY "logged" FROM STDIN', timeout: 60_000, exception: null },
      { kind: 'copy', query: 'COPY "logged" FROM STDIN', timeout: null, exception: failure },
    ],
  )
})
