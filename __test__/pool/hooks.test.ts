// What hooks may not do: nobody else meets what they have left behind.

import test from 'ava'
import {
  type Connection,
  connect,
  createPool,
  InterfaceError,
  type PoolConnection,
  TimeoutError,
} from '../../index.ts'
import { reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { eventually, until, untilGone } from '../support/waiting.ts'
import { openPool, pidOf } from './open.ts'

test('an init hook that leaves a transaction open is refused, and nobody gets its connection', async (t) => {
  const database = await testDatabase()
  const pids: number[] = []
  const leaving = createPool(database.dsn(), {
    init: async (connection) => {
      pids.push(connection.getServerPid())
      await connection.execute('begin')
    },
  })
  const error = await reason(leaving)
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'the init hook left a transaction open: the connection is dropped')
  await untilGone(pids[0] as number)
})

test('an init hook that closes its connection has failed: its caller is told, and no other one is opened for it', async (t) => {
  for (const end of [
    (connection: Connection) => connection.close(),
    (connection: Connection) => void connection.close(),
    (connection: Connection) => connection.terminate(),
  ]) {
    let opened = 0
    const init = (connection: Connection) => {
      opened++
      return end(connection)
    }
    const pool = await openPool(t, { minSize: 0, init })
    const error = await reason(pool.acquire({ timeout: 5_000 }))
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'the init hook closed the connection')
    t.is(opened, 1)
  }
})

test('a connection that is lost unnoticed by its init hook is given to nobody', async (t) => {
  const database = await testDatabase()
  const lost: number[] = []
  const pool = await openPool(t, {
    minSize: 0,
    init: async (connection) => {
      if (lost.length > 0) return
      lost.push(connection.getServerPid())
      await database.admin(`select pg_terminate_backend(${lost[0]})`)
      await until('the loss is noticed', () => connection.isClosed())
    },
  })
  t.not(await pool.withConnection(pidOf, { timeout: 10_000 }), lost[0])
  t.is(pool.getStats().created, 1)
})

test('a reset hook that leaves a transaction open is refused, and nobody gets its connection', async (t) => {
  let leaves = true
  const pool = await openPool(t, {
    maxSize: 1,
    reset: async (connection) => void (leaves && (await connection.execute('begin'))),
  })
  const connection = await pool.acquire()
  const pid = connection.getServerPid()
  const error = await reason(connection.release())
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'the reset hook left a transaction open: the connection is dropped')
  await untilGone(pid)
  leaves = false
  await pool.withConnection(async (next) => {
    t.not(next.getServerPid(), pid)
    t.false(next.isInTransaction())
  })
})

test('what a setup hook leaves open is rolled back by the release', async (t) => {
  const pool = await openPool(t, {
    maxSize: 1,
    setup: async (connection) => void (await connection.execute('begin')),
  })
  const first = await pool.acquire()
  t.true(first.isInTransaction())
  await first.execute('create table from_setup (n int)')
  await first.release()
  const database = await testDatabase()
  t.deepEqual(await database.admin("select 1 from pg_class where relname = 'from_setup'"), [])
})

test('a setup hook that ends its connection, or releases it, has failed and harms nobody else', async (t) => {
  const ends: [string, (connection: PoolConnection) => Promise<void> | void][] = [
    ['closed', (connection) => connection.close()],
    ['closed', (connection) => void connection.close()],
    ['closed', (connection) => connection.terminate()],
    ['released', (connection) => connection.release()],
  ]
  for (const [how, end] of ends) {
    let isFirst = true
    const pool = await openPool(t, {
      maxSize: 1,
      setup: async (connection) => {
        if (!isFirst) return
        isFirst = false
        await end(connection as PoolConnection)
      },
    })
    const error = await reason(pool.fetchValue('select 1'))
    t.true(error instanceof InterfaceError)
    t.is(error.message, `the setup hook ${how} the connection`)
    t.is(await pool.fetchValue('select 2'), 2)
  }
})

test('a setup hook that fails after it has released its connection does not end it for the next caller', async (t) => {
  let isFirst = true
  let hasNext = (): void => {}
  const next = new Promise<void>((resolve) => {
    hasNext = resolve
  })
  const pool = await openPool(t, {
    maxSize: 1,
    setup: async (connection) => {
      if (!isFirst) return
      isFirst = false
      await (connection as PoolConnection).release()
      await next
      throw new Error('too late')
    },
  })
  const failing = reason(pool.acquire())
  const connection = await pool.acquire()
  hasNext()
  t.is((await failing).message, 'too late')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('the connect option may not give a connection that somebody has already', async (t) => {
  const database = await testDatabase()
  const one = await connect(database.dsn())
  t.teardown(() => one.terminate())
  const pool = await createPool(database.dsn(), { maxSize: 2, connect: async () => one })
  t.teardown(() => pool.terminate())
  const held = await pool.acquire()
  const error = await reason(pool.acquire())
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'the option connect gave a connection that a pool has already')
  // Nobody but its user has it.
  t.is(await held.fetchValue('select 1'), 1)
  const other = await openPool(t)
  const lent = await other.acquire()
  const foreign = await reason(createPool(database.dsn(), { connect: async () => lent }))
  t.is(foreign.message, 'the option connect gave a connection that a pool has already')
  t.is(await lent.fetchValue('select 1'), 1)
  await lent.release()
})

test('the connect option may not give a connection that is closed or within a transaction', async (t) => {
  const database = await testDatabase()
  const opened: Connection[] = []
  const giving = (leave: (connection: Connection) => Promise<unknown>) =>
    createPool(database.dsn(), {
      connect: async (options) => {
        const connection = await connect(options)
        opened.push(connection)
        await leave(connection)
        return connection
      },
    })
  const closed = await reason(giving((connection) => connection.close()))
  t.true(closed instanceof InterfaceError)
  t.is(closed.message, 'the option connect gave a connection that is closed')
  const closing = await reason(giving(async (connection) => void connection.close()))
  t.true(closing instanceof InterfaceError)
  t.is(closing.message, 'the option connect gave a connection that is closed')
  const within = await reason(giving((connection) => connection.execute('begin')))
  t.true(within instanceof InterfaceError)
  t.is(within.message, 'the option connect left a transaction open: the connection is dropped')
  t.true(await eventually(() => opened.every((connection) => connection.isClosed())))
})

test('a close does not wait for the connect option, and what comes of it later is closed', async (t) => {
  const database = await testDatabase()
  let open = (): void => {}
  const begun = new Promise<void>((resolve) => {
    open = resolve
  })
  const opened: Promise<Connection>[] = []
  const pool = await openPool(t, {
    minSize: 0,
    connect: (options) => {
      const connection = begun.then(() => connect(database.dsn(), options))
      opened.push(connection)
      return connection
    },
  })
  const waiting = reason(pool.acquire())
  await pool.close()
  t.is((await waiting).message, 'pool is closing')
  open()
  const [late] = await Promise.all(opened)
  await until('the late connection is closed', () => late!.isClosed())
  t.is(pool.getStats().created, 0)
})

test('a time-out tells which hook it waited for', async (t) => {
  const never = (): Promise<void> => new Promise(() => {})
  const setup = await openPool(t, { maxSize: 1, setup: never })
  const late = await reason(setup.acquire({ timeout: 20 }))
  t.true(late instanceof TimeoutError)
  t.is(late.phase, 'setup')
  t.is(late.message, 'the setup hook took longer than the 20 ms of acquire: the connection is closed')
  const { acquired, timedOut } = setup.getStats()
  t.deepEqual({ acquired, timedOut }, { acquired: 0, timedOut: 1 })
  const reset = await openPool(t, { maxSize: 1, reset: never })
  const connection = await reset.acquire()
  const slow = await reason(connection.release({ timeout: 20 }))
  t.true(slow instanceof TimeoutError)
  t.is(slow.phase, 'reset')
  t.is(slow.message, 'the reset hook took longer than the 20 ms of release: the connection is dropped')
})

test('an init hook without end has the limit of a connect, and takes its place no longer', async (t) => {
  let hangs = true
  const database = await testDatabase()
  const pool = await openPool(t, {
    minSize: 0,
    maxSize: 1,
    timeout: 1_000,
    connect: () => connect(database.dsn()),
    init: () => (hangs ? new Promise(() => {}) : undefined),
  })
  const waiting = reason(pool.acquire())
  const impatient = await reason(pool.acquire({ timeout: 20 }))
  t.regex(
    impatient.message,
    /^acquire timed out after 20 ms: connections open: 0 of 1, being opened: 1, in use: 0, other callers waiting: \d$/,
  )
  const late = await waiting
  t.true(late instanceof TimeoutError)
  t.is(late.phase, 'init')
  t.is(late.message, 'the init hook took longer than the 1000 ms of connecting: the connection is closed')
  hangs = false
  t.not(await pidOf(pool), 0)
})

test('the connect option has the limit of a connect, and what comes of it later is closed', async (t) => {
  const database = await testDatabase()
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let hangs = true
  let late: Connection | undefined
  const pool = await openPool(t, {
    minSize: 0,
    maxSize: 1,
    timeout: 1_000,
    connect: async () => {
      if (!hangs) return connect(database.dsn())
      await opened
      late = await connect(database.dsn())
      return late
    },
  })
  const error = await reason(pool.acquire())
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'connect')
  t.is(error.message, 'the option connect took longer than the 1000 ms of connecting')
  hangs = false
  t.is(await pool.fetchValue('select 1'), 1)
  open()
  t.true(await eventually(() => late?.isClosed() === true))
})

test('the signal of making a pool does not reach the connect option, and may abort later', async (t) => {
  const database = await testDatabase()
  const making = new AbortController()
  const pool = await createPool(database.dsn(), {
    signal: making.signal,
    connect: (options) => connect(options),
  })
  t.teardown(() => pool.terminate())
  making.abort(new Error('it was made long ago'))
  await pool.expireConnections()
  t.is(await pool.fetchValue('select 1'), 1)
})

test('a connection whose init hook has failed takes its place until it is closed', async (t) => {
  const database = await testDatabase()
  const user = `one_session_${process.pid}`
  await database.admin(`create role ${user} login password 'x' connection limit 1`)
  let fails = 20
  const pool = await createPool(database.dsn({ user, password: 'x' }), {
    minSize: 0,
    maxSize: 1,
    init: () => {
      if (fails-- > 0) throw new Error('not now')
    },
  })
  // The server refuses a second session, and who waits without a limit is told.
  const failed = await Promise.all(Array.from({ length: 20 }, () => reason(pool.acquire())))
  for (const { message } of failed) t.is(message, 'not now')
  t.is(await pool.fetchValue('select 1'), 1)
  await pool.close()
  await database.admin(`drop role ${user}`)
})

test('a pool of which an init hook has no end is made no longer than a connect may take', async (t) => {
  const database = await testDatabase()
  const making = createPool({
    timeout: 1_000,
    connect: () => connect(database.dsn()),
    init: (): Promise<void> => new Promise(() => {}),
  })
  const late = await reason(making)
  t.true(late instanceof TimeoutError)
  t.is(late.phase, 'init')
})

test('a pool is closed while an init hook runs that has no end', async (t) => {
  let initialized = (): void => {}
  const running = new Promise<void>((resolve) => (initialized = resolve))
  const pool = await openPool(t, {
    minSize: 0,
    timeout: null,
    init() {
      initialized()
      return new Promise(() => {})
    },
  })
  const waiting = reason(pool.acquire())
  await running
  await pool.close()
  t.is((await waiting).message, 'pool is closing')
  t.is(pool.getSize(), 0)
})

test('a release that waits for a call tells that it was the release', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const connection = await pool.acquire()
  const running = reason(connection.fetch('select pg_sleep(60)'))
  const error = await reason(connection.release({ timeout: 20 }))
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'release')
  await running
  t.not(await pidOf(pool), 0)
})

test('a release goes on when the signal of its caller is aborted', async (t) => {
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const pool = await openPool(t, { maxSize: 1, reset: () => finished })
  const connection = await pool.acquire()
  const pid = connection.getServerPid()
  const abort = new AbortController()
  const releasing = connection.release({ signal: abort.signal })
  abort.abort(new Error('enough'))
  t.is((await reason(releasing)).message, 'enough')
  t.is(pool.getIdleSize(), 0)
  finish()
  t.true(await eventually(() => pool.getIdleSize() === 1))
  t.is((await pool.acquire()).getServerPid(), pid)
})
