// Every version that is supported: what connecting promises holds on each.

import test from 'ava'
import { InterfaceError, QueryCanceledError, TimeoutError } from '../../index.ts'
import { sharedServer } from '../support/server.ts'
import { untilSleeping } from '../support/waiting.ts'
import { opened, reason } from './opened.ts'

for (const version of [15, 16, 17, 18] as const) {
  const on = (title: string): string => `PostgreSQL ${version}: ${title}`

  test(on('a connection logs in, answers queries and knows its server'), async (t) => {
    const server = await sharedServer(version)
    const connection = await opened(t, server.dsn())
    t.is(connection.getServerVersion().major, server.version)
    t.is(connection.getServerPid(), await connection.fetchValue('select pg_backend_pid()'))
    t.deepEqual(await connection.fetch('select $1::int4 + n as sum from generate_series(1, 2) n', [40]), [
      { sum: 41 },
      { sum: 42 },
    ])
    t.is(await connection.execute('create temp table t (a int); insert into t values (1), (2)'), 'INSERT 0 2')
  })

  test(on('the reported parameters are there and follow a change'), async (t) => {
    const server = await sharedServer(version)
    const connection = await opened(t, server.dsn(), { serverSettings: { TimeZone: 'Asia/Kathmandu' } })
    const settings = connection.getSettings()
    t.is(settings.get('client_encoding'), 'UTF8')
    t.is(settings.get('TimeZone'), 'Asia/Kathmandu')
    t.is(settings.get('in_hot_standby'), 'off')
    await connection.execute("set application_name = 'changed on the way'")
    t.is(settings.get('application_name'), 'changed on the way')
  })

  test(on('a transaction is seen from outside'), async (t) => {
    const server = await sharedServer(version)
    const connection = await opened(t, server.dsn())
    t.false(connection.isInTransaction())
    await connection.execute('begin')
    t.true(connection.isInTransaction())
    await reason(connection.execute('select 1/0'))
    t.true(connection.isInTransaction())
    await connection.execute('rollback')
    t.false(connection.isInTransaction())
  })

  test(on('a call is cancelled by a timeout and by a signal, and the connection goes on'), async (t) => {
    const server = await sharedServer(version)
    const connection = await opened(t, server.dsn())
    t.true(
      (await reason(connection.execute('select pg_sleep(60)', [], { timeout: 50 }))) instanceof TimeoutError,
    )
    const given = new Error('not needed any more')
    const controller = new AbortController()
    const sleeping = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
    await untilSleeping(connection, server)
    controller.abort(given)
    t.is(await sleeping, given)
    t.is(await connection.fetchValue('select 1'), 1)
  })

  test(on('closing cancels the running call and ends the session'), async (t) => {
    const server = await sharedServer(version)
    const connection = await opened(t, server.dsn())
    const pid = connection.getServerPid()
    const sleeping = reason(connection.fetch('select pg_sleep(60)'))
    await untilSleeping(connection, server)
    await connection.close()
    t.true((await sleeping) instanceof QueryCanceledError)
    t.true(connection.isClosed())
    t.true((await reason(connection.fetchValue('select 1'))) instanceof InterfaceError)
    const [row] = await server.admin(`select count(*) as alive from pg_stat_activity where pid = ${pid}`)
    t.is(row?.alive, '0')
  })

  test(on('protocol 3.2 is spoken from 18 on, negotiated down before, and cancelling works'), async (t) => {
    const server = await sharedServer(version)
    const dsn = server.dsn({ parameters: { max_protocol_version: 'latest' } })
    const connection = await opened(t, dsn)
    const error = await reason(connection.execute('select pg_sleep(60)', [], { timeout: 50 }))
    t.true(error instanceof TimeoutError)
    t.is(await connection.fetchValue('select 2'), 2)
  })
}
