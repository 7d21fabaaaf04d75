// A man in the middle: takes TLS from the client with a certificate of his own and relays what he reads over TLS to
// the real server. Only channel binding can tell.

import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { int32, SSL_REQUEST } from './protocol-messages.ts'
import { ScriptedServer } from './scripted-server.ts'

export interface TlsRelayOptions {
  /** The real server, which must speak TLS. */
  target: { host: string; port: number }
  /** What the relay shows to clients, PEM. */
  certificate: { chain: string; keyPem: string }
  /** Offers the client ALPN's "postgresql" too. Default true. */
  alpn?: boolean
}

/** Relays every connection; what clients sent can be read in its sessions. */
export function startTlsRelay({
  target,
  certificate,
  alpn = true,
}: TlsRelayOptions): Promise<ScriptedServer> {
  return ScriptedServer.start(async (session) => {
    const client = await session.acceptTls({
      cert: certificate.chain,
      key: certificate.keyPem,
      ...(alpn ? { ALPNProtocols: ['postgresql'] } : {}),
    })
    const server = await dialTls(target)
    server.on('error', () => client.destroy())
    client.on('error', () => server.destroy())
    client.on('close', () => server.destroy())
    session.forward(server)
    server.pipe(client)
  })
}

async function dialTls(target: { host: string; port: number }): Promise<TLSSocket> {
  const raw = connect(target)
  raw.write(Buffer.concat([int32(8), int32(SSL_REQUEST)]))
  const [answer] = (await once(raw, 'data')) as [Buffer]
  if (answer.toString() !== 'S') throw new Error('the server behind the relay does not speak TLS')
  const socket = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['postgresql'] })
  await once(socket, 'secureConnect')
  return socket
}
