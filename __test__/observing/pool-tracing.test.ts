// The tracing channels of pools.

import test from 'ava'
import { openPool } from '../pool/open.ts'
import { reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { subscribe } from './subscribe.ts'

test.serial('cornac:pool:acquire and cornac:pool:release tell of a connection on its way', async (t) => {
  const acquires = subscribe(t, 'pool:acquire')
  const releases = subscribe(t, 'pool:release')
  const { name, server } = await testDatabase()
  const pool = await openPool(t)
  const connection = await pool.acquire({ timeout: 10_000 })
  t.deepEqual(
    acquires.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  )
  const [, message] = acquires[0]!
  t.deepEqual(message.attributes, {
    'db.system.name': 'postgresql',
    'db.client.connection.pool.name': `${server.host}:${server.port}/${name}`,
  })
  t.is(message.timeout, 10_000)
  t.is(message.result, connection)
  t.is(releases.length, 0)
  await connection.release()
  t.deepEqual(
    releases.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  )
  // What is released again tells nothing.
  await connection.release()
  t.is(releases.length, 4)
})

test.serial('an acquire that fails tells why', async (t) => {
  const events = subscribe(t, 'pool:acquire')
  const pool = await openPool(t, { maxSize: 1 })
  await using _ = await pool.acquire()
  const error = await reason(pool.acquire({ timeout: 10 }))
  const failed = events.find(([event]) => event === 'error')
  t.is(failed![1].error, error)
})
