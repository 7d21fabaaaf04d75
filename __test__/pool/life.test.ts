// The life of a pool: how it is made, how it grows and shrinks, and how it ends.

import { inspect } from 'node:util'
import test from 'ava'
import {
  ClientConfigurationError,
  Connection,
  ConnectionDoesNotExistError,
  connect,
  createPool,
  InterfaceError,
  InvalidCatalogNameError,
  Pool,
  type PoolOptions,
  TimeoutError,
} from '../../index.ts'
import { reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { eventually, until, untilGone } from '../support/waiting.ts'
import { openPool, pidOf, warnings } from './open.ts'

/** Sessions of this file's database, but for those of this question. */
async function sessions(application: string): Promise<number> {
  const database = await testDatabase()
  const [row] = await database.admin(
    `select count(*) as n from pg_stat_activity where application_name = '${application}'`,
  )
  return Number(row!.n)
}

test('a pool opens minSize connections at once', async (t) => {
  const pool = await openPool(t, { minSize: 3, serverSettings: { application_name: 'min-size' } })
  t.true(pool instanceof Pool)
  t.is(pool.getSize(), 3)
  t.is(pool.getIdleSize(), 3)
  t.is(pool.getMinSize(), 3)
  t.is(pool.getMaxSize(), 10)
  t.is(await sessions('min-size'), 3)
  t.is(
    inspect(pool, { breakLength: 200 }),
    "Pool { size: 3, maxSize: 10, idle: 3, inUse: 0, waiting: 0, state: 'open' }",
  )
})

test('with minSize: 0 nothing is opened before it is needed', async (t) => {
  const pool = await openPool(t, { minSize: 0 })
  t.is(pool.getSize(), 0)
  t.is(await pool.fetchValue('select 1'), 1)
  t.is(pool.getSize(), 1)
})

test('wrong settings show when the pool is made, and nothing stays open', async (t) => {
  const database = await testDatabase()
  const wrong = createPool(database.dsn({ database: 'no_such_database' }), { minSize: 3 })
  t.true((await reason(wrong)) instanceof InvalidCatalogNameError)
  const error = new Error('init failed')
  const application = 'init-failed'
  let made = 0
  const failing = createPool(database.dsn(), {
    minSize: 3,
    serverSettings: { application_name: application },
    init: () => {
      if (++made > 1) throw error
    },
  })
  t.is(await reason(failing), error)
  t.true(await eventually(async () => (await sessions(application)) === 0))
})

test('creation is ended by its signal', async (t) => {
  const database = await testDatabase()
  const abort = new AbortController()
  const creating = createPool(database.dsn(), {
    signal: abort.signal,
    init: () => new Promise(() => {}),
  })
  const why = new Error('no')
  abort.abort(why)
  t.is(await reason(creating), why)
  let made = 0
  const later = new AbortController()
  const many = createPool(database.dsn(), {
    signal: later.signal,
    minSize: 5,
    init: () => {
      if (++made === 2) later.abort(why)
    },
  })
  t.is(await reason(many), why)
})

const REFUSED: readonly (readonly [PoolOptions, RegExp])[] = [
  [{ maxSize: 0 }, /invalid maxSize .*integer greater than or equal to 1/],
  [{ maxSize: 1.5 }, /invalid maxSize/],
  [{ minSize: -1 }, /invalid minSize/],
  [{ minSize: 3, maxSize: 2 }, /minSize .* at most maxSize, which is 2, not 3/],
  [{ maxQueries: 0 }, /invalid maxQueries/],
  [{ maxInactiveConnectionLifetime: -1 }, /invalid maxInactiveConnectionLifetime/],
  [{ maxConnectionLifetime: Number.NaN }, /invalid maxConnectionLifetime/],
  [{ maxWaiting: -1 }, /invalid maxWaiting/],
  [{ acquireTimeout: 0 }, /invalid acquireTimeout/],
  [{ pipeline: { maxInFlight: 0 } }, /invalid pipeline/],
  [{ pipeline: 'yes' as never }, /invalid pipeline/],
  [{ setup: 'x' as never }, /invalid setup .* it must be a function, not a string/],
  [{ init: {} as never }, /invalid init/],
  [{ reset: 1 as never }, /invalid reset/],
  [{ connect: true as never }, /invalid connect/],
  [{ max: 3 } as never, /there is no option "max"/],
  [{ connectionClass: Map as never }, /connectionClass must be/],
]

test('options that cannot be are refused before anything is opened', async (t) => {
  for (const [options, message] of REFUSED) {
    const error = await reason(createPool('postgresql://nobody@127.0.0.1:1/nothing', options))
    t.true(error instanceof InterfaceError, String(message))
    t.regex(error.message, message)
  }
  t.true((await reason(createPool({} as never, {}))) instanceof ClientConfigurationError)
  t.true((await reason(createPool(5 as never))) instanceof ClientConfigurationError)
  t.throws(() => new (Pool as any)())
})

test('the connect option opens connections in place of connect', async (t) => {
  const database = await testDatabase()
  const given: unknown[] = []
  const pool = await openPool(t, {
    connect: (options) => {
      given.push(options)
      return connect(options)
    },
    commandTimeout: 9_000,
  })
  t.deepEqual(given, [{ dsn: database.dsn(), commandTimeout: 9_000 }])
  t.is(await pool.fetchValue('select 1'), 1)
  const wrong = await reason(createPool(database.dsn(), { connect: async () => ({}) as Connection }))
  t.true(wrong instanceof InterfaceError)
  t.is(wrong.message, 'the option connect must give a Connection, and gave a Object')
})

test('init runs once on each connection, setup on each acquire', async (t) => {
  let inits = 0
  let setups = 0
  const pool = await openPool(t, {
    maxSize: 1,
    init: async (connection) => {
      inits++
      t.is(await connection.fetchValue('select 1'), 1)
    },
    setup: async (connection) => {
      setups++
      t.true(connection instanceof Connection)
    },
  })
  for (let i = 0; i < 3; i++) await pool.withConnection((connection) => connection.fetch('select 1'))
  t.is(inits, 1)
  t.is(setups, 3)
})

test('a hook that fails harms its acquire alone', async (t) => {
  let fails = true
  const pool = await openPool(t, {
    minSize: 0,
    maxSize: 1,
    setup: async () => {
      if (fails) throw new Error('setup failed')
    },
  })
  t.is((await reason(pool.acquire())).message, 'setup failed')
  fails = false
  t.is(await pool.fetchValue('select 1'), 1)
  let isFirst = true
  const other = await openPool(t, {
    minSize: 0,
    maxSize: 1,
    init: async () => {
      if (isFirst) {
        isFirst = false
        throw new Error('init failed')
      }
    },
  })
  const [one, two, three] = await Promise.allSettled([
    other.acquire(),
    other.fetchValue('select 2'),
    pool.fetchValue('select 3'),
  ])
  t.is((one as PromiseRejectedResult).reason.message, 'init failed')
  t.is((two as PromiseFulfilledResult<unknown>).value, 2)
  t.is((three as PromiseFulfilledResult<unknown>).value, 3)
})

test('the password function is asked for each connection, and its failure harms one acquire', async (t) => {
  const database = await testDatabase()
  const { password } = database.server
  let asked = 0
  const pool = await createPool(database.dsn({ password: '' }), {
    maxSize: 3,
    password: async () => {
      asked++
      if (asked === 2) throw new Error('no vault')
      return password
    },
  })
  t.teardown(() => pool.terminate())
  const first = await pool.acquire()
  t.is((await reason(pool.acquire())).message, 'no vault')
  await (await pool.acquire()).release()
  await first.release()
  t.is(asked, 3)
})

test('connections that nobody uses are closed down to minSize', async (t) => {
  const pool = await openPool(t, { minSize: 1, maxSize: 3, maxInactiveConnectionLifetime: 1 })
  const all = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()])
  t.is(pool.getSize(), 3)
  for (const connection of all) await connection.release()
  t.true(await eventually(() => pool.getSize() === 1))
  t.is(await pool.fetchValue('select 1'), 1)
})

test('a connection in use is not closed, however long it is used', async (t) => {
  const pool = await openPool(t, { minSize: 0, maxSize: 2, maxInactiveConnectionLifetime: 1 })
  const used = await pool.acquire()
  const unused = await pool.acquire()
  await unused.release()
  t.true(await eventually(() => pool.getSize() === 1))
  t.is(await used.fetchValue('select 1'), 1)
  await used.release()
})

test('a connection is replaced when it is old', async (t) => {
  const pool = await openPool(t, { maxSize: 1, maxConnectionLifetime: 50 })
  const first = await pool.withConnection(pidOf)
  t.true(await eventually(async () => (await pool.withConnection(pidOf)) !== first))
  await untilGone(first)
})

test('expired connections are replaced, those in use when they are released', async (t) => {
  const pool = await openPool(t, { minSize: 2, maxSize: 2 })
  const used = await pool.acquire()
  const old = used.getServerPid()
  await pool.expireConnections()
  t.is(await used.fetchValue('select 1'), 1)
  const other = await pool.acquire()
  t.not(other.getServerPid(), old)
  await used.release()
  await untilGone(old)
  await other.release()
  t.not(await pool.withConnection(pidOf), old)
})

test('connections are opened by other arguments once they are set', async (t) => {
  const pool = await openPool(t, { maxSize: 1, serverSettings: { application_name: 'before' } })
  const database = await testDatabase()
  pool.setConnectArgs(database.dsn(), { serverSettings: { application_name: 'after' } })
  t.is(await pool.fetchValue('show application_name'), 'before')
  await pool.expireConnections()
  t.is(await pool.fetchValue('show application_name'), 'after')
  t.throws(() => pool.setConnectArgs('nonsense://'), { instanceOf: ClientConfigurationError })
  t.throws(() => pool.setConnectArgs({ connectionClass: class extends Connection {} }), {
    instanceOf: ClientConfigurationError,
  })
  t.is(await pool.fetchValue('show application_name'), 'after')
})

test('close waits for what is in use, and refuses all that comes or waits', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const used = await pool.acquire()
  const pid = used.getServerPid()
  const waiting = [pool.acquire(), pool.fetchValue('select 1')].map(reason)
  const closing = pool.close()
  t.true(pool.isClosing())
  for (const error of await Promise.all(waiting)) {
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'pool is closing')
  }
  t.is((await reason(pool.acquire())).message, 'pool is closing')
  t.is((await reason(pool.fetch('select 1'))).message, 'pool is closing')
  t.is(await used.fetchValue('select 1'), 1)
  const second = pool.close()
  await used.release()
  await closing
  await second
  await pool.close()
  t.is(pool.getSize(), 0)
  t.is((await reason(pool.acquire())).message, 'pool is closed')
  await untilGone(pid)
})

test('close lets calls that are in flight end', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const calls = Array.from({ length: 5 }, (_, i) => pool.fetchValue('select $1::int', [i]))
  await until('all are on their way', () => pool.getWaitingCount() === 0)
  await pool.close()
  t.deepEqual(await Promise.all(calls), [0, 1, 2, 3, 4])
})

test('close drops everything when its time is up, or when it is aborted', async (t) => {
  for (const end of ['timeout', 'signal'] as const) {
    const pool = await openPool(t, { maxSize: 1 })
    const used = await pool.acquire()
    const running = reason(used.fetch('select pg_sleep(60)'))
    const why = new Error('enough')
    const abort = new AbortController()
    const closing = reason(pool.close(end === 'timeout' ? { timeout: 30 } : { signal: abort.signal }))
    if (end === 'signal') abort.abort(why)
    const error = await closing
    if (end === 'signal') t.is(error, why)
    else {
      t.true(error instanceof TimeoutError)
      t.regex(error.message, /^close timed out after 30 ms: .* in use and are dropped: 1$/)
    }
    t.true(
      (await running) instanceof InterfaceError || (await running) instanceof ConnectionDoesNotExistError,
    )
    t.is((await reason(pool.acquire())).message, 'pool is closed')
    t.true(await eventually(() => pool.getSize() === 0))
  }
})

test('terminate drops everything at once', async (t) => {
  const application = 'terminated'
  const pool = await openPool(t, { maxSize: 2, serverSettings: { application_name: application } })
  const used = await pool.acquire()
  const running = reason(used.fetch('select pg_sleep(60)'))
  pool.terminate()
  t.true((await running) instanceof Error)
  t.is((await reason(pool.acquire())).message, 'pool is closed')
  await pool.close()
  await used.release()
  t.true(await eventually(async () => (await sessions(application)) === 0))
})

test('a pool that is closed while connections are being opened leaves none', async (t) => {
  const application = 'closed-early'
  const pool = await openPool(t, {
    minSize: 0,
    maxSize: 4,
    serverSettings: { application_name: application },
  })
  const waiting = Array.from({ length: 4 }, () => reason(pool.acquire()))
  await pool.close()
  for (const error of await Promise.all(waiting)) t.is(error.message, 'pool is closing')
  t.true(await eventually(async () => (await sessions(application)) === 0))
})

test('await using closes a pool', async (t) => {
  const database = await testDatabase()
  let kept: Pool
  {
    await using pool = await createPool(database.dsn())
    kept = pool
    t.is(await pool.fetchValue('select 1'), 1)
  }
  t.true(kept.isClosing())
  t.is(kept.getSize(), 0)
})

test('statistics count what was done', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.fetchValue('select 1')
  const held = await pool.acquire()
  const waiting = pool.acquire()
  t.is(pool.getStats().waiting, 1)
  await held.release()
  await (await waiting).release()
  const { size, idle, inUse, acquired, created, closed, waitedMs, timedOut } = pool.getStats()
  t.deepEqual(
    { size, idle, inUse, acquired, created, closed, timedOut },
    {
      size: 1,
      idle: 1,
      inUse: 0,
      acquired: 3,
      created: 1,
      closed: 0,
      timedOut: 0,
    },
  )
  t.true(waitedMs > 0)
  t.is(warnings(t, 'CORNAC_CALLBACK_ERROR').length, 0)
})
