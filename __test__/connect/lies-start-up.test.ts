// Servers that lie before and during authentication: each refused at once, and no secret told to one of them.

import test from 'ava'
import { type ConnectOptions, connect } from '../../index.ts'
import {
  authCleartext,
  authentication,
  authGss,
  authGssContinue,
  authKerberosV5,
  authMd5,
  authOk,
  authSasl,
  authSaslContinue,
  authSaslFinal,
  authScmCredential,
  authSspi,
  backendKeyData,
  cstring,
  dataRow,
  errorResponse,
  greeting,
  int32,
  message,
  negotiateProtocolVersion,
  noticeResponse,
  parameterStatus,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { type Script, ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { AT_ONCE_MS } from '../support/waiting.ts'
import { rejection } from './real-servers.ts'

const PASSWORD = 'canary-3f9d'

interface Lie {
  title: string
  /** What is sent once the client has said who it is. */
  say: Script
  message: RegExp
  /** Default ProtocolError. */
  type?:
    | 'ProtocolError'
    | 'InvalidAuthorizationSpecificationError'
    | 'ConnectionFailureError'
    | 'InternalServerError'
  options?: ConnectOptions
  /** A password may go out, since this machine's own server asked for it. */
  mayTell?: true
}

const AUTH = 'InvalidAuthorizationSpecificationError'
const send =
  (...bytes: Uint8Array[]): Script =>
  (session) =>
    session.send(...bytes)

const LIES: readonly Lie[] = [
  {
    title: 'ReadyForQuery instead of authentication',
    say: send(readyForQuery()),
    message: /sent 'Z' while .* authentication/,
  },
  { title: 'a row instead of authentication', say: send(dataRow('x')), message: /sent 'D'/ },
  { title: 'parameters before authentication', say: send(parameterStatus('a', 'b')), message: /sent 'S'/ },
  { title: 'a key before authentication', say: send(backendKeyData()), message: /sent 'K'/ },
  { title: 'a message without a type', say: send(Buffer.alloc(5)), message: /length|0x00/ },
  {
    title: 'an HTTP answer',
    say: send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    message: /speak HTTP/,
  },
  { title: 'an SSH greeting', say: send(Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')), message: /speak SSH/ },
  { title: 'authentication without a code', say: send(message('R')), message: /without a code/ },
  { title: 'half a code', say: send(message('R', Buffer.alloc(2))), message: /without a code/ },
  {
    title: 'AuthenticationOk with more in it',
    say: send(authentication(0, Buffer.from('x'))),
    message: /5 bytes where 4 belong/,
  },
  {
    title: 'a negative length',
    say: send(message('R', Buffer.alloc(4), 0xffff_ffff)),
    message: /length|bytes/,
  },
  { title: 'a length of 1 GiB', say: send(message('R', Buffer.alloc(4), 1 << 30)), message: /bytes|long/ },
  { title: 'a length shorter than itself', say: send(message('R', Buffer.alloc(4), 3)), message: /length/ },
  { title: 'Kerberos 4', say: send(authentication(1)), message: /Kerberos V4/, type: AUTH },
  { title: 'Kerberos 5', say: send(authKerberosV5()), message: /Kerberos V5/, type: AUTH },
  { title: 'crypt()', say: send(authentication(4, Buffer.from('sa'))), message: /crypt\(\)/, type: AUTH },
  { title: 'SCM credentials', say: send(authScmCredential()), message: /SCM/, type: AUTH },
  {
    title: 'a way that does not exist',
    say: send(authentication(99)),
    message: /unknown way of authentication \(code 99\)/,
    type: AUTH,
  },
  { title: 'the middle of GSSAPI', say: send(authGssContinue(Buffer.from('x'))), message: /had not begun/ },
  { title: 'the middle of SASL', say: send(authSaslContinue('r=x')), message: /had not begun/ },
  { title: 'the end of SASL', say: send(authSaslFinal('v=x')), message: /had not begun/ },
  { title: 'no SASL mechanism', say: send(authSasl()), message: /empty list of SASL mechanisms/, type: AUTH },
  {
    title: 'SASL mechanisms that nobody has',
    say: send(authSasl('SCRAM-SHA-1', 'PLAIN')),
    message: /no supported SASL mechanism, only 'SCRAM-SHA-1', 'PLAIN'$/,
    type: AUTH,
  },
  {
    title: 'a hundred SASL mechanisms that nobody has',
    say: send(authSasl(...Array.from({ length: 100 }, (_, n) => `M${n}`))),
    message: /no supported SASL mechanism, only 'M0', 'M1', 'M2', 'M3', 'M4' and 95 more$/,
    type: AUTH,
  },
  {
    title: 'a list of mechanisms without an end',
    say: send(authentication(10, Buffer.from('SCRAM-SHA-256'))),
    message: /malformed list/,
  },
  {
    title: 'channel binding without TLS',
    say: send(authSasl('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256')),
    message: /SCRAM-SHA-256-PLUS over a connection that is not encrypted/,
    type: AUTH,
  },
  { title: 'a salt of three bytes', say: send(authMd5(Buffer.from('abc'))), message: /bytes where 8 belong/ },
  {
    title: 'a request for a password with more in it',
    say: send(authentication(3, Buffer.from('x'))),
    message: /5 bytes where 4/,
  },
  {
    title: 'an error without an end',
    say: send(message('E', Buffer.from('SFATAL'))),
    message: /malformed ErrorResponse/,
  },
  {
    title: 'an error of the old protocol',
    say: send(Buffer.from(`E${'no room for you'}\n\0`)),
    message: /old protocol/,
  },
  {
    title: 'a notice without an end',
    say: send(message('N', Buffer.from('SNOTICE')), authOk(), greeting()),
    message: /malformed NoticeResponse/,
  },
  {
    title: 'ten thousand notices',
    say: send(...Array.from({ length: 10_000 }, () => noticeResponse({ M: 'flood' }))),
    message: /more than 1000 notices/,
  },
  {
    title: 'ten thousand parameters',
    say: send(
      authOk(),
      ...Array.from({ length: 10_000 }, (_, n) => parameterStatus(`p${n}`, 'x')),
      greeting(),
    ),
    message: /more than 1000 parameters/,
  },
  {
    title: 'one parameter ten thousand times',
    say: send(
      authOk(),
      ...Array.from({ length: 10_000 }, (_, n) => parameterStatus('p', `${n}`)),
      greeting(),
    ),
    message: /more than 1000 parameters/,
  },
  {
    title: 'ten thousand SASL mechanisms',
    say: send(authSasl(...Array.from({ length: 10_000 }, (_, n) => `M${n}`))),
    message: /server offered 10000 SASL mechanisms, more than 100$/,
  },
  {
    title: 'an error of ten thousand fields',
    say: send(message('E', Buffer.from(`${'Mx\0'.repeat(10_000)}\0`))),
    message: /malformed ErrorResponse/,
  },
  {
    title: 'a notice of ten thousand fields',
    say: send(message('N', Buffer.from(`${'Mx\0'.repeat(10_000)}\0`)), authOk(), greeting()),
    message: /malformed NoticeResponse/,
  },
  {
    title: 'a protocol that is newer than asked for',
    say: send(negotiateProtocolVersion(0x3_0003)),
    message: /higher than 3\.0/,
  },
  {
    title: 'another major version',
    say: send(negotiateProtocolVersion(0x4_0000)),
    message: /asks for protocol 4\.0/,
  },
  { title: 'protocol 3.1', say: send(negotiateProtocolVersion(0x3_0001)), message: /3\.1/, options: {} },
  {
    title: 'a negotiation about what was not sent',
    say: send(negotiateProtocolVersion(0x3_0000, '_pq_.surprise')),
    message: /protocol negotiation/,
  },
  {
    title: 'the end of the connection',
    say: (session) => session.end(),
    message: /closed the connection while the driver waited for authentication/,
    type: 'ConnectionFailureError',
  },
  {
    title: 'a reset',
    say: (session) => session.reset(),
    message: /broke while the driver waited for authentication|closed/,
    type: 'ConnectionFailureError',
  },
  {
    title: 'half a message and the end',
    say: (session) => session.end(authOk().subarray(0, 7)),
    message: /closed the connection/,
    type: 'ConnectionFailureError',
  },
  {
    title: 'a password after AuthenticationOk',
    say: send(authOk(), authCleartext()),
    message: /sent 'R' while .* ReadyForQuery/,
  },
  {
    title: 'AuthenticationOk twice',
    say: send(authOk(), authOk()),
    message: /sent 'R' while .* ReadyForQuery/,
  },
  {
    title: 'two keys',
    say: send(authOk(), backendKeyData(), backendKeyData(), readyForQuery()),
    message: /second BackendKeyData/,
  },
  {
    title: 'a key of 256 bytes in protocol 3.0',
    say: send(authOk(), backendKeyData(1, Buffer.alloc(256, 7)), readyForQuery()),
    message: /cancel key of 256 bytes, protocol 3\.0 allows 4 to 4/,
  },
  {
    title: 'a state that does not exist',
    say: send(authOk(), readyForQuery('X')),
    message: /malformed ReadyForQuery/,
  },
  {
    title: 'a parameter without a value',
    say: send(authOk(), message('S', cstring('a'))),
    message: /malformed ParameterStatus/,
  },
  {
    title: 'a row instead of ReadyForQuery',
    say: send(authOk(), dataRow('x')),
    message: /sent 'D' while .* ReadyForQuery/,
  },
  {
    title: 'a second request after a password',
    say: async (session) => {
      session.send(authMd5())
      await session.expect('p')
      session.send(authCleartext())
    },
    message: /authentication request 3 while .* the verdict on the password/,
    mayTell: true,
  },
  {
    title: 'a row after a password',
    say: async (session) => {
      session.send(authMd5())
      await session.expect('p')
      session.send(dataRow('x'))
    },
    message: /sent 'D' while .* the verdict on the password/,
    mayTell: true,
  },
  {
    title: 'GSSAPI where it is not allowed',
    say: send(authGss()),
    message: /GSSAPI/,
    type: AUTH,
    options: { requireAuth: '!gss' as 'gss' },
  },
  {
    title: 'SSPI where it is not allowed',
    say: send(authSspi()),
    message: /SSPI/,
    type: AUTH,
    options: { requireAuth: 'scram-sha-256' },
  },
  {
    title: 'a password where SCRAM is required',
    say: send(authCleartext()),
    message: /cleartext/,
    type: AUTH,
    options: { requireAuth: 'scram-sha-256' },
  },
  {
    title: 'MD5 where SCRAM is required',
    say: send(authMd5()),
    message: /MD5/,
    type: AUTH,
    options: { requireAuth: 'scram-sha-256' },
  },
  {
    title: 'no question at all where SCRAM is required',
    say: send(authOk(), greeting()),
    message: /without authentication/,
    type: AUTH,
    options: { requireAuth: 'scram-sha-256' },
  },
  {
    title: 'an error that is no error code',
    say: send(errorResponse({ C: '!!', M: 'odd' })),
    message: /odd/,
    type: 'InternalServerError',
  },
]

function told(sessions: readonly ScriptedSession[]): boolean {
  return sessions.some(({ received }) => received.includes(PASSWORD) || received.includes('p\0\0\0'))
}

for (const { title, say, message: expected, type = 'ProtocolError', options = {}, mayTell } of LIES) {
  test.serial(`a server that says ${title} is refused at once`, async (t) => {
    await using server = await ScriptedServer.start(async (session) => {
      await session.startup()
      await say(session)
    })
    const dsn = `postgresql://someone:${PASSWORD}@127.0.0.1:${server.port}/?sslmode=disable`
    const started = performance.now()
    const error = await rejection(connect(dsn, options))
    const took = performance.now() - started
    t.true(took < AT_ONCE_MS, `it took ${took} ms`)
    if (type !== 'InternalServerError') t.is(error?.name, type, `${error?.stack}`)
    t.true(error instanceof Error)
    t.regex(error.message, expected)
    t.false(`${error.message} ${error.hint} ${error.detail}`.includes(PASSWORD))
    for (const session of server.sessions) await session.clientEnded
    t.is(told(server.sessions), mayTell === true)
    t.false(server.sessions.some(({ received }) => received.includes(PASSWORD)))
    // One address, one way: nobody is asked again.
    t.is(server.sessions.length, 1)
  })
}

test.serial('a server that says nothing is given up when the time is over', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(int32(0).subarray(0, 3))
  })
  const error = await rejection(
    connect(`postgresql://u@127.0.0.1:${server.port}/`, { timeout: 100, ssl: false }),
  )
  t.is(error.name, 'TimeoutError', `${error}`)
  t.is(error.phase, 'authentication')
})
