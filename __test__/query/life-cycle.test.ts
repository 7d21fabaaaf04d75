import test from 'ava'
import { ConnectionDoesNotExistError, PostgresError, QueryCanceledError, TimeoutError } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import {
  AT_ONCE_MS,
  activityOf,
  DEAF_SLEEP,
  eventually,
  syncsSent,
  untilSent,
  untilSleeping,
} from '../support/waiting.ts'
import { open, openWatched, reason } from './open.ts'

const gone = (pid: number): Promise<boolean> => eventually(async () => (await activityOf(pid)) === undefined)

test('two calls of close() at once both end', async (t) => {
  const connection = await open(t)
  await Promise.all([connection.close(), connection.close(), connection.close({ timeout: 5_000 })])
  t.true(connection.isClosed())
})

test('close() with calls sent behind the running one loses them, and says that they may have run', async (t) => {
  const { connection, link } = await openWatched(t)
  const pid = connection.getServerPid()
  await connection.fetch('select pg_sleep($1)', [0])
  const before = syncsSent(link)
  const running = reason(connection.fetch('select pg_sleep($1)', [60]))
  const behind = [1, 2, 3].map(() => reason(connection.fetch('select pg_sleep($1)', [0])))
  await untilSleeping(connection)
  await untilSent(link, before + 4)
  await connection.close()
  t.true((await running) instanceof QueryCanceledError)
  for (const call of behind) {
    const error = await call
    t.true(error instanceof ConnectionDoesNotExistError, String(error))
    t.true(error.maybeExecuted)
  }
  t.true(await gone(pid))
})

test('close() waits for the end of nothing longer than its timeout', async (t) => {
  const connection = await open(t)
  const pid = connection.getServerPid()
  const running = reason(
    // The cancel has no effect on a backend that ignores it.
    connection.execute(DEAF_SLEEP),
  )
  await untilSleeping(connection)
  const begin = performance.now()
  const error = await reason(connection.close({ timeout: 200 }))
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'close')
  t.is(error.message, 'close timed out after 200 ms: the connection was dropped')
  t.true(performance.now() - begin < AT_ONCE_MS)
  t.true(connection.isClosed())
  t.true((await running) instanceof ConnectionDoesNotExistError)
  const database = await testDatabase()
  await database.admin(`select pg_terminate_backend(${pid})`)
})

test('several close() have a limit each, and the first that passes ends the wait of all', async (t) => {
  const connection = await open(t)
  const pid = connection.getServerPid()
  const running = reason(connection.execute(DEAF_SLEEP))
  await untilSleeping(connection)
  const [patient, long, short] = await Promise.allSettled([
    connection.close(),
    connection.close({ timeout: 60_000 }),
    connection.close({ timeout: 200 }),
  ])
  t.is(patient.status, 'fulfilled')
  t.is(long.status, 'fulfilled')
  t.true(short.status === 'rejected' && short.reason instanceof TimeoutError)
  t.true((await running) instanceof ConnectionDoesNotExistError)
  const database = await testDatabase()
  await database.admin(`select pg_terminate_backend(${pid})`)
})

test('close() without time drops the connection, and an abort does too', async (t) => {
  const connection = await open(t)
  t.true((await reason(connection.close({ timeout: 0 }))) instanceof TimeoutError)
  t.true(connection.isClosed())
  const other = await open(t)
  const why = new Error('at once')
  t.is(await reason(other.close({ signal: AbortSignal.abort(why) })), why)
  t.true(other.isClosed())
  t.true(await gone(connection.getServerPid()))
  t.true(await gone(other.getServerPid()))
})

test('a backend that was killed rejects what runs with its last words', async (t) => {
  const database = await testDatabase()
  const { connection, link } = await openWatched(t)
  await connection.fetch('select pg_sleep($1)', [0])
  const before = syncsSent(link)
  const running = reason(connection.fetch('select pg_sleep($1)', [60]))
  const behind = reason(connection.fetch('select pg_sleep($1)', [0]))
  await untilSleeping(connection)
  await untilSent(link, before + 2)
  await database.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  const error = await running
  t.true(error instanceof PostgresError)
  t.is(error.sqlstate, '57P01')
  const lost = await behind
  t.true(lost instanceof ConnectionDoesNotExistError)
  t.is(lost.cause.sqlstate, '57P01')
  t.true(connection.isClosed())
})

test('a change of client_encoding closes the connection with a clear error', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.execute("set client_encoding to 'latin1'"))
  t.true(error instanceof ConnectionDoesNotExistError, String(error))
  t.regex(error.cause.message, /^client_encoding was changed to "LATIN1": the driver speaks UTF8 only/)
  t.true(connection.isClosed())
  const other = await open(t)
  await other.execute(
    "set client_encoding to 'UTF8'; set client_encoding to 'utf-8'; set client_encoding to 'UNICODE'",
  )
  t.is(await other.fetchValue('select 1'), 1)
})

test('settings follow the server', async (t) => {
  const connection = await open(t, { serverSettings: { application_name: 'first' } })
  const settings = connection.getSettings()
  t.is(settings.application_name, 'first')
  t.is(settings.get('application_name'), 'first')
  await connection.execute("set application_name to 'sécond'; set timezone to 'Europe/Paris'")
  t.is(settings.application_name, await connection.fetchValue('show application_name'))
  t.is(settings.get('TimeZone'), 'Europe/Paris')
  t.is(settings.nothing, undefined)
  t.is(settings.get('nothing'), undefined)
  t.true('TimeZone' in settings)
  t.false('__proto__' in settings)
  t.is((settings as any).then, undefined)
  t.true(Object.keys(settings).includes('server_version'))
  t.throws(() => {
    ;(settings as any).TimeZone = 'x'
  })
  t.is(connection.getSettings(), settings)
  t.is(await settings, settings)
})
