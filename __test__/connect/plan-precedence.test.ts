import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { planIn, summary, type World } from './world.ts'

interface Case {
  title: string
  dsn?: string
  options?: ConnectOptions
  env?: World['env']
  /** The text of ~/.pg_service.conf. */
  service?: string
  expected: string
}

const EVERYTHING = { PGUSER: 'eu', PGDATABASE: 'ed', PGPASSWORD: 'ep', PGHOST: 'eh', PGPORT: '11' }
const SERVICE = '[s]\nhost=sh\nport=22\nuser=su\npassword=sp\ndbname=sd\n'

const CASES: Case[] = [
  // One source alone.
  { title: 'the environment alone', env: EVERYTHING, expected: 'eu:ep@eh:11/ed' },
  { title: 'a service alone', options: { service: 's' }, service: SERVICE, expected: 'su:sp@sh:22/sd' },
  {
    title: 'options alone',
    options: { host: 'oh', port: 44, user: 'ou', password: 'op', database: 'od' },
    expected: 'ou:op@oh:44/od',
  },
  { title: 'the DSN as an option', options: { dsn: 'postgres://u@h/d' }, expected: 'u@h:5432/d' },
  // Each against the next.
  {
    title: 'a service beats the environment',
    options: { service: 's' },
    env: EVERYTHING,
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'a DSN beats the environment',
    dsn: 'postgres://du:dp@dh:33/dd',
    env: EVERYTHING,
    expected: 'du:dp@dh:33/dd',
  },
  {
    title: 'a DSN beats its service',
    dsn: 'postgres://du:dp@dh:33/dd?service=s',
    service: SERVICE,
    env: EVERYTHING,
    expected: 'du:dp@dh:33/dd',
  },
  {
    title: 'options beat everything',
    dsn: 'postgres://du:dp@dh:33/dd?service=s',
    options: { host: 'oh', port: '44', user: 'ou', password: 'op', database: 'od' },
    service: SERVICE,
    env: EVERYTHING,
    expected: 'ou:op@oh:44/od',
  },
  // What one source leaves open comes from the next.
  { title: 'a DSN of a database only', dsn: 'postgres:///dd', env: EVERYTHING, expected: 'eu:ep@eh:11/dd' },
  {
    title: 'a DSN of a host only',
    dsn: 'postgres://dh',
    env: { PGPORT: '11', PGUSER: 'eu' },
    expected: 'eu@dh:11/eu',
  },
  {
    title: 'an empty user in the DSN',
    dsn: 'postgres://:dp@dh',
    env: EVERYTHING,
    expected: 'eu:dp@dh:11/ed',
  },
  {
    title: 'an empty password in the DSN',
    dsn: 'postgres://du:@dh',
    env: EVERYTHING,
    expected: 'du:ep@dh:11/ed',
  },
  {
    title: 'an empty database in the DSN',
    dsn: 'postgres://dh/',
    env: EVERYTHING,
    expected: 'eu:ep@dh:11/ed',
  },
  {
    title: 'an empty user as an option',
    dsn: 'postgres://du@dh/dd',
    options: { user: '' },
    expected: 'du@dh:5432/dd',
  },
  {
    title: 'an empty host as an option',
    dsn: 'postgres://du@dh:1/dd',
    options: { host: '' },
    expected: 'du@dh:1/dd',
  },
  {
    title: 'an empty list of hosts',
    dsn: 'postgres://du@dh:1/dd',
    options: { host: [] },
    expected: 'du@dh:1/dd',
  },
  {
    title: 'an empty password as an option is a password',
    dsn: 'postgres://du:dp@dh',
    options: { password: '' },
    expected: 'du:@dh:5432/du',
  },
  {
    title: 'an empty PGPASSWORD is a password',
    dsn: 'postgres://du@dh',
    env: { PGPASSWORD: '' },
    expected: 'du:@dh:5432/du',
  },
  {
    title: 'empty variables are none',
    dsn: 'postgres://dh',
    env: { PGUSER: '', PGDATABASE: '', PGPORT: '', PGHOST: '' },
    expected: 'me@dh:5432/me',
  },
  {
    title: 'a null option is none',
    dsn: 'postgres://du@dh/dd',
    options: { user: null as never, port: null as never },
    expected: 'du@dh:5432/dd',
  },
  {
    title: 'the database defaults to the user that was found',
    options: { host: 'h' },
    env: { PGUSER: 'eu' },
    expected: 'eu@h:5432/eu',
  },
  // Hosts and ports.
  {
    title: 'PGHOST takes a list with ports',
    dsn: 'postgres:///d',
    env: { PGHOST: 'a:1,b:2' },
    expected: 'me@a:1,b:2/d',
  },
  { title: 'PGHOST takes brackets', env: { PGHOST: '[::1]:1,[::2]' }, expected: 'me@::1:1,::2:5432/me' },
  {
    title: 'PGHOST takes a bare IPv6 address',
    env: { PGHOST: 'fe80::1%eth0' },
    expected: 'me@fe80::1%eth0:5432/me',
  },
  { title: 'PGPORT takes a list', env: { PGHOST: 'a,b', PGPORT: '1,2' }, expected: 'me@a:1,b:2/me' },
  {
    title: 'a list as an option',
    dsn: 'postgres:///d',
    options: { host: ['a', 'b'] },
    expected: 'me@a:5432,b:5432/d',
  },
  {
    title: 'a list as an option with one port',
    options: { host: ['a', 'b'], port: 9 },
    expected: 'me@a:9,b:9/me',
  },
  {
    title: 'a list as an option with its ports',
    options: { host: ['a', 'b'], port: [8, '9'] },
    expected: 'me@a:8,b:9/me',
  },
  { title: 'ports as text', options: { host: ['a', 'b'], port: '8,9' }, expected: 'me@a:8,b:9/me' },
  { title: 'a host option is taken as it stands', options: { host: 'a:1' }, expected: 'me@a:1:5432/me' },
  {
    title: 'entries of a host list are taken as they stand',
    options: { host: ['a:1', 'b,c'] },
    expected: 'me@a:1:5432,b,c:5432/me',
  },
  {
    title: 'a socket directory as an option',
    options: { host: '/run/pg', port: 7 },
    expected: 'me@/run/pg/.s.PGSQL.7/me',
  },
  {
    title: 'a socket file as an option',
    options: { host: '/run/.s.PGSQL.99', port: 7 },
    expected: 'me@/run/.s.PGSQL.99/me',
  },
  {
    title: 'a host option drops the ports of the DSN',
    dsn: 'postgres://dh:5555/',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
  {
    title: 'a host option drops a bare port of the DSN',
    dsn: 'postgres://:5555/',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
  {
    title: 'a host option goes with PGPORT',
    dsn: 'postgres://dh:5555/',
    options: { host: 'oh' },
    env: { PGPORT: '11' },
    expected: 'me@oh:11/me',
  },
  {
    title: 'a host option goes with a plain port of the DSN',
    dsn: 'postgres://dh/?port=33',
    options: { host: 'oh' },
    expected: 'me@oh:33/me',
  },
  {
    title: 'the port option beats the ports of hosts',
    dsn: 'postgres://a:1,b:2/',
    options: { port: 9 },
    expected: 'me@a:9,b:9/me',
  },
  { title: 'the port option alone', options: { port: 9, host: 'h' }, expected: 'me@h:9/me' },
  {
    title: "a host's port beats PGPORT",
    dsn: 'postgres://a:1,b/',
    env: { PGPORT: '11' },
    expected: 'me@a:1,b:11/me',
  },
  {
    title: 'PGPORT gives the matching element',
    dsn: 'postgres://a:1,b/',
    env: { PGPORT: '11,12' },
    expected: 'me@a:1,b:12/me',
  },
  {
    title: 'a mismatched PGPORT does not matter where every host has a port',
    dsn: 'postgres://a:1,b:2/',
    env: { PGPORT: '1,2,3' },
    expected: 'me@a:1,b:2/me',
  },
  {
    title: 'a plain port of the DSN beats the ports of PGHOST',
    dsn: 'postgres:///?port=33',
    env: { PGHOST: 'a:1,b' },
    expected: 'me@a:33,b:33/me',
  },
  {
    title: "a bare port of the DSN beats a service's",
    dsn: 'postgres://:33/?service=s',
    service: '[s]\nhost=sh:22',
    expected: 'me@sh:33/me',
  },
  {
    title: "a service's plain port does not beat a host's of the DSN",
    dsn: 'postgres://dh:33/?service=s',
    service: SERVICE,
    expected: 'su:sp@dh:33/sd',
  },
  {
    title: "a service's plain port goes with a DSN's host that has none",
    dsn: 'postgres://dh/?service=s',
    service: SERVICE,
    expected: 'su:sp@dh:22/sd',
  },
  {
    title: "a service's host list has ports",
    options: { service: 's' },
    service: '[s]\nhost=a:1,b\nport=22',
    expected: 'me@a:1,b:22/me',
  },
  {
    title: "a service's host beats PGHOST, with PGPORT",
    options: { service: 's' },
    service: '[s]\nhost=sh',
    env: EVERYTHING,
    expected: 'eu:ep@sh:11/ed',
  },
  // Addresses.
  { title: 'PGHOSTADDR alone', env: { PGHOSTADDR: '192.0.2.1' }, expected: 'me@192.0.2.1:5432/me' },
  {
    title: 'PGHOSTADDR with PGHOST',
    env: { PGHOSTADDR: '192.0.2.1', PGHOST: 'eh' },
    expected: 'me@eh=192.0.2.1:5432/me',
  },
  {
    title: 'PGHOSTADDR does not divert the host of a DSN',
    dsn: 'postgres://dh',
    env: { PGHOSTADDR: '192.0.2.1' },
    expected: 'me@dh:5432/me',
  },
  {
    title: 'the hostaddr of a DSN goes with PGHOST',
    dsn: 'postgres://?hostaddr=192.0.2.1',
    env: { PGHOST: 'eh' },
    expected: 'me@eh=192.0.2.1:5432/me',
  },
  {
    title: 'the hostaddr of a DSN does not divert a host option',
    dsn: 'postgres://dh?hostaddr=192.0.2.1',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
  // Settings.
  {
    title: 'serverSettings',
    options: { host: 'h', serverSettings: { geqo: 'off' } },
    expected: 'me@h:5432/me?geqo=off',
  },
  {
    title: 'serverSettings beat the DSN one by one',
    dsn: 'postgres://h?param=sss&param=123&other=x',
    options: { serverSettings: { other: 'y', aa: 'bb' } },
    expected: 'me@h:5432/me?param=123&other=y&aa=bb',
  },
  {
    title: 'serverSettings beat the DSN whatever their case',
    dsn: 'postgres://h?TimeZone=x',
    options: { serverSettings: { timezone: 'y' } },
    expected: 'me@h:5432/me?timezone=y',
  },
  {
    title: 'PGAPPNAME, PGOPTIONS and PGTZ',
    dsn: 'postgres://h',
    env: { PGAPPNAME: 'a', PGOPTIONS: '-c x=y', PGTZ: 'UTC' },
    expected: 'me@h:5432/me?TimeZone=UTC&application_name=a&options=-c x=y',
  },
  {
    title: 'PGAPPNAME beats a fallback name',
    dsn: 'postgres://h?fallback_application_name=f',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=a',
  },
  {
    title: 'the DSN beats PGAPPNAME',
    dsn: 'postgres://h?application_name=d',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=d',
  },
  {
    title: 'a service beats PGAPPNAME',
    dsn: 'postgres://h?service=s',
    service: '[s]\napplication_name=s',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=s',
  },
  {
    title: 'serverSettings beat PGAPPNAME and PGTZ',
    dsn: 'postgres://h',
    options: { serverSettings: { application_name: 'o', TimeZone: 'X' } },
    env: { PGAPPNAME: 'a', PGTZ: 'UTC' },
    expected: 'me@h:5432/me?TimeZone=X&application_name=o',
  },
  {
    title: 'PGDATESTYLE and PGCLIENTENCODING are not read',
    dsn: 'postgres://h',
    env: { PGDATESTYLE: 'German', PGCLIENTENCODING: 'LATIN1', PGGEQO: 'off' },
    expected: 'me@h:5432/me',
  },
  // Choosing a service.
  {
    title: 'PGSERVICE names a service',
    env: { PGSERVICE: 's' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'the DSN names a service',
    dsn: 'postgres://?service=s',
    env: { PGSERVICE: 'none' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'an option names a service',
    dsn: 'postgres://?service=none',
    options: { service: 's' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
]

for (const { title, dsn, options, env, service, expected } of CASES) {
  test(`${title} gives ${expected}`, async (t) => {
    const world: World = {
      ...(env === undefined ? {} : { env }),
      files: service === undefined ? {} : { '/home/me/.pg_service.conf': service },
    }
    t.is(await summary(planIn(world, dsn, options)), expected)
  })
}

/** One parameter in each of its sources, the winner being the one asked for. */
const SCALARS: [
  name: string,
  read: (plan: ReturnType<typeof planIn>) => unknown,
  values: {
    option?: [ConnectOptions, unknown]
    dsn?: [string, unknown]
    env?: [World['env'] & {}, unknown]
    initial: unknown
  },
][] = [
  [
    'target session attributes',
    (p) => p.targetSessionAttrs,
    {
      option: [{ targetSessionAttrs: 'read-write' }, 'read-write'],
      dsn: ['target_session_attrs=read-only', 'read-only'],
      env: [{ PGTARGETSESSIONATTRS: 'standby' }, 'standby'],
      initial: 'any',
    },
  ],
  [
    'load balancing',
    (p) => p.loadBalanceHosts,
    {
      option: [{ loadBalanceHosts: 'disable' }, 'disable'],
      dsn: ['load_balance_hosts=random', 'random'],
      env: [{ PGLOADBALANCEHOSTS: 'random' }, 'random'],
      initial: 'disable',
    },
  ],
  [
    'the Kerberos service',
    (p) => p.transport.gssService,
    {
      option: [{ krbsrvname: 'o' }, 'o'],
      dsn: ['krbsrvname=d', 'd'],
      env: [{ PGKRBSRVNAME: 'e' }, 'e'],
      initial: 'postgres',
    },
  ],
  [
    'the Kerberos library',
    (p) => p.transport.gssLibrary,
    {
      option: [{ gsslib: 'gssapi' }, 'gssapi'],
      dsn: ['gsslib=sspi', 'sspi'],
      env: [{ PGGSSLIB: 'sspi' }, 'sspi'],
      initial: 'gssapi',
    },
  ],
  [
    'channel binding',
    (p) => p.transport.channelBinding,
    {
      option: [{ channelBinding: 'require' }, 'require'],
      dsn: ['channel_binding=disable', 'disable'],
      env: [{ PGCHANNELBINDING: 'require' }, 'require'],
      initial: 'prefer',
    },
  ],
  [
    'the connect timeout of an address',
    (p) => p.connectTimeout,
    {
      dsn: ['connect_timeout=7', 7000],
      env: [{ PGCONNECT_TIMEOUT: '9' }, 9000],
      initial: null,
    },
  ],
  [
    'the protocol version',
    (p) => p.transport.protocol,
    {
      dsn: ['max_protocol_version=latest', '3.2'],
      env: [{ PGMAXPROTOCOLVERSION: '3.2' }, '3.2'],
      initial: '3.0',
    },
  ],
  [
    'the peer',
    (p) => p.transport.requirePeer,
    {
      dsn: ['requirepeer=d', 'd'],
      env: [{ PGREQUIREPEER: 'e' }, 'e'],
      initial: undefined,
    },
  ],
  [
    'the sslmode',
    (p) => p.tls.mode,
    {
      option: [{ ssl: 'disable' }, 'disable'],
      dsn: ['sslmode=require', 'require'],
      env: [{ PGSSLMODE: 'allow' }, 'allow'],
      initial: 'prefer',
    },
  ],
  [
    'the authentication methods',
    (p) => p.requireAuth,
    {
      option: [{ requireAuth: 'md5' }, ['md5']],
      dsn: ['require_auth=gss,password', ['password', 'gss']],
      env: [{ PGREQUIREAUTH: 'scram-sha-256' }, ['scram-sha-256']],
      initial: undefined,
    },
  ],
]

for (const [name, read, { option, dsn, env, initial }] of SCALARS) {
  test(`${name}: option before DSN before environment before default`, (t) => {
    const uri = (query?: string) => `postgres://h${query === undefined ? '' : `?${query}`}`
    t.deepEqual(read(planIn({}, uri())), initial)
    if (env) t.deepEqual(read(planIn({ env: env[0] }, uri())), env[1])
    if (dsn) t.deepEqual(read(planIn({ env: env?.[0] ?? {} }, uri(dsn[0]))), dsn[1])
    if (option) t.deepEqual(read(planIn({ env: env?.[0] ?? {} }, uri(dsn?.[0]), option[0])), option[1])
  })
}

test('a wrong value below the one that counts is not looked at', (t) => {
  const world = {
    env: { PGSSLMODE: 'nonsense', PGGSSLIB: 'nonsense', PGPORT: 'x', PGTARGETSESSIONATTRS: '?' },
  }
  const plan = planIn(world, 'postgres://h:1?sslmode=disable&gsslib=x&target_session_attrs=any', {
    gsslib: 'sspi',
  })
  t.is(plan.transport.gssLibrary, 'sspi')
})

test('connect_timeout counts as libpq counts it', (t) => {
  const of = (value: string) => planIn({}, `postgres://h?connect_timeout=${value}`).connectTimeout
  t.deepEqual(['0', '-5', '1', '2', '%203%20'].map(of), [null, null, 2000, 2000, 3000])
})

test('keepalive parameters', (t) => {
  const of = (query: string) => planIn({}, `postgres://h?${query}`).transport
  t.deepEqual(of('').keepalive, {})
  t.is(of('keepalives=0').keepalive, false)
  t.is(of('keepalives=0&keepalives_idle=5').keepalive, false)
  t.deepEqual(of('keepalives=1&keepalives_idle=5&keepalives_interval=6&keepalives_count=7').keepalive, {
    idle: 5,
    interval: 6,
    count: 7,
  })
  t.deepEqual(of('keepalives_idle=0&keepalives_interval=-1').keepalive, {})
  t.is(of('tcp_user_timeout=1500').tcpUserTimeout, 1500)
  t.is(of('tcp_user_timeout=0').tcpUserTimeout, undefined)
})

test('on Windows the default is localhost and the Kerberos library SSPI', async (t) => {
  const plan = planIn({ platform: 'win32' })
  t.is(await summary(plan), 'me@localhost:5432/me')
  t.is(plan.transport.gssLibrary, 'sspi')
})
