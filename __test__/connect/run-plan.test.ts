import test from 'ava'
import { runPlan } from '../../src/connect/run-plan.ts'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  InvalidPasswordError,
  PostgresConnectionError,
  type PostgresError,
} from '../../src/errors/index.ts'
import { lost, networkOf, noSocket, type Reaction, server, up } from './network.ts'
import { codeOf, errorsOf, runOn } from './run-on.ts'
import { planIn } from './world.ts'

const TWO = { names: { a: ['192.0.2.1'], b: ['192.0.2.2'] } }

test('the first host that accepts is the one', async (t) => {
  const { log, link } = await runOn({ ...TWO, reactions: { '192.0.2.1': up } }, 'postgres://a,b')
  t.is(link?.to, '192.0.2.1:5432')
  t.deepEqual(log, ['resolve a', 'dial 192.0.2.1:5432/prefer'])
})

test('a refused connection moves on to the next host', async (t) => {
  const { log, link } = await runOn({ ...TWO, reactions: { '192.0.2.2': up } }, 'postgres://a:1,b:2')
  t.is(link?.to, '192.0.2.2:2')
  t.deepEqual(log, ['resolve a', 'dial 192.0.2.1:1/prefer', 'resolve b', 'dial 192.0.2.2:2/prefer'])
})

test('every address of a name is tried, in the order of the resolver', async (t) => {
  const names = { a: ['::1', '127.0.0.1', '127.0.0.2'] }
  const { log, link } = await runOn({ names, reactions: { '127.0.0.2': up } }, 'postgres://a')
  t.is(link?.to, '127.0.0.2:5432')
  t.is(log.length, 4)
})

test('addresses are not looked up', async (t) => {
  const { log } = await runOn({ reactions: { '::1': up } }, 'postgres://[::1]')
  t.deepEqual(log, ['dial ::1:5432/prefer'])
  const other = await runOn({ reactions: { '192.0.2.9': up } }, 'postgres://a?hostaddr=192.0.2.9')
  t.deepEqual(other.log, ['dial 192.0.2.9:5432/prefer'])
  t.is(other.io.attempts[0]?.tlsOptions?.serverName, 'a')
})

test('a missing socket moves on silently to localhost', async (t) => {
  const { log, link } = await runOn(
    { names: { localhost: ['127.0.0.1'] }, reactions: { '127.0.0.1': up } },
    'postgres://',
  )
  t.is(link?.to, '127.0.0.1:5432')
  t.deepEqual(log.slice(0, 2), [
    'dial /run/postgresql/.s.PGSQL.5432/disable',
    'dial /var/run/postgresql/.s.PGSQL.5432/disable',
  ])
})

test("one host only: its own error, with Node's code in its cause", async (t) => {
  const { error } = await runOn({ names: { a: ['192.0.2.1'] } }, 'postgres://a:7')
  t.true(error instanceof ConnectionFailureError)
  t.true(error instanceof PostgresConnectionError)
  t.is((error as PostgresError).sqlstate, '08006')
  t.is(error?.message, 'could not connect to "a" (192.0.2.1) port 7: connection refused')
  const { code, errno, syscall, address, port } = error!.cause as NodeJS.ErrnoException & {
    address: string
    port: number
  }
  t.deepEqual(
    { code, errno, syscall, address, port },
    { code: 'ECONNREFUSED', errno: -111, syscall: 'connect', address: '192.0.2.1', port: 7 },
  )
  t.regex((error as PostgresError).hint!, /listen_addresses/)
})

test('one host of several addresses: one error over all, with the code of the first', async (t) => {
  const { error } = await runOn({ names: { a: ['::1', '127.0.0.1'] } }, 'postgres://a')
  t.true(error instanceof ConnectionFailureError)
  t.is(codeOf(error), 'ECONNREFUSED')
  t.is(errorsOf(error).length, 2)
  t.regex(error!.message, /"a" port 5432 by any of its 2 addresses.*\(::1\).*\(127\.0\.0\.1\)/)
})

test('several hosts: one error for each, in order, each named', async (t) => {
  const { error } = await runOn(
    { ...TWO, names: { ...TWO.names, c: ['192.0.2.3', '192.0.2.4'] } },
    'postgres://a,nowhere,c,b',
  )
  t.true(error instanceof ConnectionFailureError)
  t.true(error?.cause instanceof AggregateError)
  t.is(codeOf(error), 'ECONNREFUSED')
  t.deepEqual(errorsOf(error).map(codeOf), ['ECONNREFUSED', 'ENOTFOUND', 'ECONNREFUSED', 'ECONNREFUSED'])
  for (const name of ['"a"', '"nowhere"', '"c"', '"b"']) t.true(error!.message.includes(name), name)
})

test('the default hosts: all five are named, and the hint asks for a server here', async (t) => {
  const { error } = await runOn({ reactions: { '/tmp/.s.PGSQL.5432': noSocket } }, 'postgres://')
  t.is(errorsOf(error).length, 5)
  t.deepEqual(errorsOf(error).map(codeOf), [
    'ECONNREFUSED',
    'ECONNREFUSED',
    'ENOENT',
    'ECONNREFUSED',
    'ENOTFOUND',
  ])
  t.regex((error as PostgresError).hint!, /no host was given/)
})

test('a name without an address is a connection failure', async (t) => {
  const { error } = await runOn({ names: { a: [] } }, 'postgres://a')
  t.is(codeOf(error), 'ENOTFOUND')
  t.true(error instanceof ConnectionFailureError)
})

for (const [title, reaction] of [
  ['57P03', server('57P03')],
  ['57P03 after the login', server('57P03', { authenticated: true, phase: 'startup' })],
  ['a connection that ends during start-up', { ...(lost as object), authenticated: true, phase: 'startup' }],
  ['a TLS handshake that fails', { kind: 'tls', phase: 'tls', message: 'certificate expired' }],
  ['a rejected SSL upgrade', { kind: 'tls-refused', phase: 'tls', message: 'rejected' }],
] as [string, Reaction][]) {
  test(`the next host is tried after ${title}`, async (t) => {
    const { link } = await runOn(
      { ...TWO, reactions: { '192.0.2.1': reaction, '192.0.2.2': up } },
      'postgres://a,b?sslmode=require',
    )
    t.is(link?.to, '192.0.2.2:5432')
  })
}

for (const code of ['28P01', '28000', '3D000', '53300', '42704', '57P01', '0A000']) {
  test(`the server's ${code} ends the connect at once`, async (t) => {
    const { log, error } = await runOn(
      { ...TWO, reactions: { '192.0.2.1': server(code), '192.0.2.2': up } },
      'postgres://a,b?sslmode=require',
    )
    t.is((error as PostgresError).sqlstate, code)
    t.is(log.length, 2)
  })
}

for (const [kind, name] of [
  ['auth', 'InvalidAuthorizationSpecificationError'],
  ['protocol', 'ProtocolError'],
  ['config', 'ClientConfigurationError'],
  ['gss', 'InternalClientError'],
] as const) {
  test(`a failure of the kind ${kind} ends the connect at once`, async (t) => {
    const { log, error } = await runOn(
      { ...TWO, reactions: { '192.0.2.1': { kind, phase: 'authentication' }, '192.0.2.2': up } },
      'postgres://a,b',
    )
    t.is((error as Error).name, name)
    t.is(log.length, 2)
  })
}

test('what dial throws besides failures is passed on as it is', async (t) => {
  const io = networkOf({})
  const strange = new RangeError('strange')
  const failing = { ...io, dial: () => Promise.reject(strange) }
  t.is(await t.throwsAsync(runPlan(planIn({}, 'postgres://[::1],[::2]'), failing)), strange)
})

test('a password function is asked once for each host, before its socket is opened', async (t) => {
  const calls: number[] = []
  const password = () => `p${calls.push(io.log.length)}`
  const io = networkOf({
    names: { a: ['192.0.2.1', '192.0.2.2'], b: ['192.0.2.3'] },
    reactions: { '192.0.2.3/disable': up, '192.0.2.3/prefer': server('28000') },
  })
  const link = await runPlan(planIn({}, 'postgres://a,b', { password }), io)
  t.is(link.to, '192.0.2.3:5432')
  t.deepEqual(calls, [0, 3])
  t.deepEqual(
    io.attempts.map((attempt) => attempt.password),
    ['p1', 'p1', 'p2', 'p2'],
  )
})

test('it is asked once for the default, whatever sockets there are', async (t) => {
  let calls = 0
  await runOn({}, 'postgres://', { password: async () => String(++calls) })
  t.is(calls, 1)
})

test('it is not asked for hosts that are never tried', async (t) => {
  let calls = 0
  await runOn({ ...TWO, reactions: { '192.0.2.1': up } }, 'postgres://a,b', {
    password: () => String(++calls),
  })
  t.is(calls, 1)
})

test('what it throws is passed on as it is and stops everything', async (t) => {
  const strange = new RangeError('no vault')
  for (const password of [
    () => {
      throw strange
    },
    () => Promise.reject(strange),
  ]) {
    const { error, log } = await runOn(TWO, 'postgres://a,b', { password })
    t.is(error, strange)
    t.deepEqual(log, [])
  }
})

test('an answer that is no password is refused without being shown', async (t) => {
  for (const answer of [undefined, null, 5, 'canary\0', '\ud800canary', {}]) {
    const { error, log } = await runOn(TWO, 'postgres://a', { password: () => answer as string })
    t.true(error instanceof ClientConfigurationError)
    t.regex(error!.message, /function password/)
    t.notRegex(error!.message, /canary/)
    t.deepEqual(log, [])
  }
})

test('a token function is asked as a password function is, and its answer must be a bearer token', async (t) => {
  const { io } = await runOn({ ...TWO, reactions: { '192.0.2.1': up } }, 'postgres://a', {
    oauthToken: async () => 'abc.def==',
  })
  t.is(io.attempts[0]?.oauthToken, 'abc.def==')
  const { error } = await runOn(TWO, 'postgres://a', { oauthToken: () => 'Bearer canary\x01' })
  t.true(error instanceof ClientConfigurationError)
  t.notRegex(error!.message, /canary/)
})

test('no password where the server wants one: the error says where it was looked for', async (t) => {
  const reaction = {
    kind: 'auth',
    phase: 'authentication',
    message: 'the server asks for a password and no password was given',
    fields: { C: '28P01' },
  } as const
  const { error } = await runOn({ ...TWO, reactions: { '192.0.2.1': reaction } }, 'postgres://a')
  t.true(error instanceof InvalidPasswordError)
  t.is((error as PostgresError).sqlstate, '28P01')
  t.regex((error as PostgresError).detail!, /no password file "\/home\/me\/.pgpass"/)
})

test('the attempt carries everything that was planned', async (t) => {
  const { io } = await runOn(
    { reactions: { '192.0.2.1': up } },
    'postgres://u:p@192.0.2.1:7/d?keepalives_idle=9&tcp_user_timeout=8&application_name=app&krbsrvname=srv&channel_binding=disable',
    { timeout: null, requireAuth: ['md5'], statementCacheSize: 3 },
  )
  t.deepEqual(io.attempts, [
    {
      address: '192.0.2.1',
      port: 7,
      keepalive: { idle: 9 },
      user: 'u',
      database: 'd',
      password: 'p',
      parameters: [
        ['client_encoding', 'UTF8'],
        ['application_name', 'app'],
      ],
      tls: 'prefer',
      tlsOptions: { verify: 'none', roots: 'none', sni: true, serverName: '192.0.2.1' },
      channelBinding: 'disable',
      requireAuth: ['md5'],
      allowPlaintextPassword: true,
      allowUnprotectedToken: false,
      protocol: '3.0',
      gss: { service: 'srv', host: '192.0.2.1', library: 'gssapi' },
      tcpUserTimeout: 8,
      maxMessageSize: 1 << 30,
      statementCacheSize: 3,
      learnsPoolers: false,
      maxCachedStatementLifetime: 300_000,
      maxCacheableStatementSize: 15_360,
      types: 0,
    },
  ])
})
