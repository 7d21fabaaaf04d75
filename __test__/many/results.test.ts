// executeMany and fetchMany: what they take, what they give, and what they refuse before anything is sent.

import { Readable } from 'node:stream'
import test from 'ava'
import { type Connection, DataError, InterfaceError, sql, UniqueViolationError } from '../../index.ts'
import { call, open, openWatched, prepared, reason } from '../query/open.ts'
import { syncsSent } from '../support/waiting.ts'
import { readTrace } from '../support/wire-trace.ts'

const INSERT = 'insert into item values ($1, $2)'

async function withItems(connection: Connection): Promise<Connection> {
  await connection.execute('create temp table item(a int primary key, b text)')
  return connection
}

const items = (connection: Connection): Promise<unknown> => connection.fetch('table item order by a')

test('every kind of iterable is taken', async (t) => {
  const connection = await withItems(await open(t))
  const sets: [number, string][] = [
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ]
  const sources: Record<string, () => Iterable<unknown[]> | AsyncIterable<unknown[]>> = {
    array: () => sets,
    set: () => new Set(sets),
    map: () => new Map(sets),
    generator: function* () {
      yield* sets
    },
    async: async function* () {
      yield* sets
    },
    slow: async function* () {
      for (const set of sets) {
        await new Promise(setImmediate)
        yield set
      }
    },
    stream: () => Readable.from(sets),
  }
  for (const [name, source] of Object.entries(sources)) {
    t.is(await connection.executeMany(INSERT, source()), undefined, name)
    t.deepEqual(
      await items(connection),
      sets.map(([a, b]) => ({ a, b })),
      name,
    )
    t.deepEqual(
      await connection.fetchMany('delete from item where a = $1 and b = $2 returning b', source()),
      sets.map(([, b]) => ({ b })),
      name,
    )
  }
})

test('rows come in the order of the sets, however many each gives', async (t) => {
  const connection = await open(t)
  const counts = Array.from({ length: 500 }, (_, i) => (i * 7) % 11)
  const rows = await connection.fetchMany<{ i: number; n: number }>(
    'select $1::int as i, n from generate_series(1, $2) n',
    counts.map((count, i) => [i, count]),
  )
  t.deepEqual(
    rows,
    counts.flatMap((count, i) => Array.from({ length: count }, (_, n) => ({ i, n: n + 1 }))),
  )
  t.deepEqual(await connection.fetchMany('select $1::int as i where false', [[1], [2]]), [])
  t.deepEqual(await connection.fetchMany("set application_name = 'a'", [[], []]), [])
})

test('a hundred thousand sets pass, whatever they come from', async (t) => {
  const connection = await withItems(await open(t))
  const count = 100_000
  await connection.executeMany(
    INSERT,
    (function* () {
      for (let i = 0; i < count; i++) yield [i, `text ${i}`]
    })(),
  )
  t.deepEqual(await connection.fetchRow('select count(*)::int n, sum(a) s, max(b) m from item'), {
    n: count,
    s: (count * (count - 1)) / 2,
    m: 'text 99999',
  })
  const rows = await connection.fetchMany<{ a: number }>(
    'select a from item where a = $1',
    Array.from({ length: count }, (_, i) => [i]),
  )
  t.true(rows.length === count && rows.every(({ a }, i) => a === i))
})

test('large sets pass in batches of their own', async (t) => {
  const connection = await withItems(await open(t))
  const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(300_000 + i))
  await connection.executeMany(
    INSERT,
    (async function* () {
      for (const [i, text] of texts.entries()) yield [i, text]
    })(),
  )
  t.deepEqual(
    await connection.fetch('select b from item order by a'),
    texts.map((b) => ({ b })),
  )
})

test('no set at all executes nothing, but the statement is prepared', async (t) => {
  const connection = await withItems(await open(t))
  t.is(await connection.executeMany(INSERT, []), undefined)
  t.true((await prepared(connection)).some(({ statement }) => statement === INSERT))
  t.deepEqual(await connection.fetchMany('select 1', []), [])
  t.is(await connection.executeMany(INSERT, []), undefined)
  t.is((await reason(connection.executeMany('insert into nowhere', []))).sqlstate, '42601')
  t.deepEqual(await items(connection), [])
})

test('without a statement cache it works as well', async (t) => {
  const connection = await withItems(await open(t, { statementCacheSize: 0 }))
  for (let round = 0; round < 3; round++) {
    await connection.executeMany(INSERT, [
      [round * 2, 'a'],
      [round * 2 + 1, 'b'],
    ])
    await connection.executeMany(INSERT, [])
    t.deepEqual(await connection.fetchMany('select $1::int a', [[1], [2]]), [{ a: 1 }, { a: 2 }])
  }
  t.is(await connection.fetchValue('select count(*)::int from item'), 6)
})

test('a thousand sets are one round trip with one Sync once the statement is known', async (t) => {
  const { connection, link } = await openWatched(t)
  await withItems(connection)
  await connection.executeMany(INSERT, [])
  const syncs = syncsSent(link)
  const sets = Array.from({ length: 1000 }, (_, i) => [i, 'x'])
  await connection.executeMany(INSERT, sets)
  t.is(syncsSent(link), syncs + 1)
  const types = readTrace(link.captured.toServer, 1).map(({ type }) => type)
  t.is(types.filter((type) => type === 'B').length, 1000)
})

test('calls around it keep their order', async (t) => {
  const connection = await withItems(await open(t))
  const slow = async function* () {
    yield [1, 'a']
    await new Promise(setImmediate)
    yield [2, 'b']
  }
  const results = await Promise.all([
    connection.fetchValue('select count(*)::int from item'),
    connection.executeMany(INSERT, slow()),
    connection.fetchValue('select count(*)::int from item'),
    connection.executeMany(INSERT, [[3, 'c']]),
    connection.fetchMany('select count(*)::int as n, $1::int as i from item', [[7], [8]]),
    connection.fetchValue('select count(*)::int from item'),
  ])
  t.deepEqual(results, [
    0,
    undefined,
    2,
    undefined,
    [
      { n: 3, i: 7 },
      { n: 3, i: 8 },
    ],
    3,
  ])
})

test('what is no list of sets is refused', async (t) => {
  const connection = await open(t)
  for (const sets of [undefined, null, 1, 'ab', {}, () => [], Symbol('s')]) {
    for (const name of ['executeMany', 'fetchMany'] as const) {
      const error = await reason(call(connection, name, 'select $1', sets))
      t.true(error instanceof InterfaceError, `${name} of ${String(sets)}: ${error}`)
      t.regex(error.message, /^the argument sets must be an iterable of arrays, got /)
      t.is(error.query, 'select $1')
    }
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a query made by the sql tag is refused, as are wrong texts and options', async (t) => {
  const connection = await open(t)
  const refusals: [unknown, unknown, RegExp][] = [
    [sql`select ${1}`, undefined, /made by the sql tag has its arguments in it: it takes no sets of them/],
    [sql.raw('select 1'), undefined, /is no query by itself/],
    [1, undefined, /the query must be a string, got 1/],
    ['select 1', { timeOut: 1 }, /there is no option "timeOut"/],
    ['select 1', { signal: 1 }, /invalid signal/],
    ['copy a from stdin', undefined, /COPY takes no arguments/],
    ['select 1\0', undefined, /NUL/],
  ]
  for (const [text, options, message] of refusals) {
    const error = await reason(call(connection, 'executeMany', text, [[]], options))
    t.true(error instanceof InterfaceError, String(error))
    t.regex(error.message, message)
  }
  await connection.close()
  t.is((await reason(connection.executeMany('select 1', [[]]))).message, 'connection is closed')
})

test('a set that cannot be sent is named, and nothing of its batch is sent', async (t) => {
  const { connection, link } = await openWatched(t)
  await withItems(connection)
  await connection.executeMany(INSERT, [])
  const binds = (): number => readTrace(link.captured.toServer, 1).filter(({ type }) => type === 'B').length
  const before = binds()
  const refusals: [unknown, { element?: number; argument?: number }, RegExp][] = [
    [
      [[1, 'a'], { a: 1 }],
      { element: 1 },
      /^invalid element #1 of executeMany\(\) sequence: expected an array of arguments, got an object$/,
    ],
    [[[1, 'a'], 'ab'], { element: 1 }, /got a string$/],
    [[null], { element: 0 }, /got null$/],
    [
      [
        [1, 'a'],
        [2, 'b'],
        [{}, 'c'],
      ],
      { element: 2, argument: 1 },
      /^invalid input for query argument \$1 in element #2 of executeMany\(\) sequence: /,
    ],
    [
      [
        [1, 'a'],
        [2, undefined],
      ],
      { element: 1, argument: 2 },
      /^invalid input for query argument \$2 in element #1 of executeMany\(\) sequence: /,
    ],
    [
      [
        [
          1,
          {
            toJSON: () => {
              throw new Error('no form')
            },
          },
        ],
      ],
      { element: 0, argument: 2 },
      /^invalid input for query argument \$2 in element #0 of executeMany\(\) sequence: its own code threw an error$/,
    ],
  ]
  for (const [sets, where, message] of refusals) {
    const error = await reason(call(connection, 'executeMany', INSERT, sets))
    t.true(error instanceof DataError, String(error))
    t.regex(error.message, message)
    t.is(error.element, where.element)
    t.is(error.argument, where.argument)
    t.is(error.query, INSERT)
  }
  const count = await reason(connection.executeMany(INSERT, [[1, 'a'], [2]]))
  t.true(count instanceof InterfaceError)
  t.is(
    count.message,
    'the server expects 2 arguments for this query, 1 was passed in element #1 of executeMany() sequence',
  )
  t.is(binds(), before)
  t.deepEqual(await items(connection), [])
})

test('the server tells which set it does not take, and nothing stays', async (t) => {
  const connection = await withItems(await open(t))
  await connection.execute('create temp table late(a int unique deferrable initially deferred)')
  const twice = [
    [1, 'a'],
    [2, 'b'],
    [1, 'c'],
    [3, 'd'],
  ]
  for (let round = 0; round < 2; round++) {
    const error = await reason(connection.executeMany(INSERT, twice))
    t.true(error instanceof UniqueViolationError)
    t.is(error.element, 2)
    t.is(error.query, INSERT)
    t.deepEqual(await items(connection), [])
  }
  const input = await reason(
    connection.executeMany(INSERT, [
      [1, 'a'],
      ['x', 'b'],
    ]),
  )
  t.is(input.sqlstate, '22P02')
  t.is(input.element, 1)
  const rows = await reason(connection.fetchMany('select 1 / $1::int as a', [[1], [0]]))
  t.is(rows.sqlstate, '22012')
  t.is(rows.element, 1)
  // What fails when all is committed is nobody's.
  const late = await reason(connection.executeMany('insert into late values ($1)', [[1], [1]]))
  t.is(late.sqlstate, '23505')
  t.is(late.element, undefined)
  t.is(await connection.fetchValue('select count(*)::int from late'), 0)
  t.is(connection.isInTransaction(), false)
})

test('arguments are counted up to 65,535', async (t) => {
  const connection = await open(t)
  const most = 65_535
  const values = Array.from({ length: most }, (_, i) => i)
  const list = `select array_length(array[${values.map((i) => `$${i + 1}::int`).join(',')}], 1) as n`
  t.is(await connection.fetchValue(list, values), most)
  t.deepEqual(await connection.fetchMany(list, [values, values]), [{ n: most }, { n: most }])
  const tooMany = [...values, 0]
  for (const promise of [
    connection.fetch(list, tooMany),
    connection.query(list, tooMany),
    connection.execute(list, tooMany),
    connection.executeMany(list, [tooMany]),
    connection.fetchMany(list, [values, tooMany]),
  ]) {
    const error = await reason(promise)
    t.true(error instanceof InterfaceError, String(error))
    t.regex(
      error.message,
      /^too many query arguments( in element #\d of \w+\(\) sequence)?: 65536 were passed, the protocol allows 65535/,
    )
  }
  t.is(await connection.fetchValue('select 1'), 1)
})
