// requireAuth against everything that a real server may ask for.

import { userInfo } from 'node:os'
import test from 'ava'
import { type AuthMethod, connect, InvalidAuthorizationSpecificationError } from '../../index.ts'
import { type Certificate, CertificateAuthority, serverTls } from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { connectIn, rejection, VERSIONS } from './real-servers.ts'

const METHODS: readonly AuthMethod[] = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none']

/** What the server asks of whom. Neither a certificate nor the owner of a socket is asked for in the protocol. */
const ASKED: Record<string, AuthMethod> = {
  u_trust: 'none',
  u_cert: 'none',
  u_peer: 'none',
  u_password: 'password',
  u_md5: 'md5',
  u_scram: 'scram-sha-256',
}

const HBA = [
  'local all u_peer peer map=me',
  'local all postgres trust',
  'host all u_trust 127.0.0.1/32 trust',
  'hostssl all u_cert 127.0.0.1/32 cert',
  'host all u_password 127.0.0.1/32 password',
  'host all u_md5 127.0.0.1/32 md5',
  'host all u_scram 127.0.0.1/32 scram-sha-256',
]

/** A requirement as it is written, and the methods that it accepts. */
const REQUIREMENTS: [written: string, accepted: readonly AuthMethod[]][] = [
  ...METHODS.map((method): [string, AuthMethod[]] => [method, [method]]),
  ...METHODS.map((method): [string, AuthMethod[]] => [
    `!${method}`,
    METHODS.filter((other) => other !== method),
  ]),
  ['scram-sha-256,none', ['scram-sha-256', 'none']],
  ['password,md5,scram-sha-256', ['password', 'md5', 'scram-sha-256']],
  ['!password,!md5', ['gss', 'sspi', 'scram-sha-256', 'oauth', 'none']],
  ['!none, !scram-sha-256', ['password', 'md5', 'gss', 'sspi', 'oauth']],
  ['gss,sspi,oauth', ['gss', 'sspi', 'oauth']],
]

let root: CertificateAuthority
let client: Certificate
const servers = new Map<number, OwnServer>()

test.before(async () => {
  root = await CertificateAuthority.create()
  client = await root.client('u_cert')
  const tls = serverTls(await root.server(), { ca: root.pem })
  const ident = [`me ${userInfo().username} u_peer`]
  for (const version of VERSIONS) {
    const server = await startServer({ version, tls, hba: HBA, ident })
    await server.admin(
      `create role u_trust login; create role u_cert login; create role u_peer login;
       set password_encryption = 'scram-sha-256';
       create role u_scram login password 'right'; create role u_password login password 'right';
       set password_encryption = 'md5'; create role u_md5 login password 'right'`,
      { host: server.socketDirectory },
    )
    servers.set(version, server)
  }
})

function dsn(server: OwnServer, user: string): string {
  const password = ASKED[user] === 'none' ? null : 'right'
  return server.dsn({ user, password, ...(user === 'u_peer' ? { host: server.socketDirectory } : {}) })
}

const tls = () => ({ ca: root.pem, cert: client.chain, key: client.keyPem })

for (const version of VERSIONS) {
  for (const user of Object.keys(ASKED)) {
    test(`PostgreSQL ${version} asks ${user.slice(2)}: requireAuth accepts it or refuses`, async (t) => {
      const server = servers.get(version)!
      const asked = ASKED[user]!
      for (const [written, accepted] of REQUIREMENTS) {
        const error = await rejection(
          connect(dsn(server, user), { requireAuth: written as AuthMethod, ssl: tls() }),
        )
        if (accepted.includes(asked)) {
          t.is(error, undefined, `${written}: ${error}`)
          continue
        }
        t.true(error instanceof InvalidAuthorizationSpecificationError, `${written}: ${error}`)
        t.is(error.sqlstate, '28000', written)
        t.regex(
          error.message,
          /server (asked for .*|let the client in without authentication), but requireAuth/,
        )
        t.true(error.message.includes(`allows only ${accepted.join(', ')}`), `${written}: ${error.message}`)
      }
    })
  }
}

test('the requirement comes from an array, the DSN and the environment', async (t) => {
  const server = servers.get(VERSIONS.at(-1)!)!
  const refused = /but requireAuth allows only /
  const trust = dsn(server, 'u_trust')
  t.is(await rejection(connect(trust, { requireAuth: ['none', 'md5'] })), undefined)
  t.regex((await rejection(connect(trust, { requireAuth: ['scram-sha-256', 'md5'] }))).message, refused)
  t.regex((await rejection(connect(`${trust}?require_auth=!none`))).message, refused)
  t.regex((await rejection(connectIn({ PGREQUIREAUTH: 'scram-sha-256' }, trust))).message, refused)
  // The option beats the DSN, the DSN the environment.
  t.is(await rejection(connect(`${trust}?require_auth=!none`, { requireAuth: 'none' })), undefined)
  t.is(await rejection(connectIn({ PGREQUIREAUTH: '!none' }, `${trust}?require_auth=none`)), undefined)
})
