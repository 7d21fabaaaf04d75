// Ten thousand callers that want one of ten connections of a real server, while some give up and backends are killed.

import { randomInt } from 'node:crypto'
import test from 'ava'
import { createPool, PostgresError, TimeoutError } from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'

const CALLERS = isLong ? 50_000 : 10_000
const SIZE = 10

class GivenUp extends Error {}

test('ten thousand callers, aborts, time-outs and kills: no place is lost, and who waits is served in order', async (t) => {
  t.timeout(1_200_000)
  // Reserved slots keep the superuser's own questions possible, whatever the pool does.
  const server = await startServer({ settings: { max_connections: '30' } })
  t.teardown(() => server.stop())
  const pool = await createPool(server.dsn(), { maxSize: SIZE })
  t.teardown(() => pool.terminate())
  const ends = { served: 0, lost: 0, aborted: 0, late: 0 }
  const order: number[] = []
  let held = 0
  let most = 0
  const caller = async (n: number): Promise<void> => {
    const kind = randomInt(10)
    const abort = new AbortController()
    const signal = kind === 0 ? abort.signal : undefined
    // Some give up while most of the others wait still, each at a moment of its own.
    if (kind === 0) setTimeout(() => abort.abort(new GivenUp()), randomInt(1, 1_500))
    let isServed = false
    const timeout = kind === 1 ? randomInt(1, 1_500) : null
    try {
      await using connection = await pool.acquire({ timeout, ...(signal === undefined ? {} : { signal }) })
      order.push(n)
      held++
      most = Math.max(most, held, pool.getSize())
      try {
        const value = await connection.fetchValue('select $1::int', [n])
        if (value !== n) t.fail(`${n} was answered by ${value}`)
        if (kind === 2) await connection.execute("set application_name = 'changed'")
        isServed = true
        ends.served++
      } finally {
        held--
      }
    } catch (error) {
      if (error instanceof GivenUp) ends.aborted++
      else if (error instanceof TimeoutError && error.phase === 'acquire') ends.late++
      else if (!(error instanceof PostgresError)) throw error
      // One may be killed in its release, too.
      else if (!isServed) ends.lost++
    }
  }
  const all = Promise.all(Array.from({ length: CALLERS }, (_, n) => caller(n)))
  t.is(pool.getWaitingCount(), CALLERS - 1)
  /** A backend says that it was killed before it leaves the server's list. */
  const killed = new Set<unknown>()
  let sessions = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const rows = await server.admin(
        "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      )
      const living = rows.filter(({ pid }) => !killed.has(pid))
      sessions = Math.max(sessions, living.length)
      const [victim] = living
      if (victim === undefined) continue
      killed.add(victim.pid)
      await server.admin(`select pg_terminate_backend(${victim.pid})`)
    }
  })()
  await all
  isOver = true
  await watching
  t.is(ends.served + ends.lost + ends.aborted + ends.late, CALLERS)
  t.true(
    killed.size > 0 && ends.aborted > 0 && ends.late > 0,
    JSON.stringify({ kills: killed.size, ...ends }),
  )
  t.true(ends.served > CALLERS / 3, JSON.stringify(ends))
  t.true(most <= SIZE && sessions <= SIZE, `${most} connections, ${sessions} sessions`)
  t.deepEqual(
    order,
    [...order].sort((one, other) => one - other),
  )
  t.is(pool.getWaitingCount(), 0)
  // The last one that was killed may be noticed by a call only.
  t.true(await eventually(async () => (await pool.fetchValue('select 1').catch(() => 0)) === 1))
  t.true(await eventually(() => pool.getSize() > 0 && pool.getIdleSize() === pool.getSize()))
  await pool.close()
})
