// What a failed connect says: every host, in order, with its reason and Node's codes.

import { inspect } from 'node:util'
import test from 'ava'
import { ConnectionFailureError, connect, PostgresConnectionError } from '../../index.ts'
import { authOk, errorResponse, readyForQuery } from '../support/protocol-messages.ts'
import { freePort } from '../support/provisioner.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { AT_ONCE_MS } from '../support/waiting.ts'
import { addNames } from './names.ts'
import { reason } from './opened.ts'

test('one host alone gives its own error, with the code of the system in its cause', async (t) => {
  const port = await freePort()
  const started = performance.now()
  const error = await reason(connect(`postgresql://someone:a-secret@127.0.0.1:${port}/db`))
  t.true(performance.now() - started < AT_ONCE_MS)
  t.true(error instanceof ConnectionFailureError)
  t.true(error instanceof PostgresConnectionError)
  t.is(error.sqlstate, '08006')
  t.like(error.cause, {
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '127.0.0.1',
    port,
  })
  t.regex(error.message, new RegExp(`127\\.0\\.0\\.1.*${port}`))
  t.is(error.message.split('could not connect').length, 2, 'said once')
  t.regex(error.hint, /listen_addresses/)
})

test('a name that does not exist has the code of the resolver', async (t) => {
  const error = await reason(connect('postgresql://someone@no-such-host.invalid/db'))
  t.true(error instanceof ConnectionFailureError)
  t.true(['ENOTFOUND', 'EAI_AGAIN'].includes(error.cause.code), error.cause.code)
  t.regex(error.message, /"no-such-host\.invalid"/)
})

test('a host with a port, brackets or a comma is told how a host is given', async (t) => {
  for (const host of ['localhost:5433', '[::1]', 'one,two']) {
    const error = await reason(connect({ host, user: 'someone' }))
    t.true(error instanceof ConnectionFailureError)
    t.regex(error.hint, /one name or address: .* option port.* list/)
  }
})

test('several hosts give one error each, in order, and name all of them', async (t) => {
  const port = await freePort()
  addNames({ 'two-addresses.test': ['127.0.0.8', '127.0.0.9'] })
  await using broken = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.end()
  })
  const hosts = [
    `127.0.0.1:${port}`,
    'no-such-host.invalid:1234',
    `two-addresses.test:${port}`,
    `127.0.0.1:${broken.port}`,
    encodeURIComponent('/no/such/directory'),
  ]
  const error = await reason(connect(`postgresql://someone:a-secret@${hosts.join(',')}/db`))
  t.true(error instanceof ConnectionFailureError)
  t.true(error.cause instanceof AggregateError)
  const errors = error.cause.errors as any[]
  t.is(errors.length, hosts.length)
  for (const each of errors) t.true(each instanceof ConnectionFailureError)
  t.deepEqual(
    errors.map(({ cause }) => cause.code).map((code) => (code === 'EAI_AGAIN' ? 'ENOTFOUND' : code)),
    ['ECONNREFUSED', 'ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT'],
  )
  // As Node's own sockets have it after several addresses.
  t.is(error.cause.code, 'ECONNREFUSED')
  t.is(errors[2].cause.errors.length, 2)
  for (const [index, part] of [
    '127.0.0.1',
    'no-such-host',
    'two-addresses',
    '127.0.0.1',
    '/no/such',
  ].entries()) {
    t.true(errors[index].message.includes(part), errors[index].message)
    t.true(error.message.includes(errors[index].message))
  }
})

test('what a server says among several hosts stands behind its name', async (t) => {
  await using starting = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.end(errorResponse({ S: 'FATAL', C: '57P03', M: 'the database system is starting up' }))
  })
  const hosts = `127.0.0.1:${await freePort()},127.0.0.1:${starting.port}`
  const error = await reason(connect(`postgresql://someone@${hosts}/db?sslmode=disable`))
  const said = `"127.0.0.1" port ${starting.port}: the database system is starting up`
  t.true(error.message.endsWith(`; ${said}`), error.message)
  t.is(error.cause.message, error.message.split('hosts: ')[1])
  t.is(error.cause.errors[1].message, 'the database system is starting up')
})

test('a server that is lost while it is asked for its kind was not reached, and is named', async (t) => {
  await using silent = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authOk(), readyForQuery())
    await session.expect()
    session.reset()
  })
  const dsn = `postgresql://someone@127.0.0.1:${silent.port}/db?sslmode=disable`
  const error = await reason(connect(dsn, { targetSessionAttrs: 'read-write' }))
  t.true(error instanceof ConnectionFailureError, `${error}`)
  t.true(error.isTransient)
  const where = `"127.0.0.1" port ${silent.port}`
  t.true(error.message.startsWith(`could not ask ${where} what kind of server it is: `), error.message)
  t.is(error.cause.name, 'ConnectionDoesNotExistError')
})

test('no error of connecting shows the password', async (t) => {
  const secret = 'correct-horse-battery'
  const port = await freePort()
  const errors = [
    await reason(connect(`postgresql://someone:${secret}@127.0.0.1:${port}/db`)),
    await reason(connect(`postgresql://someone:${secret}@127.0.0.1:${port},127.0.0.1:${port}/db`)),
    await reason(connect({ host: '127.0.0.1', port, user: 'someone', password: () => secret })),
  ]
  for (const error of errors) {
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + error.stack
    t.false(shown.includes(secret))
  }
})

test("an error's stack leads to the caller", async (t) => {
  async function callerOfConnect(): Promise<unknown> {
    return await connect(`postgresql://someone@127.0.0.1:${await freePort()}/db`)
  }
  const error = await reason(callerOfConnect())
  t.regex(error.stack, /callerOfConnect/)
})

test('a server that is no PostgreSQL is a protocol error that says so', async (t) => {
  await using web = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  const error = await reason(connect(`postgresql://someone@127.0.0.1:${web.port}/db?sslmode=disable`))
  t.is(error.name, 'ProtocolError')
  t.regex(error.message, /127\.0\.0\.1/)
})

test('a refused variable, parameter or port never opens a socket', async (t) => {
  await using server = await ScriptedServer.start((session) => session.end())
  const host = `127.0.0.1:${server.port}`
  for (const wrong of [
    `postgresql://${host}/db?sslmode=maybe`,
    `postgresql://${host},127.0.0.1:99999/db`,
    `postgresql://${host}/db?connect_timeout=soon`,
    `postgresql://${host}/db?target_session_attrs=leader`,
    `postgresql://${host}/d%00b`,
    `postgresql://${host}/db?sslrootcert=/no/such/file&sslmode=verify-full`,
  ]) {
    const error = await reason(connect(wrong))
    t.is(error.name, 'ClientConfigurationError', wrong)
  }
  t.is(server.sessions.length, 0)
})
