import test from 'ava'
import type { QueryLogRecord } from '../../index.ts'
import { open, reason } from '../query/open.ts'

test('loggers are told of statements, and of a cursor when it is opened', async (t) => {
  const connection = await open(t)
  const told: string[] = []
  connection.addQueryLogger(({ kind, query, args, exception }: QueryLogRecord) => {
    told.push(`${kind} ${query} ${JSON.stringify(args)}${exception === null ? '' : ` ${exception.sqlstate}`}`)
  })
  const statement = await connection.prepare('select 6 / $1::int')
  await statement.fetchValue([2])
  await reason(statement.fetchValue([0]))
  await reason(connection.prepare('selec'))
  await connection.transaction(async () => {
    const text = 'select n from generate_series(1, $1::int) n'
    for await (const _ of connection.cursor(text, [10], { prefetch: 3 }));
    for await (const _ of statement.cursor([3]));
  })
  // Told on a later tick.
  await connection.fetchValue('select 1')
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(told, [
    'prepare select 6 / $1::int undefined',
    'query select 6 / $1::int [2]',
    'query select 6 / $1::int [0] 22012',
    'prepare selec undefined 42601',
    'query BEGIN []',
    'query select n from generate_series(1, $1::int) n [10]',
    'query select 6 / $1::int [3]',
    'query COMMIT []',
    'query select 1 undefined',
  ])
})
