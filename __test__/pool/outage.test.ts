// A pool whose server goes away: every call ends, and the pool is whole again when the server is back.

import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import {
  ConnectionFailureError,
  createPool,
  type Pool,
  PostgresConnectionError,
  PostgresError,
  TimeoutError,
} from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { reason } from '../query/open.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { startReplicationPair } from '../support/standby.ts'
import { eventually, until } from '../support/waiting.ts'

/** For how long the server stays away. */
const AWAY_MS = isLong ? 30_000 : 0

/** Callers that go on until they are told to stop. */
function load(pool: Pool, workers: number): { stop(): Promise<{ answers: number; errors: unknown[] }> } {
  let stopped = false
  let answers = 0
  const errors: unknown[] = []
  const work = async (worker: number): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const tag = worker * 1_000_000 + n
      try {
        const value =
          n % 5 === 0
            ? await pool.transaction((tx) => tx.fetchValue('select $1::int', [tag]))
            : await pool.fetchValue('select $1::int', [tag])
        if (value !== tag) throw new RangeError(`${tag} was answered by ${value}`)
        answers++
      } catch (error) {
        errors.push(error)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  }
  const running = Array.from({ length: workers }, (_, worker) => work(worker))
  return {
    async stop() {
      stopped = true
      await Promise.all(running)
      return { answers, errors }
    },
  }
}

async function outage(
  t: import('ava').ExecutionContext,
  end: (server: OwnServer) => Promise<void>,
): Promise<void> {
  t.timeout(AWAY_MS + 600_000)
  const server = await startServer()
  const pool = await createPool(server.dsn(), { maxSize: 5, minSize: 2 })
  t.teardown(async () => {
    pool.terminate()
    await server.stop()
  })
  const callers = load(pool, 20)
  await until('calls run', () => pool.getStats().acquired > 100)
  await end(server)
  await until('every connection was lost', () => pool.getSize() === 0)
  // While the server is away everybody is told so, without waiting for ever.
  const away = await reason(pool.fetchValue('select 1'))
  t.true(away instanceof PostgresConnectionError || away instanceof PostgresError, String(away))
  await delay(AWAY_MS)
  await server.restart()
  await until(
    'calls are answered again',
    async () => (await pool.fetchValue('select 7').catch(() => 0)) === 7,
  )
  const { answers, errors } = await callers.stop()
  t.true(answers > 0)
  t.true(errors.length > 0)
  for (const error of errors) t.true(error instanceof PostgresError, String(error))
  // It fills up to minSize by itself.
  t.true(await eventually(() => pool.getSize() >= 2))
  t.is(pool.getWaitingCount(), 0)
  await pool.close()
}

test('the server is stopped under load and comes back', (t) => outage(t, (server) => server.halt('fast')))

test('the server is killed under load and comes back', (t) => outage(t, (server) => server.kill()))

test('a timeout while the server is away says why', async (t) => {
  const server = await startServer()
  const pool = await createPool(server.dsn(), { maxSize: 1 })
  t.teardown(async () => {
    pool.terminate()
    await server.stop()
  })
  await server.halt('immediate')
  await until('the loss was noticed', () => pool.getSize() === 0)
  // Attempts become rarer, so that in the end a caller waits longer than this, behind an attempt that has failed. The
  // first of them may have met the server in its last moment, and was told so by it.
  let error: unknown
  await until('an acquire times out', async () => {
    error = await reason(pool.acquire({ timeout: 20 }))
    return error instanceof TimeoutError && error.cause instanceof ConnectionFailureError
  })
  t.regex(
    String(error),
    /acquire timed out after \d+ ms: no connection could be opened: could not connect to /,
  )
})

test('idle connections whose backends are killed are replaced before anybody gets one', async (t) => {
  const server = await startServer()
  const pool = await createPool(server.dsn(), { minSize: 3, maxSize: 3 })
  t.teardown(async () => {
    pool.terminate()
    await server.stop()
  })
  for (let round = 0; round < 10; round++) {
    const created = pool.getStats().created
    await server.admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    await until('they are replaced', () => pool.getStats().created === created + 3 && pool.getSize() === 3)
    t.is(await pool.fetchValue('select 1'), 1)
  }
  await pool.close()
})

test('a pool follows its primary when the roles change under load, and loses no write that was acknowledged', async (t) => {
  const pair = await startReplicationPair()
  const { primary, standby } = pair
  const dsn = `postgresql://${primary.user}:${encodeURIComponent(primary.password)}@${primary.host}:${primary.port},${standby.host}:${standby.port}/postgres?target_session_attrs=read-write`
  const pool = await createPool(dsn, { minSize: 4, maxSize: 4 })
  t.teardown(async () => {
    pool.terminate()
    await pair.stop()
  })
  await pool.execute('create table entry (tag int primary key, port text)')
  await pair.caughtUp()
  let next = 0
  let isOver = false
  const told = new Map<number, string>()
  const unsure = new Set<number>()
  const insert = "insert into entry values ($1, current_setting('port')) returning port"
  const writer = async (): Promise<void> => {
    while (!isOver) {
      const tag = next++
      try {
        const row =
          tag % 4 === 0
            ? await pool.transaction((tx) => tx.fetchRow<{ port: string }>(insert, [tag]))
            : await pool.fetchRow<{ port: string }>(insert, [tag])
        told.set(tag, (row as { port: string }).port)
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        // A standby takes no writes: nobody is to be given one.
        if (error.sqlstate === '25006') t.fail(`a write went to a standby: ${error.message}`)
        if (error.maybeExecuted !== false) unsure.add(tag)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  }
  const writers = Array.from({ length: 20 }, writer)
  const answers = (port: number): number => [...told.values()].filter((from) => from === String(port)).length
  await until('the first primary answers', () => answers(primary.port) > 100)
  await pair.switchOver()
  await until('the new primary answers', () => answers(standby.port) > 100)
  isOver = true
  await Promise.all(writers)
  const rows = await standby.admin('select tag, port from entry')
  const written = new Map(rows.map(({ tag, port }) => [Number(tag), port]))
  for (const [tag, port] of told) t.is(written.get(tag), port, `${tag} was acknowledged`)
  for (const tag of written.keys()) {
    if (!told.has(tag) && !unsure.has(tag)) t.fail(`${tag} was written, and its caller told that it was not`)
  }
  await pool.close()
})

test('a pool leaves a primary that was made read-only', async (t) => {
  const servers = [await startServer(), await startServer()]
  const [first, second] = servers as [OwnServer, OwnServer]
  const hosts = servers.map(({ host, port }) => `${host}:${port}`).join(',')
  const dsn = `postgresql://${first.user}:${encodeURIComponent(first.password)}@${hosts}/postgres?target_session_attrs=read-write`
  const pool = await createPool(dsn, { maxSize: 2 })
  t.teardown(async () => {
    pool.terminate()
    for (const server of servers) await server.stop()
  })
  t.is(await pool.fetchValue('show port'), String(first.port))
  await first.reload({ settings: { default_transaction_read_only: 'on' } })
  await until('the pool goes to the other one', async () => {
    return (await pool.fetchValue('show port')) === String(second.port)
  })
  await pool.close()
})
