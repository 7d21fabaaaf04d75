// Where parameters come from, to the end: what the environment, a service file and a password file say is what the
// server sees. The environment is one for the whole process: everything here is serial.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type ConnectOptions, connect } from '../../index.ts'
import { sharedServer, type TestServer } from '../support/server.ts'
import { reason, visit } from './opened.ts'

const home = mkdtempSync(join(tmpdir(), 'cornac-home-'))
let server: TestServer
let reach: { PGHOST: string; PGPORT: string; PGUSER: string }

test.before(async () => {
  server = await sharedServer()
  reach = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user }
})

test.after.always(() => rmSync(home, { recursive: true, force: true }))

/** Sets variables until the test's end. A home of its own, so that no file of the developer's is read. */
function setting(t: ExecutionContext, variables: Record<string, string>): void {
  const all = { HOME: home, ...variables }
  const before = Object.keys(all).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, all)
  t.teardown(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}

function file(name: string, text: string, mode = 0o600): string {
  const path = join(home, name)
  writeFileSync(path, text, { mode })
  chmodSync(path, mode)
  return path
}

const show = (name: string) => `select current_setting('${name}')`

test.serial('connect() without anything takes all from the environment', async (t) => {
  const database = await server.createDatabase()
  setting(t, {
    ...reach,
    PGPASSWORD: server.password,
    PGDATABASE: database.name,
    PGAPPNAME: 'from the environment',
    PGOPTIONS: '-c work_mem=7MB -c geqo=off',
    PGTZ: 'Asia/Kathmandu',
    PGDATESTYLE: 'ISO, YMD',
  })
  await visit({}, async (connection) => {
    t.is(await connection.fetchValue('select current_database()::text'), database.name)
    t.is(await connection.fetchValue('select current_user::text'), server.user)
    const settings = connection.getSettings()
    t.is(settings.get('application_name'), 'from the environment')
    t.is(settings.get('TimeZone'), 'Asia/Kathmandu')
    t.is(await connection.fetchValue(show('work_mem')), '7MB')
    t.is(await connection.fetchValue(show('geqo')), 'off')
  })
  await database.drop()
})

test.serial('the environment is read at each connect anew', async (t) => {
  setting(t, { ...reach, PGPASSWORD: server.password, PGDATABASE: 'postgres', PGAPPNAME: 'first' })
  const name = (): Promise<unknown> =>
    visit({}, async (connection) => connection.getSettings().get('application_name'))
  t.is(await name(), 'first')
  process.env.PGAPPNAME = 'second'
  t.is(await name(), 'second')
})

test.serial('argument, DSN, service, environment: each beats what comes after it', async (t) => {
  const servicefile = file('services.conf', '[here]\napplication_name=service\ndbname=postgres\n')
  setting(t, {
    ...reach,
    PGPASSWORD: server.password,
    PGDATABASE: 'no_such_database',
    PGSERVICEFILE: servicefile,
    PGAPPNAME: 'environment',
  })
  const name = (dsn: string, options: ConnectOptions = {}): Promise<unknown> =>
    visit({ dsn, ...options }, async (connection) => connection.getSettings().get('application_name'))
  t.is(await name('postgresql:///postgres'), 'environment')
  t.is(await name('postgresql:///?service=here'), 'service')
  t.is(await name('postgresql:///?service=here&application_name=dsn'), 'dsn')
  const options = { serverSettings: { application_name: 'argument' } }
  t.is(await name('postgresql:///?service=here&application_name=dsn', options), 'argument')
})

test.serial('a service is named by option, DSN or PGSERVICE, and found in either file', async (t) => {
  const section = `host=${server.host}\nport=${server.port}\nuser=${server.user}\npassword=${server.password}\ndbname=postgres\n`
  file('.pg_service.conf', `# mine\n[mine]\n${section}`)
  const system = join(home, 'system')
  mkdirSync(system)
  writeFileSync(join(system, 'pg_service.conf'), `[everybodys]\n${section}`)
  setting(t, { PGSYSCONFDIR: system })
  const answer = (options: object): Promise<unknown> =>
    visit(options, (connection) => connection.fetchValue('select 1'))
  t.is(await answer({ service: 'mine' }), 1)
  t.is(await answer({ dsn: 'postgresql://?service=everybodys' }), 1)
  setting(t, { PGSERVICE: 'mine' })
  t.is(await answer({}), 1)
  const error = await reason(connect({ service: 'nobodys' }))
  t.is(error.name, 'ClientConfigurationError')
  t.regex(error.message, /nobodys/)
  rmSync(join(home, '.pg_service.conf'))
})

test.serial('a password file lets in by host, port, database and user, escapes and wildcards', async (t) => {
  await server.admin(`
    create role "colon:role" login password 'pass:word\\with';
    create role plain login password 'plain secret'`)
  t.teardown(() => server.admin('drop role "colon:role"; drop role plain'))
  file(
    '.pgpass',
    [
      '# a comment',
      'too:few:fields',
      `other.host:*:*:*:wrong`,
      `${server.host}:1:*:*:wrong`,
      `${server.host}:${server.port}:postgres:colon\\:role:pass\\:word\\\\with`,
      `*:*:*:plain:plain secret`,
      '',
    ].join('\n'),
  )
  setting(t, { PGHOST: server.host, PGPORT: String(server.port), PGDATABASE: 'postgres' })
  const user = (name: string): Promise<unknown> =>
    visit({ user: name }, (connection) => connection.fetchValue('select current_user::text'))
  t.is(await user('colon:role'), 'colon:role')
  t.is(await user('plain'), 'plain')
  const error = await reason(connect({ user: 'unlisted' }))
  t.is(error.sqlstate, '28P01')
  t.regex(`${error}`, /\.pgpass/)
})

test.serial(
  'a password file that others may read, or that is a FIFO, is ignored with a warning',
  async (t) => {
    const open = file('open.pgpass', `*:*:*:*:${server.password}\n`, 0o644)
    const fifo = join(home, 'fifo')
    execFileSync('mkfifo', ['-m', '600', fifo])
    setting(t, { ...reach, PGDATABASE: 'postgres' })
    for (const [passfile, code] of [
      [open, 'PGPASS_PERMISSIONS'],
      [fifo, 'PGPASS_NOT_A_FILE'],
    ] as const) {
      const warned = once(process, 'warning')
      const error = await reason(connect({ passfile, timeout: 5_000 }))
      t.is(error.sqlstate, '28P01')
      const [warning] = await warned
      t.is(warning.code, code)
      t.false(warning.message.includes(server.password))
    }
  },
)

test.serial('variables that demand safety are honoured or refused by name', async (t) => {
  setting(t, { ...reach, PGPASSWORD: server.password, PGDATABASE: 'postgres' })
  const cases: [Record<string, string>, RegExp][] = [
    [{ PGGSSENCMODE: 'require' }, /PGGSSENCMODE/],
    [{ PGREQUIREAUTH: 'gss' }, /scram/i],
    [{ PGSSLMODE: 'require' }, /SSL|TLS/],
    [{ PGCHANNELBINDING: 'require' }, /rejected SSL upgrade.*channel_binding=require/s],
    [{ PGSSLMODE: 'sometimes' }, /PGSSLMODE/],
    [{ PGPORT: '99999' }, /PGPORT/],
  ]
  for (const [variables, expected] of cases) {
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, variables)
    const error = await reason(connect())
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    // With its hint.
    t.regex(String(error), expected)
    t.false(String(error).includes(server.password))
  }
})
