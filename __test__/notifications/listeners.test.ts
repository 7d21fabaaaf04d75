import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  ConnectionDoesNotExistError,
  InFailedSQLTransactionError,
  InterfaceError,
} from '../../index.ts'
import { barrier, open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { eventually, untilGone } from '../support/waiting.ts'

/** The channels that the server knows this session to listen to. */
const channels = async (connection: Connection): Promise<string[]> =>
  (await connection.fetch('select pg_listening_channels() as name order by 1')).map(({ name }) => name)

interface Heard {
  readonly listener: (connection: unknown, pid: number, channel: string, payload: string) => void
  readonly heard: [pid: number, channel: string, payload: string][]
}

function ear(t: ExecutionContext, expected: Connection): Heard {
  const heard: Heard['heard'] = []
  return {
    heard,
    listener: (connection, pid, channel, payload) => {
      t.is(connection, expected)
      heard.push([pid, channel, payload])
    },
  }
}

/** The LISTEN and UNLISTEN that a connection has sent. */
function spoken(connection: Connection): string[] {
  const queries: string[] = []
  connection.addQueryLogger(({ query }) => {
    if (query.includes('LISTEN')) queries.push(query)
  })
  return queries
}

test('a listener gets the notifications of its channel from any session, in order, with their pid', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  const { heard, listener } = ear(t, connection)
  await connection.addListener('news', listener)
  await other.execute("notify news, 'first'; notify other, 'unheard'; notify news")
  await connection.execute("notify news, 'own'")
  t.true(await eventually(() => heard.length === 3))
  t.deepEqual(heard, [
    [other.getServerPid(), 'news', 'first'],
    [other.getServerPid(), 'news', ''],
    [connection.getServerPid(), 'news', 'own'],
  ])
})

test('a notification comes between the calls of a busy connection, and while it waits for one', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  const { heard, listener } = ear(t, connection)
  await connection.addListener('busy', listener)
  const calls = Array.from({ length: 500 }, (_, n) => connection.fetchValue('select $1::int', [n]))
  const sent = Array.from({ length: 100 }, (_, n) =>
    other.execute('select pg_notify($1, $2)', ['busy', String(n)]),
  )
  t.deepEqual(await Promise.all(calls), [...calls.keys()])
  await Promise.all(sent)
  const held = await barrier(t)
  const waiting = connection.fetchValue('select pg_advisory_lock_shared($1)', [held.key])
  // A session hears what it is told between its statements only: that is PostgreSQL's rule.
  await other.execute("notify busy, 'last'")
  await held.open()
  await waiting
  t.true(await eventually(() => heard.length === 101))
  t.deepEqual(
    heard.map(([, , payload]) => payload),
    [...Array.from({ length: 100 }, (_, n) => String(n)), 'last'],
  )
})

test('names of channels are taken to the letter', async (t) => {
  const connection = await open(t)
  const { heard, listener } = ear(t, connection)
  const names = [
    'Papers',
    '12+"34',
    'ein Kanal; drop table x',
    "it's",
    '日本語',
    'é'.repeat(31),
    'x'.repeat(63),
  ]
  for (const name of names) await connection.addListener(name, listener)
  t.deepEqual((await channels(connection)).sort(), [...names].sort())
  for (const name of [...names, 'papers']) await connection.execute('select pg_notify($1, $1)', [name])
  t.true(await eventually(() => heard.length === names.length))
  t.deepEqual(
    heard.map(([, channel, payload]) => [channel, payload]),
    names.map((name) => [name, name]),
  )
  for (const name of names) await connection.removeListener(name, listener)
  t.deepEqual(await channels(connection), [])
})

test('what cannot be a channel or a listener is refused, and nothing is sent', async (t) => {
  const connection = await open(t)
  const queries = spoken(connection)
  const listener = () => {}
  const wrong: [unknown, RegExp][] = [
    [undefined, /a channel must be a string, got undefined/],
    [null, /got null/],
    [7, /got number/],
    ['', /needs a name/],
    ['a\0b', /NUL/],
    ['\ud800', /lone surrogate/],
    ['x'.repeat(64), /has 64 bytes, the most PostgreSQL takes is 63/],
    ['é'.repeat(32), /has 64 bytes/],
  ]
  for (const [channel, message] of wrong) {
    const error = await reason(connection.addListener(channel as string, listener))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, message)
    t.throws(() => connection.notifications(channel as string), { instanceOf: InterfaceError, message })
    await t.notThrowsAsync(connection.removeListener(channel as string, listener))
  }
  for (const callback of [undefined, null, {}, 'x'] as any[]) {
    const error = await reason(connection.addListener('x', callback))
    t.true(error instanceof InterfaceError)
    await t.notThrowsAsync(connection.removeListener('x', callback))
  }
  await connection.execute('select 1')
  t.deepEqual(queries, [])
  t.deepEqual(await channels(connection), [])
})

test('one LISTEN serves all listeners of a channel, and the last one that goes sends UNLISTEN', async (t) => {
  const connection = await open(t)
  const queries = spoken(connection)
  const ears = Array.from({ length: 50 }, () => ear(t, connection))
  await Promise.all(ears.map(({ listener }) => connection.addListener('many', listener)))
  // Adding one twice is adding it once.
  await connection.addListener('many', ears[0]!.listener)
  const stream = connection.notifications('many')
  await connection.execute("notify many, 'to all'")
  t.true(await eventually(() => ears.every(({ heard }) => heard.length === 1)))
  t.deepEqual(await stream.next(), {
    done: false,
    value: { pid: connection.getServerPid(), channel: 'many', payload: 'to all' },
  })
  t.deepEqual(queries, ['LISTEN "many"'])
  for (const { listener } of ears) await connection.removeListener('many', listener)
  t.deepEqual(queries, ['LISTEN "many"'])
  await stream.return()
  t.true(await eventually(() => queries.length === 2))
  t.deepEqual(queries, ['LISTEN "many"', 'UNLISTEN "many"'])
  // Nobody is there any more: nothing is sent.
  await connection.removeListener('many', ears[0]!.listener)
  await connection.removeListener('never', ears[0]!.listener)
  t.deepEqual(queries.length, 2)
  t.true(ears.every(({ heard }) => heard.length === 1))
})

test('a removed listener hears nothing from then on, and others of its channel still do', async (t) => {
  const connection = await open(t)
  const [gone, stays] = [ear(t, connection), ear(t, connection)]
  await connection.addListener('part', gone.listener)
  await connection.addListener('part', stays.listener)
  await connection.removeListener('part', gone.listener)
  await connection.execute("notify part, 'x'")
  t.true(await eventually(() => stays.heard.length === 1))
  t.deepEqual(gone.heard, [])
})

test('a listener that takes itself or another one back is not called for what has come already', async (t) => {
  const connection = await open(t)
  const heard: string[] = []
  const second = () => void heard.push('second')
  const first = async (_connection: unknown, _pid: number, _channel: string, payload: string) => {
    heard.push(payload)
    await Promise.all([
      connection.removeListener('leaving', first),
      connection.removeListener('leaving', second),
    ])
  }
  const last = ear(t, connection)
  await connection.addListener('leaving', first)
  await connection.addListener('leaving', second)
  await connection.addListener('leaving', last.listener)
  await connection.execute("notify leaving, '1'; notify leaving, '2'; notify leaving, '3'")
  t.true(await eventually(() => last.heard.length === 3))
  t.deepEqual(heard, ['1'])
})

test('adding and removing at once, again and again, ends as the last word says', async (t) => {
  const connection = await open(t)
  const { heard, listener } = ear(t, connection)
  const words: Promise<void>[] = []
  for (let i = 0; i < 100; i++) {
    words.push(connection.addListener('flutter', listener))
    if (i % 3 !== 0) words.push(connection.removeListener('flutter', listener))
  }
  await Promise.all(words)
  t.deepEqual(await channels(connection), ['flutter'])
  await connection.execute("notify flutter, 'x'")
  t.true(await eventually(() => heard.length === 1))
  await Promise.all([
    connection.removeListener('flutter', listener),
    connection.addListener('flutter', listener),
    connection.removeListener('flutter', listener),
  ])
  t.deepEqual(await channels(connection), [])
})

test('a listener that throws goes to onCallbackError, and the next one is called', async (t) => {
  const caught: unknown[] = []
  const connection = await open(t, { onCallbackError: (error) => void caught.push(error) })
  const { heard, listener } = ear(t, connection)
  const thrown = new Error('from the listener')
  await connection.addListener('thorny', () => {
    throw thrown
  })
  await connection.addListener('thorny', async () => {
    throw thrown
  })
  await connection.addListener('thorny', listener)
  await connection.execute("notify thorny, '1'; notify thorny, '2'")
  t.true(await eventually(() => heard.length === 2 && caught.length === 4))
  t.deepEqual(caught, [thrown, thrown, thrown, thrown])
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a listener may add and remove listeners, and call the connection', async (t) => {
  const connection = await open(t)
  const values: unknown[] = []
  const once = async (from: Connection, _pid: number, channel: string) => {
    await from.removeListener(channel, once)
    values.push(await from.fetchValue('select 42'))
    await from.addListener('next', async () => void values.push(await from.fetchValue('select 43')))
    await from.execute('notify next')
  }
  await connection.addListener('once', once)
  await connection.execute('notify once')
  t.true(await eventually(() => values.length === 2))
  t.deepEqual(values, [42, 43])
  t.deepEqual(await channels(connection), ['next'])
})

test('a LISTEN that the server refuses adds nothing, for all who wait for it', async (t) => {
  const connection = await open(t)
  const listener = () => {}
  await connection.execute('begin')
  await reason(connection.execute('select 1/0'))
  const stream = connection.notifications('refused')
  const errors = await Promise.all([
    reason(connection.addListener('refused', listener)),
    reason(connection.addListener('refused', () => {})),
    reason(stream.next()),
    reason(stream.listening),
  ])
  for (const error of errors) t.true(error instanceof InFailedSQLTransactionError)
  await connection.execute('rollback')
  t.deepEqual(await channels(connection), [])
  await connection.addListener('refused', listener)
  t.deepEqual(await channels(connection), ['refused'])
})

test('reset() removes all listeners, and ends iterations without an error', async (t) => {
  const connection = await open(t)
  const { heard, listener } = ear(t, connection)
  await connection.addListener('a', listener)
  const stream = connection.notifications('b')
  const next = stream.next()
  await connection.reset()
  t.deepEqual(await next, { done: true, value: undefined })
  t.deepEqual(await channels(connection), [])
  await connection.execute('notify a; notify b')
  await connection.addListener('a', listener)
  await connection.execute("notify a, 'again'")
  t.true(await eventually(() => heard.length === 1))
  t.deepEqual(heard, [[connection.getServerPid(), 'a', 'again']])
})

test('on a closed or lost connection nothing can be added, and removing does nothing', async (t) => {
  const database = await testDatabase()
  const closed = await open(t)
  const lost = await open(t)
  const { listener } = ear(t, closed)
  await closed.addListener('x', listener)
  await lost.addListener('x', listener)
  await closed.close()
  await database.admin(`select pg_terminate_backend(${lost.getServerPid()})`)
  await untilGone(lost.getServerPid())
  t.true(await eventually(() => lost.isClosed()))
  t.true((await reason(closed.addListener('x', listener))) instanceof InterfaceError)
  t.true((await reason(lost.addListener('x', listener))) instanceof ConnectionDoesNotExistError)
  t.throws(() => closed.notifications('x'), { instanceOf: InterfaceError, message: 'connection is closed' })
  t.throws(() => lost.notifications('x'), { instanceOf: ConnectionDoesNotExistError })
  await t.notThrowsAsync(closed.removeListener('x', listener))
  await t.notThrowsAsync(lost.removeListener('x', listener))
})

test('commandTimeout limits LISTEN, whose listener is not added then', async (t) => {
  const connection = await open(t, { commandTimeout: 1000 })
  const held = await barrier(t)
  const waiting = connection.fetchValue('select pg_advisory_lock_shared($1)', [held.key], { timeout: null })
  const error = await reason(connection.addListener('late', () => {}))
  t.is(error.name, 'TimeoutError')
  await held.open()
  await waiting
  const { heard, listener } = ear(t, connection)
  await connection.addListener('late', listener)
  await connection.execute('notify late', [], { timeout: null })
  t.true(await eventually(() => heard.length === 1))
  t.is(heard.length, 1)
})
