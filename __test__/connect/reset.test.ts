// reset(): the session as it was after connecting.

import { once } from 'node:events'
import test from 'ava'
import { Connection, connect, TimeoutError } from '../../index.ts'
import { preparedTexts } from '../query/open.ts'
import { commandComplete, readyForQuery } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { sharedServer } from '../support/server.ts'
import { AT_ONCE_MS, eventually } from '../support/waiting.ts'
import { opened, reason } from './opened.ts'

test('settings go back to what the start of the session gave them', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn({ parameters: { application_name: 'at the start' } }), {
    serverSettings: { work_mem: '5MB', search_path: 'pg_catalog' },
  })
  await connection.execute("set application_name = 'changed'; set work_mem = '9MB'; set search_path = public")
  await connection.execute("set statement_timeout = '10s'")
  t.is(connection.getSettings().get('application_name'), 'changed')
  await connection.reset()
  const show = (name: string): Promise<string | null> =>
    connection.fetchValue(`select current_setting('${name}')`)
  t.is(await show('application_name'), 'at the start')
  t.is(await show('work_mem'), '5MB')
  t.is(await show('search_path'), 'pg_catalog')
  t.is(await show('statement_timeout'), '0')
  t.is(connection.getSettings().get('application_name'), 'at the start')
})

test('locks, cursors and channels are given up; temporary tables stay', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  const key = connection.getServerPid()
  await connection.execute(`
    create temp table kept (a int);
    select pg_advisory_lock(${key});
    listen somewhere;
    declare c cursor with hold for select 1`)
  await connection.reset()
  t.is(
    await connection.fetchValue("select count(*) from pg_locks where locktype = 'advisory' and pid = $1", [
      key,
    ]),
    0,
  )
  t.is(await connection.fetchValue("select count(*) from pg_cursors where name = 'c'"), 0)
  t.is(await connection.fetchValue('select count(*) from pg_listening_channels()'), 0)
  t.is(await connection.fetchValue('select count(*) from kept'), 0)
})

test.serial('an open transaction, also one that has failed, is rolled back with a warning', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  await connection.execute('create temp table t (a int)')
  for (const spoil of [false, true]) {
    await connection.execute('begin; insert into t values (1)')
    if (spoil) await reason(connection.execute('select 1/0'))
    t.true(connection.isInTransaction())
    const warned = once(process, 'warning')
    await connection.reset()
    const [warning] = await warned
    t.is(warning.code, 'CORNAC_RESET_IN_TRANSACTION')
    t.regex(warning.detail, /begun by hand/)
    t.false(connection.isInTransaction())
    t.is(await connection.fetchValue('select count(*) from t'), 0)
  }
})

test.serial('a body whose transaction is reset away meets it itself, without a warning', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  await connection.execute('create temp table t (a int)')
  const warnings: unknown[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  t.teardown(() => void process.off('warning', note))
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.execute('insert into t values (1)')
      await connection.reset()
    }),
  )
  t.is(error.name, 'InterfaceError')
  t.false(connection.isInTransaction())
  t.is(await connection.fetchValue('select count(*) from t'), 0)
  await new Promise(setImmediate)
  t.deepEqual(warnings, [])
})

test('cached statements are forgotten and closed on the server', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  await connection.fetch('select $1::int as one', [1])
  await connection.fetch('select $1::int as one', [1])
  t.true((await preparedTexts(connection)).includes('select $1::int as one'))
  await connection.reset()
  t.is(await connection.fetchValue('select 1'), 1)
  t.false((await preparedTexts(connection)).includes('select $1::int as one'))
  t.deepEqual(await connection.fetch('select $1::int as one', [2]), [{ one: 2 }])
})

test('log listeners are removed, termination listeners stay', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  const heard: string[] = []
  connection.addLogListener((_, { message }) => heard.push(message))
  connection.addTerminationListener(() => heard.push('ended'))
  await connection.execute("do $$ begin raise notice 'first'; end $$")
  t.true(await eventually(() => heard.length === 1))
  await connection.reset()
  await connection.execute("do $$ begin raise notice 'second'; end $$")
  await connection.close()
  t.true(await eventually(() => heard.length === 2))
  t.deepEqual(heard, ['first', 'ended'])
})

test('a subclass gives the statements of its own, or none', async (t) => {
  class Own extends Connection {
    override getResetQuery(): string {
      return "set application_name = 'reset by a subclass'"
    }
  }
  class None extends Connection {
    override getResetQuery(): string {
      return ''
    }
  }
  const server = await sharedServer()
  const own = await opened(t, server.dsn(), { connectionClass: Own })
  await own.execute("set work_mem = '9MB'")
  await own.reset()
  t.is(own.getSettings().get('application_name'), 'reset by a subclass')
  t.is(await own.fetchValue("select current_setting('work_mem')"), '9MB')
  const none = await opened(t, server.dsn(), { connectionClass: None })
  await none.execute("set application_name = 'untouched'")
  await none.reset()
  t.is(none.getSettings().get('application_name'), 'untouched')
})

for (const [parameter, expected] of [
  ['padb_revision', 'RESET ALL;'],
  ['crdb_version', ''],
  ['crate_version', ''],
] as const) {
  test(`a server that reports ${parameter} is asked for what it takes: "${expected}"`, async (t) => {
    const server = await ScriptedServer.start(async (session) => {
      await session.login({ server_version: '9.5.0', [parameter]: '1' })
      if (expected !== '') {
        const { body } = await session.expect('Q')
        t.is(body.toString(), `${expected}\0`)
        session.send(commandComplete('RESET'), readyForQuery())
      }
      await session.expect('X')
    })
    t.teardown(() => server.close())
    const connection = await opened(t, server.dsn('?sslmode=disable'))
    t.is(connection.getResetQuery(), expected)
    await connection.reset()
    await connection.close()
    await server.settled()
  })
}

test('the reset query needs no search_path', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn(), { serverSettings: { search_path: 'none' } })
  t.is(await connection.reset(), undefined)
})

test('the timeout bounds all of it, and a reset that fails leaves a connection that can be asked', async (t) => {
  class Slow extends Connection {
    override getResetQuery(): string {
      return 'select pg_sleep(60)'
    }
  }
  class Wrong extends Connection {
    override getResetQuery(): string {
      return 'no such statement'
    }
  }
  const server = await sharedServer()
  const slow = await opened(t, server.dsn(), { connectionClass: Slow })
  const started = performance.now()
  const late = await reason(slow.reset({ timeout: 100 }))
  t.true(late instanceof TimeoutError)
  t.is(late.message, 'reset timed out after 100 ms')
  t.is(late.phase, 'reset')
  t.true(performance.now() - started < AT_ONCE_MS)
  t.is(await slow.fetchValue('select 1'), 1)
  const wrong = await opened(t, server.dsn(), { connectionClass: Wrong })
  t.is((await reason(wrong.reset())).sqlstate, '42601')
  t.is(await wrong.fetchValue('select 1'), 1)
})

test('calls in flight are answered before a reset', async (t) => {
  const server = await sharedServer()
  const connection = await connect(server.dsn())
  const before = connection.fetchValue('select 1 from pg_sleep(0.05)')
  const resetting = connection.reset()
  const after = connection.fetchValue('select 2')
  t.deepEqual(await Promise.all([before, resetting, after]), [1, undefined, 2])
  await connection.close()
})

test.serial('a transaction that is still being begun is rolled back, too', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  const began = connection.execute("begin; set work_mem = '9MB'")
  const warned = once(process, 'warning')
  await connection.reset()
  t.is(await began, 'SET')
  t.is((await warned)[0].code, 'CORNAC_RESET_IN_TRANSACTION')
  t.false(connection.isInTransaction())
  t.not(await connection.fetchValue("select current_setting('work_mem')"), '9MB')
})

test('commandTimeout bounds a reset that names no limit of its own', async (t) => {
  class Slow extends Connection {
    override getResetQuery(): string {
      return 'select pg_sleep(60)'
    }
  }
  const server = await sharedServer()
  const connection = await opened(t, server.dsn(), { connectionClass: Slow, commandTimeout: 100 })
  t.true((await reason(connection.reset())) instanceof TimeoutError)
})

test('a reset whose limits are over before it begins changes nothing', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn())
  await connection.execute('begin')
  const late = await reason(connection.reset({ timeout: 0 }))
  t.true(late instanceof TimeoutError)
  t.is(late.message, 'reset timed out: its limit was 0 ms')
  t.false(late.maybeExecuted)
  const cause = new Error('not any more')
  t.is(await reason(connection.reset({ signal: AbortSignal.abort(cause) })), cause)
  t.true(connection.isInTransaction())
  await connection.execute('rollback')
})
