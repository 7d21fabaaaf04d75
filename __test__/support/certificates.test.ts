import { createPrivateKey, X509Certificate } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import test from 'ava'
import { type Certificate, CertificateAuthority, inHours, selfSigned, serverTls } from './certificates.ts'
import {
  encryptedKeyPem,
  generateKey,
  type KeyKind,
  legacyEncryptedKeyPem,
  traditionalKeyPem,
} from './keys.ts'
import { int32, SSL_REQUEST } from './protocol-messages.ts'
import { type OwnServer, startServer } from './server.ts'

const kinds: readonly KeyKind[] = [
  'rsa-2048',
  'rsa-3072',
  'rsa-pss-2048',
  'p-256',
  'p-384',
  'p-521',
  'ed25519',
]

for (const kind of kinds) {
  test(`PostgreSQL and Node agree on a certificate signed by and for ${kind}`, async (t) => {
    const authority = await CertificateAuthority.create('Root', { key: kind, hash: 'SHA-384' })
    const certificate = await authority.server({ key: kind })
    const server = await startServer({ tls: serverTls(certificate) })
    const { peer, authorizationError } = await handshake(server, {
      ca: authority.pem,
      servername: 'localhost',
    })
    t.is(authorizationError, null)
    t.is(peer.fingerprint256.replaceAll(':', '').toLowerCase(), certificate.fingerprint)
    await server.stop()
  })
}

test('an intermediate is part of the chain, the root is not', async (t) => {
  const root = await CertificateAuthority.create()
  const middle = await root.intermediate()
  const leaf = await middle.server()
  t.is(leaf.chain, leaf.pem + middle.pem)
  const [server, lacking] = [
    await startServer({ tls: serverTls(leaf) }),
    await startServer({ tls: { cert: leaf.pem, key: leaf.keyPem } }),
  ]
  t.is((await handshake(server, { ca: root.pem, servername: 'localhost' })).authorizationError, null)
  const { authorizationError } = await handshake(lacking, { ca: root.pem, servername: 'localhost' })
  t.is(String(authorizationError), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  await Promise.all([server.stop(), lacking.stop()])
})

test('names and times are as asked for', async (t) => {
  const root = await CertificateAuthority.create()
  const named = new X509Certificate(
    (
      await root.server({
        commonName: ['one', 'a, b=c'],
        dnsNames: ['*.example.test', '192.0.2.1'],
        ipAddresses: ['::1'],
      })
    ).pem,
  )
  t.is(named.subjectAltName, 'DNS:*.example.test, DNS:192.0.2.1, IP Address:0:0:0:0:0:0:0:1')
  t.is(named.subject, 'CN=one\nCN=a\\, b=c')
  t.truthy(named.checkHost('deep.example.test'))
  t.deepEqual(named.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.true(named.verify(new X509Certificate(root.pem).publicKey))
  const nameless = new X509Certificate((await root.server({ dnsNames: [], usage: null, bare: true })).pem)
  t.is(nameless.subjectAltName, undefined)
  t.falsy(nameless.subject)
  const expired = new X509Certificate(
    (await root.server({ notBefore: inHours(-48), notAfter: inHours(-24) })).pem,
  )
  t.true(new Date(expired.validTo) < new Date())
  const early = new X509Certificate(
    (await root.server({ notBefore: inHours(24), notAfter: inHours(48) })).pem,
  )
  t.true(new Date(early.validFrom) > new Date())
})

test('a certificate that signed itself is its own root', async (t) => {
  const certificate = await selfSigned({ commonName: 'localhost', isAuthority: true })
  const parsed = new X509Certificate(certificate.pem)
  t.true(parsed.ca)
  t.true(parsed.verify(parsed.publicKey))
  t.is(certificate.chain, certificate.pem)
  const server = await startServer({ tls: serverTls(certificate) })
  const { authorizationError } = await handshake(server, { ca: certificate.pem, servername: 'localhost' })
  t.is(authorizationError, null)
  await server.stop()
})

test('client certificates are accepted unless they are revoked, foreign or missing', async (t) => {
  const root = await CertificateAuthority.create()
  const [good, revoked] = [await root.client('postgres'), await root.client('postgres')]
  const foreign = await (await CertificateAuthority.create('Another root')).client('postgres')
  const crl = await root.revocationList([revoked])
  const server = await startServer({
    tls: serverTls(await root.server(), { ca: root.pem, crl }),
    hba: ['local all all trust', 'hostssl all all all trust clientcert=verify-full'],
  })
  const attempt = async (client?: Certificate): Promise<string> => {
    const more = client === undefined ? {} : { cert: client.chain, key: client.keyPem }
    const { socket } = await handshake(server, { ca: root.pem, servername: 'localhost', ...more }, false)
    return firstAnswer(socket)
  }
  t.is(await attempt(good), 'R')
  t.is(await attempt(revoked), 'refused')
  t.is(await attempt(foreign), 'refused')
  t.is(await attempt(), 'E')
  await server.stop()
})

test('keys come in every form, with and without a passphrase', async (t) => {
  for (const kind of ['rsa-2048', 'p-256'] as const) {
    const key = await generateKey(kind)
    const public1 = key.public.export({ type: 'spki', format: 'pem' })
    const same = (pem: string, passphrase?: string): boolean => {
      const read = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
      return key.private.equals(read) && public1 !== pem
    }
    t.true(same(traditionalKeyPem(key)))
    t.true(same(encryptedKeyPem(key, 'päss'), 'päss'))
    t.regex(encryptedKeyPem(key, 'päss'), /BEGIN ENCRYPTED PRIVATE KEY/)
    for (const cipher of ['aes-128-cbc', 'aes-256-cbc', 'des-ede3-cbc']) {
      const pem = legacyEncryptedKeyPem(key, 'päss', cipher)
      t.regex(pem, /Proc-Type: 4,ENCRYPTED/)
      t.true(same(pem, 'päss'))
      t.throws(() => same(pem, 'wrong'))
    }
  }
  const ed25519 = await generateKey('ed25519')
  t.throws(() => traditionalKeyPem(ed25519), { message: /no form besides PKCS#8/ })
})

interface Handshake {
  peer: PeerCertificate
  authorizationError: Error | null
  socket: TLSSocket
}

/** As a PostgreSQL client shakes hands: SSLRequest first. */
async function handshake(
  { host, port }: OwnServer,
  options: { ca: string; servername: string; cert?: string; key?: string },
  end = true,
): Promise<Handshake> {
  const raw: Socket = connect({ host, port })
  raw.write(Buffer.concat([int32(8), int32(SSL_REQUEST)]))
  const answer = await new Promise<Buffer>((resolve) => void raw.once('data', resolve))
  if (answer.toString() !== 'S') throw new Error(`the server answered "${answer}"`)
  const socket = connectTls({ socket: raw, rejectUnauthorized: false, ...options })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const { authorizationError } = socket
  const peer = socket.getPeerCertificate()
  if (end) socket.destroy()
  return { peer, authorizationError: authorizationError ?? null, socket }
}

/** The letter that answers a StartupMessage, or that the server left. */
function firstAnswer(socket: TLSSocket): Promise<string> {
  const body = Buffer.concat([int32(0x0003_0000), Buffer.from('user\0postgres\0\0')])
  socket.write(Buffer.concat([int32(body.length + 4), body]))
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString('latin1', 0, 1))
      socket.destroy()
    })
    socket.once('close', () => resolve('refused'))
  })
}
