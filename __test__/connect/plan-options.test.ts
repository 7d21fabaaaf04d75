import { inspect } from 'node:util'
import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { ClientConfigurationError, InterfaceError } from '../../src/errors/index.ts'
import { planIn, type World } from './world.ts'

const wrong = (options: { [name: string]: unknown }): ConnectOptions => options as ConnectOptions

/** Options, and what the error must name: parameter, source, value. */
const REFUSED: [options: ConnectOptions, message: RegExp, world?: World][] = [
  ...['statementCacheSize', 'maxCacheableStatementSize', 'maxMessageSize'].flatMap((name) =>
    [null, true, -1, 1.5, Number.NaN, '5', 2 ** 31].map((value): [ConnectOptions, RegExp] => [
      wrong({ [name]: value }),
      new RegExp(`invalid ${name} from the option "${name}": it must be an integer greater than or equal to`),
    ]),
  ),
  ...[null, true, -1, Number.NaN, '5'].map((value): [ConnectOptions, RegExp] => [
    wrong({ maxCachedStatementLifetime: value }),
    /invalid maxCachedStatementLifetime.*greater than or equal to 0/,
  ]),
  ...[0, -1, true, false, '5', Number.NaN, Number.POSITIVE_INFINITY, {}].map(
    (value): [ConnectOptions, RegExp] => [
      wrong({ commandTimeout: value }),
      /invalid commandTimeout.*greater than 0/,
    ],
  ),
  ...[0, -1, true, '5', Number.NaN].map((value): [ConnectOptions, RegExp] => [
    wrong({ timeout: value }),
    /invalid timeout.*greater than 0/,
  ]),
  [{ port: 99999 }, /invalid port from the option "port": 99999 is out of range/],
  [{ port: 0 }, /0 is out of range/],
  [{ port: -1 }, /-1 is out of range/],
  [{ port: 1.5 }, /1.5 is out of range/],
  [{ port: 'abc' }, /"abc" is not a port/],
  [{ port: Number.NaN }, /is not a port/],
  [wrong({ port: true }), /true is not a port/],
  [wrong({ port: {} }), /an object is not a port/],
  [wrong({ port: [null] }), /null is not a port/],
  [{ port: [1, 2], host: ['a', 'b', 'c'] }, /could not match 2 port numbers to 3 hosts/],
  [{ port: [1, 2], host: 'a' }, /could not match 2 port numbers to 1 host$/],
  [wrong({ host: 5 }), /invalid host from the option "host": it must be a string, not 5/],
  [wrong({ host: ['a', null] }), /it must be a string, not null/],
  [{ host: ['a', ''] }, /host 2 of 2 is empty/],
  [{ host: 'a\0b' }, /invalid host.*NUL/],
  [{ host: '/tmp', port: 5432 }, /cannot be used on Windows/, { platform: 'win32' }],
  [{ host: '@abstract' }, /Linux only/, { platform: 'darwin' }],
  [{ user: 'a\0' }, /invalid user from the option "user": it contains a NUL/],
  [wrong({ user: 5 }), /invalid user.*must be a string, not 5/],
  [{ database: 'a\0' }, /invalid database.*NUL/],
  [{ password: 'a\0' }, /invalid password.*NUL/],
  [wrong({ password: 12345 }), /invalid password.*a string or a function, not a number/],
  [{ user: '\ud800' }, /invalid user.*lone surrogate/],
  [{ passfile: '\0' }, /invalid passfile.*NUL/],
  [wrong({ ssl: 'on' }), /invalid ssl from the option "ssl": "on" is none of disable, allow, prefer/],
  [wrong({ ssl: 1 }), /invalid ssl.*a boolean, a mode or an object, not 1/],
  [wrong({ ssl: [] }), /invalid ssl.*not an array/],
  [wrong({ ssl: { path: 'x' } }), /there is no TLS option "path"/],
  [wrong({ ssl: { ca: 5 } }), /ca must be a string or bytes/],
  [{ ssl: { ca: '/etc/ca.pem' } }, /ca is no PEM text/],
  [{ ssl: { ca: [] } }, /ca is an empty list/],
  [{ ssl: { key: '-----BEGIN PRIVATE KEY-----' } }, /a key and no cert/],
  [wrong({ ssl: { rejectUnauthorized: 'no' } }), /rejectUnauthorized must be a boolean/],
  [{ ssl: {}, sslcert: '/x' }, /cannot be combined with the option "sslcert"/],
  [{ ssl: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' } }, /is above the maximum/],
  [{ ssl: { minVersion: 'TLSv1.3' }, sslMaxProtocolVersion: 'TLSv1.2' }, /is above the maximum/],
  [{ sslMinProtocolVersion: 'TLSv1.3', sslMaxProtocolVersion: 'TLSv1.2' }, /is above the maximum/],
  [wrong({ sslMinProtocolVersion: 'SSLv2' }), /invalid sslMinProtocolVersion.*unsupported/],
  [wrong({ directTls: 'yes' }), /invalid directTls.*must be a boolean, not "yes"/],
  [{ directTls: true }, /invalid directTls.*weak sslmode "prefer" from the default/],
  [{ directTls: true, ssl: 'allow' }, /weak sslmode "allow" from the option "ssl"/],
  [{ directTls: true, ssl: false }, /weak sslmode "disable"/],
  [wrong({ channelBinding: true }), /invalid channelBinding/],
  [wrong({ requireAuth: 'kerberos' }), /invalid requireAuth.*"kerberos" is none of/],
  [wrong({ requireAuth: [] }), /the list is empty/],
  [wrong({ requireAuth: [5] }), /every method must be a string/],
  [wrong({ requireAuth: ['md5', '!gss'] }), /mixes methods/],
  [wrong({ requireAuth: ['md5', 'md5'] }), /names md5 twice/],
  [wrong({ requireAuth: 5 }), /must be a string or an array/],
  [wrong({ targetSessionAttrs: 'master' }), /invalid targetSessionAttrs.*"master" is none of any, primary/],
  [wrong({ loadBalanceHosts: true }), /invalid loadBalanceHosts/],
  [wrong({ gsslib: 'mit' }), /invalid gsslib.*none of gssapi, sspi/],
  [wrong({ krbsrvname: {} }), /invalid krbsrvname/],
  [wrong({ serverSettings: 'a=b' }), /invalid serverSettings.*must be an object/],
  [wrong({ serverSettings: { a: 5 } }), /the value of "a" must be a string, not a number/],
  [{ serverSettings: { '': 'x' } }, /the name of a server setting contains nothing/],
  [{ serverSettings: { 'a\0': 'x' } }, /the name of a server setting contains a NUL/],
  [{ serverSettings: { a: 'x\0' } }, /the value of "a" contains a NUL/],
  [{ serverSettings: { user: 'x' } }, /"user" is not a server setting/],
  [{ serverSettings: { Password: 'x' } }, /"Password" is not a server setting/],
  [{ serverSettings: { replication: 'on' } }, /invalid replication from the option "serverSettings"/],
  [{ serverSettings: { client_encoding: 'latin1' } }, /invalid client_encoding.*"latin1"/],
  [
    { serverSettings: { a: 'x'.repeat(10_000) } },
    /the start-up parameters have 10\d\d\d bytes, the server's limit is 10000/,
  ],
  [wrong({ oauthToken: 'secret' }), /invalid oauthToken.*must be a function, not a string/],
  [wrong({ signal: {} }), /invalid signal/],
  [wrong({ types: 'bigint' }), /invalid types/],
  [wrong({ types: { int9: 'x' } }), /there is no type option "int9"/],
  [wrong({ types: { toString: 'x' } }), /there is no type option "toString"/],
  [wrong({ types: { int8: 'x' } }), /int8: "x" is none of auto, bigint/],
  [{ types: { date: 'temporal' } }, /date: this runtime has no Temporal/],
  [wrong({ types: { codecs: {} } }), /codecs must be an array/],
  [wrong({ types: { codecs: [{}] } }), /codec 1 has no type/],
  [wrong({ dsn: 5 }), /invalid dsn/],
  [wrong({ hostname: 'h' }), /there is no option "hostname"/],
  [wrong({ statement_cache_size: 5 }), /there is no option "statement_cache_size"/],
]

for (const [options, message, world] of REFUSED) {
  test(`refused: ${message.source} (${inspect(options, { breakLength: Number.POSITIVE_INFINITY }).slice(0, 60)})`, (t) => {
    const error = t.throws(() => planIn(world ?? {}, { host: 'h', ...options }), {
      instanceOf: ClientConfigurationError,
    })
    t.true(error instanceof InterfaceError)
    t.regex(error!.message, message)
  })
}

test('the hint of an unknown option names the one that is meant', (t) => {
  const hint = (name: string) =>
    t.throws<ClientConfigurationError>(() => planIn({}, wrong({ [name]: 1 })))!.hint
  t.is(hint('statement_cache_size'), 'use statementCacheSize')
  t.is(hint('dbname'), 'use database')
  t.is(hint('sslmode'), 'use ssl')
  t.is(hint('SSL'), 'use ssl')
  t.is(hint('target_session_attrs'), 'use targetSessionAttrs')
})

test('arguments that are no DSN and no options are refused', (t) => {
  const refuse = (dsn: unknown, options?: unknown) =>
    t.throws(() => planIn({}, dsn as string, options as ConnectOptions), {
      instanceOf: ClientConfigurationError,
    })!.message
  t.regex(refuse(5), /a number/)
  t.regex(refuse(new URL('postgres://ann:pw@h')), /URL object/)
  t.regex(refuse([]), /an array/)
  t.regex(refuse('postgres://h', 5), /a number/)
  t.regex(refuse({}, {}), /two objects/)
  t.regex(refuse('postgres://a', { dsn: 'postgres://b' }), /two different DSNs/)
})

test('variables that demand what cannot be given are refused by name', (t) => {
  const refuse = (env: { [name: string]: string }) =>
    t.throws(() => planIn({ env }, 'postgres://h'), { instanceOf: ClientConfigurationError })!.message
  t.regex(refuse({ PGGSSENCMODE: 'require' }), /gssencmode.*PGGSSENCMODE/)
  t.regex(refuse({ PGSSLCERTMODE: 'require' }), /PGSSLCERTMODE/)
  t.regex(refuse({ PGSSLCERTMODE: 'disable' }), /PGSSLCERTMODE/)
  t.regex(refuse({ PGSSLCRLDIR: '/x' }), /PGSSLCRLDIR/)
  t.regex(refuse({ PGMINPROTOCOLVERSION: '3.2' }), /PGMINPROTOCOLVERSION/)
  t.notThrows(() =>
    planIn({
      env: { PGSSLCERTMODE: 'allow', PGSSLCRLDIR: '', PGMINPROTOCOLVERSION: '3.0', PGGSSENCMODE: 'prefer' },
    }),
  )
  t.regex(
    t.throws(() => planIn({ env: { PGREQUIREPEER: 'x' }, platform: 'win32' }))!.message,
    /requirepeer.*PGREQUIREPEER/,
  )
})

test('without any user the error says where one can be given', (t) => {
  const error = t.throws<ClientConfigurationError>(() => planIn({ user: null }), {
    instanceOf: ClientConfigurationError,
  })
  t.regex(error!.hint!, /PGUSER/)
  t.notThrows(() => planIn({ user: null, env: { PGUSER: 'x' } }))
})

test('the defaults of the session', (t) => {
  t.deepEqual(planIn({}).session, {
    statementCacheSize: 100,
    learnsPoolers: true,
    maxCachedStatementLifetime: 300_000,
    maxCacheableStatementSize: 15_360,
    commandTimeout: null,
    maxMessageSize: 1 << 30,
    types: {},
  })
  t.is(planIn({}).timeout, 60_000)
})

test('every limit of the session can be given', (t) => {
  const { session, timeout } = planIn(
    { temporal: true },
    {
      statementCacheSize: 0,
      maxCachedStatementLifetime: Number.POSITIVE_INFINITY,
      maxCacheableStatementSize: 0,
      commandTimeout: 0.5,
      maxMessageSize: 8192,
      timeout: null,
      types: { date: 'temporal', ...wrong({ codecs: [{ type: 'x', encode: String, decode: String }] }) },
    },
  )
  t.is(session.statementCacheSize, 0)
  t.is(session.maxCachedStatementLifetime, 0)
  t.is(session.maxCacheableStatementSize, 0)
  t.is(session.commandTimeout, 0.5)
  t.is(session.maxMessageSize, 8192)
  t.is(session.types.date, 'temporal')
  t.is(timeout, null)
  t.is(planIn({}, { timeout: Number.POSITIVE_INFINITY }).timeout, null)
})

test('client_encoding is sent first and once, whatever was given', (t) => {
  const plan = planIn({}, 'postgres://h?client_encoding=unicode', {
    serverSettings: { Client_Encoding: 'utf8', a: 'b' },
  })
  t.deepEqual(plan.serverSettings, [
    ['client_encoding', 'UTF8'],
    ['a', 'b'],
  ])
})

test('a naming of password or md5 permits them over an unprotected network, a negation does not', (t) => {
  const allows = (requireAuth: unknown) => planIn({}, wrong({ requireAuth })).allowPlaintextPassword
  t.true(allows('password'))
  t.true(allows(['md5', 'scram-sha-256']))
  t.false(allows('scram-sha-256'))
  t.false(allows('!scram-sha-256'))
  t.false(planIn({}).allowPlaintextPassword)
})

test('a naming of oauth permits a token over a network that is not verified, a negation does not', (t) => {
  const allows = (requireAuth: unknown) => planIn({}, wrong({ requireAuth })).allowUnprotectedToken
  t.true(allows('oauth'))
  t.true(allows(['md5', 'oauth']))
  t.false(allows('password'))
  t.false(allows('!password'))
  t.false(planIn({}).allowUnprotectedToken)
})

test('the grammar of require_auth', (t) => {
  const methods = (value: string) => planIn({ env: { PGREQUIREAUTH: value } }).requireAuth
  t.deepEqual(methods('none'), ['none'])
  t.deepEqual(methods('md5 , gss'), ['md5', 'gss'])
  t.deepEqual(methods('!password,!md5'), ['gss', 'sspi', 'scram-sha-256', 'oauth', 'none'])
  t.deepEqual(methods('!none'), ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth'])
  t.is(methods(''), undefined)
  for (const bad of [',', 'md5,', '!', '!!md5', 'MD5', 'md5,!gss', '!md5,gss', '!md5,!md5']) {
    t.throws(() => methods(bad), { instanceOf: ClientConfigurationError }, bad)
  }
})

test('an option that another tool has is refused with what is meant by it', (t) => {
  const hints: [option: string, hint: RegExp][] = [
    ['schema', /write search_path=… instead/],
    ['connection_limit', /option is maxSize/],
    ['pgbouncer', /the driver notices poolers by itself/],
    ['prepareThreshold', /statementCacheSize: 0/],
    ['nonsense', /the reference of parameters lists all options/],
  ]
  for (const [option, hint] of hints) {
    const error = t.throws(() => planIn({}, wrong({ host: 'h', [option]: 1 }))) as { hint?: string }
    t.regex(error.hint ?? '', hint, option)
  }
})

test('a signal is known by its shape, as one of another realm has it', (t) => {
  const { signal } = new AbortController()
  const other = {
    aborted: false,
    reason: undefined,
    addEventListener: signal.addEventListener.bind(signal),
    removeEventListener: signal.removeEventListener.bind(signal),
  }
  t.is(planIn({}, wrong({ host: 'h', signal: other })).signal as unknown, other)
})
