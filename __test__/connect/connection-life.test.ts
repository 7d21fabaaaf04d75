// A connection's own life: closing, dropping, resetting, and what it tells of itself meanwhile.

import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import {
  Connection,
  ConnectionDoesNotExistError,
  connect,
  InterfaceError,
  QueryCanceledError,
  TimeoutError,
} from '../../index.ts'
import { openWatched } from '../query/open.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { sharedServer } from '../support/server.ts'
import {
  AT_ONCE_MS,
  activityOf,
  eventually,
  syncsSent,
  untilGone,
  untilSent,
  untilSleeping,
} from '../support/waiting.ts'
import { opened, reason, socketsTo } from './opened.ts'

async function isAlive(pid: number): Promise<boolean> {
  return (await activityOf(pid)) !== undefined
}

async function proxied(): Promise<ChaosProxy> {
  const { host, port } = await sharedServer()
  return ChaosProxy.start({ target: { host, port } })
}

test('after close the server has no session left, and a second close does nothing', async (t) => {
  const server = await sharedServer()
  const connection = await connect(server.dsn())
  const pid = connection.getServerPid()
  t.true(await isAlive(pid))
  t.is(await connection.close(), undefined)
  t.true(connection.isClosed())
  t.false(await isAlive(pid))
  t.is(await connection.close(), undefined)
  connection.terminate()
})

test('every method of a closed connection says so before anything else', async (t) => {
  const server = await sharedServer()
  const connection = await connect(server.dsn())
  await connection.close()
  const calls = [
    () => connection.execute(undefined as never),
    () => connection.fetch('select 1', 'no array' as never),
    () => connection.fetchRow('select 1'),
    () => connection.fetchValue('select 1', [], { timeout: 'soon' as never }),
    () => connection.reset(),
    async () => connection.addLogListener(() => {}),
    async () => connection.cursor(undefined as never, 'no array' as never),
    async () => connection.transaction({ isolation: 'none' as never }),
    () => connection.transaction(async () => 1),
    () => connection.prepare(undefined as never),
    () => connection.copyToTable(undefined as never, undefined as never),
  ]
  for (const call of calls) {
    const error = await reason(call())
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'connection is closed')
  }
  t.throws(() => connection.cursor('select 1'), {
    instanceOf: InterfaceError,
    message: 'connection is closed',
  })
  t.throws(() => connection.transaction(), { instanceOf: InterfaceError, message: 'connection is closed' })
  t.false(connection.isInTransaction())
  t.true(connection.getServerPid() > 0)
  t.truthy(connection.getSettings().get('server_version'))
  connection.removeLogListener(() => {})
  connection.removeTerminationListener(() => {})
  t.is(connection.ref(), connection)
  t.is(connection.unref(), connection)
})

test('close cancels the running call, rejects what waits, and takes no more', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  const running = reason(connection.execute('select pg_sleep(60)'))
  await untilSleeping(connection)
  const closing = connection.close()
  const late = await reason(connection.fetchValue('select 1'))
  t.is(late.message, 'connection is closing')
  await closing
  t.true((await running) instanceof QueryCanceledError)
  t.false(await isAlive(connection.getServerPid()))
})

test('calls that were sent behind the running one may have been executed, and say so', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetchValue('select $1::int', [1])
  const running = reason(connection.fetch('select pg_sleep($1)', [60]))
  await untilSleeping(connection)
  const before = syncsSent(link)
  const behind = reason(connection.fetchValue('select $1::int', [1]))
  await untilSent(link, before + 1)
  await connection.close()
  t.true((await running) instanceof QueryCanceledError)
  const error = await behind
  t.true(error instanceof ConnectionDoesNotExistError, `${error}`)
  t.true(error.maybeExecuted)
})

test('close with a timeout drops a connection whose server has gone deaf', async (t) => {
  const proxy = await proxied()
  t.teardown(() => proxy.close())
  const server = await sharedServer()
  const connection = await connect(server.dsn({ port: proxy.port }))
  t.teardown(() => connection.terminate())
  proxy.set({ stall: 'both' })
  const started = performance.now()
  const error = await reason(connection.close({ timeout: 150 }))
  const elapsed = performance.now() - started
  t.true(error instanceof TimeoutError)
  t.true(elapsed >= 140 && elapsed < AT_ONCE_MS, `${elapsed}`)
  t.true(connection.isClosed())
  t.true(await eventually(() => socketsTo(proxy.port) === 0))
})

test('close within the limit of a running call at a deaf server ends in time, too', async (t) => {
  const proxy = await proxied()
  t.teardown(() => proxy.close())
  const server = await sharedServer()
  const connection = await connect(server.dsn({ port: proxy.port }), { commandTimeout: 200 })
  t.teardown(() => connection.terminate())
  const running = reason(connection.fetch('select pg_sleep(60)', [], { timeout: null }))
  await untilSleeping(connection)
  proxy.set({ stall: 'both' })
  const started = performance.now()
  t.true((await reason(connection.close())) instanceof TimeoutError)
  t.true(performance.now() - started < AT_ONCE_MS)
  t.true((await running) instanceof ConnectionDoesNotExistError)
  // The cancel connection has a limit of its own, since it may still reach the server.
  t.true(await eventually(() => socketsTo(proxy.port) === 0))
})

test('a signal drops a close that hangs', async (t) => {
  const proxy = await proxied()
  t.teardown(() => proxy.close())
  const server = await sharedServer()
  const connection = await connect(server.dsn({ port: proxy.port }))
  proxy.set({ stall: 'both' })
  const given = new Error('no time')
  const controller = new AbortController()
  const closing = reason(connection.close({ signal: controller.signal }))
  await turn()
  controller.abort(given)
  t.is(await closing, given)
  t.true(connection.isClosed())
  t.true(await eventually(() => socketsTo(proxy.port) === 0))
})

test('terminate drops at once: the running call rejects, the server ends the session', async (t) => {
  const server = await sharedServer()
  // A backend that sleeps looks whether its client is there when this tells it to.
  const parameters = { client_connection_check_interval: '50ms' }
  const connection = await connect(server.dsn({ parameters }))
  const running = reason(connection.fetchValue('select 1 from pg_sleep(60)'))
  await untilSleeping(connection)
  connection.terminate()
  t.true(connection.isClosed())
  t.true((await running) instanceof ConnectionDoesNotExistError)
  await untilGone(connection.getServerPid())
  connection.terminate()
  const error = await reason(connection.fetchValue('select 1'))
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'connection is closed')
})

test('termination listeners hear of each end once, outside the code that ended it', async (t) => {
  const server = await sharedServer()
  const ends: { [how: string]: (connection: Connection) => unknown } = {
    close: (connection) => connection.close(),
    terminate: (connection) => connection.terminate(),
    'loss while idle': (connection) =>
      server.admin(`select pg_terminate_backend(${connection.getServerPid()})`),
    'loss in a call': (connection) =>
      reason(connection.execute('select pg_terminate_backend(pg_backend_pid())')),
  }
  for (const [how, end] of Object.entries(ends)) {
    const connection = await connect(server.dsn())
    const heard: unknown[] = []
    const listener = (ended: Connection): unknown => heard.push(ended)
    const removed = (): unknown => heard.push('removed')
    connection.addTerminationListener(listener)
    connection.addTerminationListener(listener)
    connection.addTerminationListener(removed)
    connection.removeTerminationListener(removed)
    const ending = end(connection)
    t.is(heard.length, 0, how)
    await ending
    t.true(await eventually(() => heard.length > 0), how)
    await turn()
    t.deepEqual(heard, [connection], how)
    t.true(connection.isClosed())
  }
})

test("the server's last words while idle are the cause of 'connection is closed'", async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  await server.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  t.true(await eventually(() => connection.isClosed()))
  const error = await reason(connection.fetchValue('select 1'))
  t.true(error instanceof ConnectionDoesNotExistError)
  t.is(error.message, 'connection is closed')
  t.false(error.maybeExecuted)
  t.true(error.isTransient)
  t.is(error.query, 'select 1')
  t.is(error.cause.sqlstate, '57P01')
  const lost = { instanceOf: ConnectionDoesNotExistError, message: 'connection is closed' }
  t.throws(() => connection.transaction(), lost)
  t.throws(() => connection.cursor('select 1'), lost)
  t.true((await reason(connection.transaction(() => 1))) instanceof ConnectionDoesNotExistError)
})

test('await using closes at the end of the block', async (t) => {
  const server = await sharedServer()
  let kept: Connection
  {
    await using connection = await connect(server.dsn())
    kept = connection
    t.is(await connection.fetchValue('select 1'), 1)
  }
  t.true(kept.isClosed())
  t.false(await isAlive(kept.getServerPid()))
})

test('connectionClass gives objects of a subclass, and is checked', async (t) => {
  class Audited extends Connection {
    readonly made = 'by us'
    answer(): Promise<number | null> {
      return this.fetchValue('select 42')
    }
  }
  const server = await sharedServer()
  const connection = (await opened(t, server.dsn(), { connectionClass: Audited })) as Audited
  t.true(connection instanceof Audited)
  t.is(connection.made, 'by us')
  t.is(await connection.answer(), 42)
  for (const wrong of [class {}, () => {}, {}, 'Connection']) {
    const error = await reason(connect(server.dsn(), { connectionClass: wrong as never }))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /connectionClass/)
  }
})

test('an onCallbackError that is no function is refused before a socket is opened', async (t) => {
  for (const wrong of [5, {}, 'console.error']) {
    const error = await reason(connect('postgresql://127.0.0.1:1/', { onCallbackError: wrong as never }))
    t.is(error.name, 'ClientConfigurationError')
    t.regex(error.message, /onCallbackError/)
  }
})

test('a listener that throws or rejects harms nothing and is heard of by onCallbackError', async (t) => {
  const server = await sharedServer()
  const errors: unknown[] = []
  const connection = await opened(t, server.dsn(), { onCallbackError: (error) => errors.push(error) })
  const [first, second] = [new Error('thrown'), new Error('rejected')]
  connection.addLogListener(() => {
    throw first
  })
  connection.addLogListener(() => Promise.reject(second))
  await connection.execute("do $$ begin raise notice 'to all'; end $$")
  t.true(await eventually(() => errors.length === 2))
  t.deepEqual(errors, [first, second])
  t.is(await connection.fetchValue('select 1'), 1)
})
