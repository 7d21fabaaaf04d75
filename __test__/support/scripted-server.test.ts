import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import test from 'ava'
import { AdminError, runSql } from './admin.ts'
import { CertificateAuthority, serverTls } from './certificates.ts'
import { startDeafListener } from './deaf-listener.ts'
import * as say from './protocol-messages.ts'
import { ScramServer } from './scram-server.ts'
import { remoteLookingAddress, type Script, ScriptedServer } from './scripted-server.ts'
import { startServer } from './server.ts'
import { startTlsRelay } from './tls-relay.ts'

const oneRow: Script = async (session) => {
  await session.login()
  const query = await session.expect('Q')
  session.send(say.rowDescription('said', { name: 'nothing', type: 23 }))
  session.send(say.dataRow(query.body.toString('utf8', 0, query.body.length - 1), null))
  session.send(say.commandComplete('SELECT 1'), say.noticeResponse(), say.readyForQuery())
  await session.expect('X')
}

test('a scripted conversation reaches the client, and what the client sent is kept', async (t) => {
  await using server = await ScriptedServer.start(oneRow)
  t.deepEqual(await runSql(target(server), 'select me'), [{ said: 'select me', nothing: null }])
  await server.settled()
  const session = await server.session(0)
  t.is(await session.clientEnded, 'fin')
  t.deepEqual(
    session.messages.map(({ type }) => type),
    ['Q', 'X'],
  )
  t.true(session.received.includes('someone'))
  t.deepEqual(session.receivedInTheClear, session.received)
})

test('bytes may come one at a time', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    await session.sendInPieces(Buffer.concat([say.authOk(), say.greeting()]))
    await session.expect('Q')
    await session.sendInPieces(Buffer.concat([say.emptyQueryResponse(), say.readyForQuery()]))
  })
  t.deepEqual(await runSql(target(server), ''), [])
})

test('each connection has its script, the last for all further ones', async (t) => {
  const refuse: Script = async (session) => {
    await session.startup()
    session.end(say.errorResponse({ S: 'FATAL', C: '57P03', M: 'not yet' }))
  }
  await using server = await ScriptedServer.start([refuse, oneRow])
  await t.throwsAsync(runSql(target(server), 'select 1'), {
    instanceOf: AdminError,
    code: '57P03',
    message: 'not yet',
  })
  for (let again = 0; again < 2; again++) t.is((await runSql(target(server), 'x'))[0]?.said, 'x')
  t.is(server.sessions.length, 3)
})

test('a script that meets another message than it expects fails the test', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await session.expect('P')
  })
  await t.throwsAsync(runSql(target(server), 'select 1'))
  await t.throwsAsync(server.settled(), { message: /expected message "P", got "Q"/ })
  await t.throwsAsync(server.close(), { message: /expected message "P"/ })
})

test('a script may keep silent for ever, and a client that leaves ends it', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    await session.expect('Q')
    t.fail('the client has sent nothing')
  })
  const client = await dial(server)
  client.resetAndDestroy()
  t.is(await (await server.session(0)).clientEnded, 'reset')
  await server.settled()
})

test('a reset looks like one to the client', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.bytes(1)
    session.reset()
  })
  const client = await dial(server)
  client.write('x')
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
  t.is(error.code, 'ECONNRESET')
})

test('SCRAM is spoken to the end, and each of its messages can be falsified', async (t) => {
  const login = (password: string, falsify?: (text: string) => string): Script => {
    return async (session) => {
      await session.startup()
      session.send(say.authSasl('SCRAM-SHA-256'))
      const scram = new ScramServer({ password })
      session.send(scram.first(await session.expect('p')))
      session.send(scram.final(await session.expect('p'), falsify))
      session.send(say.authOk(), say.greeting())
      t.is(scram.mechanism, 'SCRAM-SHA-256')
      t.is(scram.gs2Header, 'n,,')
      t.is(scram.channelBinding.length, 0)
      await session.expect('Q')
      session.send(say.emptyQueryResponse(), say.readyForQuery())
    }
  }
  await using server = await ScriptedServer.start([login('a-password'), login('a-password', () => 'v=AAAA')])
  t.deepEqual(await runSql(target(server), ''), [])
  await t.throwsAsync(runSql(target(server), ''), { code: '28000' })
})

test('TLS begins after SSLRequest or at once, on the same socket', async (t) => {
  const authority = await CertificateAuthority.create()
  const { chain, keyPem } = await authority.server()
  const tls = { cert: chain, key: keyPem, ALPNProtocols: ['postgresql'] }
  const afterRequest: Script = async (session) => {
    await session.acceptTls(tls)
    session.send(Buffer.from('welcome'))
    t.is((await session.bytes(5)).toString(), 'hello')
    session.end()
  }
  const atOnce: Script = async (session) => {
    const socket = await session.secure(tls)
    t.is(socket.alpnProtocol, 'postgresql')
    session.send(Buffer.from('welcome'))
    t.is((await session.bytes(5)).toString(), 'hello')
    session.end()
  }
  await using server = await ScriptedServer.start([afterRequest, atOnce])
  for (const direct of [false, true]) {
    const raw = await dial(server)
    if (!direct) {
      raw.write(Buffer.concat([say.int32(8), say.int32(say.SSL_REQUEST)]))
      t.is(((await once(raw, 'data')) as [Buffer])[0].toString(), 'S')
    }
    const client = connectTls({
      socket: raw,
      ca: authority.pem,
      servername: 'localhost',
      ALPNProtocols: ['postgresql'],
    })
    t.is(((await once(client, 'data')) as [Buffer])[0].toString(), 'welcome')
    client.end('hello')
    await once(client, 'close')
  }
  await server.settled()
  const session = await server.session(0)
  t.false(session.receivedInTheClear.includes('hello'))
  t.true(session.received.includes('hello'))
})

test('why a TLS handshake failed is kept with the session', async (t) => {
  const { chain, keyPem } = await (await CertificateAuthority.create()).server()
  await using server = await ScriptedServer.start((session) =>
    session.secure({ cert: chain, key: keyPem, minVersion: 'TLSv1.3' }),
  )
  const client = connectTls({ host: server.host, port: server.port, maxVersion: 'TLSv1.2' })
  await once(client, 'error')
  await server.settled()
  t.regex((await server.session(0)).tlsFailure ?? '', /UNSUPPORTED_PROTOCOL/)
})

test('a TLS relay reads along between a client and a real server', async (t) => {
  const authority = await CertificateAuthority.create()
  const real = await startServer({
    tls: serverTls(await authority.server()),
    hba: ['hostssl all all all trust'],
  })
  await using relay = await startTlsRelay({ target: real, certificate: await authority.server() })
  const raw = await dial(relay)
  raw.write(Buffer.concat([say.int32(8), say.int32(say.SSL_REQUEST)]))
  await once(raw, 'data')
  const client = connectTls({ socket: raw, ca: authority.pem, servername: 'localhost' })
  const startup = Buffer.from('\0\x03\0\0user\0postgres\0\0', 'latin1')
  client.write(Buffer.concat([say.int32(startup.length + 4), startup]))
  const [answer] = (await once(client, 'data')) as [Buffer]
  t.is(answer.toString('latin1', 0, 1), 'R')
  t.true((await relay.session(0)).received.includes('postgres'))
  client.destroy()
  await real.stop()
})

test('nobody answers at a deaf listener, and nobody refuses', async (t) => {
  await using listener = await startDeafListener()
  const client = connect({ host: listener.host, port: listener.port })
  client.on('error', () => {})
  t.is(await Promise.race([once(client, 'connect'), once(client, 'close'), delay(200, 'silence')]), 'silence')
  client.destroy()
})

test('a length may lie', (t) => {
  t.is(say.message('D', Buffer.from('ab')).toString('hex'), '44000000066162')
  t.is(say.message('D', Buffer.from('ab'), 0x7fff_ffff).toString('hex'), '447fffffff6162')
  t.is(say.int32(-1).toString('hex'), 'ffffffff')
  t.is(say.dataRow(null, '').toString('hex'), '440000000e0002ffffffff00000000')
})

test('an address that is not loopback can be found where there is one', (t) => {
  const address = remoteLookingAddress()
  t.true(address === undefined || !address.startsWith('127.'))
})

function target({ host, port }: ScriptedServer): {
  host: string
  port: number
  user: string
  password: string
} {
  return { host, port, user: 'someone', password: 'a-password' }
}

async function dial({ host, port }: ScriptedServer): Promise<Socket> {
  const socket = connect({ host, port })
  await once(socket, 'connect')
  return socket
}
