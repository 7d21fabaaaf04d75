import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { planIn, summary, type World } from './world.ts'

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
