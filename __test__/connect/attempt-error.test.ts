import test from 'ava'
import { attemptError, systemCode } from '../../src/connect/attempt-error.ts'
import type { AttemptReport } from '../../src/errors/attempt-failure.ts'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  InternalClientError,
  InvalidAuthorizationSpecificationError,
  InvalidCatalogNameError,
  InvalidPasswordError,
  type PostgresError,
  ProtocolError,
  TimeoutError,
} from '../../src/errors/index.ts'
import { planIn } from './world.ts'

function errorOf(report: Partial<AttemptReport> & Pick<AttemptReport, 'kind'>, dsn = 'postgres://h:7') {
  const plan = planIn({}, dsn)
  const [host] = plan.hosts
  return attemptError(
    { phase: 'authentication', message: 'told by the engine', authenticated: false, ...report },
    { plan, host: host!, address: host!.kind === 'unix' ? undefined : '192.0.2.1', limit: 200 },
  )
}

const CLASSES: [
  report: Partial<AttemptReport> & Pick<AttemptReport, 'kind'>,
  type: abstract new (...args: never[]) => Error,
][] = [
  [{ kind: 'io', phase: 'connect', osError: 111 }, ConnectionFailureError],
  [{ kind: 'io' }, ConnectionFailureError],
  [{ kind: 'timeout' }, TimeoutError],
  [{ kind: 'tls', phase: 'tls' }, ConnectionFailureError],
  [{ kind: 'tls-refused', phase: 'tls' }, ConnectionFailureError],
  [{ kind: 'server', fields: { C: '3D000', M: 'no such database' } }, InvalidCatalogNameError],
  [{ kind: 'server', fields: { C: '28P01', M: 'wrong' } }, InvalidPasswordError],
  [{ kind: 'auth', message: 'no password was supplied', fields: { C: '28P01' } }, InvalidPasswordError],
  [
    { kind: 'auth', message: 'the server asks for a clear-text password over an unprotected network' },
    InvalidAuthorizationSpecificationError,
  ],
  [{ kind: 'auth', message: 'the method md5 is not allowed' }, InvalidAuthorizationSpecificationError],
  [{ kind: 'protocol' }, ProtocolError],
  [{ kind: 'config' }, ClientConfigurationError],
  [{ kind: 'gss' }, InternalClientError],
]

for (const [report, type] of CLASSES) {
  test(`${report.kind} (${report.message ?? report.fields?.C ?? report.osError ?? report.phase ?? ''}) is a ${type.name}`, (t) => {
    const error = errorOf(report)
    t.is(error.constructor, type)
    t.is(error.name, type.name)
  })
}

test('an unexpected failure of Kerberos keeps the words that people search for', (t) => {
  t.regex(errorOf({ kind: 'gss' }).message, /^unexpected error while performing authentication/)
})

test('a connection that is lost later has a code too', (t) => {
  const error = errorOf({ kind: 'io', phase: 'startup', message: 'unexpected end of file' })
  t.is(error.message, 'could not connect to "h" (192.0.2.1) port 7: unexpected end of file')
  t.is((error.cause as NodeJS.ErrnoException).code, 'ECONNRESET')
})

test('a socket is named by its path, in message and cause', (t) => {
  const error = errorOf(
    { kind: 'io', phase: 'connect', osError: 2, message: 'no such file' },
    'postgres:///?host=/tmp',
  )
  t.is(error.message, 'could not connect to socket "/tmp/.s.PGSQL.5432": no such file')
  const { code, path } = error.cause as NodeJS.ErrnoException
  t.deepEqual({ code, path }, { code: 'ENOENT', path: '/tmp/.s.PGSQL.5432' })
  t.regex((error as PostgresError).hint!, /unix_socket_directories/)
})

test("the engine's own address is not said twice", (t) => {
  for (const [dsn, message] of [
    ['postgres://h:7', 'could not connect to 192.0.2.1:7: connection refused'],
    ['postgres://[::1]:7', 'could not connect to [::1]:7: connection refused'],
    ['postgres:///?host=/a:b', 'could not connect to /a:b/.s.PGSQL.5432: connection refused'],
  ] as const) {
    const error = errorOf({ kind: 'io', phase: 'connect', osError: 111, message }, dsn)
    t.regex(error.message, /^could not connect to [^,]*: connection refused$/)
    t.is(error.message.split('could not connect').length, 2)
  }
})

test("the engine's hint goes first", (t) => {
  for (const kind of ['io', 'tls', 'tls-refused', 'auth', 'config'] as const) {
    t.is((errorOf({ kind, phase: 'connect', hint: 'do this' }) as PostgresError).hint, 'do this', kind)
  }
})

test("system errors have Node's names", (t) => {
  t.is(systemCode(undefined), undefined)
  t.is(systemCode(0), undefined)
  t.is(systemCode(-5), undefined)
  t.is(systemCode(1.5), undefined)
  t.is(systemCode(999_999), undefined)
  t.is(systemCode(10_061), 'ECONNREFUSED')
  t.is(systemCode(10_060), 'ETIMEDOUT')
  if (process.platform === 'linux') {
    t.is(systemCode(111), 'ECONNREFUSED')
    t.is(systemCode(113), 'EHOSTUNREACH')
    t.is(systemCode(2), 'ENOENT')
  }
})

test('a key of another tool that the server does not know is explained', (t) => {
  const rows: [dsn: string, code: string, said: string, hint: RegExp][] = [
    ['postgres://h?schema=x', '42704', 'unrecognized configuration parameter "schema"', /search_path/],
    [
      'postgres://h?pgbouncer=true',
      '42704',
      'unrecognized configuration parameter "pgbouncer"',
      /leave it out/,
    ],
    [
      'postgres://h?connection_limit=5',
      '08P01',
      'unsupported startup parameter: connection_limit',
      /maxSize/,
    ],
    ['postgres://h?prepareThreshold=0', '42704', 'unrecognized … "prepareThreshold"', /statementCacheSize/],
    ['postgres://h?uselibpqcompat=true', '42704', 'parámetro «uselibpqcompat»', /sslmode/],
    ['postgres://h?serch_path=a', '42704', 'unrecognized configuration parameter "serch_path"', /spelling/],
  ]
  for (const [dsn, code, said, hint] of rows) {
    const error = errorOf({ kind: 'server', fields: { C: code, M: said } }, dsn) as PostgresError
    t.regex(error.hint ?? '', hint, dsn)
  }
  const other = errorOf({ kind: 'server', fields: { C: '42704', M: 'role "x"' } }, 'postgres://h?schema=a')
  t.is((other as PostgresError).hint, undefined)
})

test('what does not know protocol 3.2 has a hint that says who asked for it', (t) => {
  const said = {
    // PgBouncer 1.18 and a server that knows no negotiation.
    '08P01': "bad packet header: '0000003e00030002'",
    '0A000': 'unsupported frontend protocol 3.2: server supports 2.0 to 3.0',
  }
  for (const [C, M] of Object.entries(said)) {
    const hint = (dsn: string) => (errorOf({ kind: 'server', fields: { C, M } }, dsn) as PostgresError).hint
    t.regex(hint('postgres://h?max_protocol_version=latest') ?? '', /leave max_protocol_version out/)
    t.is(hint('postgres://h'), undefined)
  }
  const login = { kind: 'server', fields: { C: '28P01', M: 'no' } } as const
  t.is((errorOf(login, 'postgres://h?max_protocol_version=3.2') as PostgresError).hint, undefined)
})

test('sslmode no-verify of other tools is refused with the mode that does the same', (t) => {
  const error = t.throws(() => planIn({}, 'postgres://h?sslmode=no-verify'), {
    instanceOf: ClientConfigurationError,
  })
  t.regex(error.hint ?? '', /require/)
})
