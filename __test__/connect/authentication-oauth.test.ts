// OAUTHBEARER (RFC 7628) against a scripted server: no embedded server has a module that checks tokens.

import test from 'ava'
import { connect, InvalidAuthorizationSpecificationError } from '../../index.ts'
import { CertificateAuthority } from '../support/certificates.ts'
import { authOk, authSasl, authSaslContinue, errorResponse, greeting } from '../support/protocol-messages.ts'
import { requiring } from '../support/requirements.ts'
import { remoteLookingAddress, type Script, ScriptedServer } from '../support/scripted-server.ts'
import { rejection } from './real-servers.ts'

const TOKEN = 'eyJhbGciOi.canary-token._~+/='

/** The mechanism and the client's message. */
function initial(body: Buffer): [mechanism: string, text: string] {
  const end = body.indexOf(0)
  return [body.toString('utf8', 0, end), body.toString('utf8', end + 5)]
}

const invalid = errorResponse({ S: 'FATAL', V: 'FATAL', C: '28000', M: 'OAuth bearer authentication failed' })

test('a token is sent as RFC 7628 has it, and asked for once for each host', async (t) => {
  const heard: [string, string][] = []
  const script: Script = async (session) => {
    await session.startup()
    session.send(authSasl('OAUTHBEARER'))
    heard.push(initial((await session.expect('p')).body))
    session.send(authOk(), greeting())
  }
  await using server = await ScriptedServer.start(script)
  let asked = 0
  const oauthToken = async () => {
    asked++
    return TOKEN
  }
  const dsn = `postgresql://someone@127.0.0.1:${server.port}/`
  for (const options of [{}, { requireAuth: 'oauth' }, { requireAuth: '!password' as 'oauth' }] as const) {
    const connection = await connect(dsn, { ...options, oauthToken, ssl: false })
    connection.terminate()
  }
  t.is(asked, 3)
  t.deepEqual(heard, Array(3).fill(['OAUTHBEARER', `n,,\u0001auth=Bearer ${TOKEN}\u0001\u0001`]))
})

test('a token that the server refuses is acknowledged, and its status is in the hint', async (t) => {
  const documents: [document: string, hint: RegExp | undefined][] = [
    [
      '{"status":"invalid_token","scope":"openid","openid-configuration":"https://issuer.example"}',
      /'invalid_token'/,
    ],
    ['{"status":"insufficient_scope"}', /'insufficient_scope'/],
    ['{"status":"two words"}', undefined],
    ['this is no JSON', undefined],
    ['', undefined],
  ]
  for (const [document, hint] of documents) {
    let answer: Buffer | undefined
    await using server = await ScriptedServer.start(async (session) => {
      await session.startup()
      session.send(authSasl('OAUTHBEARER'))
      await session.expect('p')
      session.send(authSaslContinue(document))
      answer = (await session.expect('p')).body
      session.end(invalid)
    })
    const error = await rejection(
      connect(`postgresql://someone@127.0.0.1:${server.port}/`, { oauthToken: () => TOKEN, ssl: false }),
    )
    t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
    t.is(error.message, 'OAuth bearer authentication failed')
    if (hint === undefined) t.is(error.hint, undefined)
    else t.regex(error.hint, hint)
    t.is(answer?.toString('latin1'), '\u0001')
  }
})

test('without a token, or where OAuth is not allowed, nothing is answered', async (t) => {
  const cases = [
    [{}, /server asked for OAuth authentication, but no token was supplied/],
    [{ password: 'secret' }, /no token was supplied/],
    [{ oauthToken: () => TOKEN, requireAuth: 'scram-sha-256' }, /requireAuth allows only scram-sha-256/],
    [{ oauthToken: () => TOKEN, requireAuth: '!oauth' as 'oauth' }, /requireAuth allows only /],
  ] as const
  for (const [options, message] of cases) {
    await using server = await ScriptedServer.start(async (session) => {
      await session.startup()
      session.send(authSasl('OAUTHBEARER'))
      await session.expect()
    })
    const error = await rejection(
      connect(`postgresql://someone@127.0.0.1:${server.port}/`, { ssl: false, ...options }),
    )
    t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
    t.regex(error.message, message)
    t.is(server.sessions[0]!.messages.length, 0)
  }
})

test('what is no token is refused before a socket is opened', async (t) => {
  await using server = await ScriptedServer.start(() => {})
  for (const answer of ['', 'Bearer x', 'two words', 'x\u0001y', 'ümlaut', undefined, 7]) {
    const error = await rejection(
      connect(`postgresql://someone@127.0.0.1:${server.port}/`, {
        oauthToken: () => answer as string,
        ssl: false,
      }),
    )
    t.is(error.name, 'ClientConfigurationError', `${answer}: ${error}`)
    t.regex(error.message, /oauthToken/)
  }
  const failure = new Error('the identity provider is away')
  const thrown = await rejection(
    connect(`postgresql://someone@127.0.0.1:${server.port}/`, { oauthToken: () => Promise.reject(failure) }),
  )
  t.is(thrown, failure)
  t.is(server.sessions.length, 0)
})

const remote = remoteLookingAddress()
const remoteTest = requiring({
  name: 'an address that is not loopback',
  remedy: 'a network interface',
  available: remote !== undefined,
})

remoteTest('a token goes to another machine that TLS verifies, or when the method is named', async (t) => {
  const root = await CertificateAuthority.create()
  const { chain: cert, keyPem: key } = await root.server({ ipAddresses: [remote!] })
  const script: Script = async (session) => {
    const { kind } = await session.packet()
    if (kind === 'ssl') {
      session.send(Buffer.from('S'))
      await session.secure({ cert, key })
      await session.packet()
    }
    session.send(authSasl('OAUTHBEARER'))
    await session.expect('p')
    session.send(authOk(), greeting())
  }
  await using server = await ScriptedServer.start(script, { host: remote! })
  const dsn = `postgresql://someone@${remote}:${server.port}/`
  const options = { oauthToken: () => TOKEN }
  t.is(await rejection(connect(dsn, { ...options, ssl: { ca: root.pem } })), undefined)
  for (const [ssl, refusal] of [
    [false, /asked for an OAuth token over an unencrypted connection, which was refused/],
    ['require', /asked for an OAuth token over a TLS connection that does not verify the server/],
  ] as const) {
    for (const requireAuth of [undefined, '!password' as 'oauth', 'scram-sha-256, oauth' as 'oauth']) {
      const heard = server.sessions.length
      const named = requireAuth === undefined ? {} : { requireAuth }
      const error = await rejection(connect(dsn, { ...options, ssl, ...named }))
      if (requireAuth?.includes(', oauth')) {
        t.is(error, undefined)
      } else {
        t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
        t.regex(error.message, refusal)
        t.regex(error.hint, /verify-full/)
        t.is(server.sessions[heard]!.messages.length, 0)
      }
    }
  }
})
