// A port on which something else than PostgreSQL speaks is named as what it seems.

import { createServer as createHttp } from 'node:http'
import { createServer, type Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import test from 'ava'
import { ConnectionFailureError, connect, ProtocolError } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { rejection } from './real-servers.ts'

/** Says so as soon as somebody connects, and listens. */
function greeting(bytes: string): () => Promise<Server> {
  return async () =>
    createServer((socket) => {
      socket.on('error', () => {})
      socket.write(bytes, 'latin1')
    })
}

/** Says so to the first bytes. */
function answer(bytes: string): () => Promise<Server> {
  return async () =>
    createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(bytes))
    })
}

const STRANGERS: readonly [title: string, start: () => Promise<Server>, message: RegExp][] = [
  ['an HTTP server', async () => createHttp(), /seems to speak HTTP, not PostgreSQL's protocol/],
  // An alert for what is no TLS record. OpenSSL has none, see below.
  [
    'a port that is TLS from the first byte on',
    answer('\x15\x03\x01\0\x02\x02\x46'),
    /speaks TLS only, from the first byte on/,
  ],
  // The letters are lengths: each could be an answer to SSLRequest.
  ['MySQL, at first sight S', greeting('S\0\0\0\n8.0.36\0'), /seems to speak MySQL's protocol/],
  [
    'MySQL, at first sight N',
    greeting('N\0\0\0\n5.5.5-10.11.6-MariaDB\0'),
    /seems to speak MySQL's protocol/,
  ],
  ['MySQL, at first sight E', greeting('E\0\0\0\n8.4.0\0'), /seems to speak MySQL's protocol/],
  [
    'MySQL that has too many connections',
    greeting('\x17\0\0\0\xff\x10\x04Too many connections'),
    /seems to speak MySQL's protocol/,
  ],
  ['an SSH server', greeting('SSH-2.0-OpenSSH_9.2p1\r\n'), /seems to speak SSH/],
  ['a mail server', greeting('220 mail.example ESMTP\r\n'), /seems to speak SMTP or FTP/],
  ['Redis', answer('-ERR unknown command\r\n'), /seems to speak Redis's protocol/],
]

const MODES = ['disable', 'prefer', 'require'] as const

for (const [title, start, message] of STRANGERS) {
  for (const ssl of MODES) {
    test(`${title} is named under ${ssl}`, async (t) => {
      const server = await start()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      t.teardown(() => server.close())
      const { port } = server.address() as { port: number }
      const error = await rejection(connect(`postgresql://someone:a-password@127.0.0.1:${port}/`, { ssl }))
      t.true(error instanceof ProtocolError, `${error}`)
      t.regex(error.message, message)
      t.regex(error.message, /check host and port/)
    })
  }
}

test('a port whose OpenSSL hangs up on what is no TLS is told as what it may be', async (t) => {
  const { cert, key } = serverTls(await (await CertificateAuthority.create()).server())
  const server = createTls({ cert, key })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  for (const ssl of MODES) {
    const error = await rejection(connect(`postgresql://someone:a-password@127.0.0.1:${port}/`, { ssl }))
    t.true(error instanceof ConnectionFailureError, `${ssl}: ${error}`)
    const { hint } = error as ConnectionFailureError
    t.regex(hint ?? '', /^check host and port: .* speaks TLS only, .*sslnegotiation=direct/, ssl)
  }
})

test('a server that hangs up behind its first word has no such hint', async (t) => {
  const start = answer('R\0\0\0\x08\0\0\0\x03')
  const server = await start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const error = await rejection(
    connect(`postgresql://someone:a-password@127.0.0.1:${port}/`, { ssl: 'disable' }),
  )
  t.true(error instanceof ConnectionFailureError, `${error}`)
  t.is((error as ConnectionFailureError).hint, undefined)
})
