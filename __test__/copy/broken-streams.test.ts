// Streams of Node that fail before the call that is to read or write them has its turn. An error of a stream that nobody
// listens to ends the process, and with it these tests.

import { EventEmitter } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { PassThrough, type Readable } from 'node:stream'
import test from 'ava'
import type { Connection, Queryable } from '../../index.ts'
import { openPool } from '../pool/open.ts'
import { reason } from '../query/open.ts'
import { nowhere } from './ends.ts'

/** Waits until a stream has failed, without listening to its error. */
const broken = (stream: Broken['stream']): Promise<void> =>
  new Promise((resolve) => stream.once('close', () => resolve()))

interface Broken {
  readonly stream: Readable | NodeJS.WritableStream
  readonly call: (on: Queryable) => Promise<unknown>
}

/** Calls whose stream cannot be opened. */
const CALLS: { readonly [what: string]: () => Broken } = {
  'the source of a COPY'() {
    const stream = createReadStream(nowhere)
    return { stream, call: (on) => on.copyToTable('broken', { source: stream }) }
  },
  'the output of a COPY of a table'() {
    const stream = createWriteStream(nowhere)
    return { stream, call: (on) => on.copyFromTable('broken', { output: stream }) }
  },
  'the output of a COPY of a query'() {
    const stream = createWriteStream(nowhere)
    return { stream, call: (on) => on.copyFromQuery('select 1', [], { output: stream }) }
  },
  'the records of a COPY'() {
    const stream = createReadStream(nowhere)
    return { stream, call: (on) => on.copyRecordsToTable('broken', { records: stream }) }
  },
  'the sets of a batch'() {
    const stream = createReadStream(nowhere)
    return { stream, call: (on) => on.executeMany('insert into broken values ($1)', stream) }
  },
  'the sets of a batch with rows'() {
    const stream = createReadStream(nowhere)
    return { stream, call: (on) => on.fetchMany('insert into broken values ($1) returning n', stream) }
  },
}

for (const [what, make] of Object.entries(CALLS)) {
  test.serial(
    `${what} fails while its call waits for a connection: the call rejects with that`,
    async (t) => {
      const pool = await openPool(t, { maxSize: 1 })
      await pool.execute('create table if not exists broken (n int)')
      const held = await pool.acquire()
      const { stream, call } = make()
      const failure = reason(call(pool))
      await broken(stream)
      await held.release()
      t.is(((await failure) as NodeJS.ErrnoException).code, 'ENOENT')
      t.is(await pool.fetchValue('select count(*) from broken'), 0)
    },
  )
}

test.serial('the sets of a prepared statement fail while it waits for its turn', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.withConnection(async (connection) => {
    await connection.execute('create temp table item (n int)')
    const statement = await connection.prepare('insert into item values ($1)')
    const slow = connection.execute('select pg_sleep(0.2)')
    const stream = createReadStream(nowhere)
    const failure = reason(statement.executeMany(stream))
    await broken(stream)
    await slow
    t.is(((await failure) as NodeJS.ErrnoException).code, 'ENOENT')
  })
})

/** As much of a stream as calls look at. */
class Pieces<T> extends EventEmitter {
  readonly #pieces: readonly T[]

  constructor(pieces: readonly T[]) {
    super()
    this.#pieces = pieces
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    yield* this.#pieces
  }
}

test('a stream that was read or written to its end is listened to no more', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.withConnection(async (connection: Connection) => {
    await connection.execute('create temp table item (n int)')
    const source = new Pieces([Buffer.from('1\n')])
    await connection.copyToTable('item', { source })
    const sets = new Pieces([[2]])
    await connection.executeMany('insert into item values ($1)', sets)
    const output = new PassThrough().resume()
    await connection.copyFromTable('item', { output })
    const listeners = [source, sets, output].map((stream) => stream.listenerCount('error'))
    t.deepEqual(listeners, [0, 0, 0])
  })
})

test('a call that fails before it turns to its stream has ended that', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.execute('create table if not exists broken (n int)')
  const held = await pool.acquire()
  const late = { timeout: 20 }
  const file = createReadStream(new URL(import.meta.url))
  await t.throwsAsync(pool.copyToTable('broken', { source: file, ...late }), { name: 'TimeoutError' })
  t.true(file.destroyed, 'of a COPY into a table')
  const sets = new PassThrough({ objectMode: true })
  await t.throwsAsync(pool.executeMany('insert into broken values ($1)', sets, late), {
    name: 'TimeoutError',
  })
  t.true(sets.destroyed, 'of a batch')
  let cancelled: unknown
  const web = new ReadableStream({
    cancel: (why) => {
      cancelled = why
    },
  })
  const error = await reason(pool.copyRecordsToTable('broken', { records: web, ...late }))
  t.is(cancelled, error)
  await held.release()
  for (const call of [
    (output: PassThrough) =>
      pool.copyFromQuery('select $1::int', [], { output, signal: AbortSignal.abort() }),
    (output: PassThrough) => pool.copyFromQuery('select $1::int', [1, 2], { output }),
  ]) {
    const output = new PassThrough()
    t.is(output.errored, null)
    const failure = await reason(call(output))
    t.is(output.errored, failure)
  }
})

test('a COPY that failed leaves no listener on a stream that the process has for good', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const before = process.stdout.listenerCount('error')
  await t.throwsAsync(pool.copyFromTable('does not exist', { output: process.stdout }))
  t.is(process.stdout.listenerCount('error'), before)
})
