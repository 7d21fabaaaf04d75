// Certificate revocation lists: the client's, against servers, and the server's, against clients.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import test from 'ava'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  type ConnectOptions,
  connect,
} from '../../index.ts'
import {
  type Certificate,
  CertificateAuthority,
  inHours,
  selfSigned,
  serverTls,
} from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { connectIn, file, pathInFolder, protection, rejection } from './real-servers.ts'

let server: OwnServer
let root: CertificateAuthority
let issuing: CertificateAuthority
let impostor: CertificateAuthority
let stranger: CertificateAuthority
let good: Certificate
let bad: Certificate
let below: Certificate

test.before(async () => {
  root = await CertificateAuthority.create('Root of the test')
  issuing = await root.intermediate('Issuing CA')
  impostor = await CertificateAuthority.create('Root of the test')
  stranger = await CertificateAuthority.create('Root of a stranger')
  good = await root.server()
  bad = await root.server()
  below = await issuing.server()
  server = await startServer({
    tls: serverTls(good, { ca: root.pem }),
    hba: [
      'local all all trust',
      'host all postgres 127.0.0.1/32 scram-sha-256',
      'hostssl all alice 127.0.0.1/32 cert',
    ],
  })
  await server.admin('create role alice login')
})

const accept = async (options: ConnectOptions) => {
  const connection = await connect(server.dsn(), options)
  const { ssl } = await protection(connection)
  await connection.close()
  return ssl
}

interface Case {
  title: string
  certificate: () => Certificate
  lists: () => Promise<string[]>
  refusal?: RegExp
}

const CASES: readonly Case[] = [
  {
    title: 'a list that names nobody',
    certificate: () => good,
    lists: async () => [await root.revocationList([])],
  },
  {
    title: 'a list that names another certificate',
    certificate: () => good,
    lists: async () => [await root.revocationList([bad])],
  },
  {
    title: 'a list that names the certificate',
    certificate: () => bad,
    lists: async () => [await root.revocationList([bad])],
    refusal: /server certificate, or the certificate of its CA, has been revoked/,
  },
  {
    title: 'a list that is out of date',
    certificate: () => good,
    lists: async () => [
      await root.revocationList([], { thisUpdate: inHours(-48), nextUpdate: inHours(-24) }),
    ],
    refusal: /certificate revocation list is out of date, its next update was due on \d{4}-/,
  },
  {
    title: 'a list that is not valid yet',
    certificate: () => good,
    lists: async () => [await root.revocationList([], { thisUpdate: inHours(1), nextUpdate: inHours(48) })],
    refusal: /certificate revocation list is not valid before \d{4}-\d\d-\d\d/,
  },
  {
    title: 'a list that is not valid yet beside one that is',
    certificate: () => bad,
    lists: async () => [
      await root.revocationList([], { thisUpdate: inHours(1), nextUpdate: inHours(48) }),
      await root.revocationList([bad]),
    ],
    refusal: /server certificate, or the certificate of its CA, has been revoked/,
  },
  {
    title: 'an older list that is in date still, before one that names the certificate',
    certificate: () => bad,
    lists: async () => [
      await root.revocationList([], { thisUpdate: inHours(-5) }),
      await root.revocationList([bad]),
    ],
    refusal: /server certificate, or the certificate of its CA, has been revoked/,
  },
  {
    title: 'a list that is out of date before its successor',
    certificate: () => good,
    lists: async () => [
      await root.revocationList([good], { thisUpdate: inHours(-48), nextUpdate: inHours(-24) }),
      await root.revocationList([]),
    ],
  },
  {
    title: "a stranger's list",
    certificate: () => good,
    lists: async () => [await stranger.revocationList([])],
    refusal: /may have been revoked: no certificate revocation list covers it/,
  },
  {
    title: 'a list under the name of the root, signed by another key',
    certificate: () => good,
    lists: async () => [await impostor.revocationList([])],
    refusal: /not signed by the CA it names/,
  },
  {
    title: 'lists of the root and of the intermediate',
    certificate: () => below,
    lists: async () => [await root.revocationList([]), await issuing.revocationList([])],
  },
  {
    title: 'a list of the root only, for a certificate below an intermediate',
    certificate: () => below,
    lists: async () => [await root.revocationList([])],
    refusal: /no certificate revocation list covers it and all of its issuers, from "Issuing CA" upwards/,
  },
  {
    title: 'a list that names the intermediate',
    certificate: () => below,
    lists: async () => [await root.revocationList([issuing.certificate]), await issuing.revocationList([])],
    refusal: /server certificate, or the certificate of its CA, has been revoked/,
  },
]

for (const { title, certificate, lists, refusal } of CASES) {
  test.serial(`${title}: ${refusal === undefined ? 'trusted' : 'refused'}`, async (t) => {
    await server.reload({ tls: serverTls(certificate(), { ca: root.pem }) })
    const crl = await lists()
    const sslrootcert = file(root.pem)
    const sslcrl = file(crl.join('\n'))
    const ways: ConnectOptions[] = [
      { ssl: 'verify-full', sslrootcert, sslcrl },
      { ssl: 'verify-ca', sslrootcert, sslcrl },
      // A root under require means that the chain is verified, lists included.
      { ssl: 'require', sslrootcert, sslcrl },
      { ssl: { ca: root.pem, crl } },
    ]
    for (const options of ways) {
      if (refusal === undefined) {
        t.true(await accept(options))
        continue
      }
      const error = await rejection(connect(server.dsn(), options))
      t.true(error instanceof ConnectionFailureError, `${error}`)
      t.regex(error.message, refusal)
    }
    // Where nothing is verified, no list is looked at.
    t.true(await accept({ ssl: 'require', sslcrl }))
    t.true(await accept({ ssl: 'prefer', sslcrl }))
  })
}

test.serial('lists come from the DSN, the environment and the default file', async (t) => {
  await server.reload({ tls: serverTls(bad, { ca: root.pem }) })
  const sslrootcert = file(root.pem)
  const list = await root.revocationList([bad])
  const path = file(list)
  const verified = { sslmode: 'verify-ca', sslrootcert }
  t.true(await accept({ ssl: 'verify-ca', sslrootcert }))
  const revoked = /has been revoked/
  const byDsn = await rejection(connect(server.dsn({ parameters: { ...verified, sslcrl: path } })))
  t.regex(byDsn.message, revoked)
  const byVariable = await rejection(connectIn({ PGSSLCRL: path }, server.dsn({ parameters: verified })))
  t.regex(byVariable.message, revoked)
  mkdirSync(pathInFolder('.postgresql'))
  writeFileSync(pathInFolder('.postgresql/root.crl'), list)
  const byDefault = await rejection(connect(server.dsn({ parameters: verified })))
  t.regex(byDefault.message, revoked)
  rmSync(pathInFolder('.postgresql'), { recursive: true })
})

test.serial('a list in DER, and one for a self-signed server, count too', async (t) => {
  await server.reload({ tls: serverTls(bad, { ca: root.pem }) })
  const der = Buffer.from((await root.revocationList([bad])).replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const error = await rejection(
    connect(server.dsn(), { ssl: 'verify-ca', sslrootcert: file(root.pem), sslcrl: file(der) }),
  )
  t.regex(error.message, /has been revoked/)
  const own = await selfSigned({ commonName: 'localhost', isAuthority: true })
  await server.reload({ tls: serverTls(own, { ca: root.pem }) })
  const strange = await rejection(
    connect(server.dsn(), {
      ssl: { ca: own.pem, checkServerIdentity: false, crl: await root.revocationList([]) },
    }),
  )
  t.regex(strange.message, /may have been revoked/)
})

test.serial('a list that cannot be used is a wrong parameter, named with its source', async (t) => {
  const sslrootcert = file(root.pem)
  const contents = { 'no list at all': good.pem, damaged: (await root.revocationList([])).replace(/M/g, 'N') }
  for (const [title, text] of Object.entries(contents)) {
    const sslcrl = file(text)
    const error = await rejection(connect(server.dsn(), { ssl: 'verify-ca', sslrootcert, sslcrl }))
    t.true(error instanceof ClientConfigurationError, `${title}: ${error}`)
    t.regex(error.message, /^invalid sslcrl from the option "sslcrl": ".*\/file-\d+": /, title)
  }
})

test.serial(
  'a server says when it takes a client certificate for revoked, and the driver whose it is',
  async (t) => {
    const [alice, revoked] = [await root.client('alice'), await root.client('alice')]
    const crl = await root.revocationList([revoked])
    await server.reload({ tls: serverTls(good, { ca: root.pem, crl }) })
    const dsn = server.dsn({ user: 'alice', password: null })
    const { pem: ca } = root
    const connection = await connect(dsn, { ssl: { ca, cert: alice.chain, key: alice.keyPem } })
    t.is((await protection(connection)).client_dn, '/CN=alice')
    await connection.close()
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const error = await rejection(
        connect(dsn, { ssl: { ca, cert: revoked.chain, key: revoked.keyPem, maxVersion } }),
      )
      t.true(error instanceof ConnectionFailureError, `${error}`)
      t.regex(error.message, /server refused TLS with alert certificate_revoked/)
      t.regex(error.hint, /client certificate/)
    }
  },
)

test.serial('a list without the extensions of RFC 5280 is refused with the remedy', async (t) => {
  const crl = await root.revocationList([], { bare: true })
  const error = await rejection(connect(server.dsn(), { ssl: { ca: root.pem, crl } }))
  t.regex(
    error.message,
    /^invalid ssl\.crl from the option "ssl": certificate revocation list has no extensions/,
  )
  t.regex(error.hint, /crl_extensions in openssl\.cnf/)
})
