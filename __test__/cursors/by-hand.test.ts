import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  InFailedSQLTransactionError,
  InterfaceError,
  InvalidCursorNameError,
  NoActiveSQLTransactionError,
  TimeoutError,
} from '../../index.ts'
import { open, openWatched, reason } from '../query/open.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'

const SERIES = 'select n from generate_series(1, $1::int) n'

const numbers = (rows: readonly { n: number }[]): number[] => rows.map(({ n }) => n)

async function begun(t: ExecutionContext): Promise<Connection> {
  const connection = await open(t)
  await connection.execute('begin')
  return connection
}

test('a cursor is read, skipped, and exhausted', async (t) => {
  const connection = await begun(t)
  const cursor = await connection.cursor<{ n: number }>(SERIES, [20]).open()
  t.deepEqual(numbers(await cursor.fetch(3)), [1, 2, 3])
  t.is(await cursor.forward(4), 4)
  t.deepEqual(await cursor.fetchRow(), { n: 8 })
  t.is(cursor.exhausted, false)
  t.deepEqual(numbers(await cursor.fetch(100)), [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
  t.is(cursor.exhausted, true)
  t.deepEqual(await cursor.fetch(1), [])
  t.is(await cursor.fetchRow(), null)
  t.is(await cursor.forward(1), 0)
  await cursor.close()
})

test('skipping beyond the end exhausts it, exactly to the end does not', async (t) => {
  const connection = await begun(t)
  const beyond = await connection.cursor(SERIES, [5]).open()
  t.is(await beyond.forward(7), 5)
  t.true(beyond.exhausted)
  const exact = await connection.cursor(SERIES, [5]).open()
  t.is(await exact.forward(5), 5)
  t.false(exact.exhausted)
  t.deepEqual(await exact.fetch(5), [])
  t.true(exact.exhausted)
  const whole = await connection.cursor(SERIES, [5]).open()
  t.is((await whole.fetch(5)).length, 5)
  t.false(whole.exhausted)
  t.is(await whole.fetchRow(), null)
  t.true(whole.exhausted)
})

test('one that is exhausted asks nobody', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.execute('begin')
  const cursor = await connection.cursor(SERIES, [2]).open()
  await cursor.fetch(3)
  const before = link.bytesToServer
  t.deepEqual([await cursor.fetch(3), await cursor.fetchRow(), await cursor.forward(3)], [[], null, 0])
  t.is(link.bytesToServer, before)
})

test('opening reads no rows, and skipping takes one round and sends none', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetch(SERIES, [0])
  await connection.execute('begin')
  const mark = readTrace(link.captured.toServer, 1).length
  const cursor = await connection.cursor(SERIES, [100_000]).open()
  const before = link.bytesToClient
  t.is(await cursor.forward(99_999), 99_999)
  t.true(link.bytesToClient - before < 200)
  t.deepEqual(await cursor.fetch(2), [{ n: 100_000 }])
  await cursor.close()
  await cursor.close()
  await connection.fetch(SERIES, [0])
  t.is(messageTypes(readTrace(link.captured.toServer, 1).slice(mark)), 'BSPBDESESCSBES')
})

test('calls made at once on one cursor, and on others, each get their own rows', async (t) => {
  const connection = await begun(t)
  const [first, second] = await Promise.all([
    connection.cursor<{ n: number }>(SERIES, [10]).open(),
    connection.cursor<{ n: number }>(SERIES, [10]).open(),
  ])
  const results = await Promise.all([
    first.fetch(2),
    second.fetchRow(),
    first.forward(3),
    connection.fetchValue('select 42'),
    first.fetch(2),
    second.fetch(20),
    first.fetch(20),
    first.fetch(20),
  ])
  t.deepEqual(results, [
    [{ n: 1 }, { n: 2 }],
    { n: 1 },
    3,
    42,
    [{ n: 6 }, { n: 7 }],
    Array.from({ length: 9 }, (_, i) => ({ n: i + 2 })),
    [{ n: 8 }, { n: 9 }, { n: 10 }],
    [],
  ])
  t.deepEqual([first.exhausted, second.exhausted], [true, true])
})

test('a statement’s cursor follows its statement', async (t) => {
  const connection = await begun(t)
  const statement = await connection.prepare<{ n: number }>(SERIES)
  const cursor = await statement.cursor([5]).open()
  t.is((await cursor.fetch(2)).length, 2)
  await statement.close()
  const error = await reason(cursor.fetch(2))
  t.true(error instanceof InterfaceError)
  t.regex(error.message, /cannot call Cursor.fetch\(\): the prepared statement is closed/)
  const iterator = (await connection.prepare<{ n: number }>(SERIES)).cursor([500])[Symbol.asyncIterator]()
  await iterator.next()
  // By now the other side has forgotten the statement.
  for (let n = 0; n < 3; n++) t.is(await connection.fetchValue('select $1::int', [n]), n)
  await cursor.close()
  await iterator.return?.()
  t.is(await connection.fetchValue("select count(*) from pg_cursors where name like 'cornac%'"), 0)
})

test('it ends with its transaction, which the next one does not suffer for', async (t) => {
  const connection = await open(t)
  const cursors: Awaited<ReturnType<ReturnType<typeof connection.cursor>['open']>>[] = []
  await connection.transaction(async () => {
    cursors.push(await connection.cursor(SERIES, [5]).open())
    await cursors[0]!.fetch(1)
  })
  await connection.transaction(async (tx) => {
    for (const call of [() => cursors[0]!.fetch(1), () => cursors[0]!.fetchRow()]) {
      const error = await reason(call())
      t.true(error instanceof InvalidCursorNameError)
      t.is(error.sqlstate, '34000')
      t.is(error.query, SERIES)
    }
    t.is(await tx.fetchValue('select 1'), 1)
    await cursors[0]!.close()
  })
  const outside = await reason(cursors[0]!.fetch(1))
  t.regex(outside.message, /the cursor is closed/)
  const none = await reason(connection.cursor(SERIES, [1]).open())
  t.true(none instanceof NoActiveSQLTransactionError)
})

test('it ends with the savepoint in which it was opened', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    const outer = await connection.cursor(SERIES, [5]).open()
    await outer.fetch(1)
    const inner: Awaited<ReturnType<ReturnType<typeof connection.cursor>['open']>>[] = []
    await tx
      .transaction(async () => {
        inner.push(await connection.cursor(SERIES, [5]).open())
        throw new Error('roll back')
      })
      .catch(() => {})
    t.deepEqual(await outer.fetch(1), [{ n: 2 }])
    const error = await reason(tx.transaction(() => inner[0]!.fetch(1)))
    t.true(error instanceof InvalidCursorNameError)
    t.deepEqual(await tx.fetch('select 1 as n'), [{ n: 1 }])
  })
})

test('counts that cannot be, a prefetch, and calls on one that is closed are refused', async (t) => {
  const connection = await begun(t)
  const prefetch = await reason(connection.cursor(SERIES, [1], { prefetch: 5 }).open())
  t.true(prefetch instanceof InterfaceError)
  t.regex(prefetch.message, /prefetch can only be specified for a cursor that is iterated/)
  const cursor = await connection.cursor(SERIES, [5]).open()
  for (const n of [0, -1, 1.5, Number.NaN, '3', undefined, 2 ** 31]) {
    for (const call of [() => cursor.fetch(n as number), () => cursor.forward(n as number)]) {
      const error = await reason(call())
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /number of rows must be a whole number that is greater than zero/)
      t.is(error.query, SERIES)
    }
  }
  t.regex((await reason(cursor.fetch(1, { prefetch: 1 } as object))).message, /no option "prefetch"/)
  await cursor.close()
  for (const [name, call] of [
    ['fetch', () => cursor.fetch(1)],
    ['fetchRow', () => cursor.fetchRow()],
    ['forward', () => cursor.forward(1)],
  ] as const) {
    t.regex(
      (await reason(call())).message,
      new RegExp(`cannot call Cursor.${name}\\(\\): the cursor is closed`),
    )
  }
  const factory = connection.cursor(SERIES, [5])
  await connection.close()
  const late = await reason(factory.open())
  t.regex(late.message, /cannot call CursorFactory.open\(\): the underlying connection is closed/)
})

test('a call that was given up leaves no cursor that skips rows unseen', async (t) => {
  const connection = await begun(t)
  const text = 'select n, case when n > 2 then pg_sleep(60) end from generate_series(1, 5) n'
  const cursor = await connection.cursor(text).open()
  t.is((await cursor.fetch(2)).length, 2)
  // It is sent long before its time is up, even on a machine that pauses: what is not sent leaves the cursor as it was.
  const error = await reason(cursor.fetch(1, { timeout: 1_000 }))
  t.true(error instanceof TimeoutError)
  t.is(error.query, text)
  const astray = await reason(cursor.fetch(1))
  t.true(astray instanceof InterfaceError)
  t.regex(astray.message, /a call on it was given up/)
  t.true((await reason(connection.fetch('select 1'))) instanceof InFailedSQLTransactionError)
  await cursor.close()
  await connection.execute('rollback')
  await connection.execute('begin')
  const fresh = await connection.cursor(SERIES, [5]).open()
  const controller = new AbortController()
  const given = reason(fresh.fetch(1, { signal: controller.signal }))
  controller.abort('reason')
  t.is(await given, 'reason')
  t.regex((await reason(fresh.fetchRow())).message, /given up/)
})

test('a call whose limits are over before it is sent passes no rows', async (t) => {
  const connection = await begun(t)
  const cursor = await connection.cursor<{ n: number }>(SERIES, [5]).open()
  t.true((await reason(cursor.fetch(2, { timeout: 0 }))) instanceof TimeoutError)
  t.is(await reason(cursor.forward(2, { signal: AbortSignal.abort('before') })), 'before')
  t.deepEqual(numbers(await cursor.fetch(2)), [1, 2])
})

test('opening that is given up leaves no portal', async (t) => {
  const connection = await begun(t)
  await connection.fetch(SERIES, [0])
  let given = 0
  for (let turns = 0; turns < 6; turns++) {
    const controller = new AbortController()
    const opening = connection
      .cursor(SERIES, [5])
      .open({ signal: controller.signal })
      .then(
        (cursor) => cursor.close(),
        (error) => {
          t.is(error, 'reason')
          given++
        },
      )
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    controller.abort('reason')
    await opening
    const left = await connection.fetchValue("select count(*) from pg_cursors where name like 'cornac%'")
    t.is(left, 0, `${turns} turns before the abort`)
  }
  t.true(given > 0)
})

test('await using closes it', async (t) => {
  const connection = await begun(t)
  {
    await using cursor = await connection.cursor(SERIES, [5]).open()
    t.is((await cursor.fetch(2)).length, 2)
  }
  t.is(await connection.fetchValue("select count(*) from pg_cursors where name like 'cornac%'"), 0)
})

test('limits given to cursor() hold for each of its calls', async (t) => {
  const connection = await begun(t)
  // Long enough to open it on a busy machine.
  const cursor = await connection.cursor('select pg_sleep(60)', [], { timeout: 2_000 }).open()
  t.true((await reason(cursor.fetch(1))) instanceof TimeoutError)
  await connection.execute('rollback')
  await connection.execute('begin')
  const given = AbortSignal.abort('before')
  t.is(await reason(connection.cursor('select 1', [], { signal: given }).open()), 'before')
})
