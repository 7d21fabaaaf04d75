// Where argument sets come from: a source is held back while the server is behind, told when no more is wanted, and what
// it throws undoes what was sent.

import { PassThrough } from 'node:stream'
import test from 'ava'
import {
  type Connection,
  InFailedSQLTransactionError,
  InterfaceError,
  TimeoutError,
  UniqueViolationError,
} from '../../index.ts'
import { barrier, open, openWatched, reason } from '../query/open.ts'
import { eventually, until, untilBlocked } from '../support/waiting.ts'

const INSERT = 'insert into item values ($1, $2)'
const TEXT = 'x'.repeat(1000)

async function withItems(connection: Connection): Promise<Connection> {
  await connection.execute('create temp table item(a int primary key, b text)')
  return connection
}

const count = (connection: Connection): Promise<number | null> =>
  connection.fetchValue('select count(*)::int from item')

/** Sets without end, and what becomes of their source. */
interface Source {
  readonly sets: Iterable<unknown[]> | AsyncIterable<unknown[]>
  taken: number
  stopped: number
}

function sourceOf(make: (source: Source) => Source['sets']): Source {
  const source: { sets: Source['sets']; taken: number; stopped: number } = { sets: [], taken: 0, stopped: 0 }
  source.sets = make(source)
  return source
}

function endless(change?: (i: number) => void): Source {
  return sourceOf(function* (source) {
    try {
      for (;;) {
        change?.(source.taken)
        yield [source.taken++, TEXT]
      }
    } finally {
      source.stopped++
    }
  })
}

function endlessAsync(change?: (i: number) => unknown): Source {
  return sourceOf(async function* (source) {
    try {
      for (;;) {
        await change?.(source.taken)
        yield [source.taken++, TEXT]
      }
    } finally {
      source.stopped++
    }
  })
}

const KINDS = { sync: endless, async: endlessAsync } as const

for (const [kind, make] of Object.entries(KINDS)) {
  test(`a ${kind} source that throws in the middle leaves nothing behind`, async (t) => {
    const connection = await withItems(await open(t))
    const log: unknown[] = []
    connection.addLogListener((_, message) => log.push(message))
    for (const at of [0, 1, 300, 5_000, 20_000]) {
      const failure = new Error('the source is broken')
      const source = make((i) => {
        if (i === at) throw failure
      })
      t.is(await reason(connection.executeMany(INSERT, source.sets)), failure)
      t.is(source.taken, at)
      t.false(connection.isInTransaction())
      t.is(await count(connection), 0, `at ${at}`)
    }
    // The server's warning that there is no transaction is about what the driver does.
    t.deepEqual(log, [])
  })

  test(`a set that cannot be sent, far behind what was sent, undoes that: ${kind}`, async (t) => {
    const connection = await withItems(await open(t))
    const source = make()
    const sets = async function* () {
      let i = 0
      for await (const set of source.sets) yield i++ === 10_000 ? [i, {}] : set
    }
    const error = await reason(connection.executeMany(INSERT, sets()))
    t.is(error.element, 10_000)
    t.is(await count(connection), 0)
    t.is(source.stopped, 1)
  })

  test(`an error of the server ends a ${kind} source early`, async (t) => {
    const connection = await withItems(await open(t))
    await connection.executeMany(INSERT, [[77, 'there']])
    const source = make()
    const error = await reason(connection.executeMany(INSERT, source.sets))
    t.true(error instanceof UniqueViolationError)
    t.is(error.element, 77)
    t.true(await eventually(() => source.stopped === 1))
    t.is(await count(connection), 1)
  })

  test(`the server's error counts, not what a ${kind} source throws behind it`, async (t) => {
    const connection = await withItems(await open(t))
    await connection.executeMany(INSERT, [[1, 'there']])
    const source = make((i) => {
      if (i === 3_000) throw new Error('later')
    })
    t.true((await reason(connection.executeMany(INSERT, source.sets))) instanceof UniqueViolationError)
    t.is(await count(connection), 1)
  })

  test(`a ${kind} source is held back while the server is busy, and told when the call has timed out`, async (t) => {
    const { connection, link } = await openWatched(t)
    await withItems(connection)
    const { key } = await barrier(t)
    const source = make()
    const text = `insert into item select $1, $2 from (select pg_advisory_lock_shared(${key})) x`
    const call = reason(connection.executeMany(text, source.sets, { timeout: 3_000 }))
    await untilBlocked(connection)
    const error = await call
    // A source that nobody holds back gives much more in that time.
    t.true(source.taken * TEXT.length < 64 * 1024 * 1024, `${source.taken} sets were taken`)
    t.true(link.bytesToServer < 32 * 1024 * 1024)
    t.true(error instanceof TimeoutError)
    t.is(error.maybeExecuted, false)
    t.true(await eventually(() => source.stopped === 1))
    t.is(await count(connection), 0)
  })

  test(`an abort ends a ${kind} source, and the connection goes on`, async (t) => {
    const connection = await withItems(await open(t))
    for (const at of [0, 1, 5_000]) {
      const controller = new AbortController()
      const source = make((i) => {
        if (i === at) controller.abort(new Error('enough'))
      })
      const error = await reason(connection.executeMany(INSERT, source.sets, { signal: controller.signal }))
      t.is(error.message, 'enough')
      t.true(await eventually(() => source.stopped === 1))
      t.is(await count(connection), 0)
    }
  })

  test(`within a transaction what a ${kind} source gave before it failed stays`, async (t) => {
    const connection = await withItems(await open(t))
    await connection.transaction(async (tx) => {
      await tx.executeMany(INSERT, [[-1, 'before']])
      const source = make((i) => {
        if (i === 10_000) throw new Error('the source is broken')
      })
      t.is((await reason(tx.executeMany(INSERT, source.sets))).message, 'the source is broken')
      t.true(connection.isInTransaction())
      await tx.executeMany(INSERT, [[-2, 'behind']])
    })
    const stayed = (await count(connection)) ?? 0
    t.true(stayed > 2 && stayed <= 10_002, String(stayed))
    // Nothing that was sent is lost in between.
    t.is(await connection.fetchValue('select max(a) + 3 from item'), stayed)
  })

  test(`within a transaction an error of the server in the sets of a ${kind} source fails it`, async (t) => {
    const connection = await withItems(await open(t))
    const source = make((i) => {
      if (i > 100_000) throw new Error('it was not told to stop')
    })
    await reason(
      connection.transaction(async (tx) => {
        await tx.executeMany(INSERT, [[50, 'before']])
        t.is((await reason(tx.executeMany(INSERT, source.sets))).element, 50)
        t.true((await reason(tx.fetch('select 1'))) instanceof InFailedSQLTransactionError)
      }),
    )
    t.is(await count(connection), 0)
  })
}

test('a source is told once that no more is wanted, and what it says to that concerns nobody', async (t) => {
  const connection = await withItems(await open(t))
  for (const returns of [
    () => {
      throw new Error('in return')
    },
    () => Promise.reject(new Error('in return')),
    () => ({ done: true, value: undefined }),
  ]) {
    let told = 0
    const sets = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 'no array' }),
        return: () => {
          told++
          return returns()
        },
      }),
    }
    const error = await reason(connection.executeMany(INSERT, sets as never))
    t.regex(error.message, /invalid element #0/)
    t.true(await eventually(() => told === 1))
  }
  t.is(await count(connection), 0)
})

test('a stream whose next set is waited for is told as well', async (t) => {
  const connection = await withItems(await open(t))
  const stream = new PassThrough({ objectMode: true })
  stream.write([1, 'one'])
  let cancelled = 0
  const web = new ReadableStream<[number, string]>({
    start: (controller) => controller.enqueue([1, 'one']),
    cancel: () => void cancelled++,
  })
  for (const sets of [stream, web]) {
    t.true((await reason(connection.executeMany(INSERT, sets, { timeout: 50 }))) instanceof TimeoutError)
  }
  t.true(await eventually(() => stream.destroyed))
  t.true(await eventually(() => cancelled === 1))
  t.is(await count(connection), 0)
})

test('sources that break the protocol of iterators reject the call', async (t) => {
  const connection = await withItems(await open(t))
  const failure = new Error('no iterator')
  for (const sets of [
    {
      [Symbol.iterator]: () => {
        throw failure
      },
    },
    {
      get [Symbol.asyncIterator]() {
        throw failure
      },
    },
    { [Symbol.iterator]: () => ({}) },
    { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) },
    { [Symbol.asyncIterator]: () => ({ next: () => null }) },
    { [Symbol.iterator]: null },
  ]) {
    t.true((await reason(connection.executeMany(INSERT, sets as never))) instanceof Error)
  }
  t.is(await count(connection), 0)
})

test('close() ends a call whose source has not ended', async (t) => {
  const connection = await withItems(await open(t))
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const source = endlessAsync((i) => (i === 3_000 ? released : undefined))
  const call = reason(connection.executeMany(INSERT, source.sets))
  await until('the source waits', () => source.taken === 3_000)
  // What still runs when it is closed is cancelled.
  const other = await open(t)
  const waits = 'select wait_event from pg_stat_activity where pid = $1'
  await until('the server waits', async () => {
    return (await other.fetchValue(waits, [connection.getServerPid()])) === 'ClientRead'
  })
  await connection.close()
  t.true((await call) instanceof InterfaceError)
  release()
  t.true(await eventually(() => source.stopped === 1))
})

test('a backend that is killed, or a connection that is dropped, ends the source', async (t) => {
  for (const how of ['kill', 'terminate'] as const) {
    const connection = await withItems(await open(t))
    const other = await open(t)
    const source = endlessAsync((i) => (i % 100 === 0 ? new Promise(setImmediate) : undefined))
    const call = reason(connection.executeMany(INSERT, source.sets))
    await until('sets are taken', () => source.taken > 2_000)
    if (how === 'kill') await other.execute('select pg_terminate_backend($1)', [connection.getServerPid()])
    else connection.terminate()
    const error = await call
    t.true(['57P01', '08003', undefined].includes(error.sqlstate), String(error))
    t.true(await eventually(() => source.stopped === 1))
    t.true(await eventually(() => connection.isClosed()))
  }
})
