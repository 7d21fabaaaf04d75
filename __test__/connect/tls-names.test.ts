// Whose certificate counts under verify-full: libpq's rules about names, against a real server.

import test from 'ava'
import { ConnectionFailureError, connect } from '../../index.ts'
import { CertificateAuthority, type CertificateOptions, serverTls } from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { file, protection, rejection } from './real-servers.ts'

/** What the certificate says, the host that is asked for, and whether that fits (or how the refusal reads). */
type Case = [title: string, certificate: CertificateOptions, host: string, outcome: true | RegExp]

const CASES: Case[] = [
  ['a DNS name', { dnsNames: ['db.example.org'] }, 'db.example.org', true],
  ['a DNS name in other case', { dnsNames: ['DB.Example.ORG'] }, 'db.example.org', true],
  ['a host with a dot at its end', { dnsNames: ['db.example.org'] }, 'db.example.org.', true],
  [
    'another DNS name',
    { dnsNames: ['db.example.org'] },
    'other.example.org',
    /is for "db\.example\.org", not "other\.example\.org"/,
  ],
  ['the last of several DNS names', { dnsNames: ['a.example', 'b.example', 'c.example'] }, 'c.example', true],
  [
    'none of several DNS names',
    { dnsNames: ['a.example', 'b.example', 'c.example'] },
    'd.example',
    /"a\.example", "b\.example", "c\.example", not "d\.example"/,
  ],
  [
    'none of many DNS names',
    { dnsNames: Array.from({ length: 40 }, (_, index) => `n${index}.example`) },
    'd.example',
    /"n4\.example" and 35 more, not "d\.example"/,
  ],
  ['a wildcard', { dnsNames: ['*.example.org'] }, 'db.example.org', true],
  [
    'a wildcard and two labels',
    { dnsNames: ['*.example.org'] },
    'a.db.example.org',
    /not "a\.db\.example\.org"/,
  ],
  ['a wildcard and its parent', { dnsNames: ['*.example.org'] }, 'example.org', /not "example\.org"/],
  ['a wildcard inside a label', { dnsNames: ['d*.example.org'] }, 'db.example.org', /not "db\.example\.org"/],
  ['a wildcard that is not the first label', { dnsNames: ['db.*.org'] }, 'db.example.org', /not "db/],
  ['a name that ends in another', { dnsNames: ['example.org'] }, 'myexample.org', /not "myexample\.org"/],
  ['a common name and no DNS name', { commonName: 'db.example.org' }, 'db.example.org', true],
  ['a common name that is a wildcard', { commonName: '*.example.org' }, 'db.example.org', true],
  [
    'another common name',
    { commonName: 'db.example.org' },
    'x.example.org',
    /is for "db\.example\.org", not "x/,
  ],
  [
    'a common name beside a DNS name',
    { commonName: 'db.example.org', dnsNames: ['other.example.org'] },
    'db.example.org',
    /is for "other\.example\.org", not "db\.example\.org"/,
  ],
  [
    'a common name beside an address only',
    { commonName: 'db.example.org', ipAddresses: ['127.0.0.1'] },
    'db.example.org',
    true,
  ],
  ['no name at all', {}, 'db.example.org', /names no host, so it cannot be the one of "db\.example\.org"/],
  ['an address', { ipAddresses: ['127.0.0.1'] }, '127.0.0.1', true],
  [
    'another address',
    { ipAddresses: ['127.0.0.2'] },
    '127.0.0.1',
    /is for "127\.0\.0\.2", not "127\.0\.0\.1"/,
  ],
  ['an IPv6 address', { ipAddresses: ['2001:db8::1'] }, '[2001:db8::1]', true],
  ['an IPv6 address written in full', { ipAddresses: ['2001:db8::1'] }, '[2001:0db8:0:0::0:1]', true],
  ['another IPv6 address', { ipAddresses: ['2001:db8::2'] }, '[2001:db8::1]', /not "2001:db8::1"/],
  ['an address as a DNS name', { dnsNames: ['127.0.0.1'] }, '127.0.0.1', true],
  ['an address as the common name', { commonName: '127.0.0.1' }, '127.0.0.1', true],
  [
    'an address as the common name beside another address',
    { commonName: '127.0.0.1', ipAddresses: ['127.0.0.2'] },
    '127.0.0.1',
    /is for "127\.0\.0\.2", not "127\.0\.0\.1"/,
  ],
  [
    'a DNS name for an address',
    { dnsNames: ['localhost'] },
    '127.0.0.1',
    /is for "localhost", not "127\.0\.0\.1"/,
  ],
  ['a wildcard for an address', { dnsNames: ['*.0.0.1'] }, '127.0.0.1', /not "127\.0\.0\.1"/],
  [
    'an international name in its ASCII form',
    { dnsNames: ['xn--bcher-kva.example'] },
    'xn--bcher-kva.example',
    true,
  ],
]

let server: OwnServer
let authority: CertificateAuthority
let roots: string

test.before(async () => {
  authority = await CertificateAuthority.create()
  roots = file(authority.pem)
  server = await startServer({ tls: serverTls(await authority.server()) })
})

function dsn(host: string, mode = 'verify-full'): string {
  const { port, user, password } = server
  return `postgresql://${user}:${password}@${host}:${port}/postgres?hostaddr=127.0.0.1&sslmode=${mode}&sslrootcert=${roots}`
}

for (const [title, certificate, host, outcome] of CASES) {
  test.serial(`verify-full: ${title} ${outcome === true ? 'is accepted' : 'is refused'}`, async (t) => {
    await server.reload({ tls: serverTls(await authority.server({ dnsNames: [], ...certificate })) })
    if (outcome === true) {
      const connection = await connect(dsn(host))
      t.true((await protection(connection)).ssl)
      await connection.close()
      return
    }
    const error = await rejection(connect(dsn(host)))
    t.true(error instanceof ConnectionFailureError, `${error}`)
    t.regex(error.message, /^could not connect to .* by TLS: /)
    t.regex(error.message, outcome)
    t.regex(error.hint, /connect by a name of the certificate/)
    t.is(error.cause.code, 'EPROTO')
    // The weaker verification does not look at names.
    const weaker = await connect(dsn(host, 'verify-ca'))
    t.true((await protection(weaker)).ssl)
    await weaker.close()
  })
}

test.serial(
  'the option servername replaces the host, and checkServerIdentity: false its check',
  async (t) => {
    await server.reload({ tls: serverTls(await authority.server({ dnsNames: ['db.example.org'] })) })
    const { pem: ca } = authority
    const named = await connect(server.dsn(), { ssl: { ca, servername: 'db.example.org' } })
    t.true((await protection(named)).ssl)
    await named.close()
    const unchecked = await connect(server.dsn(), { ssl: { ca, checkServerIdentity: false } })
    t.true((await protection(unchecked)).ssl)
    await unchecked.close()
    t.regex((await rejection(connect(server.dsn(), { ssl: { ca } }))).message, /not "127\.0\.0\.1"/)
    t.regex(
      (await rejection(connect(server.dsn(), { ssl: { ca, servername: 'x.example' } }))).message,
      /not "x\.example"/,
    )
  },
)

test.serial('a host that is no DNS name cannot be verified, and is not looked up as another', async (t) => {
  const error = await rejection(connect(dsn('b%C3%BCcher.example')))
  t.is(error.name, 'ClientConfigurationError')
  t.regex(error.message, /"bücher\.example" cannot be verified: it is no DNS name/)
  t.regex(error.hint, /xn--/)
})
