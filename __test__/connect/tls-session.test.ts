// What is agreed on in the handshake: versions, the name that is told, resumption, the key log, direct TLS.

import { readFileSync, statSync } from 'node:fs'
import test from 'ava'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  type ConnectOptions,
  connect,
  ProtocolError,
} from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { authOk, greeting } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { attempts, connectIn, file, pathInFolder, protection, rejection, VERSIONS } from './real-servers.ts'

let root: CertificateAuthority
let roots: string
let tls: ReturnType<typeof serverTls>
const servers = new Map<number, OwnServer>()

test.before(async () => {
  root = await CertificateAuthority.create()
  roots = file(root.pem)
  tls = serverTls(await root.server())
  for (const version of VERSIONS) {
    const settings = version >= 17 ? { trace_connection_negotiation: 'on', log_connections: 'on' } : undefined
    servers.set(version, await startServer({ version, tls, ...(settings === undefined ? {} : { settings }) }))
  }
})

async function agreed(promise: ReturnType<typeof connect>): Promise<string | null> {
  const connection = await promise
  const { version } = await protection(connection)
  await connection.close()
  return version
}

const newest = () => servers.get(VERSIONS.at(-1)!)!

for (const version of VERSIONS) {
  test.serial(`PostgreSQL ${version}: the lowest and highest version of TLS are kept`, async (t) => {
    const server = servers.get(version)!
    const ssl = 'require'
    t.is(await agreed(connect(server.dsn(), { ssl })), 'TLSv1.3')
    t.is(await agreed(connect(server.dsn(), { ssl, sslMaxProtocolVersion: 'TLSv1.2' })), 'TLSv1.2')
    t.is(await agreed(connect(server.dsn(), { ssl, sslMinProtocolVersion: 'TLSv1.3' })), 'TLSv1.3')
    const variables = { PGSSLMODE: ssl, PGSSLMAXPROTOCOLVERSION: 'TLSv1.2' }
    t.is(await agreed(connectIn(variables, server.dsn())), 'TLSv1.2')
    const parameters = {
      sslmode: ssl,
      ssl_min_protocol_version: 'TLSv1',
      ssl_max_protocol_version: 'TLSv1.2',
    }
    t.is(await agreed(connect(server.dsn({ parameters }))), 'TLSv1.2')
    const contents = { ca: root.pem, maxVersion: 'TLSv1.2' } as const
    t.is(await agreed(connect(server.dsn(), { ssl: contents })), 'TLSv1.2')

    await server.reload({ settings: { ssl_max_protocol_version: 'TLSv1.2' } })
    t.is(await agreed(connect(server.dsn(), { ssl })), 'TLSv1.2')
    const error = await rejection(connect(server.dsn(), { ssl, sslMinProtocolVersion: 'TLSv1.3' }))
    t.true(error instanceof ConnectionFailureError, `${error}`)
    t.regex(error.message, /alert protocol_version|no TLS version that is allowed/)
    t.regex(error.hint, /sslMinProtocolVersion/)
    await server.reload({ settings: { ssl_max_protocol_version: '' } })
  })
}

for (const version of VERSIONS) {
  test.serial(
    `PostgreSQL ${version}: direct TLS ${version >= 17 ? 'saves the request' : 'is refused with the remedy'}`,
    async (t) => {
      const server = servers.get(version)!
      await using proxy = await ChaosProxy.start({ target: server, capture: true })
      const dsn = `postgresql://${server.user}:${server.password}@localhost:${proxy.port}/postgres?hostaddr=127.0.0.1`
      const ways: [options: ConnectOptions, query: string, variables: Record<string, string>][] = [
        [{ ssl: 'verify-full', sslrootcert: roots, directTls: true }, '', {}],
        [{}, `&sslmode=require&sslnegotiation=direct`, {}],
        [{ ssl: 'verify-ca', sslrootcert: roots }, '', { PGSSLNEGOTIATION: 'direct' }],
        [{ ssl: { ca: root.pem }, directTls: true }, '', {}],
      ]
      for (const [options, query, variables] of ways) {
        const from = proxy.connections.length
        if (version >= 17) {
          t.is(await agreed(connectIn(variables, dsn + query, options)), 'TLSv1.3')
        } else {
          const error = await rejection(connectIn(variables, dsn + query, options))
          t.true(error instanceof ConnectionFailureError, `${error}`)
          t.regex(error.hint, /direct TLS needs PostgreSQL 17 or newer; use sslnegotiation=postgres/)
        }
        // Never a second attempt by another way, and nothing but TLS from the first byte on.
        t.deepEqual(attempts(proxy, from), ['direct TLS'])
      }
      if (version >= 17) t.regex(server.log(), /direct SSL connection accepted/i)
    },
  )
}

test('direct TLS and a mode that may end in plain text contradict each other', async (t) => {
  for (const ssl of [undefined, 'disable', 'allow', 'prefer', false] as const) {
    const error = await rejection(
      connect('postgresql://127.0.0.1:1/', { directTls: true, ...(ssl === undefined ? {} : { ssl }) }),
    )
    t.true(error instanceof ClientConfigurationError, `${error}`)
    t.regex(error.message, /direct TLS may not be used with the weak sslmode/)
  }
})

test('direct TLS needs a server that agrees to the protocol "postgresql"', async (t) => {
  const { chain: cert, keyPem: key } = await root.server()
  for (const [alpn, message] of [
    [undefined, /did not agree to the application protocol "postgresql", which direct TLS needs/],
    [['h2', 'http/1.1'], /alert no_application_protocol/],
  ] as const) {
    await using server = await ScriptedServer.start(async (session) => {
      await session.secure({ cert, key, ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }) })
      await session.packet()
    })
    const error = await rejection(connect(server.dsn(), { ssl: { ca: root.pem }, directTls: true }))
    t.regex(error.message, message)
    t.false(server.sessions[0]!.received.includes('someone'))
  }
})

test('the handshake names the host, unless it is an address or sslsni says no', async (t) => {
  const { chain: cert, keyPem: key } = await root.server({
    dnsNames: ['db.example.org'],
    ipAddresses: ['127.0.0.1'],
  })
  const cases: [query: string, host: string, seen: string | false][] = [
    ['', 'db.example.org', 'db.example.org'],
    ['&sslsni=1', 'db.example.org', 'db.example.org'],
    ['&sslsni=0', 'db.example.org', false],
    ['', '127.0.0.1', false],
  ]
  for (const [query, host, seen] of cases) {
    let told: string | false | null | undefined
    await using server = await ScriptedServer.start(async (session) => {
      told = (await session.acceptTls({ cert, key })).servername
      await session.packet()
      session.send(authOk(), greeting())
    })
    const dsn = `postgresql://someone@${host}:${server.port}/?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${roots}`
    const connection = await connect(dsn + query)
    t.is(told || false, seen, host + query)
    connection.terminate()
  }
})

test('later sessions resume the TLS session of earlier ones, each with its own trust', async (t) => {
  const { chain: cert, keyPem: key } = await root.server()
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const resumed: boolean[] = []
    await using server = await ScriptedServer.start(async (session) => {
      const socket = await session.acceptTls({
        cert,
        key,
        ticketKeys: Buffer.alloc(48, 7),
        sessionIdContext: 'test',
      })
      resumed.push(socket.isSessionReused())
      await session.packet()
      session.send(authOk(), greeting())
    })
    const ssl = { ca: root.pem, maxVersion }
    for (let index = 0; index < 3; index++) (await connect(server.dsn(), { ssl })).terminate()
    t.is(resumed[0], false)
    t.is(resumed.at(-1), true, maxVersion)
    // Who trusts others does not get in by a session that was begun with more trust.
    const stranger = await CertificateAuthority.create('Root of a stranger')
    const error = await rejection(connect(server.dsn(), { ssl: { ca: stranger.pem, maxVersion } }))
    t.true(error instanceof ConnectionFailureError, `${error}`)
  }
})

test.serial('the key log is written where it is asked for, by its owner alone to be read', async (t) => {
  const path = pathInFolder('keys.log')
  await agreed(connect(newest().dsn({ parameters: { sslmode: 'require', sslkeylogfile: path } })))
  t.regex(readFileSync(path, 'utf8'), /^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} /m)
  t.is(statSync(path).mode & 0o777, 0o600)
  const byVariable = pathInFolder('variable.log')
  await agreed(connectIn({ SSLKEYLOGFILE: byVariable, PGSSLMODE: 'require' }, newest().dsn()))
  t.regex(readFileSync(byVariable, 'utf8'), /^CLIENT_RANDOM |^CLIENT_HANDSHAKE/m)
  const nowhere = await rejection(
    connect(newest().dsn({ parameters: { sslmode: 'require', sslkeylogfile: '/nowhere/keys.log' } })),
  )
  t.true(nowhere instanceof ClientConfigurationError, `${nowhere}`)
  t.regex(nowhere.message, /^invalid sslkeylogfile from the DSN: "\/nowhere\/keys\.log": /)
})

test('bytes of the protocol that come inside TLS, but before the login, do not count either', async (t) => {
  const { chain: cert, keyPem: key } = await root.server()
  await using server = await ScriptedServer.start(async (session) => {
    await session.acceptTls({ cert, key })
    session.send(greeting())
    await session.packet()
  })
  const error = await rejection(connect(server.dsn(), { ssl: { ca: root.pem } }))
  t.true(error instanceof ProtocolError, `${error}`)
})
