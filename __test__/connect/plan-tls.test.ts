import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { planConnection } from '../../src/config/plan-connection.ts'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { CERTIFICATE, HOME, KEY, NONE, ROOT, shape } from './tls-shape.ts'
import { planIn, sourcesOf, type World } from './world.ts'

const CLIENT: World = { files: { [`${HOME}/postgresql.crt`]: CERTIFICATE, [`${HOME}/postgresql.key`]: KEY } }

const SHAPES: [
  title: string,
  world: World,
  dsn: string,
  options: ConnectOptions | undefined,
  expected: string,
][] = [
  ['nothing given', NONE, 'postgres://h', undefined, 'prefer prefer>disable none none'],
  ['disable', NONE, 'postgres://h?sslmode=disable', undefined, 'disable disable none none'],
  ['allow', NONE, 'postgres://h?sslmode=allow', undefined, 'allow disable>require none none'],
  ['prefer', NONE, 'postgres://h?sslmode=prefer', undefined, 'prefer prefer>disable none none'],
  ['require', NONE, 'postgres://h?sslmode=require', undefined, 'require require none none'],
  ['require with a root file', ROOT, 'postgres://h?sslmode=require', undefined, 'require require ca given'],
  ['verify-ca', ROOT, 'postgres://h?sslmode=verify-ca', undefined, 'verify-ca require ca given'],
  [
    'verify_ca with an underscore',
    ROOT,
    'postgres://h?sslmode=verify_ca',
    undefined,
    'verify-ca require ca given',
  ],
  ['verify-full', ROOT, 'postgres://h?sslmode=verify-full', undefined, 'verify-full require full given'],
  ['prefer with a root file', ROOT, 'postgres://h', undefined, 'prefer prefer>disable none none'],
  [
    'allow with a root file',
    ROOT,
    'postgres://h?sslmode=allow',
    undefined,
    'allow disable>require none none',
  ],
  ['ssl: true', ROOT, 'postgres://h?sslmode=disable', { ssl: true }, 'verify-full require full system'],
  ['ssl: false', ROOT, 'postgres://h?sslmode=require', { ssl: false }, 'disable disable none none'],
  ['ssl: an object', ROOT, 'postgres://h', { ssl: {} }, 'given require full system'],
  [
    'ssl: an object with roots',
    NONE,
    'postgres://h',
    { ssl: { ca: CERTIFICATE } },
    'given require full given',
  ],
  ['no name check', NONE, 'postgres://h', { ssl: { checkServerIdentity: false } }, 'given require ca system'],
  ['no check', NONE, 'postgres://h', { ssl: { rejectUnauthorized: false } }, 'given require none system'],
  [
    'the system roots alone',
    NONE,
    'postgres://h?sslrootcert=system',
    undefined,
    'verify-full require full system',
  ],
  [
    'the system roots by variable',
    { env: { PGSSLROOTCERT: 'system' } },
    'postgres://h',
    undefined,
    'verify-full require full system',
  ],
  ['a client certificate', CLIENT, 'postgres://h', undefined, 'prefer prefer>disable none none cert'],
  [
    'a client certificate under allow',
    CLIENT,
    'postgres://h?sslmode=allow',
    undefined,
    'allow disable>require none none cert',
  ],
  [
    'a client certificate under disable',
    CLIENT,
    'postgres://h?sslmode=disable',
    undefined,
    'disable disable none none',
  ],
  ['PGREQUIRESSL', { env: { PGREQUIRESSL: '1' } }, 'postgres://h', undefined, 'require require none none'],
  [
    'PGREQUIRESSL below PGSSLMODE',
    { env: { PGREQUIRESSL: '1', PGSSLMODE: 'allow' } },
    'postgres://h',
    undefined,
    'allow disable>require none none',
  ],
  [
    'PGREQUIRESSL switched off',
    { env: { PGREQUIRESSL: '0' } },
    'postgres://h',
    undefined,
    'prefer prefer>disable none none',
  ],
  [
    'direct',
    NONE,
    'postgres://h?sslmode=require&sslnegotiation=direct',
    undefined,
    'require direct none none',
  ],
  [
    'direct by variable',
    { env: { PGSSLNEGOTIATION: 'direct' } },
    'postgres://h?sslmode=require',
    undefined,
    'require direct none none',
  ],
  [
    'direct by option',
    NONE,
    'postgres://h',
    { ssl: true, directTls: true },
    'verify-full direct full system',
  ],
  ['direct with an object', NONE, 'postgres://h', { ssl: {}, directTls: true }, 'given direct full system'],
  [
    'direct switched off by option',
    { env: { PGSSLNEGOTIATION: 'direct' } },
    'postgres://h',
    { directTls: false },
    'prefer prefer>disable none none',
  ],
  [
    'direct switched off by DSN',
    { env: { PGSSLNEGOTIATION: 'direct' } },
    'postgres://h?sslnegotiation=postgres',
    undefined,
    'prefer prefer>disable none none',
  ],
  // Sockets only: nothing of it matters.
  ['a socket', NONE, 'postgres:///?host=/tmp', undefined, 'disable disable none none'],
  [
    'a socket under verify-full without roots',
    NONE,
    'postgres:///?host=/tmp&sslmode=verify-full',
    undefined,
    'disable disable none none',
  ],
  [
    'a socket with direct',
    NONE,
    'postgres:///?host=/tmp&sslnegotiation=direct',
    undefined,
    'disable disable none none',
  ],
]

for (const [title, world, dsn, options, expected] of SHAPES) {
  test(`${title}: ${expected}`, (t) => t.is(shape(world, dsn, options), expected))
}

const REFUSED: [world: World, dsn: string, options: ConnectOptions | undefined, message: RegExp][] = [
  [
    NONE,
    'postgres://h?sslmode=verify-ca',
    undefined,
    /sslmode "verify-ca" from the DSN needs root certificates.*root\.crt/,
  ],
  [NONE, 'postgres://h?sslmode=verify-full', undefined, /"\/home\/me\/.postgresql\/root\.crt"/],
  [
    { home: null },
    'postgres://h?sslmode=verify-full',
    undefined,
    /the default root certificate file root\.crt/,
  ],
  [
    NONE,
    'postgres://h?sslmode=require&sslrootcert=/no',
    undefined,
    /invalid sslrootcert from the DSN: cannot read "\/no": ENOENT/,
  ],
  [
    { env: { PGSSLROOTCERT: '/no' } },
    'postgres://h?sslmode=require',
    undefined,
    /PGSSLROOTCERT: cannot read/,
  ],
  [NONE, 'postgres://h?sslmode=require&sslcrl=/no', undefined, /invalid sslcrl from the DSN: cannot read/],
  [NONE, 'postgres://h?sslcert=/no', undefined, /invalid sslcert from the DSN: cannot read/],
  [NONE, 'postgres://h', { sslkey: '/no' }, /invalid sslkey from the option "sslkey": cannot read/],
  [{ files: { '/k': { code: 'EACCES' } } }, 'postgres://h', { sslkey: '/k' }, /EACCES/],
  [{ files: { '/k': { kind: 'directory' } } }, 'postgres://h', { sslkey: '/k' }, /it is a directory/],
  [{ files: { '/k': { kind: 'other' } } }, 'postgres://h', { sslkey: '/k' }, /it is not a plain file/],
  [{ files: { '/k': '' } }, 'postgres://h', { sslkey: '/k' }, /is empty/],
  [
    { files: { '/k': { size: 1 << 30 } } },
    'postgres://h',
    { sslkey: '/k' },
    /1073741824 bytes, the limit is 16777216/,
  ],
  [
    { files: { '/c': CERTIFICATE } },
    'postgres://h',
    { sslcert: '/c' },
    /there is no key for the certificate "\/c"/,
  ],
  [
    { files: { [`${HOME}/postgresql.crt`]: CERTIFICATE } },
    'postgres://h',
    undefined,
    /there is no key for the certificate "\/home\/me\/\.postgresql\/postgresql\.crt"/,
  ],
  [
    { files: { [`${HOME}/root.crt`]: { kind: 'other' } } },
    'postgres://h?sslmode=require',
    undefined,
    /from the default: .*not a plain file/,
  ],
  ...['disable', 'allow', 'prefer', 'require', 'verify-ca'].map(
    (mode): [World, string, undefined, RegExp] => [
      NONE,
      `postgres://h?sslrootcert=system&sslmode=${mode}`,
      undefined,
      new RegExp(`the weak mode "${mode}" may not be used with sslrootcert=system`),
    ],
  ),
]

for (const [world, dsn, options, message] of REFUSED) {
  test(`refused: ${message.source} (${dsn})`, (t) => {
    const error = t.throws<ClientConfigurationError>(() => planIn(world, dsn, options), {
      instanceOf: ClientConfigurationError,
    })
    t.regex(error!.message, message)
    t.truthy(error!.hint)
  })
}

test("the system's error is the cause of a configured file that cannot be read", (t) => {
  const error = t.throws(() => planIn(NONE, 'postgres://h?sslmode=require&sslrootcert=/no'))
  t.is((error!.cause as NodeJS.ErrnoException).code, 'ENOENT')
})

test('without a home directory the detail says so', (t) => {
  const error = t.throws<ClientConfigurationError>(() =>
    planIn({ home: null }, 'postgres://h?sslmode=verify-full'),
  )
  t.is(error!.detail, 'the home directory is unknown')
})

test('a home that is no directory disturbs only the verifying modes', (t) => {
  const files = Object.fromEntries(
    ['root.crt', 'root.crl', 'postgresql.crt', 'postgresql.key'].map((name) => [
      `${HOME}/${name}`,
      { code: 'ENOTDIR' },
    ]),
  )
  t.is(shape({ files }, 'postgres://h'), 'prefer prefer>disable none none')
  t.is(shape({ files }, 'postgres://h?sslmode=require'), 'require require none none')
  t.throws(() => shape({ files }, 'postgres://h?sslmode=verify-ca'), { instanceOf: ClientConfigurationError })
})

test('roots and revocation lists are not read under allow and prefer', (t) => {
  for (const mode of ['allow', 'prefer', 'disable']) {
    const sources = sourcesOf({
      files: { [`${HOME}/root.crt`]: CERTIFICATE, [`${HOME}/root.crl`]: CERTIFICATE },
    })
    planConnection(`postgres://h?sslmode=${mode}&sslrootcert=/no&sslcrl=/no`, undefined, sources)
    t.deepEqual(sources.opened, [], mode)
  }
})
