// Connections whose users have lost them. One after the other: warnings are the whole process's.

import test from 'ava'
import type { Connection, PoolConnection } from '../../index.ts'
import { eventually } from '../support/waiting.ts'
import { openPool, warnings } from './open.ts'

/** Runs the garbage collector. */
async function collector(): Promise<() => void> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc !== undefined) return gc
  ;(await import('node:v8')).setFlagsFromString('--expose-gc')
  return (await import('node:vm')).runInNewContext('gc')
}

test.serial('a connection that nobody can release any more is taken back, with a warning', async (t) => {
  const run = await collector()
  const seen = warnings(t, 'CORNAC_LEAKED_CONNECTION')
  const pool = await openPool(t, { maxSize: 1 })
  const leak = async (): Promise<void> => {
    const connection = await pool.acquire()
    await connection.execute("set application_name = 'leaked'")
  }
  await leak()
  t.true(
    await eventually(() => {
      run()
      return pool.getIdleSize() === 1
    }),
  )
  t.is(seen.length, 1)
  t.not(await pool.fetchValue('show application_name'), 'leaked')
  // From the first one on it is known where.
  await leak()
  t.true(
    await eventually(() => {
      run()
      return seen.length === 2
    }),
  )
  t.regex((seen[1] as Error & { detail: string }).detail, /leaks\.test/)
})

test.serial(
  'a connection that nobody can release any more does not hold up the close of its pool',
  async (t) => {
    const run = await collector()
    const pool = await openPool(t, { maxSize: 1 })
    const leak = async (): Promise<void> => void (await pool.acquire())
    await leak()
    let isClosed = false
    const closing = pool.close().then(() => {
      isClosed = true
    })
    t.true(
      await eventually(() => {
        run()
        return isClosed
      }),
    )
    await closing
  },
)

test.serial('a connection of which only a listener is left is not taken back', async (t) => {
  const run = await collector()
  const pool = await openPool(t, { maxSize: 2, maxConnectionLifetime: 200 })
  const heard: Connection[] = []
  const listen = async (): Promise<void> => {
    const connection = await pool.acquire()
    await connection.addListener('of_a_lost_one', (from) => {
      heard.push(from)
      run()
    })
  }
  await listen()
  // Another one that nobody has is taken back meanwhile, and so are those before it.
  const other = new WeakRef(await pool.acquire())
  t.true(
    await eventually(() => {
      run()
      return other.deref() === undefined
    }),
  )
  t.true(await eventually(() => pool.getStats().inUse === 1))
  await pool.execute('notify of_a_lost_one')
  t.true(await eventually(() => heard.length === 1))
  await (heard[0] as PoolConnection).release()
  t.is(pool.getStats().inUse, 0)
})

test.serial('a connection that is lost while a call runs is taken back when that has ended', async (t) => {
  const run = await collector()
  const seen = warnings(t, 'CORNAC_LEAKED_CONNECTION')
  const pool = await openPool(t, { maxSize: 3, maxConnectionLifetime: 200 })
  const holder = await pool.acquire()
  await holder.fetch('select pg_advisory_lock(4714)')
  const running = pool
    .acquire()
    .then((connection) => connection.fetch('select pg_advisory_lock_shared(4714)'))
  // Others are noticed meanwhile.
  for (const count of [1, 2]) {
    await pool.acquire()
    t.true(
      await eventually(() => {
        run()
        return seen.length >= count
      }),
    )
  }
  t.is(pool.getStats().inUse, 2)
  t.is(seen.length, 2)
  await holder.release()
  await running
  t.true(
    await eventually(() => {
      run()
      return pool.getStats().inUse === 0
    }),
  )
  t.is(seen.length, 3)
})
