import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { ConnectionDoesNotExistError, InterfaceError } from '../../index.ts'
import { open, openWatched, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'

const DONE = { done: true, value: undefined }

test('notifications are iterated in order, also those that came before the first was asked for', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  const stream = connection.notifications('row')
  await stream.listening
  await other.execute("select pg_notify('row', n::text) from generate_series(1, 100) n")
  const payloads: string[] = []
  for await (const { pid, channel, payload } of stream) {
    t.is(pid, other.getServerPid())
    t.is(channel, 'row')
    payloads.push(payload)
    if (payloads.length === 50) await other.execute("notify row, 'last'")
    if (payload === 'last') break
  }
  t.deepEqual(payloads, [...Array.from({ length: 100 }, (_, n) => String(n + 1)), 'last'])
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
  t.deepEqual(await stream.next(), DONE)
})

test('calls to next() are answered in their order, and those left over are done', async (t) => {
  const connection = await open(t)
  const stream = connection.notifications('queue')
  const asked = [stream.next(), stream.next(), stream.next()]
  await connection.execute("notify queue, '1'; notify queue, '2'")
  t.deepEqual(
    (await Promise.all(asked.slice(0, 2))).map(({ value }) => value?.payload),
    ['1', '2'],
  )
  await stream.return()
  t.deepEqual(await asked[2], DONE)
})

test('a loop that throws leaves the channel', async (t) => {
  const connection = await open(t)
  const thrown = new Error('from the loop')
  const looping = (async () => {
    const stream = connection.notifications('thrown')
    await connection.execute('notify thrown')
    for await (const _ of stream) throw thrown
  })()
  t.is(await reason(looping), thrown)
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
})

test('more than the limit end the iteration loudly, behind those that wait', async (t) => {
  const connection = await open(t)
  const stream = connection.notifications('flood', { limit: 10 })
  await connection.execute("select pg_notify('flood', n::text) from generate_series(1, 11) n")
  t.true(
    await eventually(async () => (await connection.fetch('select pg_listening_channels()')).length === 0),
  )
  for (let n = 1; n <= 10; n++) t.is((await stream.next()).value?.payload, String(n))
  const error = await reason(stream.next())
  t.true(error instanceof InterfaceError)
  t.is(
    error.message,
    'notifications of channel "flood" were lost: 10 were waiting to be read, the limit is 10',
  )
  t.is(error.hint, 'read them faster, or give a higher limit')
  t.deepEqual(await stream.next(), DONE)
  for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7'] as any[]) {
    t.throws(() => connection.notifications('flood', { limit }), { instanceOf: InterfaceError })
  }
  t.throws(() => connection.notifications('flood', { timeout: 1 } as any), { instanceOf: InterfaceError })
})

test('a loop that keeps up reads any number that come at once', async (t) => {
  const connection = await open(t)
  const stream = connection.notifications('burst', { limit: 1 })
  const reading = (async () => {
    let read = 0
    for await (const { payload } of stream) {
      t.is(payload, String(++read))
      if (read === 20_000) break
    }
  })()
  await stream.listening
  await connection.execute("select pg_notify('burst', n::text) from generate_series(1, 20000) n")
  await reading
  t.false(connection.isClosed())
})

test('of those that come at once to a slow loop, as many as the limit can be read', async (t) => {
  const connection = await open(t)
  const stream = connection.notifications('slow', { limit: 10 })
  const read: string[] = []
  const reading = (async () => {
    for await (const { payload } of stream) {
      read.push(payload)
      await connection.fetch('select 1')
    }
  })()
  await stream.listening
  await connection.execute("select pg_notify('slow', n::text) from generate_series(1, 5000) n")
  t.true((await reason(reading)) instanceof InterfaceError)
  t.true(read.length > 10 && read.length < 5000, String(read.length))
  t.deepEqual(
    read,
    read.map((_, n) => String(n + 1)),
  )
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
})

test('an abort ends it with its reason at once, and one before sends nothing', async (t) => {
  const connection = await open(t)
  const cause = new Error('enough')
  const controller = new AbortController()
  const stream = connection.notifications('abort', { signal: controller.signal })
  await connection.execute("notify abort, 'dropped'")
  const other = connection.notifications('abort', { signal: controller.signal })
  const next = other.next()
  controller.abort(cause)
  t.is(await reason(next), cause)
  t.is(await reason(stream.next()), cause)
  t.deepEqual(await stream.next(), DONE)
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
  const late = connection.notifications('abort', { signal: controller.signal })
  t.is(await reason(late.next()), cause)
  t.deepEqual(await late.next(), DONE)
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
})

test('ten thousand iterations and calls on one signal leave no listener at it', async (t) => {
  const connection = await open(t)
  const { signal } = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = function (this: AbortSignal, ...args: any[]) {
    listeners++
    return (addEventListener as any).apply(this, args)
  }
  signal.removeEventListener = function (this: AbortSignal, ...args: any[]) {
    listeners--
    return (removeEventListener as any).apply(this, args)
  }
  const streams = Array.from({ length: 10_000 }, () => connection.notifications('shared', { signal }))
  const calls = Array.from({ length: 10_000 }, (_, n) =>
    connection.fetchValue('select $1::int', [n], { signal }),
  )
  t.is(listeners, 1)
  await Promise.all([...streams.map((stream) => stream.return()), ...calls])
  t.is(listeners, 0)
})

test('the loss of the session ends it with the server’s last words, behind what waits', async (t) => {
  const database = await testDatabase()
  const connection = await open(t)
  const stream = connection.notifications('lost')
  const waiting = connection.notifications('lost')
  await connection.execute("notify lost, 'before'")
  t.is((await waiting.next()).value?.payload, 'before')
  const next = waiting.next()
  await database.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  const error = await reason(next)
  t.true(error instanceof ConnectionDoesNotExistError)
  t.is(error.cause.sqlstate, '57P01')
  t.is((await stream.next()).value?.payload, 'before')
  t.is((await reason(stream.next())).cause.sqlstate, '57P01')
  t.deepEqual(await stream.next(), DONE)
})

test('a cut line ends it, too', async (t) => {
  const { connection, link } = await openWatched(t)
  const stream = connection.notifications('cut')
  await stream.listening
  const next = stream.next()
  link.drop('reset')
  const error = await reason(next)
  t.true(error instanceof ConnectionDoesNotExistError)
  t.is(error.maybeExecuted, false)
})

test('close() and terminate() end it without an error', async (t) => {
  for (const end of ['close', 'terminate'] as const) {
    const connection = await open(t)
    const stream = connection.notifications('quiet')
    await stream.listening
    const next = stream.next()
    await connection[end]()
    t.deepEqual(await next, DONE)
    t.deepEqual(await stream.next(), DONE)
  }
})

test('an iteration that nobody reads rejects nothing that nobody sees', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  await reason(connection.execute('select 1/0'))
  connection.notifications('unread')
  await connection.execute('rollback')
  connection.notifications('unread')
  connection.terminate()
  await turn()
  t.pass()
})

test('an iteration can be disposed of', async (t) => {
  const connection = await open(t)
  {
    await using stream = connection.notifications('disposed')
    await stream.listening
  }
  t.deepEqual(await connection.fetch('select pg_listening_channels()'), [])
})
