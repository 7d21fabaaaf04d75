import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { AdminSession, runSql } from './admin.ts'
import { formatDsn } from './provisioner.ts'
import { sharedServer, startServer, testDatabase } from './server.ts'

for (const version of [15, 16, 17, 18] as const) {
  test(`PostgreSQL ${version} starts, answers, stops and leaves nothing`, async (t) => {
    const server = await startServer({ version })
    const { pid } = server
    const [row] = await server.admin('show server_version_num')
    t.is(Math.floor(Number(row?.server_version_num) / 10_000), version)
    t.is(server.version, version)
    t.true(pid !== undefined && isAlive(pid))
    await server.stop()
    t.false(pid !== undefined && isAlive(pid))
    t.false(existsSync(dirname(server.dataDirectory)))
    await t.throwsAsync(server.admin('select 1'), { code: 'ECONNREFUSED' })
    await server.stop()
  })
}

test('a test file has a database of its own on the shared server', async (t) => {
  const database = await testDatabase()
  const server = await sharedServer()
  t.deepEqual(await database.admin('select current_database() as a, null as b'), [
    { a: database.name, b: null },
  ])
  t.is(database.server.port, server.port)
  t.is(await testDatabase(), database)
  const other = await server.createDatabase("encoding 'SQL_ASCII' template template0")
  t.deepEqual(await other.admin('show server_encoding'), [{ server_encoding: 'SQL_ASCII' }])
  await other.drop()
  await t.throwsAsync(other.admin('select 1'), { code: '3D000' })
})

test('the environment says nothing about databases', (t) => {
  t.is(process.env.DATABASE_URL, undefined)
  t.deepEqual(
    Object.keys(process.env).filter((name) => name.startsWith('PG') && !name.startsWith('PGTEST_')),
    [],
  )
})

test('settings, hba rules and identity maps reach the server and can be exchanged while it runs', async (t) => {
  const server = await startServer({
    settings: { max_connections: '7', application_name: "it's" },
    ident: ['everybody /^(.*)$ postgres'],
  })
  t.deepEqual(await server.admin('show max_connections'), [{ max_connections: '7' }])
  t.deepEqual(await server.admin('show application_name'), [{ application_name: "it's" }])
  t.deepEqual(await server.admin('select map_name from pg_ident_file_mappings'), [{ map_name: 'everybody' }])
  await t.throwsAsync(server.admin('select 1', { password: 'wrong' }), { code: '28P01' })
  await server.reloadHba(['host all all 127.0.0.1/32 trust'])
  t.deepEqual(await server.admin('select 1 as one', { password: 'wrong' }), [{ one: '1' }])
  await server.reload({ settings: { work_mem: '77MB' } })
  t.deepEqual(await server.admin('show work_mem'), [{ work_mem: '77MB' }])
  await t.throwsAsync(server.reloadHba(['host nonsense']), { message: /refused its new configuration/ })
  await server.stop()
})

test('every password method of the server lets the admin client in', async (t) => {
  const server = await startServer({
    hba: ['host all by_md5 all md5', 'host all in_clear all password', 'host all all all scram-sha-256'],
  })
  await server.admin(`
    create role by_scram login password 'päss';
    create role in_clear login password 'päss';
    set password_encryption = md5;
    create role by_md5 login password 'päss'`)
  for (const user of ['by_scram', 'in_clear', 'by_md5']) {
    t.deepEqual(await server.admin('select current_user as me', { user, password: 'päss' }), [{ me: user }])
    await t.throwsAsync(server.admin('select 1', { user, password: 'no' }), { code: '28P01' }, user)
  }
  await server.stop()
})

test('a server comes back on its port after each way of going down', async (t) => {
  const server = await startServer()
  const { port } = server
  await server.admin('create table kept as select 1 as a')
  for (const mode of ['smart', 'fast', 'immediate'] as const) await server.restart(mode)
  await server.kill()
  t.is(server.pid, undefined)
  // A process of the killed server may hold the listening socket for a moment: then what it accepted is reset.
  const unanswered = await t.throwsAsync<NodeJS.ErrnoException>(server.admin('select 1'))
  t.true(unanswered?.code === 'ECONNREFUSED' || unanswered?.code === 'ECONNRESET', String(unanswered))
  await server.restart()
  t.is(server.port, port)
  t.deepEqual(await server.admin('select a from kept'), [{ a: '1' }])
  t.regex(server.log(), /automatic recovery in progress/)
  await server.kill()
  await server.stop()
  t.false(existsSync(dirname(server.dataDirectory)))
})

test('a killed server whose backend goes on computing can be restarted and stopped', async (t) => {
  const server = await startServer()
  const busy = () => t.throwsAsync(server.admin('select count(*) from generate_series(1, 1e9::int8)'))
  for (const next of ['restart', 'stop'] as const) {
    const query = busy()
    while (!(await server.admin('select query from pg_stat_activity')).some(isBusy)) await delay(5)
    await server.kill()
    await server[next]()
    await query
  }
})

function isBusy(activity: Record<string, string | null>): boolean {
  return activity.query?.includes('generate_series') === true
}

test('what a server refuses to start with is in the error', async (t) => {
  await t.throwsAsync(startServer({ settings: { no_such_setting: '1' } }), { message: /no_such_setting/ })
  await t.throwsAsync(startServer({ version: 14 as 15 }), { message: /PostgreSQL 14 is not available/ })
  await t.throwsAsync(startServer({ tls: { cert: 'no certificate', key: 'no key' } }), {
    message: /server\.crt/,
  })
})

test('a socket directory takes connections without a password', async (t) => {
  const server = await sharedServer()
  if (server.socketDirectory === '') return t.pass()
  const address = { ...server, host: server.socketDirectory, password: '' }
  t.deepEqual(await runSql(address, 'select inet_client_addr() as peer'), [{ peer: null }])
})

test('an admin session keeps its backend over several scripts', async (t) => {
  const session = await AdminSession.open(await sharedServer())
  await session.run('create temp table mine as select 1 as a')
  await t.throwsAsync(session.run('select 1/0'), { code: '22012', message: 'division by zero' })
  t.deepEqual(await session.run('select a from mine; select 2 as b'), [{ b: '2' }])
  await session.close()
})

test('an admin session that is closed has given its place on the server back', async (t) => {
  const server = await sharedServer()
  const [watcher, session] = [await AdminSession.open(server), await AdminSession.open(server)]
  // The end of a session that has them takes a while.
  await session.run(
    "do 'begin for n in 1..200 loop execute format($$create temp table t%s ()$$, n); end loop; end'",
  )
  const [own] = await session.run('select pg_backend_pid() as pid')
  const view = `select pid from pg_stat_activity where pid = ${own?.pid}`
  t.is((await watcher.run(view)).length, 1)
  await session.close()
  t.deepEqual(await watcher.run(view), [])
  await watcher.close()
})

test('an address is written as a URL that can be read again', (t) => {
  const address = { version: 18, host: '::1', port: 5, socketDirectory: '', user: 'a@b', password: 'p:/?#%' }
  const url = new URL(formatDsn(address, { database: 'x y', parameters: { options: '-c a=b' } }))
  t.is(url.host, '[::1]:5')
  t.is(decodeURIComponent(url.username), 'a@b')
  t.is(decodeURIComponent(url.password), 'p:/?#%')
  t.is(decodeURIComponent(url.pathname), '/x y')
  t.is(url.searchParams.get('options'), '-c a=b')
  t.is(formatDsn(address, { host: '/tmp/a', password: null }), 'postgresql://a%40b@%2Ftmp%2Fa:5/postgres')
})

// The provisioner's promise to whoever presses Ctrl-C, and to CI that kills a job.
for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
  test(`servers die with a parent that dies by ${signal}`, async (t) => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', LONELY_PARENT], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string }
    t.true(isAlive(pid))
    t.true(existsSync(folder))
    parent.kill(signal)
    for (let waited = 0; waited < 10_000 && (isAlive(pid) || existsSync(folder)); waited += 20)
      await delay(20)
    t.false(isAlive(pid))
    t.false(existsSync(folder))
  })
}

test('a running server does not keep its parent alive', async (t) => {
  const parent = spawn(
    process.execPath,
    ['--input-type=module', '-e', LONELY_PARENT.replace('setInterval', 'void')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    },
  )
  parent.stdout.resume()
  const [code] = (await once(parent, 'exit')) as [number]
  t.is(code, 0)
})

const LONELY_PARENT = `
  import { dirname } from 'node:path'
  import { startPostgres } from '../../tools/postgres.mjs'
  const server = await startPostgres()
  process.stdout.write(JSON.stringify({ pid: server.pid, folder: dirname(server.dataDirectory) }))
  setInterval(() => {}, 1000)
`

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
