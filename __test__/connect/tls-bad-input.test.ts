// What cannot be used is refused before a socket is opened, by the parameter's name, its source, and a remedy.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { ClientConfigurationError, type ConnectOptions } from '../../index.ts'
import { CertificateAuthority } from '../support/certificates.ts'
import { connectIn, file, pathInFolder, rejection, watchedPort } from './real-servers.ts'

interface Case {
  title: string
  query?: string
  options?: ConnectOptions
  variables?: Record<string, string>
  /** Parameter, source and problem. */
  message: RegExp
}

/** Options of types that TypeScript would refuse; JavaScript does not. */
const wrong = (options: object): ConnectOptions => options as ConnectOptions

const directory = pathInFolder('directory')
mkdirSync(directory)
const empty = file('')
const garbage = file('neither PEM nor DER')
const brokenPem = file('-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n')
const cutPem = file('-----BEGIN CERTIFICATE-----\nMIIB\n')
const certificateOfNothing = file('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n')
const huge = file(Buffer.alloc((16 << 20) + 1, 'x'))
const hugeService = file(Buffer.alloc(10_000_001, '# comment\n'))
const unreadable = file('x')
chmodSync(unreadable, 0)

const CASES: readonly Case[] = [
  // Modes and versions.
  {
    title: 'a mode that does not exist',
    query: 'sslmode=always',
    message: /^invalid sslmode from the DSN: .*disable, allow, prefer, require, verify-ca, verify-full/,
  },
  {
    title: 'such a mode in the environment',
    variables: { PGSSLMODE: 'yes' },
    message: /^invalid sslmode from the environment variable PGSSLMODE: /,
  },
  {
    title: 'such a mode as an option',
    options: wrong({ ssl: 'on' }),
    message: /^invalid ssl from the option "ssl": "on" is none of disable/,
  },
  {
    title: 'a number as ssl',
    options: wrong({ ssl: 1 }),
    message: /^invalid ssl from the option "ssl": it must be a boolean, a mode or an object, not 1/,
  },
  {
    title: 'an array as ssl',
    options: wrong({ ssl: [] }),
    message: /^invalid ssl from the option "ssl": .* not an array/,
  },
  {
    title: 'a TLS option that does not exist',
    options: wrong({ ssl: { pem: 'x' } }),
    message: /^invalid ssl from the option "ssl": there is no TLS option "pem"/,
  },
  {
    title: 'a version that does not exist',
    query: 'ssl_min_protocol_version=TLSv1.4',
    message: /^invalid ssl_min_protocol_version from the DSN: "TLSv1\.4" is no such version/,
  },
  {
    title: 'SSL 3',
    variables: { PGSSLMAXPROTOCOLVERSION: 'SSLv3' },
    message:
      /^invalid ssl_max_protocol_version from the environment variable PGSSLMAXPROTOCOLVERSION: "SSLv3" is unsupported/,
  },
  {
    title: 'TLS 1.1 at most',
    query: 'ssl_max_protocol_version=TLSv1.1',
    message: /"TLSv1\.1" is no longer supported/,
  },
  {
    title: 'a minimum above the maximum',
    options: { sslMinProtocolVersion: 'TLSv1.3', sslMaxProtocolVersion: 'TLSv1.2' },
    message:
      /minimum TLS version "TLSv1\.3" from the option .* is above the maximum "TLSv1\.2" from the option/,
  },
  {
    title: 'a wrong minimum in an object',
    options: wrong({ ssl: { minVersion: 'TLSv9' } }),
    message: /^invalid ssl\.minVersion from the option "ssl": "TLSv9" is no such version/,
  },
  {
    title: 'sslsni neither 0 nor 1',
    query: 'sslsni=no',
    message: /^invalid sslsni from the DSN: "no" is none of 0, 1/,
  },
  {
    title: 'a negotiation that does not exist',
    query: 'sslnegotiation=fast',
    message: /^invalid sslnegotiation from the DSN: "fast"/,
  },
  {
    title: 'directTls that is no boolean',
    options: wrong({ directTls: 'yes' }),
    message: /^invalid directTls from the option "directTls": it must be a boolean/,
  },
  {
    title: 'direct TLS with prefer',
    options: { directTls: true },
    message: /direct TLS may not be used with the weak sslmode "prefer" from the default/,
  },
  {
    title: 'system roots with a weak mode',
    query: 'sslrootcert=system&sslmode=require',
    message: /the weak mode "require" may not be used with sslrootcert=system/,
  },
  { title: 'compression', query: 'sslcompression=1', message: /^invalid sslcompression from the DSN/ },
  {
    title: 'encryption by Kerberos',
    query: 'gssencmode=require',
    message: /^invalid gssencmode from the DSN/,
  },
  // Roots.
  {
    title: 'verify-full without roots',
    options: { ssl: 'verify-full' },
    message:
      /sslmode "verify-full" from the option "ssl" needs root certificates, and neither sslrootcert is given nor does ".*root\.crt" exist/,
  },
  {
    title: 'roots that are not there',
    query: 'sslmode=verify-ca&sslrootcert=/nowhere/root.crt',
    message: /^invalid sslrootcert from the DSN: cannot read "\/nowhere\/root\.crt": ENOENT/,
  },
  {
    title: 'roots that are not there, in the environment',
    variables: { PGSSLROOTCERT: '/nowhere/root.crt', PGSSLMODE: 'require' },
    message: /^invalid sslrootcert from the environment variable PGSSLROOTCERT: cannot read/,
  },
  {
    title: 'a directory as roots',
    options: { ssl: 'verify-ca', sslrootcert: directory },
    message:
      /^invalid sslrootcert from the option "sslrootcert": cannot read ".*directory": it is a directory/,
  },
  {
    title: 'empty roots',
    options: { ssl: 'verify-ca', sslrootcert: empty },
    message: /^invalid sslrootcert from .* is empty/,
  },
  {
    title: 'roots that are no certificates',
    options: { ssl: 'verify-ca', sslrootcert: garbage },
    message:
      /^invalid sslrootcert from the option "sslrootcert": ".*": root certificate is neither PEM nor DER/,
  },
  {
    title: 'roots in broken PEM',
    options: { ssl: 'verify-ca', sslrootcert: brokenPem },
    message: /^invalid sslrootcert .*: root certificate is broken PEM/,
  },
  {
    title: 'roots whose PEM has no end',
    options: { ssl: 'verify-ca', sslrootcert: cutPem },
    message: /^invalid sslrootcert .*: root certificate is broken PEM/,
  },
  {
    title: 'roots that hold no certificate',
    options: { ssl: 'verify-ca', sslrootcert: certificateOfNothing },
    message: /^invalid sslrootcert .*: root certificate 1 is damaged or no X\.509 certificate/,
  },
  {
    title: 'roots of 16 MiB and a byte',
    options: { ssl: 'verify-ca', sslrootcert: huge },
    message: /^invalid sslrootcert .*: it has 16777217 bytes, the limit is 16777216/,
  },
  {
    title: 'a device as roots',
    options: { ssl: 'verify-ca', sslrootcert: '/dev/zero' },
    message: /^invalid sslrootcert .*: cannot read "\/dev\/zero": it is not a plain file/,
  },
  {
    title: 'a path as contents',
    options: { ssl: { ca: '/etc/ssl/root.crt' } },
    message: /^invalid ssl from the option "ssl": ca is no PEM text/,
  },
  {
    title: 'contents that are no certificate',
    options: { ssl: { ca: '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' } },
    message: /^invalid ssl\.ca from the option "ssl": root certificate 1 is damaged/,
  },
  {
    title: 'contents and a path',
    options: { ssl: { ca: '-----BEGIN x' }, sslcert: '/x' },
    message: /cannot be combined with the option "sslcert"/,
  },
  {
    title: 'a path as a URL',
    options: wrong({ sslrootcert: new URL('file:///x') }),
    message: /^invalid sslrootcert from the option "sslrootcert"/,
  },
  // Certificates, keys, lists.
  {
    title: 'a certificate that is not there',
    query: 'sslcert=/nowhere/crt',
    message: /^invalid sslcert from the DSN: cannot read "\/nowhere\/crt": ENOENT/,
  },
  {
    title: 'a key that is not there',
    query: 'sslkey=/nowhere/key',
    message: /^invalid sslkey from the DSN: cannot read/,
  },
  {
    title: 'lists that are not there',
    query: 'sslmode=require&sslcrl=/nowhere/crl',
    message: /^invalid sslcrl from the DSN: cannot read/,
  },
  {
    title: 'a directory of lists',
    variables: { PGSSLCRLDIR: '/etc/crls' },
    message: /the environment variable PGSSLCRLDIR="\/etc\/crls" is not supported/,
  },
  {
    title: 'a key without a certificate',
    options: { ssl: { key: '-----BEGIN PRIVATE KEY-----' } },
    message: /there is a key and no cert/,
  },
  // The rest of the connection.
  {
    title: 'a port of 99999',
    options: { port: 99999 },
    message: /^invalid port from the option "port": .*99999/,
  },
  {
    title: 'broken percent-encoding',
    query: 'application_name=%ZZ',
    message: /^invalid DSN: query parameter "application_name" has a "%" that does not begin/,
  },
  {
    title: 'NUL in a parameter',
    query: 'application_name=a%00b',
    message: /^invalid DSN: query parameter "application_name" contains a NUL character/,
  },
  {
    title: 'NUL in a password',
    options: { password: 'a\0b' },
    message: /^invalid password from the option "password": .*NUL/,
  },
  {
    title: 'NUL in a user',
    options: { user: 'a\0b' },
    message: /^invalid user from the option "user": .*NUL/,
  },
  {
    title: 'NUL in a path',
    options: { ssl: 'require', sslcert: 'a\0b' },
    message: /^invalid sslcert from the option "sslcert": .*NUL/,
  },
  {
    title: 'half a character',
    options: { password: 'a\ud800' },
    message: /^invalid password from the option "password"/,
  },
  {
    title: 'a way to log in that does not exist',
    query: 'require_auth=kerberos',
    message: /^invalid require_auth from the DSN: "kerberos" is none of/,
  },
  {
    title: 'ways with and without !',
    options: wrong({ requireAuth: 'md5,!gss' }),
    message: /^invalid requireAuth from the option "requireAuth": it mixes/,
  },
  {
    title: 'a way that is named twice',
    variables: { PGREQUIREAUTH: 'md5,md5' },
    message: /from the environment variable PGREQUIREAUTH: it names md5 twice/,
  },
  {
    title: 'no way at all',
    options: { requireAuth: [] },
    message: /^invalid requireAuth from the option "requireAuth": the list is empty/,
  },
  {
    title: 'a binding that does not exist',
    query: 'channel_binding=yes',
    message: /^invalid channel_binding from the DSN: "yes" is none of/,
  },
  {
    title: 'a protocol that does not exist',
    query: 'max_protocol_version=4.0',
    message: /^invalid max_protocol_version from the DSN/,
  },
  {
    title: 'a service that is not there',
    options: { service: 'none', servicefile: file('[s]\n') },
    message: /^invalid service from the option "service": there is no section "none"/,
  },
  {
    title: 'a service file that is not there',
    query: 'service=s&servicefile=/nowhere/services',
    message: /"\/nowhere\/services"/,
  },
  {
    title: 'a service file of 10 MB',
    options: { service: 's', servicefile: hugeService },
    message: /10000001 bytes, the limit is/,
  },
  {
    title: 'a token function that is none',
    options: wrong({ oauthToken: 'token' }),
    message: /^invalid oauthToken from the option "oauthToken": it must be a function/,
  },
  {
    title: 'an option that does not exist',
    options: wrong({ rejectUnauthorized: false }),
    message: /there is no option "rejectUnauthorized"/,
  },
]

for (const { title, query = '', options, variables = {}, message } of CASES) {
  test(`${title} is refused before a socket is opened`, async (t) => {
    const { port, connections } = await watchedPort(t)
    const error = await rejection(
      connectIn(variables, `postgresql://u:p@127.0.0.1:${port}/?${query}`, options),
    )
    t.true(error instanceof ClientConfigurationError, `${error?.stack}`)
    t.regex(error.message, message)
    // The remedy is in the hint, unless the problem itself says what is wanted.
    t.true(error.hint !== undefined || /is none of|must be|contains|twice/.test(error.message))
    t.false(/\.$|\n/.test(error.message), 'a sentence on one line, without a full stop')
    t.is(connections(), 0)
  })
}

test('a file without permission is refused with the remedy, except for who may read everything', async (t) => {
  const { port, connections } = await watchedPort(t)
  const dsn = `postgresql://u:p@127.0.0.1:${port}/`
  const error = await rejection(connectIn({}, dsn, { ssl: 'verify-ca', sslrootcert: unreadable }))
  t.true(error instanceof ClientConfigurationError, `${error}`)
  if (process.getuid?.() !== 0) {
    t.regex(error.message, /cannot read .*EACCES/)
    t.is(error.cause.code, 'EACCES')
    t.regex(error.hint, /make the file readable/)
  }
  t.is(connections(), 0)
})

test('a file that is damaged matters only where it is used', async (t) => {
  const { port } = await watchedPort(t)
  const dsn = `postgresql://u:p@127.0.0.1:${port}/`
  for (const ssl of ['disable', 'allow', 'prefer'] as const) {
    const error = await rejection(connectIn({}, dsn, { ssl, sslrootcert: garbage, sslcrl: garbage }))
    t.false(error instanceof ClientConfigurationError, `${ssl}: ${error}`)
  }
  const { pem } = await CertificateAuthority.create()
  writeFileSync(pathInFolder('good.crt'), pem)
  const error = await rejection(
    connectIn({}, dsn, { ssl: 'verify-ca', sslrootcert: pathInFolder('good.crt') }),
  )
  t.is(error.name, 'ConnectionFailureError', `${error}`)
})
