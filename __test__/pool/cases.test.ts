// Cases that the pools of other drivers have met.

import { rmSync } from 'node:fs'
import test from 'ava'
import { Connection, createPool, type PoolConnection, TimeoutError } from '../../index.ts'
import { file, protection } from '../connect/real-servers.ts'
import { reason } from '../query/open.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { startServer } from '../support/server.ts'
import { eventually, until } from '../support/waiting.ts'
import { openPool, pidOf } from './open.ts'

test('any number of callers is served by a pool that grows, and by one that does not', async (t) => {
  for (const minSize of [5, 10]) {
    for (const callers of [1, 3, 5, 10, 20, 100]) {
      const pool = await openPool(t, { minSize, maxSize: 10 })
      const caller = async (n: number): Promise<void> => {
        const connection = await pool.acquire({ timeout: 60_000 })
        t.is(await connection.fetchValue('select $1::int', [n]), n)
        await pool.release(connection)
      }
      await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)))
      t.true(pool.getSize() >= minSize && pool.getSize() <= 10)
      await pool.close()
    }
  }
})

test('options and the class of connections hold for each that is opened in place of another', async (t) => {
  class Mine extends Connection {
    async next(value: number): Promise<number> {
      return ((await this.fetchValue('select $1::int', [value])) as number) + 1
    }
  }
  const pool = await openPool(t, {
    minSize: 4,
    maxSize: 4,
    maxQueries: 1,
    connectionClass: Mine,
    statementCacheSize: 3,
  })
  const faces = new Set<object>()
  const pids = new Set<number>()
  const use = async (n: number): Promise<void> => {
    await using connection = (await pool.acquire()) as PoolConnection & Mine
    t.true(connection instanceof Mine)
    t.is(await connection.next(n), n + 1)
    for (let i = 0; i < 5; i++) await connection.fetchValue(`select ${i}`)
    const kept = await connection.fetchValue('select count(*)::int from pg_prepared_statements')
    t.is(kept, 3)
    faces.add(connection)
    pids.add(connection.getServerPid())
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => use(n)))
  t.is(faces.size, 40)
  t.is(pids.size, 40)
})

test('connections that go as soon as nobody uses them harm nobody who comes', async (t) => {
  const pool = await openPool(t, { minSize: 0, maxSize: 10, maxInactiveConnectionLifetime: 1 })
  const closed = (): number => pool.getStats().closed
  const caller = async (n: number): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      const answer = await pool.withConnection(async (connection) => {
        if ((n + i) % 3 === 0) await connection.execute('select pg_sleep(0.02)')
        return connection.fetchValue('select $1::int', [n])
      })
      t.is(answer, n)
      t.is(await pool.fetchValue('select $1::int', [i]), i)
      // Everybody pauses, so that there are some to be closed.
      if (i % 3 === 0) await until('another one was closed', () => closed() > i)
    }
  }
  await Promise.all(Array.from({ length: 30 }, (_, n) => caller(n)))
  t.true(await eventually(() => pool.getSize() === 0))
  t.true(await eventually(() => closed() === pool.getStats().created))
})

test('when all who have a connection and all who wait give up, every connection is idle again', async (t) => {
  const pool = await openPool(t, { minSize: 3, maxSize: 3 })
  const aborts = Array.from({ length: 9 }, () => new AbortController())
  const tasks = aborts.map(({ signal }) =>
    reason(
      pool.withConnection((connection) => connection.fetch('select pg_sleep(60)', [], { signal }), {
        signal,
      }),
    ),
  )
  await until('six wait', () => pool.getWaitingCount() === 6 && pool.getStats().inUse === 3)
  const why = new Error('enough')
  for (const abort of aborts.toReversed()) abort.abort(why)
  for (const error of await Promise.all(tasks)) t.is(error, why)
  t.is(pool.getWaitingCount(), 0)
  t.true(await eventually(() => pool.getIdleSize() === 3))
  t.is(await pool.fetchValue('select 1'), 1)
})

test('acquireTimeout is the limit of each acquire that has none of its own', async (t) => {
  const pool = await openPool(t, { maxSize: 1, acquireTimeout: 20 })
  const held = await pool.acquire({ timeout: null })
  for (const late of [pool.acquire(), pool.fetchValue('select 1'), pool.withConnection(() => 1)]) {
    const error = await reason(late)
    t.true(error instanceof TimeoutError)
    t.is(error.phase, 'acquire')
  }
  const waiting = [pool.acquire({ timeout: null }), pool.acquire({ timeout: 60_000 })]
  t.is((await reason(pool.acquire({ timeout: 1 }))).phase, 'acquire')
  t.is(pool.getWaitingCount(), 2)
  await held.release()
  for (const connection of waiting) await (await connection).release()
})

test('a loop over a generator that holds a transaction leaves none behind when its body throws', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  async function* within(connection: Connection): AsyncGenerator<unknown> {
    await using tx = connection.transaction()
    await tx.start()
    yield* await tx.fetch('select generate_series(1, 3) as n')
  }
  const error = new Error('no')
  const pids: number[] = []
  const failed = pool.withConnection(async (connection) => {
    pids.push(connection.getServerPid())
    for await (const _ of within(connection)) throw error
  })
  t.is(await reason(failed), error)
  await pool.withConnection(async (connection) => {
    t.false(connection.isInTransaction())
    pids.push(await pidOf(connection))
  })
  t.is(pids[0], pids[1])
})

test('a pool plans once: files that are gone since are asked for by no later connection', async (t) => {
  const authority = await CertificateAuthority.create('Root of a pool')
  const server = await startServer({ tls: serverTls(await authority.server()) })
  const roots = file(authority.pem)
  const pool = await createPool(server.dsn({ host: 'localhost' }), {
    maxSize: 3,
    ssl: 'verify-full',
    sslrootcert: roots,
  })
  t.teardown(async () => {
    pool.terminate()
    await server.stop()
  })
  rmSync(roots)
  const all = [await pool.acquire(), await pool.acquire(), await pool.acquire()]
  for (const connection of all) t.true((await protection(connection)).ssl)
  // Other arguments are checked at once, and change nothing when they cannot be.
  t.throws(() =>
    pool.setConnectArgs(server.dsn({ host: 'localhost' }), { ssl: 'verify-full', sslrootcert: roots }),
  )
  for (const connection of all) await connection.release()
  await pool.expireConnections()
  t.true(await pool.withConnection(async (connection) => (await protection(connection)).ssl))
})
