// Unix sockets: every way to name one, and what their errors say.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { ClientConfigurationError, connect } from '../../index.ts'
import { freePort } from '../support/provisioner.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { opened, portOf, reason } from './opened.ts'

/** Its socket lets everybody in; the account of whoever runs the tests has a role of its own name. */
let server: OwnServer
let socketFile: string
const folder = mkdtempSync(join(tmpdir(), 'cornac-socket-'))

test.before(async () => {
  server = await startServer()
  socketFile = join(server.socketDirectory, `.s.PGSQL.${server.port}`)
  const { username } = userInfo()
  await server.admin(`do $$ begin create role "${username}" login; exception when others then null; end $$`)
})

test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const account = { user: 'postgres', database: 'postgres' }

test('a socket is named by its directory, its file, and percent-encoded in a DSN', async (t) => {
  const encoded = encodeURIComponent(server.socketDirectory)
  const ways = {
    'directory as option': { host: server.socketDirectory, port: server.port, ...account },
    'directory with a slash at the end': {
      host: `${server.socketDirectory}/`,
      port: server.port,
      ...account,
    },
    'file as option': { host: socketFile, ...account },
    'authority, port after it': { dsn: `postgresql://postgres@${encoded}:${server.port}/postgres` },
    'authority, file': { dsn: `postgresql://postgres@${encodeURIComponent(socketFile)}/postgres` },
    'query part': {
      dsn: `postgresql://postgres@/postgres?host=${encoded}&port=${server.port}`,
    },
    'query part, not encoded': {
      dsn: `postgresql:///postgres?host=${server.socketDirectory}&port=${server.port}&user=postgres`,
    },
  }
  for (const [way, options] of Object.entries(ways)) {
    const connection = await opened(t, options)
    t.is(await portOf(connection), server.port, way)
    t.is(await connection.fetchValue('select inet_client_addr()'), null, way)
  }
})

test('a socket behind a symbolic link is reached, which is what a long path needs', async (t) => {
  const link = join(folder, 'link')
  symlinkSync(server.socketDirectory, link)
  const connection = await opened(t, { host: link, port: server.port, ...account })
  t.is(await portOf(connection), server.port)
})

test('a path that no socket can have is refused before anything is opened', async (t) => {
  const error = await reason(connect({ host: `/${'x'.repeat(120)}`, ...account }))
  t.true(error instanceof ClientConfigurationError)
  t.regex(error.message, /the limit is 107/)
})

test('TLS is never asked for on a socket', async (t) => {
  const connection = await opened(t, { host: socketFile, ...account, ssl: 'verify-full' })
  t.is(await connection.fetchValue('select ssl from pg_stat_ssl where pid = pg_backend_pid()'), false)
})

test('a socket in the abstract namespace is reached by its name after @', async (t) => {
  const name = `@cornac-test-${process.pid}`
  const abstract = await startServer()
  await abstract.admin(`alter system set unix_socket_directories = '${name}'`)
  await abstract.restart()
  const parameters = `host=${encodeURIComponent(name)}&port=${abstract.port}`
  for (const target of [
    { host: name, port: abstract.port, ...account },
    { dsn: `postgresql://postgres@/postgres?${parameters}` },
    { dsn: `postgresql://postgres@${encodeURIComponent(name)}:${abstract.port}/postgres` },
  ]) {
    const connection = await connect({ ...target, password: abstract.password })
    t.is(await portOf(connection), abstract.port)
    await connection.close()
  }
  await abstract.stop()
})

test("a socket's errors have Node's codes and its path", async (t) => {
  const missing = await reason(connect({ host: folder, ...account }))
  t.is(missing.name, 'ConnectionFailureError')
  t.is(missing.cause.code, 'ENOENT')
  t.is(missing.cause.path, join(folder, '.s.PGSQL.5432'))
  t.is(missing.cause.syscall, 'connect')
  t.regex(missing.message, /socket ".*\.s\.PGSQL\.5432"/)
  t.regex(missing.hint, /unix_socket_directories/)

  writeFileSync(join(folder, '.s.PGSQL.7000'), '')
  const plainFile = await reason(connect({ host: folder, port: 7000, ...account }))
  t.is(plainFile.cause.code, 'ECONNREFUSED')
  t.regex(plainFile.hint, /start the server/)
})

test('a missing socket is followed by the next host', async (t) => {
  const hosts = `${encodeURIComponent(folder)}:5432,127.0.0.1:${server.port}`
  const connection = await opened(t, `postgresql://postgres:${server.password}@${hosts}/postgres`)
  t.is(await portOf(connection), server.port)
})

test('a socket that nobody may open is a refusal with its remedy', async (t) => {
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0)
  t.teardown(() => chmodSync(closed, 0o700))
  const error = await reason(connect({ host: closed, ...account }))
  // Permissions do not hold for root, for whom it is missing only.
  if (process.getuid?.() === 0) return t.is(error.cause.code, 'ENOENT')
  t.is(error.cause.code, 'EACCES')
  t.regex(error.hint, /permissions/)
})

test('requirepeer lets the right account through and refuses another', async (t) => {
  // Under root the servers run as nobody.
  const right = process.getuid?.() === 0 ? 'nobody' : userInfo().username
  const target = (peer: string): string =>
    `postgresql://postgres@/postgres?host=${encodeURIComponent(socketFile)}&requirepeer=${peer}`
  const connection = await opened(t, target(right))
  t.is(await connection.fetchValue('select 1'), 1)
  const error = await reason(connect(target('somebody-else')))
  t.is(error.name, 'InvalidAuthorizationSpecificationError')
  t.regex(error.message, /somebody-else/)
})

test('peer authentication lets the own account in and no other', async (t) => {
  const own = await startServer({
    hba: ['local all postgres trust', 'local all all peer', 'host all postgres 127.0.0.1/32 scram-sha-256'],
  })
  const { username } = userInfo()
  if (username !== 'postgres') await own.admin(`create role "${username}" login`)
  await own.admin('create role another login')
  const host = own.socketDirectory
  const connection = await opened(t, { host, port: own.port, user: username, database: 'postgres' })
  t.is(await connection.fetchValue('select current_user::text'), username)
  const error = await reason(connect({ host, port: own.port, user: 'another', database: 'postgres' }))
  t.is(error.name, 'InvalidAuthorizationSpecificationError')
  t.is(error.sqlstate, '28000')
  t.regex(error.message, /[Pp]eer authentication failed for user "another"/)
  await own.stop()
})

test('without any host the usual directories are tried, then localhost', async (t) => {
  // As if the server had been told to use this directory.
  const usual = `/tmp/.s.PGSQL.${server.port}`
  symlinkSync(socketFile, usual)
  const connection = await opened(t, { port: server.port, ...account }).finally(() => rmSync(usual))
  t.is(await portOf(connection), server.port)
  t.is(await connection.fetchValue('select inet_client_addr()'), null)

  const overTcp = await opened(t, { port: server.port, ...account, password: server.password })
  t.is(await portOf(overTcp), server.port)
  t.not(await overTcp.fetchValue('select inet_client_addr()'), null)

  const error = await reason(connect({ port: await freePort(), ...account }))
  t.is(error.name, 'ConnectionFailureError')
  t.regex(error.hint, /no host was given/)
  const codes = (error.cause as AggregateError).errors.map((one) => one.cause.code)
  t.is(codes.length, 5)
  t.is(codes.at(-1), 'ECONNREFUSED')
})
