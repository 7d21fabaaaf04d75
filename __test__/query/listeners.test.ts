import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import {
  ConnectionDoesNotExistError,
  InterfaceError,
  PostgresLogMessage,
  PostgresWarning,
} from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { open, reason } from './open.ts'

const raise = (level: string, text: string) => `do $$ begin raise ${level} '${text}'; end $$`

test('log listeners get notices and warnings in order, on a later tick', async (t) => {
  const connection = await open(t)
  const heard: [unknown, any][] = []
  const listener = (from: unknown, message: PostgresLogMessage) => void heard.push([from, message])
  connection.addLogListener(listener)
  connection.addLogListener(listener)
  await connection.execute(`${raise('notice', 'first')}; ${raise('warning', 'second')}`)
  await connection.fetch('drop table if exists nowhere_at_all')
  t.true(await eventually(() => heard.length === 3))
  t.deepEqual(
    heard.map(([from, { message, severity }]) => [from === connection, message, severity]),
    [
      [true, 'first', 'NOTICE'],
      [true, 'second', 'WARNING'],
      [true, 'table "nowhere_at_all" does not exist, skipping', 'NOTICE'],
    ],
  )
  t.is(heard[0]![1].constructor, PostgresLogMessage)
  t.is(heard[0]![1].sqlstate, '00000')
  t.is(heard[1]![1].constructor, PostgresWarning)
  connection.removeLogListener(listener)
  connection.removeLogListener(listener)
  await connection.execute(raise('notice', 'unheard'))
  await turn()
  t.is(heard.length, 3)
})

test('a message knows the statement that ran, and shows it to no logger', async (t) => {
  const connection = await open(t)
  await connection.execute(`create function told() returns int language plpgsql as
    $$ begin raise notice 'told'; return 1; end $$`)
  const heard: PostgresLogMessage[] = []
  connection.addLogListener((_, message) => void heard.push(message))
  const script = raise('warning', 'script')
  const statement = await connection.prepare('select told() as prepared')
  await Promise.all([
    connection.fetch('select told() as first'),
    connection.execute(script),
    connection.fetchMany('select told() + $1', [[1], [2]]),
    statement.fetch(),
    connection.copyFromQuery('select told()', [], { output: () => {} }),
  ])
  const controller = new AbortController()
  const slow = connection.fetch('select told(), pg_sleep(60)', [], { signal: controller.signal })
  slow.catch(() => {})
  t.true(await eventually(() => heard.length === 7))
  controller.abort()
  await reason(slow)
  t.deepEqual(
    heard.map(({ query }) => query),
    [
      'select told() as first',
      script,
      'select told() + $1',
      'select told() + $1',
      'select told() as prepared',
      'COPY (select told()\n) TO STDOUT',
      'select told(), pg_sleep(60)',
    ],
  )
  t.false(JSON.stringify(heard).includes('select told()'))
})

test('errors do not go to log listeners', async (t) => {
  const connection = await open(t)
  const heard: unknown[] = []
  connection.addLogListener((_, message) => heard.push(message))
  await reason(connection.execute('select 1/0'))
  await turn()
  t.deepEqual(heard, [])
})

test('what a listener throws goes to onCallbackError and breaks nothing', async (t) => {
  const caught: unknown[] = []
  const connection = await open(t, { onCallbackError: (error) => caught.push(error) })
  const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
  const heard: string[] = []
  connection.addLogListener(() => {
    throw thrown
  })
  connection.addLogListener((async () => Promise.reject(rejected)) as any)
  connection.addLogListener((_, { message }) => heard.push(message))
  connection.addTerminationListener(() => {
    throw thrown
  })
  await connection.execute(raise('notice', 'x'))
  t.true(await eventually(() => caught.length === 2))
  t.deepEqual(new Set(caught), new Set([thrown, rejected]))
  t.deepEqual(heard, ['x'])
  t.is(await connection.fetchValue('select 1'), 1)
  await connection.close()
  t.true(await eventually(() => caught.length === 3))
  t.is(caught[2], thrown)
})

test.serial('without onCallbackError, or when it throws itself, it is a process warning', async (t) => {
  const warnings: (Error & { code?: string })[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const connection = await open(t)
  const other = await open(t, {
    onCallbackError: () => {
      throw new Error('from the handler')
    },
  })
  for (const each of [connection, other]) {
    each.addLogListener(() => {
      throw new Error('from the listener')
    })
    await each.execute(raise('notice', 'x'))
  }
  t.true(await eventually(() => warnings.length === 2))
  t.deepEqual(
    warnings.map(({ code, message }) => [code, message]),
    [
      ['CORNAC_CALLBACK_ERROR', 'a callback of a connection failed: from the listener'],
      ['CORNAC_CALLBACK_ERROR', 'a callback of a connection failed: from the handler'],
    ],
  )
})

test.serial('whatever a listener throws, it ends as a process warning', async (t) => {
  const warnings: string[] = []
  const listen = ({ message }: Error) => void warnings.push(message)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const connection = await open(t)
  const hostile = {
    get() {
      throw new Error('a trap')
    },
    getPrototypeOf() {
      throw new Error('a trap')
    },
  }
  const thrown = [
    Object.create(null),
    Symbol('sign'),
    Object.assign(new Error('x'), { message: Symbol('sign') }),
    Object.assign(new Error('no stack'), { stack: Symbol('sign') }),
    new Proxy({}, hostile),
  ]
  for (const each of thrown) {
    const fails = () => {
      throw each
    }
    connection.addLogListener(fails)
    await connection.execute(raise('notice', 'x'))
    await turn()
    connection.removeLogListener(fails)
  }
  t.true(await eventually(() => warnings.length === thrown.length))
  const words = [
    'a value of type object',
    'Symbol(sign)',
    'a value of type object',
    'no stack',
    'a value of type object',
  ]
  t.deepEqual(
    warnings,
    words.map((word) => `a callback of a connection failed: ${word}`),
  )
})

test('a termination listener is called once, however the connection ends', async (t) => {
  const database = await testDatabase()
  const endings: ((pid: number, connection: any) => unknown)[] = [
    (_, connection) => connection.close(),
    (_, connection) => connection.terminate(),
    (pid) => database.admin(`select pg_terminate_backend(${pid})`),
    (pid, connection) => reason(connection.execute(`select pg_terminate_backend(${pid})`)),
  ]
  for (const end of endings) {
    const connection = await open(t)
    let calls = 0
    let removed = 0
    const gone = () => void removed++
    connection.addTerminationListener((from) => {
      t.is(from, connection)
      t.true(connection.isClosed())
      calls++
    })
    connection.addTerminationListener(gone)
    connection.removeTerminationListener(gone)
    await end(connection.getServerPid(), connection)
    t.true(await eventually(() => calls > 0))
    await connection.close()
    connection.terminate()
    await turn()
    t.is(calls, 1)
    t.is(removed, 0)
  }
})

test('a server’s last words are the cause of later errors', async (t) => {
  const database = await testDatabase()
  const connection = await open(t)
  await database.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  t.true(await eventually(() => connection.isClosed()))
  const error = await reason(connection.fetch('select 1'))
  t.true(error instanceof ConnectionDoesNotExistError)
  t.is(error.message, 'connection is closed')
  t.is(error.cause.sqlstate, '57P01')
})

test('listeners that are no functions, or on a closed connection, are refused', async (t) => {
  const connection = await open(t)
  for (const listener of [undefined, null, {}, 'x'] as any[]) {
    t.throws(() => connection.addLogListener(listener), { instanceOf: InterfaceError })
    t.throws(() => connection.addTerminationListener(listener), { instanceOf: InterfaceError })
    t.notThrows(() => connection.removeLogListener(listener))
    t.notThrows(() => connection.removeTerminationListener(listener))
  }
  await connection.close()
  t.throws(() => connection.addLogListener(() => {}), {
    instanceOf: InterfaceError,
    message: 'connection is closed',
  })
  t.notThrows(() => connection.removeLogListener(() => {}))
})
