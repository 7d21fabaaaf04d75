// Which certificates of servers are trusted: roots, chains, dates, purposes, signatures.

import test from 'ava'
import { ConnectionFailureError, type ConnectOptions, connect } from '../../index.ts'
import {
  type Certificate,
  CertificateAuthority,
  inHours,
  selfSigned,
  serverTls,
} from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { file, protection, rejection, VERSIONS } from './real-servers.ts'

const authority = CertificateAuthority.create('Root of the test')
const stranger = CertificateAuthority.create('Root of a stranger')
/** Another key under the very same name. */
const impostor = CertificateAuthority.create('Root of the test')
const issuing = authority.then((root) => root.intermediate('Issuing CA'))
const documented = selfSigned({ commonName: 'localhost', isAuthority: true, bare: true, key: 'rsa-2048' })

interface Case {
  title: string
  /** The server's certificate; default one that is good. */
  certificate?: () => Promise<Certificate>
  /** What the server sends instead of certificate and intermediates. */
  sends?: (certificate: Certificate) => string
  /** What is trusted; default the root that is good. */
  roots?: () => Promise<string>
  /** How the refusal reads; accepted where there is none. */
  refusal?: RegExp
}

const CASES: readonly Case[] = [
  { title: 'a certificate of the root' },
  {
    title: 'a root among several in one file',
    roots: async () => (await stranger).pem + (await authority).pem,
  },
  { title: 'a root between comments', roots: async () => `# ours\n\n${(await authority).pem}\n# the end\n` },
  {
    title: "a stranger's root",
    roots: async () => (await stranger).pem,
    refusal: /issued by "Root of the test"/,
  },
  {
    title: 'a root of the same name with another key',
    roots: async () => (await impostor).pem,
    refusal: /not signed by the configured root that has the name of its issuer/,
  },
  { title: 'an intermediate that the server sends', certificate: async () => (await issuing).server() },
  {
    title: 'an intermediate that is missing',
    certificate: async () => (await issuing).server(),
    sends: ({ pem }) => pem,
    refusal: /issued by "Issuing CA", and no path leads from there/,
  },
  {
    title: 'an intermediate that the client has among its roots',
    certificate: async () => (await issuing).server(),
    sends: ({ pem }) => pem,
    roots: async () => (await issuing).certificate.pem + (await authority).pem,
  },
  {
    title: 'a chain of three intermediates',
    certificate: async () =>
      (await (await (await issuing).intermediate('Second')).intermediate('Third')).server(),
  },
  {
    title: 'a chain whose root is sent too',
    sends: ({ chain }) => chain,
    certificate: async () => {
      const made = await (await issuing).server()
      return { ...made, chain: made.chain + (await authority).pem }
    },
  },
  {
    title: 'an issuer that is no authority',
    certificate: async () => (await (await authority).intermediate('No CA', { isAuthority: false })).server(),
    refusal: /issued by a certificate that is not a CA's/,
  },
  {
    title: 'an expired certificate',
    certificate: async () => (await authority).server({ notBefore: inHours(-48), notAfter: inHours(-1) }),
    refusal: /server certificate expired on \d{4}-\d\d-\d\d/,
  },
  {
    title: 'a certificate that is not valid yet',
    certificate: async () => (await authority).server({ notBefore: inHours(1), notAfter: inHours(48) }),
    refusal: /server certificate is not valid before \d{4}-\d\d-\d\d/,
  },
  {
    title: 'an expired intermediate',
    certificate: async () =>
      (
        await (await authority).intermediate('Old', { notBefore: inHours(-48), notAfter: inHours(-1) })
      ).server(),
    refusal: /intermediate certificate expired on/,
  },
  {
    title: 'an expired root',
    certificate: async () => (await expiredRoot).server(),
    roots: async () => (await expiredRoot).pem,
    refusal: /root certificate expired on/,
  },
  {
    title: 'a certificate that is for clients only',
    certificate: async () => (await authority).server({ usage: ['client'] }),
    refusal: /not for TLS servers by its extended key usage/,
  },
  {
    title: 'a certificate whose key may only sign certificates',
    certificate: async () => (await authority).server({ onlySigns: true }),
    refusal: /not for TLS by its key usage/,
  },
  {
    title: 'a self-signed certificate whose key may only sign certificates and that is trusted itself',
    certificate: () => onlySigning,
    roots: async () => (await onlySigning).pem,
    refusal: /not for TLS by its key usage/,
  },
  {
    title: 'a certificate for servers and clients',
    certificate: async () => (await authority).server({ usage: ['server', 'client'] }),
  },
  {
    title: 'a certificate that says nothing about its use',
    certificate: async () => (await authority).server({ usage: null, bare: true }),
  },
  {
    title: 'a self-signed certificate that is trusted itself, as the manual makes one',
    certificate: () => documented,
    roots: async () => (await documented).pem,
  },
  {
    title: 'a self-signed certificate that is not trusted',
    certificate: () => documented,
    refusal: /of "localhost" is self-signed and not one of the configured roots/,
  },
  {
    title: 'a self-signed certificate for no authority that is trusted itself',
    certificate: () => plainSelfSigned,
    roots: async () => (await plainSelfSigned).pem,
  },
  {
    title: 'an expired self-signed certificate that is trusted itself',
    certificate: () => expiredSelfSigned,
    roots: async () => (await expiredSelfSigned).pem,
    refusal: /server certificate expired on/,
  },
]

const expiredRoot = CertificateAuthority.create('Old root', {
  notBefore: inHours(-48),
  notAfter: inHours(-1),
})
const plainSelfSigned = selfSigned({ commonName: 'localhost', dnsNames: ['localhost'] })
const expiredSelfSigned = selfSigned({
  commonName: 'localhost',
  isAuthority: true,
  notBefore: inHours(-48),
  notAfter: inHours(-1),
})

const onlySigning = selfSigned({
  commonName: 'localhost',
  dnsNames: ['localhost'],
  isAuthority: true,
  onlySigns: true,
})

const servers = new Map<number, OwnServer>()

test.before(async () => {
  process.env.SSL_CERT_FILE = file((await authority).pem)
  const tls = serverTls(await (await authority).server())
  for (const version of VERSIONS) servers.set(version, await startServer({ version, tls }))
})

function dsn(server: OwnServer, query = ''): string {
  const { port, user, password } = server
  return `postgresql://${user}:${password}@localhost:${port}/postgres?hostaddr=127.0.0.1${query}`
}

async function accepted(server: OwnServer, options: ConnectOptions): Promise<boolean> {
  const connection = await connect(dsn(server), options)
  const { ssl } = await protection(connection)
  await connection.close()
  return ssl
}

for (const { title, certificate, sends, roots, refusal } of CASES) {
  test.serial(`${title}: ${refusal === undefined ? 'trusted' : 'refused'}`, async (t) => {
    const made = await (certificate?.() ?? (await authority).server())
    const trusted = await (roots?.() ?? (await authority).pem)
    const tls = { ...serverTls(made), cert: sends?.(made) ?? made.chain }
    // Newest and oldest server in turn: trust is the client's affair, the handshake both sides'.
    const version = VERSIONS[CASES.findIndex((one) => one.title === title) % VERSIONS.length]!
    const server = servers.get(version)!
    await server.reload({ tls })
    for (const ssl of ['verify-ca', 'verify-full', { ca: trusted }] as const) {
      const options: ConnectOptions = typeof ssl === 'object' ? { ssl } : { ssl, sslrootcert: file(trusted) }
      if (refusal === undefined) {
        t.true(await accepted(server, options))
        continue
      }
      const error = await rejection(connect(dsn(server), options))
      t.true(error instanceof ConnectionFailureError, `${error}`)
      t.regex(error.message, /^could not connect to "localhost" \(127\.0\.0\.1\) port \d+ by TLS: /)
      t.regex(error.message, refusal)
      t.is(error.cause.code, 'EPROTO')
    }
    // Without roots nothing is verified, whatever the certificate is.
    t.true(await accepted(server, { ssl: 'require' }))
    t.true(await accepted(server, { ssl: { rejectUnauthorized: false } }))
  })
}

for (const version of VERSIONS) {
  test.serial(`PostgreSQL ${version}: require with a root certificate is verify-ca`, async (t) => {
    const server = servers.get(version)!
    await server.reload({
      tls: serverTls(await (await authority).server({ dnsNames: ['elsewhere.example'] })),
    })
    t.true(await accepted(server, { ssl: 'require', sslrootcert: file((await authority).pem) }))
    const error = await rejection(
      connect(dsn(server), { ssl: 'require', sslrootcert: file((await stranger).pem) }),
    )
    t.regex(error.message, /no path leads from there/)
  })

  test.serial(
    `PostgreSQL ${version}: the system's roots count for true, system and contents without ca`,
    async (t) => {
      const server = servers.get(version)!
      await server.reload({ tls: serverTls(await (await authority).server()) })
      t.true(await accepted(server, { ssl: true }))
      t.true(await accepted(server, { sslrootcert: 'system' }))
      t.true(await accepted(server, { ssl: 'verify-full', sslrootcert: 'system' }))
      t.true(await accepted(server, { ssl: {} }))
      await server.reload({ tls: serverTls(await (await stranger).server()) })
      for (const options of [{ ssl: true }, { sslrootcert: 'system' }, { ssl: {} }]) {
        const error = await rejection(connect(dsn(server), options))
        t.regex(error.message, /no path leads from there to one of the roots of the system/)
        t.regex(error.hint, /give the CA's certificate as sslrootcert/)
      }
      await server.reload({
        tls: serverTls(await (await authority).server({ dnsNames: ['elsewhere.example'] })),
      })
      t.regex((await rejection(connect(dsn(server), { ssl: true }))).message, /not "localhost"/)
    },
  )
}
