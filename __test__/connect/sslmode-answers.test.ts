// What each sslmode makes of answers to SSLRequest that no honest server gives, and when it tries the other way.

import test from 'ava'
import { ConnectionFailureError, connect, ProtocolError } from '../../index.ts'
import { CertificateAuthority, selfSigned } from '../support/certificates.ts'
import {
  authCleartext,
  authOk,
  authSasl,
  authSaslContinue,
  errorResponse,
  greeting,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { type Script, ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { AT_ONCE_MS } from '../support/waiting.ts'
import { file, rejection } from './real-servers.ts'

const MODES = ['prefer', 'require', 'verify-ca', 'verify-full'] as const
const SECRET = 'text-of-an-attacker'

const authority = CertificateAuthority.create()
/** Old versions of TLS want RSA. */
const old = selfSigned({ key: 'rsa-2048' })

/** Each connection as it began, in a word: what these servers got. */
function story({ sessions }: ScriptedServer): string[] {
  return sessions.map(({ received }) => {
    if (received.length === 0) return 'nothing'
    if (received[0] === 0x16) return 'direct TLS'
    if (received.readInt32BE(4) !== 80_877_103) return 'plain'
    if (received.length === 8) return 'SSLRequest'
    return received[8] === 0x16 ? 'SSLRequest TLS' : 'SSLRequest plain'
  })
}

/** Answers SSLRequest in some way; lets in who comes without. */
function answering(answer: (session: ScriptedSession) => unknown): Script {
  return async (session) => {
    const packet = await session.packet()
    if (packet.kind === 'ssl') return answer(session)
    session.send(authOk(), greeting())
  }
}

interface Answer {
  title: string
  give: (session: ScriptedSession) => unknown
  /** What the error says under require and stronger. */
  message: RegExp
  type: new (...args: any[]) => Error
  /** Whether prefer goes on in plain text, on a new connection. */
  fallsBack: boolean
}

const ANSWERS: readonly Answer[] = [
  {
    title: 'E and a message',
    give: (session) => session.end(errorResponse({ M: SECRET, H: SECRET })),
    message: /answered the request for TLS with an error \(the server's log tells why; it may have too many/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'E of the old protocol',
    give: (session) => session.end(Buffer.from(`E${SECRET}\n\0`)),
    message: /answered the request for TLS with an error/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'a byte that is no answer',
    give: (session) => session.send(Buffer.from('X')),
    message: /'X'/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'an HTTP server',
    give: (session) => session.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    message: /seems to speak HTTP/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'G, as if GSSAPI had been asked for',
    give: (session) => session.send(Buffer.from('G')),
    message: /'G'/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'S with more bytes behind it in the clear',
    give: (session) => session.send(Buffer.from('S'), authOk(), readyForQuery()),
    message: /unencrypted bytes before the TLS handshake/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'S with an error message behind it in the clear',
    give: (session) => session.send(Buffer.from('S'), errorResponse({ M: SECRET })),
    message: /unencrypted bytes before the TLS handshake/,
    type: ProtocolError,
    fallsBack: false,
  },
  {
    title: 'the end of the connection',
    give: (session) => session.end(),
    message: /closed the connection while the driver waited for the answer to the request for TLS/,
    type: ConnectionFailureError,
    fallsBack: true,
  },
  {
    title: 'a reset',
    give: (session) => session.reset(),
    message: /the answer to the request for TLS/,
    type: ConnectionFailureError,
    fallsBack: true,
  },
  {
    title: 'S and a handshake that is none',
    async give(session) {
      session.send(Buffer.from('S'))
      await session.bytes(1)
      session.send(Buffer.from('this is no TLS record at all'))
    },
    message: /server did not answer in TLS/,
    type: ConnectionFailureError,
    fallsBack: true,
  },
  {
    title: 'S and the end of the connection in the handshake',
    async give(session) {
      session.send(Buffer.from('S'))
      await session.bytes(1)
      session.end()
    },
    message: /closed the connection during the TLS handshake/,
    type: ConnectionFailureError,
    fallsBack: true,
  },
  {
    title: 'S and TLS 1.1 at most',
    async give(session) {
      const { pem, keyPem } = await old
      session.send(Buffer.from('S'))
      await session.secure({
        cert: pem,
        key: keyPem,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
    },
    message: /server refused TLS with alert protocol_version|no TLS version that is allowed/,
    type: ConnectionFailureError,
    fallsBack: true,
  },
]

for (const { title, give, message, type, fallsBack } of ANSWERS) {
  test(`the answer to SSLRequest is ${title}`, async (t) => {
    for (const ssl of MODES) {
      await using server = await ScriptedServer.start(answering(give))
      const started = performance.now()
      const error = await rejection(
        connect(server.dsn(), { ssl, sslrootcert: file((await authority).pem), timeout: 5_000 }),
      )
      t.true(performance.now() - started < AT_ONCE_MS, `${ssl} took ${performance.now() - started} ms`)
      const began = story(server)
      if (ssl === 'prefer' && fallsBack) {
        t.is(error, undefined, `${error}`)
        t.deepEqual([began.length, began[1]], [2, 'plain'])
        continue
      }
      t.true(error instanceof type, `${ssl}: ${error?.stack}`)
      t.regex(error.message, message)
      t.false(`${error.message} ${error.hint} ${error.detail} ${error.cause}`.includes(SECRET))
      t.is(began.length, 1, ssl)
      // Nothing but the request was said in the clear: no user, no database, no password.
      const clear = server.sessions[0]!.receivedInTheClear
      t.false(clear.includes('someone') || clear.includes('a-password') || clear.includes('somewhere'))
    }
  })
}

test.before(() => old)

test('allow asks for TLS only after the server has refused plain text', async (t) => {
  for (const { give, title } of ANSWERS) {
    await using server = await ScriptedServer.start(async (session) => {
      const packet = await session.packet()
      if (packet.kind === 'ssl') return give(session)
      session.end(errorResponse({ S: 'FATAL', V: 'FATAL', C: '28000', M: 'no plain text here' }))
    })
    const error = await rejection(connect(server.dsn(), { ssl: 'allow', timeout: 5_000 }))
    // What the server said is more telling than that there is no TLS either, which is the cause.
    t.is(error.message, 'no plain text here', title)
    t.true(error.cause instanceof Error, title)
    t.deepEqual(story(server)[0], 'plain', title)
    t.is(server.sessions.length, 2, title)
  }
})

test('no mode tries the other way once the login was accepted', async (t) => {
  for (const ssl of ['allow', 'prefer'] as const) {
    await using server = await ScriptedServer.start(async (session) => {
      const { cert, key } = { cert: (await leaf).chain, key: (await leaf).keyPem }
      if (ssl === 'prefer') await session.acceptTls({ cert, key })
      await session.packet()
      session.send(authOk())
      session.end(errorResponse({ S: 'FATAL', V: 'FATAL', C: '3D000', M: 'there is no such database' }))
    })
    const error = await rejection(connect(server.dsn(), { ssl, timeout: 5_000 }))
    t.is(error.sqlstate, '3D000')
    t.is(server.sessions.length, 1)
  }
})

/** TLS or not, as the client begins; `say` comes behind the start-up packet. */
function eitherWay(say: (session: ScriptedSession, encrypted: boolean) => unknown): Script {
  return async (session) => {
    const { kind } = await session.packet()
    if (kind === 'ssl') {
      session.send(Buffer.from('S'))
      await session.secure({ cert: (await leaf).chain, key: (await leaf).keyPem })
      await session.packet()
    }
    await say(session, kind === 'ssl')
  }
}

for (const [ssl, refused] of [
  ['allow', false],
  ['prefer', true],
] as const) {
  test(`${ssl} tries the other way where the first one's authentication is refused`, async (t) => {
    const script = eitherWay((session, encrypted) => {
      if (encrypted === refused) return session.send(authCleartext())
      return session.send(authOk(), greeting())
    })
    await using server = await ScriptedServer.start(script)
    t.is(await rejection(connect(server.dsn(), { ssl, requireAuth: 'none' })), undefined)
    t.is(server.sessions.length, 2)
    t.false(server.sessions.some(({ received }) => received.includes('a-password')))
  })

  test(`${ssl}: the refusal is the reason that is told when the server does not allow the other way`, async (t) => {
    const script = eitherWay((session, encrypted) => {
      if (encrypted === refused) return session.send(authCleartext())
      return session.end(errorResponse({ S: 'FATAL', V: 'FATAL', C: '28000', M: 'no pg_hba.conf entry' }))
    })
    await using server = await ScriptedServer.start(script)
    const error = await rejection(connect(server.dsn(), { ssl, requireAuth: 'scram-sha-256' }))
    t.regex(error.message, /asked for a cleartext password, but requireAuth allows only scram-sha-256$/)
    t.is(error.cause.message, 'no pg_hba.conf entry')
    t.is(server.sessions.length, 2)
  })

  test(`${ssl} does not try the other way with a server that lies about the password`, async (t) => {
    const script = eitherWay(async (session) => {
      session.send(authSasl('SCRAM-SHA-256'))
      await session.expect('p')
      session.send(authSaslContinue('r=x,s=QSXCR+Q6sek8bf92,i=4096'))
    })
    await using server = await ScriptedServer.start(script)
    const error = await rejection(connect(server.dsn(), { ssl }))
    t.regex(error.message, /its nonce does not extend the client's$/)
    t.is(server.sessions.length, 1)
  })

  test(`${ssl} with channel binding required takes TLS only`, async (t) => {
    const script = eitherWay((session, encrypted) =>
      session.send(encrypted ? authSasl('SCRAM-SHA-256') : authOk(), greeting()),
    )
    await using server = await ScriptedServer.start(script)
    const error = await rejection(connect(server.dsn('?channel_binding=require'), { ssl }))
    t.regex(error.message, /channel binding is required, .* it did not offer SCRAM-SHA-256-PLUS$/)
    t.is(server.sessions.length, 1)

    await using plain = await ScriptedServer.start(async (session) => {
      await session.packet()
      session.send(Buffer.from('N'))
    })
    const refusal = await rejection(connect(plain.dsn('?channel_binding=require'), { ssl }))
    t.regex(refusal.hint, /channel_binding=require, which needs TLS/)
    t.deepEqual(story(plain), ['SSLRequest'])
  })
}

const leaf = authority.then((made) => made.server())
