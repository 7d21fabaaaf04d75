// Tagged calls on a pool while its backends are killed: none is lost, doubled or crossed, each ends once, and the pool is
// whole again. CORNAC_TEST_LONG=1 makes a million of them.

import { randomInt } from 'node:crypto'
import test from 'ava'
import { createPool, PostgresError } from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { startServer } from '../support/server.ts'
import { eventually, until } from '../support/waiting.ts'

const CALLS = isLong ? 1_000_000 : 20_000
const CALLERS = 64
const SIZE = 16

test('tagged calls on a pool under random kills: each ends once, with its own answer', async (t) => {
  t.timeout(isLong ? 3_600_000 : 600_000)
  const server = await startServer({ settings: { max_connections: '60' } })
  t.teardown(() => server.stop())
  await server.admin('create table ledger (tag int primary key)')
  const pool = await createPool(server.dsn(), { maxSize: SIZE })
  t.teardown(() => pool.terminate())
  let next = 0
  let answered = 0
  let most = 0
  const told: number[] = []
  const unsure: number[] = []
  const call = async (tag: number): Promise<void> => {
    switch (tag % 10) {
      case 0:
        await pool.transaction((tx) => tx.execute('insert into ledger values ($1)', [tag]))
        told.push(tag)
        return
      case 1:
        await pool.fetch('insert into ledger values ($1) returning tag', [tag])
        told.push(tag)
        return
      case 2: {
        const rows = await pool.fetch<{ tag: number }>('select $1::int as tag from generate_series(1, 100)', [
          tag,
        ])
        t.true(rows.length === 100 && rows.every((row) => row.tag === tag))
        return
      }
      default: {
        const value = await pool.fetchValue('select $1::int', [tag])
        if (value !== tag) t.fail(`${tag} was answered by ${value}`)
      }
    }
  }
  const caller = async (): Promise<void> => {
    while (next < CALLS) {
      const tag = next++
      try {
        await call(tag)
        answered++
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        // What was lost may have run or not; what says that it has not, must not have.
        if ((error as { maybeExecuted?: boolean }).maybeExecuted !== false) unsure.push(tag)
      }
      most = Math.max(most, pool.getSize())
    }
  }
  let isOver = false
  const killer = async (): Promise<number> => {
    let kills = 0
    while (!isOver) {
      const rows = await server.admin(
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit 2",
      )
      kills += rows.length
      // How far apart they are is chance; nothing is expected of it.
      await new Promise((resolve) => setTimeout(resolve, randomInt(20, 100)))
    }
    return kills
  }
  const killing = killer()
  await Promise.all(Array.from({ length: CALLERS }, caller))
  isOver = true
  const kills = await killing
  t.true(kills > 0)
  t.true(most <= SIZE)
  t.true(answered > CALLS * 0.8, `${answered} of ${CALLS} were answered`)
  const rows = await server.admin('select tag from ledger')
  const written = new Set(rows.map(({ tag }) => Number(tag)))
  t.is(written.size, rows.length)
  for (const tag of told) if (!written.has(tag)) t.fail(`${tag} was said to be written and is not`)
  const mayBe = new Set([...told, ...unsure])
  for (const tag of written)
    if (!mayBe.has(tag)) t.fail(`${tag} was written, and its caller told that it was not`)
  t.is(pool.getWaitingCount(), 0)
  await until('the pool answers', async () => (await pool.fetchValue('select 1').catch(() => 0)) === 1)
  t.true(await eventually(() => pool.getIdleSize() === pool.getSize()))
  await pool.close()
  t.is(pool.getSize(), 0)
})
