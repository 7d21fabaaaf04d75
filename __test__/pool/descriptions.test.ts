// What a server tells one connection of a pool about a text is known to the others.

import test, { type ExecutionContext } from 'ava'
import { createPool, type Pool, type PoolOptions } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'

interface Traced {
  readonly pool: Pool
  /** The types of the messages that each connection has sent since this was last asked, in the order of connecting. */
  sent(): string[]
}

/** A pool of two connections. */
async function traced(t: ExecutionContext, options: PoolOptions): Promise<Traced> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const pool = await createPool(dsn, { minSize: 2, maxSize: 2, ...options })
  t.teardown(async () => {
    pool.terminate()
    await proxy.close()
  })
  const seen = new Map<unknown, number>()
  const sent = (): string[] =>
    proxy.connections.map((link) => {
      const messages = readTrace(link.captured.toServer, 1)
      const types = messageTypes(messages.slice(seen.get(link) ?? 0))
      seen.set(link, messages.length)
      return types
    })
  sent()
  return { pool, sent }
}

test('a text that one connection was told of costs one round trip on another', async (t) => {
  for (const statementCacheSize of [0, 100]) {
    const { pool, sent } = await traced(t, { statementCacheSize })
    await using one = await pool.acquire()
    await using other = await pool.acquire()
    const sql = 'select $1::int as n, $2::jsonb as document, now() - now() as interval'
    const first = await one.fetchRow(sql, [1, { a: [1] }])
    const asked = statementCacheSize === 0 ? 'PDSPBDES' : 'PDSBES'
    t.deepEqual(sent().sort(), ['', asked])
    t.deepEqual(await other.fetchRow(sql, [1, { a: [1] }]), first)
    t.deepEqual(sent().sort(), ['', 'PBDES'])
    t.deepEqual(await other.fetchRow(sql, [1, { a: [1] }]), first)
    t.deepEqual(sent().sort(), ['', statementCacheSize === 0 ? 'PBDES' : 'BES'])
  }
})

test('types of the database, and objects and lists for them, need no further question either', async (t) => {
  const { pool, sent } = await traced(t, { statementCacheSize: 0 })
  await pool.execute('create type shared_pair as (a int, b text[])')
  await using one = await pool.acquire()
  await using other = await pool.acquire()
  const fetch = (connection: typeof one) =>
    connection.fetchValue('select $1::shared_pair', [{ a: 1, b: ['x', null] }])
  const expected = { a: 1, b: ['x', null] }
  t.deepEqual(await fetch(one), expected)
  sent()
  t.deepEqual(await fetch(other), expected)
  t.deepEqual(sent().sort(), ['', 'PBDES'])
})

test('where another connection finds other tables by the same names it goes by those', async (t) => {
  const { pool } = await traced(t, {})
  await pool.execute(
    'create schema a; create schema b; create table a.t (v int, w text); create table b.t (v text, x date)',
  )
  await using one = await pool.acquire()
  await using other = await pool.acquire()
  await one.execute("set search_path = 'a'")
  await other.execute("set search_path = 'b'")
  await one.fetch('select * from t where v = $1', [1])
  await one.execute('insert into t (v) values ($1)', [5])
  await other.execute('insert into t (v, x) values ($1, $2)', ['word', '2024-01-31'])
  // An integer there, a text here.
  t.deepEqual(await other.fetch('select * from t where v = $1', ['word']), [{ v: 'word', x: '2024-01-31' }])
  await other.execute('insert into t (v) values ($1)', ['more'])
  t.deepEqual(await one.fetch('select * from t where v = $1', [5]), [{ v: 5, w: null }])
  // Nor within a transaction, in which nothing can be tried again.
  await one.fetch('select count(*) from t where v < $1', [7])
  await other.transaction(async (tx) => {
    t.is(await tx.fetchValue('select count(*) from t where v < $1', ['n']), 1)
  })
})

test('a table that was changed since another connection was told of it is read as it is', async (t) => {
  const { pool } = await traced(t, {})
  await pool.execute('create table changing (id int, v int)')
  await pool.execute('insert into changing select 1, $1::int', [7])
  await using one = await pool.acquire()
  await using other = await pool.acquire()
  const sql = 'select * from changing where v = $1'
  t.deepEqual(await one.fetch(sql, [7]), [{ id: 1, v: 7 }])
  await one.execute('alter table changing alter v type text, add w date')
  t.deepEqual(await other.fetch(sql, ['7']), [{ id: 1, v: '7', w: null }])
  t.deepEqual(await one.fetch(sql, ['7']), [{ id: 1, v: '7', w: null }])
})
