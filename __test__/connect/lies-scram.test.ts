// Servers that lie in SCRAM, OAUTHBEARER and TLS: refused at once, before a proof is given wherever that is possible.

import { randomBytes } from 'node:crypto'
import test from 'ava'
import { connect } from '../../index.ts'
import { CertificateAuthority } from '../support/certificates.ts'
import {
  authMd5,
  authOk,
  authSasl,
  authSaslContinue,
  authSaslFinal,
  greeting,
  message,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { ScramServer } from '../support/scram-server.ts'
import { type Script, ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { AT_ONCE_MS } from '../support/waiting.ts'
import { rejection } from './real-servers.ts'

const PASSWORD = 'canary-3f9d'

/** A lie in the first message: the true one is `r=<nonces>,s=<salt>,i=4096`. */
const FIRST: [title: string, falsify: (text: string) => string, message: RegExp][] = [
  [
    "a nonce that is the client's alone",
    (text) => text.replace(/^r=([^,]{24})[^,]*/, 'r=$1'),
    /nonce does not extend/,
  ],
  [
    "a nonce that is not the client's",
    (text) => text.replace(/^r=[^,]*/, `r=${randomBytes(36).toString('base64')}`),
    /nonce does not extend/,
  ],
  ['a nonce that is shorter', (text) => text.replace(/^r=([^,]{10})[^,]*/, 'r=$1'), /nonce does not extend/],
  ['no nonce', (text) => text.replace(/^r=[^,]*/, 'r='), /nonce does not extend/],
  ['a nonce with what cannot be printed', (text) => text.replace(',s=', '\u0001,s='), /cannot be printed/],
  ['an empty salt', (text) => text.replace(/s=[^,]*/, 's='), /salt is not base64/],
  ['a salt that is not base64', (text) => text.replace(/s=[^,]*/, 's=!!!!'), /salt is not base64/],
  ['no salt', (text) => text.replace(/s=[^,]*,/, ''), /malformed/],
  ['0 iterations', (text) => text.replace('i=4096', 'i=0'), /iteration count is 0/],
  ['-1 iterations', (text) => text.replace('i=4096', 'i=-1'), /not a number/],
  [
    '100,001 iterations',
    (text) => text.replace('i=4096', 'i=100001'),
    /asked for 100001 SCRAM iterations, the limit is 100,000/,
  ],
  ['2 billion iterations', (text) => text.replace('i=4096', 'i=2147483648'), /the limit is 100,000/],
  ['very many iterations', (text) => text.replace('4096', '9'.repeat(200)), /the limit is 100,000/],
  ['iterations in hexadecimal', (text) => text.replace('4096', '0x1000'), /not a number/],
  ['no iterations', (text) => text.replace(/,i=.*/, ''), /malformed/],
  ['an extension', (text) => `m=must,${text}`, /extension that is not known/],
  ['one attribute more', (text) => `${text},x=y`, /attributes that are not known/],
  ['an error', () => 'e=other-error', /reports an error/],
  ['another order', (text) => text.split(',').reverse().join(','), /malformed/],
  ['nothing', () => '', /malformed/],
]

/** A lie in the last message: the true one is `v=<signature>`. */
const FINAL: [title: string, falsify: (text: string) => string, message: RegExp][] = [
  ['a wrong signature', () => `v=${randomBytes(32).toString('base64')}`, /signature|verif|SCRAM/i],
  ['a short signature', () => 'v=AAAA', /signature is missing or malformed/],
  ['no signature', () => 'v=', /signature is missing or malformed/],
  ['nothing', () => '', /signature is missing or malformed/],
  ['an error', () => 'e=invalid-proof', /reports an error instead of its signature/],
  ['one attribute more', (text) => `${text},x=y`, /signature is missing or malformed/],
]

async function refused(
  t: import('ava').ExecutionContext,
  script: Script,
  expected: RegExp,
  names: readonly string[] = ['InvalidAuthorizationSpecificationError'],
): Promise<ScriptedSession> {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    await script(session)
  })
  const started = performance.now()
  const error = await rejection(
    connect(`postgresql://someone:${PASSWORD}@127.0.0.1:${server.port}/?sslmode=disable`),
  )
  const took = performance.now() - started
  t.true(took < AT_ONCE_MS, `it took ${took} ms`)
  t.true(names.includes(error?.name), `${error?.stack}`)
  t.regex(error.message, expected)
  t.false(`${error.message} ${error.hint} ${error.detail}`.includes(PASSWORD))
  t.is(server.sessions.length, 1)
  t.false(server.sessions[0]!.received.includes(PASSWORD))
  return server.sessions[0]!
}

for (const [title, falsify, expected] of FIRST) {
  test.serial(`SCRAM's first message with ${title} is refused before a proof is given`, async (t) => {
    const scram = new ScramServer({ password: PASSWORD })
    const session = await refused(
      t,
      async (session) => {
        session.send(authSasl('SCRAM-SHA-256'))
        session.send(scram.first(await session.expect('p'), falsify))
        await session.expect()
      },
      expected,
    )
    t.is(session.messages.length, 1)
  })
}

for (const [title, falsify, expected] of FINAL) {
  test.serial(`SCRAM's last message with ${title} is refused, the login after it too`, async (t) => {
    const scram = new ScramServer({ password: PASSWORD })
    await refused(
      t,
      async (session) => {
        session.send(authSasl('SCRAM-SHA-256'))
        session.send(scram.first(await session.expect('p')))
        session.send(scram.final(await session.expect('p'), falsify), authOk(), greeting())
      },
      expected,
    )
  })
}

type Step = 'at the beginning' | 'after the first message' | 'instead of the last message'
const INTERRUPTIONS: [title: string, bytes: () => Buffer, message: RegExp, names: string[]][] = [
  [
    'AuthenticationOk',
    authOk,
    /before it had proved that it knows the password/,
    ['InvalidAuthorizationSpecificationError'],
  ],
  ['a request for MD5', authMd5, /authentication request 5/, ['ProtocolError']],
  [
    'a second request for SASL',
    () => authSasl('SCRAM-SHA-256'),
    /authentication request 10/,
    ['ProtocolError'],
  ],
  ['ReadyForQuery', readyForQuery, /sent 'Z'/, ['ProtocolError']],
  ['a parameter', () => message('S', Buffer.from('a\0b\0')), /sent 'S'/, ['ProtocolError']],
]
for (const step of ['after the first message', 'instead of the last message'] as Step[]) {
  for (const [title, bytes, expected, names] of INTERRUPTIONS) {
    test.serial(`${title} ${step} of SCRAM is refused`, async (t) => {
      const scram = new ScramServer({ password: PASSWORD })
      await refused(
        t,
        async (session) => {
          session.send(authSasl('SCRAM-SHA-256'))
          const first = await session.expect('p')
          if (step === 'after the first message') return session.send(bytes(), greeting())
          session.send(scram.first(first))
          await session.expect('p')
          session.send(bytes(), greeting())
        },
        expected,
        names,
      )
    })
  }
}

test.serial('a second SASL exchange after the first one is refused', async (t) => {
  const scram = new ScramServer({ password: PASSWORD })
  await refused(
    t,
    async (session) => {
      session.send(authSasl('SCRAM-SHA-256'))
      session.send(scram.first(await session.expect('p')))
      session.send(scram.final(await session.expect('p')), authSaslFinal('v='))
    },
    /authentication request 12/,
    ['ProtocolError'],
  )
  await refused(
    t,
    async (session) => {
      session.send(authSasl('SCRAM-SHA-256'))
      const first = await session.expect('p')
      session.send(scram.first(first), authSaslContinue('r=x'))
      await session.expect('p')
    },
    /authentication request 11/,
    ['ProtocolError'],
  )
})

test.serial(
  'the truth is believed: SCRAM with 1 and with 100,000 iterations, and a very long nonce',
  async (t) => {
    for (const [iterations, extra] of [
      [1, ''],
      [4096, ''],
      [100_000, ''],
      [4096, 'x'.repeat(4000)],
    ] as const) {
      const scram = new ScramServer({ password: PASSWORD, iterations })
      await using server = await ScriptedServer.start(async (session) => {
        await session.startup()
        session.send(authSasl('SCRAM-SHA-1', 'SCRAM-SHA-256'))
        session.send(scram.first(await session.expect('p'), (text) => text.replace(',s=', `${extra},s=`)))
        session.send(scram.final(await session.expect('p')), authOk(), greeting())
      })
      const connection = await connect(
        `postgresql://someone:${PASSWORD}@127.0.0.1:${server.port}/?sslmode=disable`,
      )
      connection.terminate()
      t.is(scram.mechanism, 'SCRAM-SHA-256')
      t.is(scram.gs2Header, 'n,,')
    }
  },
)

test.serial(
  'over TLS a client that could bind says so, and so notices when the offer was taken out',
  async (t) => {
    const root = await CertificateAuthority.create()
    const { chain: cert, keyPem: key } = await root.server()
    for (const [channelBinding, offered, header] of [
      ['prefer', ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'], 'p=tls-server-end-point,,'],
      ['prefer', ['SCRAM-SHA-256'], 'y,,'],
      ['disable', ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'], 'n,,'],
      ['require', ['SCRAM-SHA-256-PLUS'], 'p=tls-server-end-point,,'],
    ] as const) {
      const scram = new ScramServer({ password: PASSWORD })
      await using server = await ScriptedServer.start(async (session) => {
        await session.acceptTls({ cert, key })
        await session.packet()
        session.send(authSasl(...offered))
        session.send(scram.first(await session.expect('p')))
        session.send(scram.final(await session.expect('p')), authOk(), greeting())
      })
      const dsn = `postgresql://someone:${PASSWORD}@127.0.0.1:${server.port}/`
      const connection = await connect(dsn, { ssl: { ca: root.pem }, channelBinding })
      connection.terminate()
      t.is(scram.gs2Header, header, channelBinding)
    }
  },
)
