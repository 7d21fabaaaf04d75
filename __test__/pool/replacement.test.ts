// Connections that are to be replaced are, also where calls never leave them alone.

import test, { type ExecutionContext } from 'ava'
import { createPool, type Pool } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { eventually, until, untilGone } from '../support/waiting.ts'
import { openPool } from './open.ts'

/** Each takes a millisecond, so that they are answered one by one, and others are on the way whenever one is. */
const SHORT = 'from pg_sleep(0.001)'

/** Calls that keep every connection of a pool busy until the test ends; gives the processes that have answered. */
function keepBusy(t: ExecutionContext, pool: Pool): Set<number> {
  const pids = new Set<number>()
  let isOver = false
  const caller = async (): Promise<void> => {
    while (!isOver) pids.add((await pool.fetchValue<number>(`select pg_backend_pid() ${SHORT}`)) as number)
  }
  const callers = Array.from({ length: 16 }, caller)
  const done = Promise.all(callers)
  t.teardown(async () => {
    isOver = true
    await done
  })
  return pids
}

test('expired connections are replaced while calls share them without a pause', async (t) => {
  const pool = await openPool(t, { minSize: 2, maxSize: 2 })
  const pids = keepBusy(t, pool)
  await until('both are in use', () => pids.size === 2)
  const old = [...pids]
  await pool.expireConnections()
  for (const pid of old) await untilGone(pid)
  t.true(await eventually(() => pids.size >= 4))
})

test('old connections are replaced while calls share them without a pause', async (t) => {
  const pool = await openPool(t, { minSize: 2, maxSize: 2, maxConnectionLifetime: 300 })
  const pids = keepBusy(t, pool)
  t.true(await eventually(() => pids.size >= 6))
})

test('connections that have made maxQueries calls are replaced while calls share them', async (t) => {
  const pool = await openPool(t, { minSize: 2, maxSize: 2, maxQueries: 100 })
  const pids = keepBusy(t, pool)
  t.true(await eventually(() => pids.size >= 6))
})

test('a pool leaves a primary that was made read-only while calls share its connections', async (t) => {
  const servers = [await startServer(), await startServer()]
  const [first, second] = servers as [OwnServer, OwnServer]
  const hosts = servers.map(({ host, port }) => `${host}:${port}`).join(',')
  const dsn = `postgresql://${first.user}:${encodeURIComponent(first.password)}@${hosts}/postgres?target_session_attrs=read-write`
  const pool = await createPool(dsn, { minSize: 2, maxSize: 2 })
  t.teardown(async () => {
    pool.terminate()
    for (const server of servers) await server.stop()
  })
  const ports = new Set<string>()
  let isOver = false
  const caller = async (): Promise<void> => {
    while (!isOver)
      ports.add((await pool.fetchValue<string>(`select current_setting('port') ${SHORT}`)) as string)
  }
  const callers = Array.from({ length: 16 }, caller)
  await until('the first one answers', () => ports.has(String(first.port)))
  t.false(ports.has(String(second.port)))
  await first.reload({ settings: { default_transaction_read_only: 'on' } })
  await until('the other one answers', () => ports.has(String(second.port)))
  await until('no session is left on the first one', async () => {
    const sessions = await first.admin(
      "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    return sessions.length === 0
  })
  isOver = true
  await Promise.all(callers)
})

for (const alone of [false, true]) {
  const how = alone ? 'in transactions' : 'by calls on the pool'
  test(`a refused write ${how} makes a pool leave a server that reports no role, as behind a pooler`, async (t) => {
    const servers = [await startServer(), await startServer()] as [OwnServer, OwnServer]
    const proxies = await Promise.all(
      servers.map(({ host, port }) =>
        ChaosProxy.start({
          target: { host, port },
          // Poolers keep these parameters to themselves.
          transform: (chunk) =>
            Buffer.from(
              chunk
                .toString('latin1')
                .replaceAll(/in_hot_standby|default_transaction_read_only/g, (name) =>
                  name.replace('_', '-'),
                ),
              'latin1',
            ),
        }),
      ),
    )
    const [first, second] = servers
    for (const server of servers) await server.admin('create table entry (n int)')
    const hosts = proxies.map(({ host, port }) => `${host}:${port}`).join(',')
    const dsn = `postgresql://${first.user}:${encodeURIComponent(first.password)}@${hosts}/postgres?target_session_attrs=read-write&sslmode=disable`
    const pool = await createPool(dsn, { minSize: 2, maxSize: 2 })
    t.teardown(async () => {
      pool.terminate()
      for (const proxy of proxies) await proxy.close()
      for (const server of servers) await server.stop()
    })
    const sql = "insert into entry values ($1) returning current_setting('port')"
    const write = (): Promise<unknown> =>
      alone ? pool.transaction((tx) => tx.fetchValue(sql, [1])) : pool.fetchValue(sql, [1])
    t.is(await write(), String(first.port))
    await first.reload({ settings: { default_transaction_read_only: 'on' } })
    t.true(await eventually(async () => (await write().catch(() => undefined)) === String(second.port)))
    await until('no session is left on the first one', () => proxies[0]!.open === 0)
  })
}
