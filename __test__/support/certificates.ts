// Certificate authorities made on the spot, so that no file in the repository ever expires and every flaw that a
// test needs is one line in that test.

import 'reflect-metadata'
import './pss-parameters.ts'
import './webcrypto-names.ts'
import { createHash } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {
  generateKey,
  type Hash,
  importForSigning,
  importForVerifying,
  type Key,
  type KeyKind,
  keyPem,
  signatureAlgorithm,
} from './keys.ts'
import type { ServerTls } from './provisioner.ts'

const HOUR_MS = 3_600_000

/** id-ce-cRLNumber (RFC 5280, 5.2.3). */
const CRL_NUMBER = '2.5.29.20'

export interface CertificateOptions {
  /** The subject's common names. Default none; the subject may be empty. */
  commonName?: string | readonly string[]
  /** Names of type DNS in subjectAltName, wildcards among them. Also what is no name: an address as a DNS name. */
  dnsNames?: readonly string[]
  /** Names of type IP address in subjectAltName. */
  ipAddresses?: readonly string[]
  /** Default `p-256`. A key that exists is used again. */
  key?: KeyKind | Key
  /** Default an hour ago. */
  notBefore?: Date
  /** Default in a day. */
  notAfter?: Date
  /** What extendedKeyUsage allows; null leaves the extension out. Default as the issuing method says. */
  usage?: readonly ('server' | 'client')[] | null
  /** keyUsage allows to sign certificates and lists, and nothing of what TLS needs. */
  onlySigns?: boolean
  /** basicConstraints. Default false, or true for an authority. */
  isAuthority?: boolean
  /** keyUsage and the identifiers of keys left out: a certificate as bare as `openssl x509 -req` makes it. */
  bare?: boolean
}

export interface Certificate {
  /** This certificate alone. */
  readonly pem: string
  /** This certificate and the intermediates above it, without the root: what `server.crt` holds. */
  readonly chain: string
  readonly der: Buffer
  readonly serialNumber: string
  readonly key: Key
  /** The key as PKCS#8, unencrypted. `keys.ts` makes the other forms. */
  readonly keyPem: string
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string
}

export interface AuthorityOptions extends CertificateOptions {
  /** The hash in signatures that the authority makes. Default SHA-256; Ed25519 has its own. */
  hash?: Hash
}

/** A root or an intermediate that issues certificates. */
export class CertificateAuthority {
  readonly certificate: Certificate
  readonly #hash: Hash
  readonly #subject: string

  private constructor(certificate: Certificate, subject: string, hash: Hash) {
    this.certificate = certificate
    this.#subject = subject
    this.#hash = hash
  }

  /** A self-signed root. */
  static async create(name = 'Test root', options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    const hash = options.hash ?? 'SHA-256'
    const all: CertificateOptions = { isAuthority: true, usage: null, ...options, commonName: name }
    const certificate = await make(all, hash, undefined)
    return new CertificateAuthority(certificate, subjectOf(all), hash)
  }

  /** The root's PEM, for `sslrootcert` and `ssl_ca_file`. */
  get pem(): string {
    return this.certificate.pem
  }

  /** An authority below this one; what it issues carries its certificate in `chain`. */
  async intermediate(
    name = 'Test intermediate',
    options: AuthorityOptions = {},
  ): Promise<CertificateAuthority> {
    const all: CertificateOptions = { isAuthority: true, usage: null, ...options, commonName: name }
    const certificate = await this.#issue(all)
    return new CertificateAuthority(certificate, subjectOf(all), options.hash ?? 'SHA-256')
  }

  /** A server's certificate; `localhost`, 127.0.0.1 and ::1 when no name at all is given. */
  server(options: CertificateOptions = {}): Promise<Certificate> {
    const named = ['commonName', 'dnsNames', 'ipAddresses'].some((member) => member in options)
    const names = named ? {} : { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] }
    return this.#issue({ usage: ['server'], ...names, ...options })
  }

  /** A client's certificate. PostgreSQL's `cert` method compares the common name with the user. */
  client(commonName: string, options: CertificateOptions = {}): Promise<Certificate> {
    return this.#issue({ usage: ['client'], ...options, commonName })
  }

  /** A list of revoked certificates. Default: valid from an hour ago for a day, with the extensions of RFC 5280. */
  async revocationList(
    revoked: readonly Certificate[],
    {
      thisUpdate = inHours(-1),
      nextUpdate = inHours(24),
      bare = false,
    }: { thisUpdate?: Date; nextUpdate?: Date; bare?: boolean } = {},
  ): Promise<string> {
    const { key } = this.certificate
    const issuer = await importForVerifying(key, this.#hash)
    const list = await x509.X509CrlGenerator.create({
      issuer: this.#subject,
      thisUpdate,
      nextUpdate,
      extensions: bare
        ? []
        : [
            await x509.AuthorityKeyIdentifierExtension.create(issuer),
            new x509.Extension(CRL_NUMBER, false, Buffer.of(0x02, 0x01, 0x01)),
          ],
      entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: thisUpdate })),
      signingAlgorithm: signatureAlgorithm(key.kind, this.#hash),
      signingKey: await importForSigning(key, this.#hash),
    })
    // The library writes another label than the one that OpenSSL reads (RFC 7468, section 6).
    return x509.PemConverter.encode(list.rawData, 'X509 CRL')
  }

  #issue(options: CertificateOptions): Promise<Certificate> {
    return make(options, this.#hash, { certificate: this.certificate, subject: this.#subject })
  }
}

/**
 * A certificate that signed itself. With `isAuthority: true` it is what PostgreSQL's manual has one make by
 * `openssl req -new -x509` ("Creating Certificates"), good as the server's certificate and as the client's root.
 */
export function selfSigned(options: CertificateOptions & { hash?: Hash } = {}): Promise<Certificate> {
  return make({ usage: null, ...options }, options.hash ?? 'SHA-256', undefined)
}

/** What `startServer({ tls })` wants. */
export function serverTls(certificate: Certificate, more: Pick<ServerTls, 'ca' | 'crl'> = {}): ServerTls {
  return { cert: certificate.chain, key: certificate.keyPem, ...more }
}

/** A time for `notBefore` and `notAfter`. */
export function inHours(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS)
}

interface Issuer {
  certificate: Certificate
  subject: string
}

async function make(
  options: CertificateOptions,
  hash: Hash,
  issuer: Issuer | undefined,
): Promise<Certificate> {
  const key = typeof options.key === 'object' ? options.key : await generateKey(options.key ?? 'p-256')
  const signer = issuer?.certificate.key ?? key
  const subject = subjectOf(options)
  const publicKey = await importForVerifying(key, hash)
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: options.notBefore ?? inHours(-1),
    notAfter: options.notAfter ?? inHours(24),
    publicKey,
    signingKey: await importForSigning(signer, hash),
    signingAlgorithm: signatureAlgorithm(signer.kind, hash),
    extensions: await extensions(options, publicKey, await importForVerifying(signer, hash)),
  })
  const pem = `${made.toString('pem')}\n`
  const der = Buffer.from(made.rawData)
  const above = issuer !== undefined && !isRoot(issuer.certificate) ? issuer.certificate.chain : ''
  return {
    pem,
    chain: pem + above,
    der,
    serialNumber: made.serialNumber,
    key,
    keyPem: keyPem(key),
    fingerprint: createHash('sha256').update(der).digest('hex'),
  }
}

function isRoot(certificate: Certificate): boolean {
  const { subject, issuer } = new x509.X509Certificate(certificate.der)
  return subject === issuer
}

function subjectOf({ commonName = [] }: CertificateOptions): string {
  return [commonName]
    .flat()
    .map((name) => `CN=${name.replace(/[,+"\\<>;#=]/g, '\\$&')}`)
    .join(', ')
}

async function extensions(
  {
    dnsNames = [],
    ipAddresses = [],
    usage = null,
    isAuthority = false,
    onlySigns = false,
    bare = false,
  }: CertificateOptions,
  own: CryptoKey,
  issuer: CryptoKey,
): Promise<x509.Extension[]> {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const list: x509.Extension[] = []
  const signs = keyCertSign | cRLSign
  const serves = digitalSignature | (isAuthority ? signs : keyEncipherment)
  if (!bare) {
    list.push(
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.KeyUsagesExtension(onlySigns ? signs : serves, true),
      await x509.SubjectKeyIdentifierExtension.create(own),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    )
  }
  if (names.length > 0) list.push(new x509.SubjectAlternativeNameExtension(names))
  if (usage !== null) {
    const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
    list.push(
      new x509.ExtendedKeyUsageExtension(usage.map((one) => (one === 'server' ? serverAuth : clientAuth))),
    )
  }
  return list
}
