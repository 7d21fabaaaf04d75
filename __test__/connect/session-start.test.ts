// What a session begins with: its parameters on the server, and the options of its socket.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { connect } from '../../index.ts'
import { sharedServer } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { opened, reason } from './opened.ts'

test('parameters of the DSN are settings of the session', async (t) => {
  const server = await sharedServer()
  const parameters = {
    application_name: 'a program & its name',
    search_path: 'one, "Two"',
    options: '-c geqo=off -c work_mem=7MB',
    statement_timeout: '12345',
    DateStyle: 'German',
  }
  const connection = await opened(t, server.dsn({ parameters }))
  const show = (name: string): Promise<unknown> => connection.fetchValue('select current_setting($1)', [name])
  t.is(await show('application_name'), 'a program & its name')
  t.is(await show('search_path'), 'one, "Two"')
  t.is(await show('geqo'), 'off')
  t.is(await show('work_mem'), '7MB')
  t.is(await show('statement_timeout'), '12345ms')
  t.is(connection.getSettings().get('application_name'), 'a program & its name')
})

test('a search_path by DSN finds tables, and finding none harms nothing of ours', async (t) => {
  const server = await sharedServer()
  const database = await server.createDatabase()
  await database.admin(
    "create schema one; create table one.t as select 42 as a; create type one.mood as enum ('fine')",
  )
  const inside = await opened(t, database.dsn({ parameters: { search_path: 'one' } }))
  t.is(await inside.fetchValue('select a from t'), 42)
  t.is(await inside.fetchValue("select 'fine'::mood"), 'fine')
  const nowhere = await opened(t, database.dsn({ parameters: { search_path: 'none' } }))
  t.is(await nowhere.fetchValue("select 'fine'::one.mood"), 'fine')
  t.deepEqual(await nowhere.fetchValue('select array[1, 2]'), [1, 2])
  await nowhere.reset()
  inside.terminate()
  nowhere.terminate()
  await database.drop()
})

test('serverSettings win over the DSN key by key', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn({ parameters: { work_mem: '5MB', geqo: 'off' } }), {
    serverSettings: { work_mem: '6MB' },
  })
  t.is(await connection.fetchValue("select current_setting('work_mem')"), '6MB')
  t.is(await connection.fetchValue("select current_setting('geqo')"), 'off')
})

test('fallback_application_name stands where no application_name is given', async (t) => {
  const server = await sharedServer()
  const parameters = { fallback_application_name: 'fallback' }
  const name = async (more: object): Promise<unknown> =>
    (await opened(t, server.dsn({ parameters: { ...parameters, ...more } })))
      .getSettings()
      .get('application_name')
  t.is(await name({}), 'fallback')
  t.is(await name({ application_name: 'given' }), 'given')
})

test('a setting that the server does not know or does not accept is its own error', async (t) => {
  const server = await sharedServer()
  t.is((await reason(connect(server.dsn({ parameters: { no_such_setting: '1' } })))).sqlstate, '42704')
  t.is((await reason(connect(server.dsn({ parameters: { work_mem: 'much' } })))).sqlstate, '22023')
})

test('the encoding is UTF8, whatever the database has', async (t) => {
  const server = await sharedServer()
  const database = await server.createDatabase("encoding 'LATIN1' locale 'C' template template0")
  const connection = await opened(t, database.dsn())
  t.is(connection.getSettings().get('server_encoding'), 'LATIN1')
  t.is(connection.getSettings().get('client_encoding'), 'UTF8')
  t.is(await connection.fetchValue("select 'é'::text || $1", ['ü']), 'éü')
  connection.terminate()
  await database.drop()
})

const names = [
  "we'ird",
  'two words',
  'semi;colon',
  'Ünïcode',
  '"quoted"',
  'percent%41',
  'at@sign',
  'a#b?c=d&e',
]
test('users, databases and passwords of any characters are reached, by DSN and by option', async (t) => {
  const server = await sharedServer()
  for (const [index, name] of names.entries()) {
    const own = `${name} ${index}`
    const quoted = `"${own.replaceAll('"', '""')}"`
    const literal = own.replaceAll("'", "''")
    await server.admin(`create role ${quoted} login password '${literal}'`)
    await server.admin(`create database ${quoted}`)
    const encoded = encodeURIComponent(own)
    const { host, port } = server
    for (const target of [
      { dsn: `postgresql://${encoded}:${encoded}@${host}:${port}/${encoded}` },
      { host, port, user: own, password: own, database: own },
    ]) {
      const connection = await connect(target)
      t.deepEqual(
        await connection.fetchRow('select current_user::text as u, current_database()::text as d'),
        {
          u: own,
          d: own,
        },
      )
      await connection.close()
    }
    await server.admin(`drop database ${quoted}`)
    await server.admin(`drop role ${quoted}`)
  }
})

/** Seconds until the kernel sends a keepalive on a session's socket, null without one. proc(5), `/proc/net/tcp`. */
async function keepaliveIn(parameters: Record<string, string>): Promise<number | null> {
  const server = await sharedServer()
  const connection = await connect(server.dsn({ parameters }))
  const port = Number(await connection.fetchValue('select inet_client_port()'))
  const [local, remote] = [port, server.port].map(
    (number) => `:${number.toString(16).toUpperCase().padStart(4, '0')}`,
  ) as [string, string]
  let seconds: number | null = null
  // While something is unacknowledged that timer (1) is shown instead.
  await until('keepalive has its timer, or none runs', () => {
    const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
    const fields = lines
      .map((line) => line.trim().split(/\s+/))
      // A local port may be in use toward other servers, too.
      .find(([, address, peer]) => address?.endsWith(local) && peer?.endsWith(remote))
    // Which timer runs (2 is keepalive's) and when it fires, in hundredths of a second.
    const [timer, when = ''] = fields?.[5]?.split(':') ?? []
    if (timer === '02') seconds = Number.parseInt(when, 16) / 100
    return timer === '02' || timer === '00'
  })
  await connection.close()
  return seconds
}

test('keepalive is on with the times that were asked for, and off when it is not wanted', async (t) => {
  if (process.platform !== 'linux') return t.pass('only Linux shows it')
  const within = (seconds: number | null, low: number, high: number): void => {
    t.true(seconds !== null && seconds > low && seconds <= high, `${seconds}`)
  }
  within(await keepaliveIn({}), 45, Number.POSITIVE_INFINITY)
  within(await keepaliveIn({ keepalives_idle: '45' }), 40, 45)
  within(
    await keepaliveIn({ keepalives_idle: '30', keepalives_interval: '5', keepalives_count: '3' }),
    25,
    30,
  )
  t.is(await keepaliveIn({ keepalives: '0' }), null)
})

test('sixty connects at once succeed as far as the server lets them, and leave nothing', async (t) => {
  const server = await sharedServer()
  const application = 'cornac-burst'
  const all = await Promise.allSettled(
    Array.from({ length: 60 }, () => connect(server.dsn({ parameters: { application_name: application } }))),
  )
  const connections = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refusals = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  for (const { sqlstate } of refusals) t.is(sqlstate, '53300')
  t.true(connections.length > 0)
  await Promise.all(connections.map((connection) => connection.close()))
  const [row] = await server.admin(
    `select count(*) as left from pg_stat_activity where application_name = '${application}'`,
  )
  t.is(row?.left, '0')
})
