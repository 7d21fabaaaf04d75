// A text that was described once costs one round trip from then on, whether its statement is kept or not.

import test, { type ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'

interface Traced {
  readonly connection: Connection
  /** The types of the messages that were sent since it was last asked. */
  sent(): string
}

async function traced(t: ExecutionContext, options: ConnectOptions): Promise<Traced> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
  t.teardown(() => proxy.close())
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const connection = await connect(dsn, options)
  let seen = 0
  const sent = (): string => {
    const messages = readTrace(proxy.connections[0]!.captured.toServer, 1)
    const types = messageTypes(messages.slice(seen))
    seen = messages.length
    return types
  }
  sent()
  return { connection, sent }
}

test('without a cache the first use of a text costs two round trips, each further one costs one', async (t) => {
  const { connection, sent } = await traced(t, { statementCacheSize: 0 })
  t.is(await connection.fetchValue('select $1::int', [1]), 1)
  t.is(sent(), 'PDSPBDES')
  for (let n = 2; n < 5; n++) {
    t.is(await connection.fetchValue('select $1::int', [n]), n)
    t.is(sent(), 'PBDES')
  }
  t.is(await connection.execute('select $1::int', [9]), 'SELECT 1')
  t.is(sent(), 'PBDES')
  t.is(await connection.fetchValue('select $1::text', ['x']), 'x')
  t.is(sent(), 'PDSPBDES')
})

test('without a cache calls of texts that were met before are sent together', async (t) => {
  const { connection, sent } = await traced(t, { statementCacheSize: 0 })
  await connection.fetchValue('select $1::int', [0])
  sent()
  const values = await Promise.all(
    Array.from({ length: 50 }, (_, n) => connection.fetchValue('select $1::int', [n])),
  )
  t.deepEqual(
    values,
    Array.from({ length: 50 }, (_, n) => n),
  )
  t.is(sent(), 'PBDES'.repeat(50))
})

test('a statement that left the cache comes back into it in one round trip', async (t) => {
  const { connection, sent } = await traced(t, { statementCacheSize: 1 })
  await connection.fetchValue('select 1')
  await connection.fetchValue('select 2')
  sent()
  t.is(await connection.fetchValue('select 1'), 1)
  t.is(sent(), 'CPBDES')
  t.is(await connection.fetchValue('select 1'), 1)
  t.is(sent(), 'BES')
})

test('a text too long to be cached is described once', async (t) => {
  const { connection, sent } = await traced(t, { maxCacheableStatementSize: 10 })
  const sql = 'select 12345'
  t.is(await connection.fetchValue(sql), 12345)
  t.is(sent(), 'PDSPBDES')
  t.is(await connection.fetchValue(sql), 12345)
  t.is(sent(), 'PBDES')
})

test('many different texts are forgotten in turn, and all results are right', async (t) => {
  const { connection, sent } = await traced(t, { statementCacheSize: 0 })
  for (let n = 0; n < 3_000; n++) t.is(await connection.fetchValue(`select ${n} + $1::int`, [n]), 2 * n)
  sent()
  t.is(await connection.fetchValue('select 2999 + $1::int', [1]), 3_000)
  t.is(sent(), 'PBDES')
  t.is(await connection.fetchValue('select 1 + $1::int', [1]), 2)
  t.is(sent(), 'PDSPBDES')
})
