import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import test from 'ava'
import { PasswordFile, readPasswordFile } from '../../src/config/password-file.ts'
import { systemSources } from '../../src/config/sources.ts'
import { planIn, summary } from './world.ts'

const query = (host: string, port = 5432, database = 'd', user = 'u') => ({
  hosts: [host],
  port,
  database,
  user,
})

const LINES: [title: string, text: string, asked: ReturnType<typeof query>, expected: string | undefined][] =
  [
    ['an exact line', 'h:5432:d:u:secret', query('h'), 'secret'],
    ['another host', 'i:5432:d:u:secret', query('h'), undefined],
    ['another port', 'h:5433:d:u:secret', query('h'), undefined],
    ['another database', 'h:5432:e:u:secret', query('h'), undefined],
    ['another user', 'h:5432:d:v:secret', query('h'), undefined],
    ['a wildcard in each field', '*:*:*:*:secret', query('h'), 'secret'],
    ['a wildcard in one field', 'h:*:d:u:secret', query('h', 1), 'secret'],
    ['a wildcard is the whole field', 'h*:*:*:*:secret', query('h1'), undefined],
    ['an escaped star is a star', '\\*:*:*:*:secret', query('h'), undefined],
    ['an escaped star matches a star', '\\*:*:*:*:secret', query('*'), 'secret'],
    ['the first line that matches', 'h:5432:d:u:one\n*:*:*:*:two', query('h'), 'one'],
    ['a wildcard before the exact line', '*:*:*:*:one\nh:5432:d:u:two', query('h'), 'one'],
    ['a later line', 'i:*:*:*:one\nh:*:*:*:two', query('h'), 'two'],
    ['an escaped colon in a field', 'h:5432:a\\:b:u:secret', query('h', 5432, 'a:b'), 'secret'],
    ['an escaped backslash in a field', 'h:5432:a\\\\b:u:secret', query('h', 5432, 'a\\b'), 'secret'],
    ['an IPv6 address', '\\:\\:1:5432:d:u:secret', query('::1'), 'secret'],
    ['an IPv6 address as it is written elsewhere', '2001:db8::7:5432:d:u:a:b', query('2001:db8::7'), 'a:b'],
    ['a longer address than the host', '2001:db8::7:5432:d:u:secret', query('2001'), undefined],
    ['a colon in a field as it is', '*:*:a:b:u:secret', query('h', 5432, 'a:b'), 'secret'],
    ['colons in the password', 'h:5432:d:u:a:b:c', query('h'), 'a:b:c'],
    ['escapes in the password', 'h:5432:d:u:a\\:b\\\\c', query('h'), 'a:b\\c'],
    ['a backslash at the end', 'h:5432:d:u:a\\', query('h'), 'a\\'],
    ['blanks before a line', '   h:5432:d:u:secret', query('h'), 'secret'],
    ['blanks after a line belong to the password', 'h:5432:d:u:secret  ', query('h'), 'secret  '],
    ['the line end of Windows does not', 'h:5432:d:u:secret\r\n', query('h'), 'secret'],
    ['comments', '# h:5432:d:u:no\nh:5432:d:u:yes', query('h'), 'yes'],
    ['an indented comment', '  # h:5432:d:u:no\nh:5432:d:u:yes', query('h'), 'yes'],
    ['a "#" later in a line', 'h:5432:d:u:a#b', query('h'), 'a#b'],
    ['too few fields', 'h:5432:d:u\nh:5432:d:secret\n*:*:*:*:yes', query('h'), 'yes'],
    ['an empty password', 'h:5432:d:u:', query('h'), ''],
    ['an empty field matches nothing', ':5432:d:u:secret', query('h'), undefined],
    ['no line end at the end', '\n\nh:5432:d:u:secret', query('h'), 'secret'],
    ['other alphabets', 'höst:5432:д:ü:geheim€', query('höst', 5432, 'д', 'ü'), 'geheim€'],
    ['case matters', 'H:5432:d:u:secret', query('h'), undefined],
    ['an empty file', '', query('h'), undefined],
  ]

for (const [title, text, asked, expected] of LINES) {
  test(`${title}: ${expected ?? 'no password'}`, (t) => {
    t.is(new PasswordFile('/x', text).find(asked), expected)
  })
}

const PGPASS = '/home/me/.pgpass'
const passwordOf = async (files: object, dsn: string, options = {}) => {
  const plan = planIn({ files: files as { [path: string]: string } }, dsn, options)
  return (await plan.ask(plan.hosts[0]!)).password
}

test('each host has a password of its own', async (t) => {
  const plan = planIn({ files: { [PGPASS]: 'a:1:*:*:one\nb:2:*:*:two' } }, 'postgres://a:1,b:2,c:3/d')
  const passwords = await Promise.all(plan.hosts.map(async (host) => (await plan.ask(host)).password))
  t.deepEqual(passwords, ['one', 'two', undefined])
})

test('a socket is looked up as localhost and by its directory', async (t) => {
  t.is(await passwordOf({ [PGPASS]: 'localhost:*:*:*:one' }, 'postgres:///?host=/tmp'), 'one')
  t.is(await passwordOf({ [PGPASS]: '/srv/pg:*:*:*:two' }, 'postgres:///?host=/srv/pg'), 'two')
  t.is(await passwordOf({ [PGPASS]: '/srv/pg:*:*:*:two' }, 'postgres:///?host=/tmp'), undefined)
})

test('the default hosts are looked up as localhost', async (t) => {
  t.is(await passwordOf({ [PGPASS]: 'localhost:*:*:*:one' }, 'postgres://'), 'one')
})

test('with an address the name is looked up, without a name the address', async (t) => {
  const file = { [PGPASS]: '192.0.2.1:*:*:*:address\nh:*:*:*:name' }
  t.is(await passwordOf(file, 'postgres://h?hostaddr=192.0.2.1'), 'name')
  t.is(await passwordOf(file, 'postgres://?hostaddr=192.0.2.1'), 'address')
})

test('the file is not read when a password is given', async (t) => {
  const files = { [PGPASS]: { mode: 0o644, text: '*:*:*:*:file' } }
  t.is(await passwordOf(files, 'postgres://u:given@h'), 'given')
  t.deepEqual(planIn({ files }, 'postgres://u:given@h').warnings, [])
  t.is(await passwordOf(files, 'postgres://u@h', { password: '' }), '')
})

test('option, DSN, service and variable name the file, in this order', async (t) => {
  const files = {
    [PGPASS]: '*:*:*:*:home',
    '/e': '*:*:*:*:env',
    '/s': '*:*:*:*:service',
    '/d': '*:*:*:*:dsn',
    '/o': '*:*:*:*:option',
    '/home/me/.pg_service.conf': '[s]\npassfile=/s',
  }
  const plan = async (dsn: string, options = {}, env = {}) => summary(planIn({ files, env }, dsn, options))
  const env = { PGPASSFILE: '/e' }
  t.regex(await plan('postgres://h'), /:home@/)
  t.regex(await plan('postgres://h', {}, env), /:env@/)
  t.regex(await plan('postgres://h?service=s', {}, env), /:service@/)
  t.regex(await plan('postgres://h?service=s&passfile=/d', {}, env), /:dsn@/)
  t.regex(await plan('postgres://h?service=s&passfile=/d', { passfile: '/o' }, env), /:option@/)
})

test('a missing or unreadable file is no password and no warning', async (t) => {
  for (const code of ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']) {
    const plan = planIn({ files: { [PGPASS]: { code } } }, 'postgres://h')
    t.is((await plan.ask(plan.hosts[0]!)).password, undefined)
    t.deepEqual(plan.warnings, [])
  }
})

test('a file that others may use is ignored with a warning, each single bit of it', (t) => {
  for (const bit of [0o040, 0o020, 0o010, 0o004, 0o002, 0o001]) {
    const { warnings } = planIn(
      { files: { [PGPASS]: { mode: 0o600 | bit, text: '*:*:*:*:x' } } },
      'postgres://h',
    )
    t.deepEqual(
      warnings.map(({ code }) => code),
      ['PGPASS_PERMISSIONS'],
    )
    t.regex(warnings[0]!.message, /"\/home\/me\/.pgpass"/)
  }
  t.deepEqual(planIn({ files: { [PGPASS]: { mode: 0o400, text: '' } } }, 'postgres://h').warnings, [])
})

test('Windows knows no permission bits and another place', async (t) => {
  const path = 'C:\\A\\postgresql\\pgpass.conf'
  const plan = planIn(
    { platform: 'win32', env: { APPDATA: 'C:\\A' }, files: { [path]: { mode: 0o666, text: '*:*:*:*:x' } } },
    'postgres://h',
  )
  t.is((await plan.ask(plan.hosts[0]!)).password, 'x')
})

test('what is no plain file is ignored with a warning and never opened', (t) => {
  for (const kind of ['directory', 'other'] as const) {
    const { warnings } = planIn({ files: { [PGPASS]: { kind } } }, 'postgres://h')
    t.deepEqual(
      warnings.map(({ code }) => code),
      ['PGPASS_NOT_A_FILE'],
    )
  }
})

test('a file of ten megabytes is ignored with a warning', (t) => {
  const { warnings } = planIn({ files: { [PGPASS]: { size: 10 << 20 } } }, 'postgres://h')
  t.regex(warnings[0]!.message, /10485760 bytes, the limit is 1048576/)
})

test('no printed form of the file shows a password', (t) => {
  const file = new PasswordFile('/x', 'h:5432:d:u:canary')
  t.notRegex(inspect(file, { depth: 20, showHidden: true }) + JSON.stringify(file), /canary/)
})

test('real files: modes, links, a directory, a pipe', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'pgpass-'))
  try {
    const path = join(home, 'pgpass')
    await writeFile(path, 'h:*:*:*:secret\n', { mode: 0o600 })
    const read = (name: string) => readPasswordFile(join(home, name), systemSources())
    t.is(read('pgpass').file?.find(query('h')), 'secret')
    await symlink(path, join(home, 'link'))
    t.is(read('link').file?.find(query('h')), 'secret')
    await chmod(path, 0o644)
    t.is(read('pgpass').warning?.code, 'PGPASS_PERMISSIONS')
    t.is(read('link').warning?.code, 'PGPASS_PERMISSIONS')
    await mkdir(join(home, 'directory'))
    t.is(read('directory').warning?.code, 'PGPASS_NOT_A_FILE')
    t.deepEqual(read('missing'), {})
    t.deepEqual(read('pgpass/below'), {})
    // A pipe without a writer would block a process that opens it.
    execFileSync('mkfifo', ['-m', '600', join(home, 'pipe')])
    t.is(read('pipe').warning?.code, 'PGPASS_NOT_A_FILE')
    t.throws(() => systemSources().readFile(join(home, 'pipe')), { code: 'EINVAL' })
  } finally {
    await rm(home, { recursive: true })
  }
})
