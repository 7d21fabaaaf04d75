// What a connection shows of itself when it is printed.

import { inspect } from 'node:util'
import test from 'ava'
import { Connection, connect, UnsupportedServerFeatureError } from '../../index.ts'
import { authOk, backendKeyData, parameterStatus, readyForQuery } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { addNames } from './names.ts'
import { opened, reason } from './opened.ts'

test('a connection shows where it leads and how it stands, and no password', async (t) => {
  const database = await testDatabase()
  const { hostname, port, username, password } = new URL(database.dsn())
  t.true(password.length > 0)
  const connection = await opened(t, database.dsn())
  const shown = (state: string) =>
    `Connection { host: '${hostname}', port: ${port}, database: '${database.name}', user: '${username}', ` +
    `process: ${connection.getServerPid()}, state: '${state}' }`
  const print = () => inspect(connection, { breakLength: Number.POSITIVE_INFINITY })
  t.is(print(), shown('open'))
  await connection.execute('begin')
  t.is(print(), shown('in a transaction'))
  await reason(connection.execute('select 1 / 0'))
  t.is(print(), shown('in a failed transaction'))
  await connection.execute('rollback')
  const closing = connection.close()
  t.is(print(), shown('closing'))
  await closing
  t.is(print(), shown('closed'))
  t.false(inspect(connection, { showHidden: true, depth: 9, getters: true }).includes(password))
})

test('a subclass shows its own name', async (t) => {
  class Mine extends Connection {}
  const database = await testDatabase()
  const connection = await connect(database.dsn(), { connectionClass: Mine })
  t.teardown(() => connection.terminate())
  t.true(connection instanceof Mine)
  t.true(inspect(connection).startsWith('Mine {'))
})

test('what may be a piece of a password in the DSN is not shown as part of the host', async (t) => {
  addNames({ 'c4n4ry@shown.test': ['127.0.0.1'] })
  await using server = await ScriptedServer.start(async (session) => void (await session.login()))
  const connection = await opened(
    t,
    `postgres://someone:7@c4n4ry@shown.test:${server.port}/db?sslmode=disable`,
  )
  const shown = inspect(connection)
  t.false(shown.includes('c4n4ry'), shown)
  t.regex(shown, /host: '…@shown\.test'/)
})

test('the settings show themselves, and are what they were to programs', async (t) => {
  const connection = await opened(t, (await testDatabase()).dsn(), {
    serverSettings: { application_name: 'me' },
  })
  const settings = connection.getSettings()
  t.regex(inspect(settings), /^ConnectionSettings \{[\s\S]*application_name: 'me'/)
  t.is(JSON.parse(JSON.stringify(settings)).application_name, 'me')
  t.true(Object.keys(settings).includes('server_version'))
  await connection.execute("set application_name = 'you'")
  t.regex(inspect(settings), /application_name: 'you'/)
})

/** What a server says its version is, and what that is to programs. */
const VERSIONS: [reported: string, version: [number, number, number] | undefined][] = [
  ['Postgres-XL 9.2.1', [9, 2, 1]],
  ['PostgreSQL 11.2-YB-2.1', [11, 0, 2]],
  ['on x86_64: v16.3', [16, 0, 3]],
  ['devel', undefined],
  ['', undefined],
]

test('a version that is odd is read, or refused with what was reported', async (t) => {
  for (const [reported, expected] of VERSIONS) {
    await using server = await ScriptedServer.start(async (session) => {
      await session.startup()
      session.send(authOk(), parameterStatus('server_version', reported), backendKeyData(), readyForQuery())
    })
    const connection = await opened(t, server.dsn('?sslmode=disable'))
    if (expected === undefined) {
      const error = t.throws(() => connection.getServerVersion())
      t.true(error instanceof UnsupportedServerFeatureError, reported)
      t.true(error!.message.includes(JSON.stringify(reported)), error!.message)
    } else {
      const { major, minor, micro } = connection.getServerVersion()
      t.deepEqual([major, minor, micro], expected, reported)
    }
  }
})

test('a server that reports no version says so when it is asked for', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authOk(), backendKeyData(), readyForQuery())
  })
  const connection = await opened(t, server.dsn('?sslmode=disable'))
  const error = t.throws(() => connection.getServerVersion())
  t.true(error instanceof UnsupportedServerFeatureError)
  t.regex(error!.message, /does not report its version/)
})
