// A connection from acquire to release: who gets which, who waits, and what is refused afterwards.

import { inspect } from 'node:util'
import test from 'ava'
import {
  Connection,
  ConnectionFailureError,
  connect,
  InterfaceError,
  type PoolConnection,
  TimeoutError,
} from '../../index.ts'
import { reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { activityOf, until, untilSleeping } from '../support/waiting.ts'
import { openPool, pidOf } from './open.ts'

test("an acquired connection is its caller's alone, and is the next one's after its release", async (t) => {
  const pool = await openPool(t, { maxSize: 2 })
  const one = await pool.acquire()
  const other = await pool.acquire()
  t.not(one.getServerPid(), other.getServerPid())
  t.is(pool.getSize(), 2)
  t.is(pool.getIdleSize(), 0)
  const pid = other.getServerPid()
  await other.release()
  t.is(pool.getIdleSize(), 1)
  const third = await pool.acquire()
  t.is(third.getServerPid(), pid)
  t.not(third, other)
})

test('the connection released last is given first, so that the others grow old', async (t) => {
  const pool = await openPool(t, { maxSize: 3, minSize: 3 })
  const all = [await pool.acquire(), await pool.acquire(), await pool.acquire()]
  const pids = all.map((connection) => connection.getServerPid())
  await all[1]!.release()
  await all[0]!.release()
  t.is((await pool.acquire()).getServerPid(), pids[0]!)
})

test('it is an instance of Connection, and of the class that connections are made of', async (t) => {
  class Mine extends Connection {
    readonly label = 'mine'
    async twice(value: number): Promise<number> {
      return (await this.fetchValue('select $1::int * 2', [value])) as number
    }
    get backend(): number {
      return this.getServerPid()
    }
    plain(): string {
      return this.label
    }
  }
  const pool = await openPool(t, { connectionClass: Mine })
  const connection = (await pool.acquire()) as PoolConnection & Mine
  t.true(connection instanceof Connection)
  t.true(connection instanceof Mine)
  t.is(await connection.twice(21), 42)
  t.is(connection.backend, connection.getServerPid())
  t.is(connection.plain(), 'mine')
  t.is(connection.label, 'mine')
  await connection.release()
  t.true((await reason(connection.twice(1))) instanceof InterfaceError)
  t.throws(() => connection.backend, { instanceOf: InterfaceError })
  t.throws(() => connection.plain(), { instanceOf: InterfaceError })
  t.throws(() => connection.label, { instanceOf: InterfaceError })
})

/** Of Connection and of what it extends. */
function methods(): string[] {
  const names: string[] = []
  for (let from = Connection.prototype; from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    names.push(...Object.getOwnPropertyNames(from).filter((name) => name !== 'constructor'))
  }
  return names
}

test('methods that give the connection itself give what is refused after the release', async (t) => {
  class Chained extends Connection {
    again(): this {
      return this
    }
  }
  const pool = await openPool(t, { maxSize: 1, connectionClass: Chained })
  const connection = (await pool.acquire()) as PoolConnection & Chained
  for (const same of [connection.ref(), connection.unref(), connection.again()]) t.is(same, connection)
  await connection.ref().release()
  t.true((await reason(connection.fetchValue('select 1'))) instanceof InterfaceError)
  t.is(pool.getIdleSize(), 1)
})

test('after its release every method is refused, asynchronous ones by a rejection', async (t) => {
  const pool = await openPool(t)
  const connection = await pool.acquire()
  await connection.release()
  const names = methods()
  t.true(names.length > 25)
  for (const name of names) {
    const call = async (): Promise<void> => void (await (connection as any)[name]('select 1', () => {}))
    const error = await reason(call())
    t.true(error instanceof InterfaceError, name)
    t.is(
      error.message,
      `cannot call Connection.${name}(): the connection has been released back to the pool`,
      name,
    )
  }
  t.true((await reason(connection.fetch('select 1'))) instanceof InterfaceError)
  // Without a body it gives no promise.
  t.throws(() => connection.transaction(), { instanceOf: InterfaceError, message: /has been released/ })
  t.throws(() => connection.cursor('select 1'), { instanceOf: InterfaceError, message: /has been released/ })
  t.regex(inspect(connection), /released/)
  // Released again, it does nothing, whoever has the session now.
  const next = await pool.acquire()
  await connection.release()
  await pool.release(connection)
  t.is(await pidOf(next), next.getServerPid())
})

test('a connection is shown with where it leads', async (t) => {
  const pool = await openPool(t)
  await using connection = await pool.acquire()
  t.regex(inspect(connection), /^PoolConnection \{[\s\S]*process: \d+/)
})

test('what is no connection of the pool cannot be released to it', async (t) => {
  const pool = await openPool(t)
  const other = await openPool(t)
  const foreign = await other.acquire()
  for (const wrong of [foreign, {}, null, undefined, 'x', Object.create(Connection.prototype)]) {
    const error = await reason(pool.release(wrong as Connection))
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'the connection is not a member of this pool')
  }
  t.is(await pidOf(foreign), foreign.getServerPid())
})

test('await using releases', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  {
    await using connection = await pool.acquire()
    t.is(await connection.fetchValue('select 1'), 1)
    t.is(pool.getIdleSize(), 0)
  }
  t.is(pool.getIdleSize(), 1)
})

test('withConnection releases when its body ends, however it does', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  t.is(await pool.withConnection((connection) => connection.fetchValue('select 7')), 7)
  const error = new Error('no')
  t.is(
    await reason(
      pool.withConnection(() => {
        throw error
      }),
    ),
    error,
  )
  t.is(await pool.withConnection(async () => 'again'), 'again')
  t.is(pool.getIdleSize(), 1)
  t.true((await reason(pool.withConnection(undefined as never))) instanceof InterfaceError)
})

test('a transaction on the pool commits and rolls back', async (t) => {
  const pool = await openPool(t)
  await pool.execute('create table pooled (n int)')
  await pool.transaction((tx) => tx.execute('insert into pooled values (1)'))
  const error = new Error('no')
  const failed = pool.transaction(async (tx) => {
    await tx.execute('insert into pooled values (2)')
    throw error
  })
  t.is(await reason(failed), error)
  t.deepEqual(await pool.fetch('select n from pooled'), [{ n: 1 }])
  const isolation = (await pool.transaction((tx) => tx.fetchValue('show transaction_isolation'), {
    isolation: 'serializable',
    timeout: 10_000,
  })) as string
  t.is(isolation, 'serializable')
})

test('options that a transaction on the pool cannot have are refused before a connection is waited for', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await using held = await pool.acquire()
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ isolation: 'snapshot' }, /^invalid isolation: expected one of serializable, .*, got "snapshot"$/],
    [{ attempts: 0 }, /^invalid attempts: /],
    [{ readOnly: true }, /^invalid transaction options: there is no option "readOnly"$/],
    [{ timeout: 'long' }, /^invalid timeout value: /],
    [5, /^the options of a transaction must be an object, got 5$/],
  ]
  for (const [options, message] of wrong) {
    const error = await reason(pool.transaction(() => t.fail(), options as object))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, message)
  }
  t.is(pool.getWaitingCount(), 0)
  t.false(held.isClosed())
})

test('a transaction on the pool is not tried again once its signal has aborted', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const controller = new AbortController()
  const gone = new Error('the client has gone')
  let runs = 0
  const conflict = "do $$ begin raise exception 'conflict' using errcode = '40001'; end $$"
  const failing = pool.transaction(
    async (tx) => {
      if (++runs === 2) controller.abort(gone)
      await tx.execute(conflict)
    },
    { attempts: 5, signal: controller.signal },
  )
  t.is(await reason(failing), gone)
  t.is(runs, 2)
  t.false(await pool.withConnection((connection) => connection.isInTransaction()))
})

test('who waits is served in the order of coming', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const first = await pool.acquire()
  const order: number[] = []
  const waiting = [1, 2, 3, 4, 5].map(async (n) => {
    const connection = await pool.acquire()
    order.push(n)
    await connection.release()
  })
  t.is(pool.getWaitingCount(), 5)
  await first.release()
  await Promise.all(waiting)
  t.deepEqual(order, [1, 2, 3, 4, 5])
})

test('an acquire whose time is up is told how the pool stands, and leaves its place', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const first = await pool.acquire()
  const error = await reason(pool.acquire({ timeout: 20 }))
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'acquire')
  t.regex(
    error.message,
    /^acquire timed out after 20 ms: connections open: 1 of 1, in use: 1, other callers waiting: 0$/,
  )
  t.regex(error.hint, /1 of those in use made no call meanwhile/)
  t.is(pool.getWaitingCount(), 0)
  t.is(pool.getStats().timedOut, 1)
  await first.release()
  t.is(pool.getIdleSize(), 1)
  for (const timeout of [0, -1]) t.true((await reason(pool.acquire({ timeout }))) instanceof TimeoutError)
  t.is(pool.getIdleSize(), 1)
})

test('a connection on which calls of the pool run counts as in use', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const pid = await pidOf(pool)
  const running = reason(pool.fetch('select pg_sleep(600)'))
  await until('the call runs', async () => (await activityOf(pid))?.wait_event === 'PgSleep')
  const error = await reason(pool.acquire({ timeout: 20 }))
  t.regex(error.message, /connections open: 1 of 1, in use: 1, other callers waiting: 0$/)
  t.is(error.hint, undefined)
  pool.terminate()
  await running
})

test('who runs one call all the time is not taken for a caller that waits for itself', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const runs: { readonly [what: string]: (on: Connection) => Promise<unknown> } = {
    'a query': (on) => on.fetch('select pg_sleep(600)'),
    'a COPY': (on) => on.copyFromQuery('select pg_sleep(600)', [], { output: () => {} }),
  }
  for (const [what, run] of Object.entries(runs)) {
    const connection = await pool.acquire()
    const running = reason(run(connection))
    await untilSleeping(connection)
    const error = await reason(pool.acquire({ timeout: 20 }))
    t.regex(error.message, /connections open: 1 of 1, in use: 1/, what)
    t.is(error.hint, undefined, what)
    connection.terminate()
    await running
  }
})

test('an acquire whose time is up is told why there are no more connections', async (t) => {
  const database = await testDatabase()
  const refusing = (): Promise<Connection> => connect('postgresql://nobody@127.0.0.1:1/nowhere')
  let isFull = false
  const pool = await openPool(t, {
    maxSize: 2,
    connect: (options) => (isFull ? refusing() : connect(database.dsn(), options)),
  })
  isFull = true
  const first = await pool.acquire()
  const error = await reason(pool.acquire({ timeout: 2_000 }))
  t.true(error instanceof TimeoutError)
  t.regex(
    error.message,
    /^acquire timed out after 2000 ms: connections open: 1 of 2, (being opened: 1, )?in use: 1, other callers waiting: 0, another one could not be opened: could not connect to "127\.0\.0\.1" port 1: connection refused$/,
  )
  t.true(error.cause instanceof ConnectionFailureError)
  await first.release()
})

test('an acquire that is aborted gives the reason, and leaves its place', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const first = await pool.acquire()
  const abort = new AbortController()
  const waiting = pool.acquire({ signal: abort.signal })
  const next = pool.acquire()
  const why = new Error('changed my mind')
  abort.abort(why)
  t.is(await reason(waiting), why)
  await first.release()
  await (await next).release()
  t.is(await reason(pool.acquire({ signal: abort.signal })), why)
  t.is(pool.getIdleSize(), 1)
})

test('more than maxWaiting callers are refused', async (t) => {
  const pool = await openPool(t, { maxSize: 1, maxWaiting: 1 })
  const first = await pool.acquire()
  const second = pool.acquire()
  const error = await reason(pool.acquire())
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'cannot wait for a connection: 1 callers wait already, and maxWaiting is 1')
  await first.release()
  await (await second).release()
})

test('with maxWaiting: 0 nobody waits, and connections are still opened for who comes', async (t) => {
  const pool = await openPool(t, { minSize: 0, maxSize: 2, maxWaiting: 0 })
  const one = await pool.acquire()
  const other = await pool.acquire()
  t.true((await reason(pool.acquire())) instanceof InterfaceError)
  await one.release()
  await other.release()
})
