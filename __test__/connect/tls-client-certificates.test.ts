// Client certificates: the method cert of pg_hba.conf, every form of key, and every place they come from.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import test from 'ava'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  type ConnectOptions,
  connect,
  InvalidAuthorizationSpecificationError,
} from '../../index.ts'
import { type Certificate, CertificateAuthority, inHours, serverTls } from '../support/certificates.ts'
import {
  encryptedKeyPem,
  type KeyKind,
  keyPem,
  legacyEncryptedKeyPem,
  traditionalKeyPem,
} from '../support/keys.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { untilSleeping } from '../support/waiting.ts'
import { reason } from './opened.ts'
import { connectIn, file, pathInFolder, protection, rejection, VERSIONS } from './real-servers.ts'

const PASS = 'a phrase – with ümlaut'
const KINDS: readonly KeyKind[] = ['rsa-2048', 'rsa-pss-2048', 'p-256', 'p-384', 'p-521', 'ed25519']

let root: CertificateAuthority
const servers: OwnServer[] = []
let server: OwnServer

test.before(async () => {
  root = await CertificateAuthority.create('Root of the test')
  const tls = serverTls(await root.server(), { ca: root.pem })
  const hba = [
    'local all all trust',
    'hostssl all alice 127.0.0.1/32 cert',
    'hostssl all bob 127.0.0.1/32 trust clientcert=verify-ca',
  ]
  for (const version of VERSIONS) {
    const started = await startServer({ version, tls, hba })
    await started.admin('create role alice login; create role bob login', { host: started.socketDirectory })
    servers.push(started)
  }
  server = servers.at(-1)!
})

function dsn(user = 'alice', at = server, parameters: Record<string, string> = {}): string {
  return at.dsn({ user, password: null, parameters })
}

/** The subject that the server saw, or what went wrong. */
async function subject(promise: ReturnType<typeof connect>): Promise<string | null> {
  const connection = await promise
  const { client_dn } = await protection(connection)
  await connection.close()
  return client_dn
}

for (const kind of KINDS) {
  test(`a key of the kind ${kind} proves who the client is, in every form that it has`, async (t) => {
    const { key, chain, der } = await root.client('alice', { key: kind })
    const derKey = key.private.export({ type: 'pkcs8', format: 'der' })
    const forms: [title: string, key: string | Buffer, passphrase?: string][] = [
      ['PKCS#8', keyPem(key)],
      ['PKCS#8 in DER', derKey],
      ['encrypted PKCS#8', encryptedKeyPem(key, PASS), PASS],
      ['PKCS#8 encrypted with AES-128', encryptedKeyPem(key, PASS, 'aes-128-cbc'), PASS],
    ]
    if (kind !== 'ed25519') {
      forms.push(['the traditional form', traditionalKeyPem(key)])
      forms.push(['the traditional form, encrypted', legacyEncryptedKeyPem(key, PASS), PASS])
      forms.push(['the traditional form, triple DES', legacyEncryptedKeyPem(key, PASS, 'des-ede3-cbc'), PASS])
    }
    const ca = root.pem
    for (const [title, form, passphrase] of forms) {
      const files: ConnectOptions = {
        ssl: 'require',
        sslcert: file(chain),
        sslkey: file(form),
        ...(passphrase === undefined ? {} : { sslpassword: passphrase }),
      }
      t.is(await subject(connect(dsn(), files)), '/CN=alice', title)
      const ssl = { ca, cert: chain, key: form, ...(passphrase === undefined ? {} : { passphrase }) }
      t.is(await subject(connect(dsn(), { ssl })), '/CN=alice', title)
      if (passphrase === undefined) continue
      for (const wrong of ['not the phrase', '']) {
        const error = await rejection(connect(dsn(), { ...files, sslpassword: wrong }))
        t.true(error instanceof ClientConfigurationError, `${title}: ${error}`)
        const where =
          wrong === ''
            ? /^invalid sslkey from the option "sslkey": ".*file-/
            : /^invalid sslpassword from the option "sslpassword": /
        t.regex(error.message, where, title)
        t.regex(
          error.message,
          wrong === '' ? /is encrypted, and no passphrase was given/ : /the passphrase is wrong/,
        )
        const other = await rejection(connect(dsn(), { ssl: { ...ssl, passphrase: wrong } }))
        t.regex(other.message, /^invalid ssl\.passphrase from the option "ssl": private key /, title)
      }
    }
    t.is(await subject(connect(dsn(), { ssl: { ca, cert: der, key: derKey } })), '/CN=alice')
    t.is(await subject(connect(dsn(), { ssl: { ca, cert: keyPem(key) + chain } })), '/CN=alice')
  })
}

test('every version of PostgreSQL takes the certificate, and what it must be sent with', async (t) => {
  const below = await root.intermediate('CA of clients')
  const [direct, chained] = [await root.client('alice'), await below.client('alice')]
  for (const at of servers) {
    for (const { chain, keyPem: key } of [direct, chained]) {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        t.is(
          await subject(connect(dsn('alice', at), { ssl: { ca: root.pem, cert: chain, key, maxVersion } })),
          '/CN=alice',
        )
      }
    }
    const { pem: cert, keyPem: key } = chained
    const error = await rejection(connect(dsn('alice', at), { ssl: { ca: root.pem, cert, key } }))
    t.regex(error.message, /server refused TLS with alert unknown_ca/)
    t.regex(error.hint, /client certificate/)
  }
})

test('what the server does not accept', async (t) => {
  const stranger = await CertificateAuthority.create('Root of a stranger')
  const refusals: [title: string, made: Certificate, alert: RegExp][] = [
    ['of a stranger', await stranger.client('alice'), /alert unknown_ca/],
    [
      'expired',
      await root.client('alice', { notBefore: inHours(-9), notAfter: inHours(-1) }),
      /alert certificate_expired/,
    ],
    ['for servers', await root.client('alice', { usage: ['server'] }), /alert unsupported_certificate/],
  ]
  for (const [title, { chain: cert, keyPem: key }, alert] of refusals) {
    for (const user of ['alice', 'bob']) {
      const error = await rejection(connect(dsn(user), { ssl: { ca: root.pem, cert, key } }))
      t.true(error instanceof ConnectionFailureError, `${title}: ${error}`)
      t.regex(error.message, alert, title)
    }
  }
  const { chain: cert, keyPem: key } = await root.client('mallory')
  const mapped = await rejection(connect(dsn(), { ssl: { ca: root.pem, cert, key } }))
  t.true(mapped instanceof InvalidAuthorizationSpecificationError, `${mapped}`)
  t.regex(mapped.message, /certificate authentication failed for user "alice"/)
  t.is(await subject(connect(dsn('bob'), { ssl: { ca: root.pem, cert, key } })), '/CN=mallory')
  for (const user of ['alice', 'bob']) {
    const without = await rejection(connect(dsn(user), { ssl: { ca: root.pem } }))
    t.true(without instanceof InvalidAuthorizationSpecificationError, `${without}`)
    t.regex(without.message, /connection requires a valid client certificate/)
  }
})

test('certificate and key come from the DSN, the environment and the default files', async (t) => {
  const { chain, key, keyPem: plain } = await root.client('alice')
  const [sslcert, sslkey, locked] = [file(chain), file(plain), file(encryptedKeyPem(key, PASS))]
  const sslmode = 'require'
  t.is(await subject(connect(dsn('alice', server, { sslmode, sslcert, sslkey }))), '/CN=alice')
  const withPhrase = { sslmode, sslcert, sslkey: locked, sslpassword: PASS }
  t.is(await subject(connect(dsn('alice', server, withPhrase))), '/CN=alice')
  const variables = { PGSSLMODE: sslmode, PGSSLCERT: sslcert, PGSSLKEY: sslkey }
  t.is(await subject(connectIn(variables, dsn())), '/CN=alice')
  const both = file(`${chain}${plain}`)
  t.is(await subject(connect(dsn(), { ssl: 'require', sslcert: both })), '/CN=alice')
  // prefer and allow send a certificate too; a certificate is no reason to verify the server.
  t.is(await subject(connect(dsn('alice', server, { sslmode: 'prefer', sslcert, sslkey }))), '/CN=alice')
  t.is(await subject(connect(dsn('alice', server, { sslmode: 'allow', sslcert, sslkey }))), '/CN=alice')

  mkdirSync(pathInFolder('home/.postgresql'), { recursive: true })
  writeFileSync(pathInFolder('home/.postgresql/postgresql.crt'), chain)
  writeFileSync(pathInFolder('home/.postgresql/postgresql.key'), plain, { mode: 0o600 })
  writeFileSync(pathInFolder('home/.postgresql/root.crt'), root.pem)
  const home = { HOME: pathInFolder('home') }
  t.is(await subject(connectIn(home, dsn('alice', server, { sslmode: 'verify-full' }))), '/CN=alice')
  t.is(await subject(connectIn(home, dsn('alice'))), '/CN=alice')
  rmSync(pathInFolder('home'), { recursive: true })
})

test('files that are gone once a session is open are not missed by its cancels', async (t) => {
  const { chain, keyPem: key } = await root.client('alice')
  const [sslcert, sslkey, sslrootcert] = [file(chain), file(key), file(root.pem)]
  const connection = await connect(dsn(), { ssl: 'verify-full', sslcert, sslkey, sslrootcert })
  t.teardown(() => connection.terminate())
  for (const path of [sslcert, sslkey, sslrootcert]) rmSync(path)
  const refused = await rejection(connect(dsn(), { ssl: 'verify-full', sslcert, sslkey, sslrootcert }))
  t.is(refused.cause.code, 'ENOENT')
  const controller = new AbortController()
  const { signal } = controller
  const call = reason(connection.fetch('select pg_sleep(600)', [], { signal }))
  await untilSleeping(connection, { admin: (sql) => server.admin(sql, { host: server.socketDirectory }) })
  controller.abort()
  t.is(await call, signal.reason)
  t.is(await connection.fetchValue('select 1'), 1)
})

// Alone: the log of the server would have what the other tests make.
test.serial(
  'what is no pair of certificate and key is refused by name, before a socket is opened',
  async (t) => {
    const [one, two] = [await root.client('alice'), await root.client('alice')]
    const [sslcert, sslkey] = [file(one.chain), file(one.keyPem)]
    const garbage = file('this is no PEM')
    const damaged = file(one.keyPem.replace(/M/g, 'N'))
    const cases: [options: ConnectOptions, message: RegExp][] = [
      [
        { sslcert, sslkey: file(two.keyPem) },
        /^invalid sslkey from the option "sslkey": ".*": private key does not belong to the client certificate of "alice"/,
      ],
      [{ sslcert }, /^invalid sslcert from the option "sslcert": there is no key for the certificate/],
      [
        { sslcert: garbage, sslkey },
        /^invalid sslcert from the option "sslcert": ".*": client certificate is neither PEM nor DER/,
      ],
      [
        { sslcert, sslkey: garbage },
        /^invalid sslkey from the option "sslkey": ".*": private key is neither PEM nor DER/,
      ],
      [
        { sslcert, sslkey: damaged },
        /^invalid sslkey from the option "sslkey": ".*": private key is damaged/,
      ],
      [
        { sslcert: sslkey, sslkey },
        /^invalid sslcert from .*: client certificate was expected, but the PEM holds "PRIVATE KEY" only/,
      ],
      [
        { sslcert, sslkey: sslcert },
        /^invalid sslkey from .*: private key was expected, but the PEM holds "CERTIFICATE" only/,
      ],
      [{ sslcert, sslkey: file('') }, /^invalid sslkey from the option "sslkey": the file .* is empty/],
      [
        { sslcert, sslkey: '/nowhere/key' },
        /^invalid sslkey from the option "sslkey": cannot read "\/nowhere\/key": ENOENT/,
      ],
      [
        { sslcert: '/nowhere/crt' },
        /^invalid sslcert from the option "sslcert": cannot read "\/nowhere\/crt": ENOENT/,
      ],
      [
        { ssl: { ca: root.pem, cert: one.chain, key: two.keyPem } },
        /^invalid ssl\.key from the option "ssl": private key does not belong/,
      ],
      [
        { ssl: { ca: root.pem, cert: one.chain } },
        /^invalid ssl\.key from the option "ssl": .*PEM holds "CERTIFICATE" only/,
      ],
    ]
    const log = server.log().length
    for (const [options, message] of cases) {
      const error = await rejection(connect(dsn(), { ssl: 'require', ...options }))
      t.true(error instanceof ClientConfigurationError, `${message}: ${error}`)
      t.regex(error.message, message)
      t.false(`${error.message}${error.hint}${error.detail}`.includes(one.keyPem.slice(40, 80)))
    }
    t.false(server.log().slice(log).includes('SSL'))
  },
)
