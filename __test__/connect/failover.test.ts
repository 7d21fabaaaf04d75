// What moves a connect on to the next host, and what ends it at once.

import test from 'ava'
import { connect } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { authCleartext, authOk, errorResponse } from '../support/protocol-messages.ts'
import { freePort } from '../support/provisioner.ts'
import { type Script, ScriptedServer } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { addNames } from './names.ts'
import { opened, portOf, reason, sessionsOf, socketsTo } from './opened.ts'
import { rejection } from './real-servers.ts'

/** The last host of every list: the one that is to be reached, or not. Its TLS certificate is of a test root. */
let good: OwnServer
let authority: CertificateAuthority

test.before(async () => {
  authority = await CertificateAuthority.create()
  const certificate = await authority.server()
  good = await startServer({ tls: serverTls(certificate) })
  await good.admin("create role tester login password 'a secret'")
})

const dsn = (hosts: string, parameters = ''): string =>
  `postgresql://tester:a%20secret@${hosts}/postgres${parameters}`

const before = (host: string, parameters?: string): string =>
  dsn(`${host},127.0.0.1:${good.port}`, parameters)

test('a port where nobody listens is passed over', async (t) => {
  const connection = await opened(t, before(`127.0.0.1:${await freePort()}`))
  t.is(await portOf(connection), good.port)
})

test('a name that does not exist is passed over', async (t) => {
  addNames({ 'nobody-has-this-name.test': [] })
  for (const name of ['nobody-has-this-name.test', 'no-such-host.invalid']) {
    const connection = await opened(t, before(`${name}:5432`))
    t.is(await portOf(connection), good.port, name)
  }
})

const endings: { [how: string]: Script } = {
  'closes at once': (session) => session.end(),
  'resets at once': (session) => session.reset(),
  'closes after the start-up packet': async (session) => {
    await session.startup()
    session.end()
  },
  'resets after the start-up packet': async (session) => {
    await session.startup()
    session.reset()
  },
  'closes in the middle of a message': async (session) => {
    await session.startup()
    session.end(authOk().subarray(0, 3))
  },
  'closes instead of a verdict on the password': async (session) => {
    await session.startup()
    session.send(authCleartext())
    await session.expect('p')
    session.end()
  },
  'closes between AuthenticationOk and ReadyForQuery': async (session) => {
    await session.startup()
    session.end(authOk())
  },
}
for (const [how, script] of Object.entries(endings)) {
  test(`a host that ${how} is passed over`, async (t) => {
    await using broken = await ScriptedServer.start(script)
    const connection = await opened(t, before(`127.0.0.1:${broken.port}`))
    t.is(await portOf(connection), good.port)
    t.true(broken.sessions.length >= 1)
    t.true(await eventually(() => socketsTo(broken.port) === 0))
  })
}

test('a server that shuts down, 57P03, is passed over', async (t) => {
  await using leaving = await startServer()
  await leaving.admin("create role tester login password 'a secret'")
  const keeps = await opened(t, dsn(`127.0.0.1:${leaving.port}`))
  const halted = leaving.halt('smart')
  // It waits for this session, and takes no other.
  const refused = await eventually(
    async () => (await rejection(connect(dsn(`127.0.0.1:${leaving.port}`))))?.sqlstate === '57P03',
  )
  t.true(refused)
  const connection = await opened(t, before(`127.0.0.1:${leaving.port}`))
  t.is(await portOf(connection), good.port)
  await keeps.close()
  await halted
})

test('a server that says it starts up is passed over, and alone is its own error', async (t) => {
  await using starting = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.end(
      errorResponse({ S: 'FATAL', V: 'FATAL', C: '57P03', M: 'the database system is starting up' }),
    )
  })
  const host = `127.0.0.1:${starting.port}`
  const connection = await opened(t, before(host))
  t.is(await portOf(connection), good.port)
  const alone = await reason(connect(dsn(host, '?sslmode=disable')))
  t.is(alone.name, 'CannotConnectNowError')
  t.is(alone.message, 'the database system is starting up')
})

test('a host without TLS is passed over when TLS is required', async (t) => {
  await using plain = await startServer()
  await plain.admin("create role tester login password 'a secret'")
  const connection = await opened(t, before(`127.0.0.1:${plain.port}`, '?sslmode=require'))
  t.is(await portOf(connection), good.port)
  t.is(await connection.fetchValue('select ssl from pg_stat_ssl where pid = pg_backend_pid()'), true)
})

test('a host whose certificate does not verify is passed over', async (t) => {
  const stranger = await CertificateAuthority.create('Somebody else')
  await using impostor = await startServer({
    tls: serverTls(await stranger.server()),
  })
  const options = { ssl: { ca: authority.pem } }
  const connection = await opened(t, before(`127.0.0.1:${impostor.port}`), options)
  t.is(await portOf(connection), good.port)
  const alone = await reason(connect(dsn(`127.0.0.1:${impostor.port}`), options))
  t.is(alone.name, 'ConnectionFailureError')
  t.is(impostor.log().includes('tester'), false)
})

test('what the server says about who and what ends the connect at once', async (t) => {
  await using untouched = await ScriptedServer.start((session) => session.end())
  const behind = (first: string): string => `${first},127.0.0.1:${untouched.port}`
  const host = `127.0.0.1:${good.port}`
  const cases = [
    [`postgresql://tester:wrong@${behind(host)}/postgres`, 'InvalidPasswordError', '28P01'],
    [`postgresql://nobody:wrong@${behind(host)}/postgres`, 'InvalidPasswordError', '28P01'],
    [`postgresql://tester:a%20secret@${behind(host)}/no_such_db`, 'InvalidCatalogNameError', '3D000'],
    [
      `postgresql://tester:a%20secret@${behind(host)}/postgres?options=-c%20no.such%20thing`,
      'PostgresSyntaxError',
      '42601',
    ],
  ] as const
  for (const [target, name, sqlstate] of cases) {
    const error = await reason(connect(target))
    t.is(error.name, name, target)
    t.is(error.sqlstate, sqlstate)
  }
  t.is(untouched.sessions.length, 0)
})

test('too many connections end the connect at once, and a freed place is taken', async (t) => {
  await using small = await startServer({
    settings: { max_connections: '3', superuser_reserved_connections: '0', max_wal_senders: '0' },
  })
  await small.admin("create role tester login password 'a secret'")
  const target = dsn(`127.0.0.1:${small.port},127.0.0.1:${good.port}`, '?sslmode=disable')
  const taken = await Promise.all([1, 2, 3].map(() => opened(t, target)))
  const error = await reason(connect(target))
  t.is(error.name, 'TooManyConnectionsError')
  t.is(error.sqlstate, '53300')
  await taken[0]?.close()
  const again = await opened(t, target)
  t.is(await portOf(again), small.port)
  for (const connection of [...taken, again]) connection.terminate()
})

test('no session is left behind on a host that was passed over', async (t) => {
  const application = 'cornac-failover-rest'
  const hosts = `127.0.0.1:${await freePort()},127.0.0.1:${good.port}`
  const connection = await opened(t, dsn(hosts, `?application_name=${application}`))
  t.is(await sessionsOf(good, application), 1)
  await connection.close()
  t.is(await sessionsOf(good, application), 0)
})
