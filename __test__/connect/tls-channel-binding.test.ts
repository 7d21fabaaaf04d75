// SCRAM bound to the TLS connection (RFC 5929, tls-server-end-point), with every signature a certificate may have.

import test from 'ava'
import { connect, InvalidAuthorizationSpecificationError, InvalidPasswordError } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import type { Hash, KeyKind } from '../support/keys.ts'
import { authSasl } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { startTlsRelay } from '../support/tls-relay.ts'
import { protection, rejection, VERSIONS } from './real-servers.ts'

/** The signature of the server's certificate is its issuer's. */
const SIGNATURES: readonly [KeyKind, Hash, binds: boolean][] = [
  ['rsa-2048', 'SHA-256', true],
  ['rsa-2048', 'SHA-384', true],
  ['rsa-2048', 'SHA-512', true],
  ['rsa-pss-2048', 'SHA-256', true],
  ['rsa-pss-2048', 'SHA-384', true],
  ['rsa-pss-2048', 'SHA-512', true],
  ['p-256', 'SHA-256', true],
  ['p-384', 'SHA-384', true],
  ['p-521', 'SHA-512', true],
  // There is no hash in Ed25519 for RFC 5929 to take, so libpq cannot bind to it either.
  ['ed25519', 'SHA-256', false],
]

const servers: OwnServer[] = []

test.before(async () => {
  const tls = serverTls(await (await CertificateAuthority.create()).server())
  const hba = [
    'local all all trust',
    'host all u_trust 127.0.0.1/32 trust',
    'host all u_password 127.0.0.1/32 password',
    'host all u_md5 127.0.0.1/32 md5',
    'host all all 127.0.0.1/32 scram-sha-256',
  ]
  for (const version of VERSIONS) {
    const server = await startServer({ version, tls, hba })
    await server.admin(
      `set password_encryption = 'scram-sha-256';
       create role u_trust login; create role u_password login password 'right'; create role u_scram login password 'right';
       set password_encryption = 'md5'; create role u_md5 login password 'right'`,
      { host: server.socketDirectory },
    )
    servers.push(server)
  }
})

const dsn = (server: { port: number }, user = 'u_scram', password = 'right') =>
  `postgresql://${user}:${password}@127.0.0.1:${server.port}/postgres`

for (const [kind, hash, binds] of SIGNATURES) {
  const name = kind === 'ed25519' ? kind : `${kind} with ${hash}`
  test.serial(
    `a certificate signed by ${name} ${binds ? 'is bound to' : 'cannot be bound to'}`,
    async (t) => {
      const root = await CertificateAuthority.create('Root', { key: kind, hash })
      const { pem: ca } = root
      const tls = serverTls(await root.server({ key: kind.startsWith('rsa') ? 'rsa-2048' : kind }))
      const impostor = await root.server()
      for (const server of servers) {
        await server.reload({ tls })
        for (const channelBinding of ['disable', 'prefer', 'require'] as const) {
          const error = await rejection(connect(dsn(server), { ssl: { ca }, channelBinding }))
          if (binds || channelBinding !== 'require') t.is(error, undefined, `${channelBinding}: ${error}`)
          else {
            t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
            t.regex(
              error.message,
              /channel binding is required, but .* signature algorithm .* has none \(RFC 5929\)/,
            )
          }
          // A wrong password is a wrong password, bound or not.
          const wrong = await rejection(
            connect(dsn(server, 'u_scram', 'wrong'), { ssl: { ca }, channelBinding }),
          )
          if (error === undefined) t.true(wrong instanceof InvalidPasswordError, `${wrong}`)
        }
      }
      // Somebody in the middle with a certificate that the client trusts: only the binding can tell.
      const server = servers.at(-1)!
      await using relay = await startTlsRelay({ target: server, certificate: impostor })
      for (const channelBinding of ['disable', 'prefer', 'require'] as const) {
        const error = await rejection(connect(dsn(relay), { ssl: { ca }, channelBinding }))
        if (channelBinding === 'disable') t.is(error, undefined, `${error}`)
        else if (binds) {
          t.regex(`${error?.message}`, /SCRAM channel binding check failed/)
        } else t.is(error === undefined, channelBinding === 'prefer', `${error}`)
      }
    },
  )
}

test.serial('require never settles for less, whatever the server asks for', async (t) => {
  const { pem: ca, ...root } = await CertificateAuthority.create().then(async (made) => ({
    pem: made.pem,
    tls: serverTls(await made.server()),
  }))
  for (const server of servers) {
    await server.reload({ tls: root.tls })
    const cells: [user: string, message: RegExp][] = [
      ['u_trust', /channel binding is required, but the server let the client in without authentication/],
      ['u_password', /channel binding is required, but the server asked for a cleartext password/],
      ['u_md5', /channel binding is required, but the server asked for MD5 authentication/],
    ]
    for (const [user, message] of cells) {
      const error = await rejection(connect(dsn(server, user), { ssl: { ca }, channelBinding: 'require' }))
      t.true(error instanceof InvalidAuthorizationSpecificationError, `${user}: ${error}`)
      t.regex(error.message, message)
      for (const channelBinding of ['prefer', 'disable'] as const) {
        t.is(await rejection(connect(dsn(server, user), { ssl: { ca }, channelBinding })), undefined, user)
      }
    }
    const plain = await rejection(connect(dsn(server), { ssl: 'disable', channelBinding: 'require' }))
    t.regex(plain.message, /channel binding is required, but TLS is off/)
    t.regex(plain.hint, /require/)
    const bound = await connect(dsn(server), {
      ssl: { ca },
      channelBinding: 'require',
      requireAuth: 'scram-sha-256',
    })
    t.true((await protection(bound)).ssl)
    await bound.close()
  }
})

test('a server that takes channel binding out of its list cannot lower require', async (t) => {
  const root = await CertificateAuthority.create()
  const { chain: cert, keyPem: key } = await root.server()
  for (const mechanisms of [['SCRAM-SHA-256'], ['OAUTHBEARER'], ['SCRAM-SHA-256', 'OAUTHBEARER']]) {
    await using server = await ScriptedServer.start(async (session) => {
      await session.acceptTls({ cert, key })
      await session.packet()
      session.send(authSasl(...mechanisms))
      await session.expect()
    })
    const error = await rejection(
      connect(server.dsn(), { ssl: { ca: root.pem }, channelBinding: 'require', oauthToken: () => 'token' }),
    )
    t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
    t.regex(error.message, /channel binding is required/)
    t.is(server.sessions[0]!.messages.length, 0)
  }
})
