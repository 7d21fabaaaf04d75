import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import test from 'ava'
import { connect, createPool, type TraceMessage } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { type Event, subscribe } from './subscribe.ts'

const names = (events: readonly Event[]) => events.map(([name]) => name)

test.serial(
  'cornac:query tells of a query, in the words of OpenTelemetry, without its arguments',
  async (t) => {
    const events = subscribe(t, 'query')
    const database = await testDatabase()
    const connection = await open(t)
    const rows = await connection.fetch('select $1::text as a', ['secret'], { timeout: 10_000 })
    t.deepEqual(names(events), ['start', 'end', 'asyncStart', 'asyncEnd'])
    const [[, message]] = events as [Event]
    for (const [, each] of events) t.is(each, message)
    t.deepEqual(message.attributes, {
      'db.system.name': 'postgresql',
      'db.namespace': database.name,
      'server.address': database.server.host,
      'server.port': database.server.port,
      'db.query.text': 'select $1::text as a',
      'db.response.returned_rows': 1,
    })
    t.is(message.connection, connection)
    t.deepEqual(message.args, ['secret'])
    t.is(message.timeout, 10_000)
    t.false(message.isInternal)
    t.is(message.result, rows)
  },
)

test.serial('cornac:query tells of a failure', async (t) => {
  const events = subscribe(t, 'query')
  const connection = await open(t)
  const error = await reason(connection.fetch('select 1/0'))
  t.deepEqual(names(events), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  t.is(events[2]![1].error, error)
})

test.serial('cornac:connect tells of the place, and with several hosts which one it was', async (t) => {
  const events = subscribe(t, 'connect')
  const database = await testDatabase()
  const { host, port } = database.server
  const connection = await open(t)
  t.deepEqual(names(events), ['start', 'end', 'asyncStart', 'asyncEnd'])
  const place = { 'db.system.name': 'postgresql', 'db.namespace': database.name } as const
  t.deepEqual(events[0]![1].attributes, { ...place, 'server.address': host, 'server.port': port })
  connection.terminate()

  events.length = 0
  const started: object[] = []
  const note = (message: unknown) => void started.push({ ...(message as TraceMessage).attributes })
  tracingChannel('cornac:connect').start.subscribe(note)
  t.teardown(() => tracingChannel('cornac:connect').start.unsubscribe(note))
  const several = await connect(database.dsn(), { host: ['127.0.0.1', host], port: [1, port] })
  t.teardown(() => several.terminate())
  t.deepEqual(started, [place])
  t.deepEqual(events[0]![1].attributes, { ...place, 'server.address': host, 'server.port': port })

  events.length = 0
  const error = await reason(connect(database.dsn(), { host: '127.0.0.1', port: 1 }))
  t.deepEqual(names(events), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  t.is(events[0]![1].error, error)
})

test.serial('cornac:transaction tells of bodies and of transactions that are ended by hand', async (t) => {
  const events = subscribe(t, 'transaction')
  const connection = await open(t)
  const operations = () =>
    events.map(([name, { attributes }]) => `${name} ${attributes['db.operation.name']}`)
  await connection.transaction(async (tx) => {
    await tx.transaction(() => {})
  })
  t.deepEqual(operations(), [
    'start BEGIN',
    'start SAVEPOINT',
    'end SAVEPOINT',
    'end BEGIN',
    'asyncStart SAVEPOINT',
    'asyncEnd SAVEPOINT',
    'asyncStart BEGIN',
    'asyncEnd BEGIN',
  ])

  events.length = 0
  const tx = connection.transaction()
  await tx.start()
  t.deepEqual(names(events), ['start', 'end'])
  await tx.execute('select 1')
  await tx.rollback()
  t.deepEqual(names(events), ['start', 'end', 'asyncStart', 'asyncEnd'])

  events.length = 0
  const thrown = new Error('from the body')
  await reason(
    connection.transaction(() => {
      throw thrown
    }),
  )
  t.deepEqual(names(events), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  t.is(events[0]![1].error, thrown)
})

test.serial('a password with raw punctuation is told on no channel', async (t) => {
  const channels = [subscribe(t, 'connect'), subscribe(t, 'pool:acquire'), subscribe(t, 'pool:connect')]
  for (const secret of [
    '7@QXZJK',
    '7@QXZJK/w',
    '7/QXZJK',
    '7?a=QXZJK',
    '7@localhost/QXZJK',
    'p@corp:QXZJK',
  ]) {
    const dsn = `postgres://u:${secret}@localhost:1/d`
    await connect(dsn, { timeout: 1_000 }).catch(() => {})
    const pool = await createPool(dsn, { minSize: 0 }).catch(() => undefined)
    await pool?.acquire({ timeout: 50 }).catch(() => {})
    pool?.terminate()
    for (const events of channels) {
      for (const [event, message] of events) {
        t.false(inspect(message, { depth: 20, showHidden: true }).includes('QXZJK'), `${event}, ${secret}`)
      }
    }
  }
  for (const events of channels) t.true(events.length > 0)
})

test.serial('a transaction that is ended from outside has an end on its channel', async (t) => {
  const events = subscribe(t, 'transaction')
  const ends = [
    (connection: Awaited<ReturnType<typeof open>>) => connection.reset(),
    (connection: Awaited<ReturnType<typeof open>>) => connection.close(),
    (connection: Awaited<ReturnType<typeof open>>) => connection.terminate(),
  ]
  for (const end of ends) {
    events.length = 0
    const connection = await open(t)
    await connection.transaction().start()
    await end(connection)
    t.deepEqual(names(events), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  }
})

test.serial('a COMMIT that the server answers with ROLLBACK is told as a failure', async (t) => {
  const events = subscribe(t, 'transaction')
  const connection = await open(t)
  const tx = connection.transaction()
  await tx.start()
  await reason(tx.execute('select 1/0'))
  const error = await reason(tx.commit())
  t.is(error.name, 'TransactionRollbackError')
  t.deepEqual(names(events), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  t.is(events[0]![1].error, error)
})

test.serial('each attempt of a transaction is told by itself', async (t) => {
  const events = subscribe(t, 'transaction')
  const connection = await open(t)
  let attempts = 0
  await connection.transaction(
    async (tx) => {
      if (++attempts < 3) {
        await tx.execute("do $$ begin raise exception using errcode = '40001'; end $$")
      }
    },
    { attempts: 3 },
  )
  t.is(names(events).filter((name) => name === 'start').length, 3)
  t.is(names(events).filter((name) => name === 'error').length, 2)
})

test.serial('what is bound to a channel’s start holds within the transaction and its queries', async (t) => {
  const transactions = tracingChannel<unknown, TraceMessage>('cornac:transaction')
  const storage = new AsyncLocalStorage<TraceMessage>()
  transactions.start.bindStore(storage as any)
  t.teardown(() => transactions.start.unbindStore(storage as any))
  const seen: unknown[] = []
  const note = () => void seen.push(storage.getStore()?.attributes['db.operation.name'])
  tracingChannel('cornac:query').start.subscribe(note)
  t.teardown(() => tracingChannel('cornac:query').start.unsubscribe(note))
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    await tx.fetch('select 1')
    await tx.fetch('select 2')
  })
  await connection.fetch('select 3')
  t.deepEqual(seen.slice(-1), [undefined])
  t.true(seen.slice(0, -1).includes('BEGIN'))
  t.is(seen.filter((operation) => operation === 'BEGIN').length, seen.length - 1)
})
