import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { planConnection } from '../../src/config/plan-connection.ts'
import { parseServiceFile } from '../../src/config/service-file.ts'
import { systemSources } from '../../src/config/sources.ts'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { planIn, summary, type World } from './world.ts'

const at = (text: string, more: World = {}): World => ({
  files: { '/home/me/.pg_service.conf': text },
  ...more,
})

const CONTENTS: [title: string, text: string, expected: string][] = [
  ['a plain section', '[s]\nhost=h\nuser=u', 'u@h:5432/u'],
  ['both spellings of the database', '[s]\nhost=h\ndatabase=d', 'me@h:5432/d'],
  ['blanks around everything', '  [s]  \n  host  =  h  \n\tuser\t=\tu\t', 'u@h:5432/u'],
  ['comments and blank lines', '# x\n[s]\n\n# host=no\nhost=h\n', 'me@h:5432/me'],
  ['a "#" within a value', '[s]\nhost=h\npassword=a#b', 'me:a#b@h:5432/me'],
  ['line ends of Windows', '[s]\r\nhost=h\r\nuser=u\r\n', 'u@h:5432/u'],
  ['a byte order mark', '\ufeff[s]\nhost=h', 'me@h:5432/me'],
  ['values are not percent-decoded', '[s]\nhost=h\nuser=%41+b', '%41+b@h:5432/%41+b'],
  ['a second "=" belongs to the value', '[s]\nhost=h\noptions=-c a=b', 'me@h:5432/me?options=-c a=b'],
  ['an empty value is none', '[s]\nhost=h\nuser=', 'me@h:5432/me'],
  ['an empty password is a password', '[s]\nhost=h\npassword=', 'me:@h:5432/me'],
  ['the first of two equal keys', '[s]\nhost=h\nuser=a\nuser=b', 'a@h:5432/a'],
  ['the first of two equal sections', '[s]\nhost=h\n[s]\nhost=i\nuser=u', 'me@h:5432/me'],
  ['what follows the name of a section', '[s] # in production\nhost=h\n[t]x\nhost=t', 'me@h:5432/me'],
  ['a section whose name goes on', '[s]t\nhost=h', 'me@h:5432/me'],
  ['a section whose name begins so', '[st]\nhost=i\n[s]\nhost=h', 'me@h:5432/me'],
  ['other sections', '[r]\nhost=r\n[s]\nhost=h\n[t]\nuser=t', 'me@h:5432/me'],
  ['nonsense in other sections', 'x\n[r]\nnonsense\n[s]\nhost=h\n[t]\nnonsense', 'me@h:5432/me'],
  [
    'an empty section',
    '[s]',
    'me@/run/postgresql/.s.PGSQL.5432,/var/run/postgresql/.s.PGSQL.5432,/tmp/.s.PGSQL.5432,/private/tmp/.s.PGSQL.5432,localhost:5432/me',
  ],
  ['a host list', '[s]\nhost=a:1,[::1]:2,/tmp', 'me@a:1,::1:2,/tmp/.s.PGSQL.5432/me'],
  ['a port list', '[s]\nhost=a,b\nport=1,2', 'me@a:1,b:2/me'],
]

for (const [title, text, expected] of CONTENTS) {
  test(`${title}: ${expected.slice(0, 60)}`, async (t) => {
    t.is(await summary(planIn(at(text), { service: 's' })), expected)
  })
}

const REFUSED: [text: string, message: RegExp][] = [
  ['[s]\nhost=h\nnonsense', /line 3 of the service file "\/home\/me\/.pg_service.conf": there is no "="/],
  ['[s]\nsearch_path=x', /line 2 .*there is no parameter "search_path"/],
  ['[s]\nsslcrldir=/x', /invalid sslcrldir from line 2 .*not supported/],
  ['[s]\nservice=t', /a service may not name a service/],
  ['[s]\nservicefile=t', /a service may not name a servicefile/],
  ['[s]\nldap://x/y', /LDAP/],
  ['[s]\nport=99999', /invalid port from line 2 of the service file .*"99999" is out of range/],
  ['[s]\nhost=a,,b', /invalid host from line 2.*host 2 is empty/],
  ['[s]\nsslmode=x', /invalid sslmode from line 2/],
  ['[s]\nuser=a\0b', /invalid user from line 2.*NUL/],
  ['[r]\nhost=h', /invalid service from the option "service": there is no section "s"/],
  ['', /there is no section "s"/],
]

for (const [text, message] of REFUSED) {
  test(`refused: ${message.source}`, (t) => {
    const error = t.throws(() => planIn(at(text), { service: 's', user: undefined as never }), {
      instanceOf: ClientConfigurationError,
    })
    t.regex(error!.message, message)
  })
}

test('a file named by option, DSN or variable is the only one read', async (t) => {
  const files = {
    '/home/me/.pg_service.conf': '[s]\nhost=home',
    '/a': '[s]\nhost=a',
    '/b': '[s]\nhost=b',
    '/empty': '',
  }
  const host = async (world: World, dsn: string, options = {}) =>
    (await summary(planIn({ files, ...world }, dsn, options))).split('@')[1]
  t.is(await host({}, 'postgres://?service=s'), 'home:5432/me')
  t.is(await host({ env: { PGSERVICEFILE: '/b' } }, 'postgres://?service=s'), 'b:5432/me')
  t.is(await host({ env: { PGSERVICEFILE: '/b' } }, 'postgres://?service=s&servicefile=/a'), 'a:5432/me')
  t.is(await host({}, 'postgres://?service=s&servicefile=/a', { servicefile: '/b' }), 'b:5432/me')
  t.throws(() => planIn({ files, env: { PGSERVICEFILE: '/empty' } }, 'postgres://?service=s'), {
    instanceOf: ClientConfigurationError,
  })
  const missing = t.throws(() => planIn({ files, env: { PGSERVICEFILE: '/no' } }, 'postgres://?service=s'), {
    instanceOf: ClientConfigurationError,
  })
  t.regex(
    missing!.message,
    /invalid servicefile from the environment variable PGSERVICEFILE: cannot read "\/no": ENOENT/,
  )
  t.is((missing!.cause as NodeJS.ErrnoException).code, 'ENOENT')
})

test("the user's file comes before the system's, section by section", async (t) => {
  const files = {
    '/home/me/.pg_service.conf': '[r]\nhost=user',
    '/etc/pg/pg_service.conf': '[s]\nhost=system\n[r]\nhost=no',
  }
  const env = { PGSYSCONFDIR: '/etc/pg' }
  t.regex(await summary(planIn({ files, env }, { service: 's' })), /@system:/)
  t.regex(await summary(planIn({ files, env }, { service: 'r' })), /@user:/)
  t.regex(await summary(planIn({ files, env, home: null }, { service: 'r' })), /@no:/)
})

test('the error about a missing service says where it was looked for', (t) => {
  const error = t.throws<ClientConfigurationError>(() =>
    planIn({ env: { PGSYSCONFDIR: '/etc/pg' } }, { service: 's' }),
  )
  t.regex(error!.detail!, /"\/home\/me\/.pg_service.conf" and "\/etc\/pg\/pg_service.conf"/)
})

test('a service file of ten megabytes is refused unread', (t) => {
  const world: World = { files: { '/home/me/.pg_service.conf': { size: 10 << 20 } } }
  const error = t.throws(() => planIn(world, { service: 's' }), { instanceOf: ClientConfigurationError })
  t.regex(error!.message, /10485760 bytes, the limit is 1048576/)
})

test('real files: a good one, a directory, a missing one', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'service-'))
  try {
    const file = join(home, 'services')
    await writeFile(file, '[s]\nhost=h\nuser=u\npassword=p\n')
    await mkdir(join(home, 'directory'))
    const plan = (servicefile: string) =>
      planConnection(undefined, { service: 's', servicefile, port: 1, database: 'd' }, systemSources())
    t.is(await summary(plan(file)), 'u:p@h:1/d')
    t.regex(t.throws(() => plan(join(home, 'directory')))!.message, /it is a directory/)
    t.regex(t.throws(() => plan(join(home, 'missing')))!.message, /ENOENT/)
  } finally {
    await rm(home, { recursive: true })
  }
})

test('a section that is not there is undefined, one that is empty is not', (t) => {
  t.is(parseServiceFile('[r]', 's', '/x'), undefined)
  t.is(parseServiceFile('[s]', 's', '/x')?.size, 0)
})

test('a name with a line break is quoted, and no path is repeated as it is', (t) => {
  const message = (env: { [name: string]: string }) => {
    const planned = () => planIn({ files: { '/home/me/.pg_service.conf': '' }, env }, 'postgres://h')
    return t.throws(planned, { instanceOf: ClientConfigurationError })!.message
  }
  t.is(
    message({ PGSERVICE: 'a\nb' }),
    'invalid service from the environment variable PGSERVICE: there is no section "a\\nb"',
  )
  t.regex(message({ PGSERVICE: 's', PGSERVICEFILE: '/a\nb' }), /cannot read "\/a\\nb": ENOENT: imagined$/)
  t.regex(message({ PGSSLCERT: '/a\nb' }), /cannot read "\/a\\nb": ENOENT: imagined$/)
})
