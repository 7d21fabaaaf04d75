// Cancels that do not reach the server: their callers were answered, so that they matter only while the statement runs.

import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { type Connection, ConnectionDoesNotExistError, connect } from '../../index.ts'
import { answer, describe, one } from '../adversity/conversation.ts'
import { outcome } from '../adversity/outcome.ts'
import { barrier, reason } from '../query/open.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import {
  authOk,
  bindComplete,
  commandComplete,
  parameterStatus,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { resetSocket } from '../support/reset-socket.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { AT_ONCE_MS, untilBlocked, untilSleeping } from '../support/waiting.ts'

/** Milliseconds that the server has to act on cancels. */
const GRACE_MS = 5_000

async function behind(t: ExecutionContext): Promise<{ proxy: ChaosProxy; connection: Connection }> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port } })
  t.teardown(() => proxy.close())
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const connection = await connect(dsn)
  t.teardown(() => connection.terminate())
  return { proxy, connection }
}

test('without a way for the cancel the connection goes on when the statement ends by itself', async (t) => {
  const { proxy, connection } = await behind(t)
  const blocked = await barrier(t)
  const controller = new AbortController()
  const call = outcome(
    connection.fetch(`select pg_advisory_lock_shared(${blocked.key})`, [], { signal: controller.signal }),
  )
  await untilBlocked(connection)
  await proxy.refuse()
  controller.abort('enough')
  t.deepEqual(await call, { kind: 'rejected', error: 'enough' })
  const next = connection.fetchValue('select 7')
  await blocked.open()
  t.is(await next, 7)
  t.is(await connection.fetchValue('select 8'), 8)
})

test('a cancel finds its way again, if not at once', async (t) => {
  const database = await testDatabase()
  let connections = 0
  const listener = createServer((socket) => {
    connections += 1
    // The session passes, the first cancels do not.
    if (connections > 1 && connections < 4) return resetSocket(socket)
    const server = dial({ host: database.server.host, port: database.server.port })
    for (const end of [socket, server]) end.on('error', () => {})
    socket.pipe(server).pipe(socket)
  })
  listener.listen({ host: '127.0.0.1', port: 0 })
  await once(listener, 'listening')
  t.teardown(() => listener.close())
  const { port } = listener.address() as AddressInfo
  const connection = await connect(
    database.dsn({ host: '127.0.0.1', port, parameters: { sslmode: 'disable' } }),
  )
  t.teardown(() => connection.terminate())
  const pid = connection.getServerPid()
  const controller = new AbortController()
  const call = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
  await untilSleeping(connection)
  const began = performance.now()
  controller.abort()
  t.is(await call, controller.signal.reason)
  t.is(await connection.fetchValue('select pg_backend_pid()'), pid)
  t.true(performance.now() - began < AT_ONCE_MS)
  t.is(connections, 4)
})

test('a statement that still runs when the grace is over ends the connection, and says why', async (t) => {
  const { proxy, connection } = await behind(t)
  const controller = new AbortController()
  const call = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
  await untilSleeping(connection)
  await proxy.refuse()
  controller.abort()
  t.is(await call, controller.signal.reason)
  const began = performance.now()
  const lost = await reason(connection.fetch('select 1'))
  t.true(performance.now() - began > GRACE_MS - 1_000)
  t.true(lost instanceof ConnectionDoesNotExistError, String(lost))
  t.false(lost.maybeExecuted)
  t.regex(lost.cause.message, /^a cancel request could not be delivered within 5 s: .*refused/)
  t.true(connection.isClosed())
})

test('a server that gave no key lets its statements end by themselves', async (t) => {
  let go: () => void = () => {}
  const gone = new Promise<void>((resolve) => {
    go = resolve
  })
  const limit = new AbortController()
  const server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(
      authOk(),
      parameterStatus('client_encoding', 'UTF8'),
      parameterStatus('server_version', '18.1'),
    )
    session.send(readyForQuery())
    await describe(session)
    await session.expectUntil('S')
    // Only now: a call that is not sent yet would be taken back.
    limit.abort()
    await gone
    session.send(bindComplete(), commandComplete('SELECT 0'), readyForQuery())
    await describe(session)
    await answer(session, one)
  })
  t.teardown(() => server.close())
  const connection = await connect(server.dsn())
  const call = await reason(connection.fetch('select something', [], { signal: limit.signal }))
  t.is(call, limit.signal.reason)
  const next = connection.fetchValue('select something else')
  go()
  t.is(await next, 1)
  t.is(server.sessions.length, 1, 'a cancel went out without a key')
})
