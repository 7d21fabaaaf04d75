import { PassThrough, Readable } from 'node:stream'
import test from 'ava'
import {
  ConnectionDoesNotExistError,
  type CopySource,
  DivisionByZeroError,
  InvalidTextRepresentationError,
  QueryCanceledError,
  TimeoutError,
  UndefinedTableError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { until } from '../support/waiting.ts'
import { slowly, TWO } from './ends.ts'
import { openTable } from './table.ts'

test('a source that fails keeps nothing, and is what the COPY rejects with', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const failure = new Error('the source has failed')
  const throwing = function* (): Generator<Uint8Array> {
    yield TWO
    throw failure
  }
  const sources: [name: string, source: CopySource][] = [
    ['a generator', throwing()],
    [
      'an async generator',
      (async function* () {
        yield* slowly([TWO])
        throw failure
      })(),
    ],
    ['a readable', Readable.from(throwing())],
    [
      'a web stream',
      new ReadableStream({
        pull(controller) {
          controller.enqueue(TWO)
          controller.error(failure)
        },
      }),
    ],
  ]
  for (const [name, source] of sources) {
    t.is(await reason(connection.copyToTable('t', { source })), failure, name)
    t.is(await connection.fetchValue('select count(*) from t'), 0)
  }
  const strings = reason(connection.copyToTable('t', { source: ['1\tx\n'] as any }))
  t.regex((await strings).message, /invalid source: it gave a string, expected bytes/)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('the server is told why, in so many words as it can show', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const told: string[] = []
  for (const text of ['plain', 'with \0 in it', 'é'.repeat(5_000), '\ud800']) {
    const source = (function* () {
      yield TWO
      throw new Error(text)
    })()
    await connection.transaction(async (tx) => {
      const error = await reason(tx.transaction(async (inner) => inner.copyToTable('t', { source })))
      told.push(error.message)
    })
  }
  t.deepEqual(told, ['plain', 'with \0 in it', 'é'.repeat(5_000), '\ud800'])
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('a source is told when the COPY ends before it does', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const bad = Buffer.from('no number\tx\n')
  let returned = 0
  const endless = (function* () {
    try {
      for (;;) yield bad
    } finally {
      returned++
    }
  })()
  t.true(
    (await reason(connection.copyToTable('t', { source: endless }))) instanceof
      InvalidTextRepresentationError,
  )
  t.is(returned, 1)
  const readable = new Readable({ read() {} })
  readable.push(bad)
  const error = await reason(connection.copyToTable('t', { source: readable, timeout: 200 }))
  t.true(error instanceof InvalidTextRepresentationError || error instanceof TimeoutError, String(error))
  t.true(readable.destroyed)
  let cancelled: unknown
  const web = new ReadableStream({
    cancel(why) {
      cancelled = why
    },
  })
  const late = await reason(connection.copyToTable('t', { source: web, timeout: 50 }))
  t.true(late instanceof TimeoutError)
  t.is(cancelled, late)
  const unread = new Readable({ read() {} })
  t.true((await reason(connection.copyToTable('none', { source: unread }))) instanceof UndefinedTableError)
  t.true(unread.destroyed)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a source or an output that cannot be told of the end does not hide why the COPY has ended', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  class Stuck extends PassThrough {
    override destroy(): this {
      throw new Error('in destroy()')
    }
  }
  const source = new Stuck()
  source.write(TWO)
  const late = await reason(connection.copyToTable('t', { source, timeout: 50 }))
  t.true(late instanceof TimeoutError, String(late))
  const output = new Stuck()
  const failed = await reason(connection.copyFromQuery('select 1 / 0', [], { output }))
  t.true(failed instanceof DivisionByZeroError, String(failed))
  t.is(await connection.fetchValue('select 1'), 1)
})

test('an abort and a timeout end it at any time, and nothing is kept', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const waiting = (): AsyncGenerator<Buffer> =>
    (async function* () {
      yield TWO
      await new Promise(() => {})
    })()
  const controller = new AbortController()
  const source = (async function* () {
    yield TWO
    controller.abort()
    await new Promise(() => {})
  })()
  const aborted = connection.copyToTable('t', { source, signal: controller.signal })
  t.is(await reason(aborted), controller.signal.reason)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
  const error = await reason(connection.copyToTable('t', { source: waiting(), timeout: 2_000 }))
  t.true(error instanceof TimeoutError)
  t.false(error.maybeExecuted, 'the server was told that this was not all')
  t.is(await connection.fetchValue('select count(*) from t'), 0)
  for (const signal of [AbortSignal.abort(), AbortSignal.abort(new Error('never'))]) {
    t.is(await reason(connection.copyToTable('t', { source: TWO, signal })), signal.reason)
  }
  t.true((await reason(connection.copyToTable('t', { source: TWO, timeout: 0 }))) instanceof TimeoutError)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('a COPY that is given up while the server is busy with something else is cancelled', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const holder = await open(t)
  await holder.execute('select pg_advisory_lock(4711)')
  await connection.execute(`create function pg_temp.waits() returns trigger language plpgsql as
    $$ begin perform pg_advisory_lock(4711); return new; end $$;
    create trigger waits before insert on t for each row execute function pg_temp.waits()`)
  const source = (function* () {
    for (;;) yield Buffer.from('1\tx\n'.repeat(10_000))
  })()
  const controller = new AbortController()
  const copy = reason(connection.copyToTable('t', { source, signal: controller.signal }))
  const pid = connection.getServerPid()
  const waits = 'select count(*) from pg_locks where pid = $1 and not granted'
  await until('the trigger waits', async () => (await holder.fetchValue(waits, [pid])) === 1)
  controller.abort()
  t.is(await copy, controller.signal.reason)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
  t.is(connection.getServerPid(), pid)
})

test('closing the connection ends a COPY that waits for its source', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  let asked!: () => void
  const started = new Promise<void>((resolve) => {
    asked = resolve
  })
  const source = (async function* () {
    yield TWO
    asked()
    await new Promise(() => {})
  })()
  const copy = reason(connection.copyToTable('t', { source }))
  await started
  await connection.close()
  t.true((await copy) instanceof QueryCanceledError)
})

test('a session that is killed while it waits for data has kept nothing', async (t) => {
  const connection = await open(t)
  const admin = await open(t)
  await admin.execute('create table kept (a int, b text)')
  let kill!: () => void
  const started = new Promise<void>((resolve) => {
    kill = resolve
  })
  const source = (async function* () {
    yield TWO
    kill()
    await new Promise(() => {})
  })()
  const copy = reason(connection.copyToTable('kept', { source }))
  await started
  await admin.execute('select pg_terminate_backend($1)', [connection.getServerPid()])
  const error = await copy
  t.true(error instanceof ConnectionDoesNotExistError || error.sqlstate === '57P01', String(error))
  t.is(await admin.fetchValue('select count(*) from kept'), 0)
})
