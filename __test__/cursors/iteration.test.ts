import test from 'ava'
import {
  type Connection,
  ConnectionDoesNotExistError,
  type CursorFactory,
  DivisionByZeroError,
  InFailedSQLTransactionError,
  InterfaceError,
  NoActiveSQLTransactionError,
  sql,
  TimeoutError,
} from '../../index.ts'
import { open, openWatched, preparedTexts, reason } from '../query/open.ts'
import { untilSleeping } from '../support/waiting.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'

const SERIES = 'select n from generate_series(1, $1::int) n'

async function read<T>(cursor: CursorFactory<T>): Promise<T[]> {
  const rows: T[] = []
  for await (const row of cursor) rows.push(row)
  return rows
}

/** Cursors that are open on the server, by its own account. */
const openCursors = (connection: Connection): Promise<number | null> =>
  connection.fetchValue("select count(*) from pg_cursors where name like 'cornac%'")

test('iteration gives what fetch gives, whatever the prefetch', async (t) => {
  const connection = await open(t)
  const expected = await connection.fetch(SERIES, [21])
  await connection.transaction(async () => {
    for (let prefetch = 1; prefetch < 25; prefetch++) {
      t.deepEqual(await read(connection.cursor(SERIES, [21], { prefetch })), expected, `${prefetch}`)
    }
    t.deepEqual(await read(connection.cursor(SERIES, [0])), [])
    t.deepEqual(await read(connection.cursor(SERIES, [50])), await connection.fetch(SERIES, [50]))
    t.deepEqual(await read(connection.cursor(sql`select ${'x'}::text as x`)), [{ x: 'x' }])
    t.is(await openCursors(connection), 0)
  })
})

test('statements that give no rows, and an empty text, end at once', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table written(a int)')
  await connection.transaction(async () => {
    t.deepEqual(await read(connection.cursor('')), [])
    t.deepEqual(await read(connection.cursor('insert into written values (1)')), [])
    const rows = await read(
      connection.cursor('insert into written select n from generate_series(2, 9) n returning a', [], {
        prefetch: 3,
      }),
    )
    t.is(rows.length, 8)
    t.is(await connection.fetchValue('select count(*) from written'), 9)
    t.deepEqual(await read(connection.cursor('show work_mem', [], { prefetch: 1 })), [
      await connection.fetchRow('show work_mem'),
    ])
  })
})

test('one outside of a transaction is refused, with nothing sent and nothing run', async (t) => {
  const { connection, link } = await openWatched(t)
  const cursor = connection.cursor(SERIES, [1])
  const before = link.bytesToServer
  const error = await reason(read(cursor))
  t.true(error instanceof NoActiveSQLTransactionError)
  t.is(error.sqlstate, '25P01')
  t.regex(error.message, /a cursor can only be used within a transaction/)
  t.is(error.query, SERIES)
  t.is(link.bytesToServer, before)
  // The same one is fine where there is one, also one that was begun by a statement.
  await connection.transaction(async () => t.deepEqual(await read(cursor), [{ n: 1 }]))
  await connection.execute('begin')
  t.deepEqual(await read(cursor), [{ n: 1 }])
  await connection.execute('rollback')
})

test('leaving the loop early closes the portal, and the next call works', async (t) => {
  const connection = await open(t)
  await connection.execute('create table left_early as select n from generate_series(1, 1000) n')
  await connection.transaction(async (tx) => {
    for await (const { n } of connection.cursor('table left_early')) if (n === 3) break
    t.is(await openCursors(connection), 0)
    const thrown = new Error('thrown in the loop')
    const error = await reason(
      (async () => {
        for await (const { n } of connection.cursor('table left_early')) if (n === 55) throw thrown
      })(),
    )
    t.is(error, thrown)
    for await (const _ of connection.cursor('table left_early', [], { prefetch: 1 })) break
    // The table is not in use by a portal that was left open.
    await tx.execute('drop table left_early')
  })
})

test('a portal that was read to its end is closed at once', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    await tx.execute('create table dropped as select n from generate_series(1, 100) n')
    for await (const _ of connection.cursor('table dropped'));
    t.is(await tx.execute('drop table dropped'), 'DROP TABLE')
  })
})

test('each portal is closed once, and the first rows come with its opening', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetch(SERIES, [0])
  await connection.execute('begin')
  const since = readTrace(link.captured.toServer, 1).length
  const sent = (): string => messageTypes(readTrace(link.captured.toServer, 1).slice(since))
  const iterator = connection.cursor(SERIES, [5], { prefetch: 2 })[Symbol.asyncIterator]()
  await iterator.next()
  t.regex(sent(), /^BES/)
  for (let n = 0; n < 9; n++) await iterator.next()
  await iterator.return!()
  await iterator.return!()
  t.deepEqual(await iterator.next(), { done: true, value: undefined })
  await connection.fetch(SERIES, [0])
  t.is(sent(), 'BESESESCSBES')
  for await (const _ of connection.cursor(SERIES, [5], { prefetch: 2 })) break
  await connection.fetch(SERIES, [0])
  t.is(sent().slice('BESESESCSBES'.length), 'BESESCSBES')
})

test('BEGIN goes out with the portal, under one Sync', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetch(SERIES, [0])
  const since = readTrace(link.captured.toServer, 1).length
  await connection.transaction(async () => {
    t.deepEqual(await read(connection.cursor(SERIES, [3])), [{ n: 1 }, { n: 2 }, { n: 3 }])
  })
  const sent = messageTypes(readTrace(link.captured.toServer, 1).slice(since))
  // BEGIN and the portal with its rows, Close, COMMIT.
  t.is(sent, 'PBDEBESCSPBDES')
})

test('the next rows are on their way while the last ones are consumed, and none behind those', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetch(SERIES, [0])
  await connection.transaction(async () => {
    await connection.execute('select 1')
    const since = readTrace(link.captured.toServer, 1).length
    const asked = (): number =>
      messageTypes(readTrace(link.captured.toServer, 1).slice(since)).replaceAll(/[^E]/g, '').length
    const iterator = connection.cursor(SERIES, [100], { prefetch: 10 })[Symbol.asyncIterator]()
    for (let n = 1; n <= 35; n++) {
      t.is((await iterator.next()).value?.n, n)
      // A call behind shows that all that was to be sent was sent.
      if (n % 5 === 0) await connection.execute('select 1')
      t.true(asked() <= Math.ceil(n / 10) + 1, `${asked()} asked for at row ${n}`)
    }
    t.is(asked(), 5)
    await iterator.return!()
  })
})

test('next() called many times at once gives the rows in order', async (t) => {
  const connection = await open(t)
  await connection.transaction(async () => {
    const iterator = connection.cursor(SERIES, [25], { prefetch: 4 })[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 30 }, () => iterator.next()))
    t.deepEqual(
      results.map(({ value }) => value?.n),
      Array.from({ length: 30 }, (_, n) => (n < 25 ? n + 1 : undefined)),
    )
  })
})

test('two loops and other calls share the connection', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    const seen: number[] = []
    await Promise.all(
      [3, 7].map(async (prefetch) => {
        for await (const { n } of connection.cursor(SERIES, [40], { prefetch })) {
          seen.push(n)
          t.is(await tx.fetchValue('select $1::int * 2', [n]), n * 2)
        }
      }),
    )
    t.is(seen.length, 80)
    for await (const { n } of connection.cursor(SERIES, [5], { prefetch: 2 })) {
      t.is((await read(connection.cursor(SERIES, [n], { prefetch: 2 }))).length, n)
    }
  })
})

test('a statement’s cursor, of one that is cached, and where nothing is cached', async (t) => {
  for (const statementCacheSize of [100, 0]) {
    const connection = await open(t, { statementCacheSize })
    const statement = await connection.prepare<{ n: number }>(SERIES)
    await connection.transaction(async () => {
      t.is((await read(statement.cursor([120]))).length, 120)
      t.is((await read(connection.cursor(SERIES, [120]))).length, 120)
      const rows: number[] = []
      for await (const { n } of statement.cursor([9], { prefetch: 2 })) {
        // The unnamed statement is replaced meanwhile.
        await connection.fetchValue('select $1::text', ['x'])
        rows.push(n)
      }
      t.deepEqual(rows, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
    t.is((await preparedTexts(connection)).includes(SERIES), statementCacheSize > 0)
  }
})

test('a failure of the server comes where its row would be, and ends the iteration', async (t) => {
  const connection = await open(t)
  const failed = await reason(
    connection.transaction(async (tx) => {
      const seen: number[] = []
      const error = await reason(
        (async () => {
          const text = 'select 10 / (7 - n) as q, n from generate_series(1, 9) n'
          for await (const { n } of connection.cursor(text, [], { prefetch: 3 })) seen.push(n)
        })(),
      )
      t.true(error instanceof DivisionByZeroError)
      t.deepEqual(seen, [1, 2, 3, 4, 5, 6])
      t.true((await reason(tx.fetch('select 1'))) instanceof InFailedSQLTransactionError)
      throw error
    }),
  )
  t.true(failed instanceof DivisionByZeroError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('the time limit is that of each round trip', async (t) => {
  const connection = await open(t)
  await connection.transaction(async () => {
    let seen = 0
    for await (const _ of connection.cursor('select pg_sleep(0.3) from generate_series(1, 10)', [], {
      prefetch: 1,
      timeout: 2_500,
    })) {
      seen++
    }
    t.is(seen, 10)
  })
  await connection.execute('begin')
  // It is sent long before its time is up, even on a machine that pauses.
  const error = await reason(read(connection.cursor('select pg_sleep(60)', [], { timeout: 1_000 })))
  t.true(error instanceof TimeoutError)
  t.true((await reason(connection.fetch('select 1'))) instanceof InFailedSQLTransactionError)
  await connection.execute('rollback')
  t.true((await reason(read(connection.cursor('select 1', [], { timeout: 0 })))) instanceof TimeoutError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a signal ends the loop at its next row, and the connection goes on', async (t) => {
  const connection = await open(t)
  const given = new Error('given up')
  for (const at of [0, 1, 5, 50, 51, 100]) {
    const controller = new AbortController()
    const { signal } = controller
    if (at === 0) controller.abort(given)
    await connection.execute('begin')
    let seen = 0
    const error = await reason(
      (async () => {
        for await (const _ of connection.cursor(SERIES, [1000], { signal })) {
          if (++seen === at) controller.abort(given)
        }
      })(),
    )
    t.is(error, given)
    t.is(seen, at)
    await connection.execute('rollback')
    t.is(await connection.fetchValue('select 1'), 1)
  }
})

test('a signal that aborts while the server works rejects at once', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  const controller = new AbortController()
  const reading = reason(read(connection.cursor('select pg_sleep(60)', [], { signal: controller.signal })))
  await untilSleeping(connection)
  controller.abort('gone')
  t.is(await reading, 'gone')
  t.true((await reason(connection.fetch('select 1'))) instanceof InFailedSQLTransactionError)
  await connection.execute('rollback')
})

test('options and arguments that cannot be are refused when the cursor is made', async (t) => {
  const connection = await open(t)
  for (const [args, message] of [
    [[SERIES, [1], { prefetch: 0 }], /prefetch must be a whole number that is greater than zero/],
    [[SERIES, [1], { prefetch: -1 }], /greater than zero/],
    [[SERIES, [1], { prefetch: 1.5 }], /whole number/],
    [[SERIES, [1], { prefetch: '5' }], /got a string/],
    [[SERIES, [1], { prefetch: 2 ** 31 }], /at most 2147483647/],
    [[SERIES, [1], { prefetsch: 1 }], /no option "prefetsch"/],
    [[SERIES, 1], /must be one array/],
    [[7], /must be a string/],
    [[sql`select 1`, [1]], /has its arguments in it/],
  ] as const) {
    const error = t.throws(() => (connection.cursor as (...args: any[]) => unknown)(...args), {
      instanceOf: InterfaceError,
    })
    t.regex(error.message, message)
  }
  await connection.transaction(async () => {
    const error = await reason(read(connection.cursor(SERIES, [])))
    t.regex(error.message, /expects 1 argument/)
    const copy = await reason(read(connection.cursor('copy (select 1) to stdout')))
    t.regex(copy.message, /COPY has no rows that a cursor could read/)
    t.is(await connection.fetchValue('select 1'), 1)
  })
})

test('the connection’s end is told to whoever iterates', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  const iterator = connection.cursor(SERIES, [1000], { prefetch: 1 })[Symbol.asyncIterator]()
  await iterator.next()
  const factory = connection.cursor<{ n: number }>(SERIES, [1])
  await connection.close()
  // What had come before is given out first.
  const told = await reason(
    (async () => {
      for (;;) if ((await iterator.next()).done) return
    })(),
  )
  t.true(told instanceof InterfaceError, `${told}`)
  t.deepEqual(await iterator.next(), { done: true, value: undefined })
  await iterator.return!()
  const late = await reason(read(factory))
  t.true(late instanceof InterfaceError)
  t.regex(late.message, /cannot call CursorIterator.next\(\): the underlying connection is closed/)
  const lost = await open(t)
  await lost.execute('begin')
  const error = await reason(
    (async () => {
      for await (const _ of lost.cursor(SERIES, [1000], { prefetch: 1 })) lost.terminate()
    })(),
  )
  t.true(error instanceof ConnectionDoesNotExistError || error instanceof InterfaceError, `${error}`)
})
