import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { type Connection, createPool, InterfaceError, Record, type RecordClass } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { open, reason } from './open.ts'

const ABC = "select 1 as a, 'two' as b, null as c"

class Named extends Record {
  get initials(): string {
    return this.keys()
      .map((name) => name[0])
      .join('')
  }
}

/** One record of a query. */
async function record(
  connection: Connection,
  sql: string,
  recordClass: RecordClass = Record,
): Promise<Record> {
  return (await connection.fetchRow<Record>(sql, [], { recordClass }))!
}

test('a record gives its values by name, by index, from its end, and in turn', async (t) => {
  const row = await record(await open(t), ABC)
  t.deepEqual([row.a, row.b, row.c], [1, 'two', null])
  t.deepEqual([row[0], row[1], row[2], row[3], row[-1]], [1, 'two', null, undefined, undefined])
  t.deepEqual([row.at(0), row.at(-1), row.at(-3), row.at(3), row.at(-4)], [1, null, 1, undefined, undefined])
  t.deepEqual([row.at(1.9), row.at(Number.NaN)], ['two', 1])
  t.deepEqual([...row], [1, 'two', null])
  const [first, ...rest] = row
  t.deepEqual([first, rest], [1, ['two', null]])
  t.is(row.length, 3)
})

test('keys, values and entries are in the order of the columns; get and has tell of names', async (t) => {
  const row = await record(await open(t), ABC)
  t.deepEqual(row.keys(), ['a', 'b', 'c'])
  t.deepEqual(row.values(), [1, 'two', null])
  t.deepEqual(row.entries(), [
    ['a', 1],
    ['b', 'two'],
    ['c', null],
  ])
  t.deepEqual([row.get('a'), row.get('c', 5), row.get('d', 5), row.get('d')], [1, null, 5, undefined])
  t.deepEqual(
    [row.has('a'), row.has('d'), row.has('get'), row.has('0'), row.has('toString')],
    [true, false, false, false, false],
  )
  row.keys().push('d')
  t.is(row.length, 3)
})

test('the own properties of a record are its columns and nothing else', async (t) => {
  const row = await record(await open(t), ABC)
  const plain = { a: 1, b: 'two', c: null }
  t.deepEqual({ ...row }, plain)
  t.deepEqual(Reflect.ownKeys(row), ['a', 'b', 'c'])
  t.is(JSON.stringify(row), JSON.stringify(plain))
  t.deepEqual(structuredClone(row) as object, plain)
  const names: string[] = []
  for (const name in row) names.push(name)
  t.deepEqual(names, ['a', 'b', 'c'])
  const object = row.toObject()
  t.deepEqual(object, plain)
  t.is(Object.getPrototypeOf(object), Object.prototype)
})

test('records are inspected by the name of their class', async (t) => {
  const connection = await open(t)
  t.is(inspect(await record(connection, ABC)), "Record { a: 1, b: 'two', c: null }")
  t.is(inspect(await record(connection, ABC, Named)), "Named { a: 1, b: 'two', c: null }")
  t.is(inspect(await record(connection, 'select')), 'Record {}')
})

test('of columns with one name the name gives the last, and the index each', async (t) => {
  const row = await record(await open(t), 'select 1 as n, 2 as m, 3 as n, 4 as n')
  t.is(row.n, 4)
  t.is(row.get('n'), 4)
  t.deepEqual([row[0], row[1], row[2], row[3], row[4]], [1, 2, 3, 4, undefined])
  t.deepEqual([...row], [1, 2, 3, 4])
  t.deepEqual(row.keys(), ['n', 'm', 'n', 'n'])
  t.deepEqual(
    new Map(row.entries()),
    new Map([
      ['n', 4],
      ['m', 2],
    ]),
  )
  t.deepEqual(Reflect.ownKeys({ ...row }), ['n', 'm'])
  t.is(row.length, 4)
})

test('a column wins over an index and over a method of the same name', async (t) => {
  const row = await record(await open(t), 'select 10 as "1", 20 as b, 30 as get, 40 as length, 50 as "then"')
  t.deepEqual([row[0], row[1], row[2]], [10, 10, 30])
  t.is(row.at(1), 20)
  t.deepEqual([row.get, row.length, row.then], [30, 40, 50])
  t.is(Record.prototype.get.call(row, 'b'), 20)
  t.deepEqual([...row], [10, 20, 30, 40, 50])
})

test('records are equal when their values are, whatever their columns are called', async (t) => {
  const connection = await open(t)
  const pairs: [string, string, boolean][] = [
    ['select 1 as a, 2 as b', 'select 1 as x, 2 as y', true],
    ['select 1 as a, 2 as b', 'select 2 as a, 1 as b', false],
    ['select 1 as a', 'select 1 as a, null as b', false],
    ['select null', 'select null', true],
    ['select 1', "select '1'", false],
    ['select 9007199254740993', 'select 9007199254740993', true],
    ["select 'NaN'::float8", "select 'NaN'::float8", true],
    ['select 0::float8', "select '-0'::float8", true],
    ["select '2024-01-01'::timestamptz", "select '2024-01-01'::timestamptz", true],
    ["select '\\x01'::bytea", "select '\\x01'::bytea", true],
    ['select array[0.0::float8, null]', "select array['-0'::float8, null]", true],
    [`select '{"a": [1]}'::jsonb`, `select '{"a": [1]}'::jsonb`, true],
    [`select '{"a": [1]}'::jsonb`, `select '{"a": [2]}'::jsonb`, false],
    ["select '[1,2)'::int4range", 'select int4range(1, 2)', true],
    ["select '[1,2)'::int4range", 'select int4range(1, 3)', false],
    ['select', 'select', true],
  ]
  for (const [a, b, equal] of pairs) {
    const [left, right] = [await record(connection, a), await record(connection, b, Named)]
    t.is(Record.equals(left, right), equal, `${a} and ${b}`)
  }
  const row = await record(connection, ABC)
  t.false(Record.equals(row, [1, 'two', null] as never))
  t.false(Record.equals(row, { a: 1, b: 'two', c: null } as never))
})

test('records are ordered by the first value that differs, then by their length', async (t) => {
  const connection = await open(t)
  const rows = await connection.fetch<Record>(
    `select * from (values (2, 'a', null), (1, 'b', 1), (1, 'a', null), (1, 'B', null)) v`,
    [],
    { recordClass: Record },
  )
  const sorted = rows.sort(Record.compare).map((row) => [row[0], row[1]])
  t.deepEqual(sorted, [
    [1, 'B'],
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
  ])
  const ordered: [string, string][] = [
    ['select 1', 'select 1, null'],
    ['select', 'select 1'],
    ['select 1', 'select 9007199254740993'],
    ['select 1', "select 'NaN'::float8"],
    ['select false', 'select true'],
    ["select '2023-01-01'::timestamptz", "select '2024-01-01'::timestamptz"],
    ["select '\\x01'::bytea", "select '\\x0100'::bytea"],
    ['select array[1, 2]', 'select array[1, 3]'],
    ['select array[1]', 'select array[1, 2]'],
  ]
  for (const [less, more] of ordered) {
    const [a, b] = [await record(connection, less), await record(connection, more)]
    t.true(Record.compare(a, b) < 0, `${less} < ${more}`)
    t.true(Record.compare(b, a) > 0, `${more} > ${less}`)
    t.is(Record.compare(a, a), 0)
  }
})

test('values without an order are refused, not ordered somehow', async (t) => {
  const connection = await open(t)
  const pairs: [string, string, RegExp][] = [
    ['select 1', 'select null', /^a number and null have no order$/],
    ['select 1', "select 'a'", /^a number and a string have no order$/],
    [`select '{}'::jsonb`, `select '{"a": 1}'::jsonb`, /^an object and an object have no order$/],
    ['select array[1]', 'select 1', /^an array and a number have no order$/],
  ]
  for (const [a, b, message] of pairs) {
    const [left, right] = [await record(connection, a), await record(connection, b)]
    t.throws(() => Record.compare(left, right), { instanceOf: TypeError, message })
  }
  const row = await record(connection, ABC)
  t.throws(() => Record.compare(row, [1] as never), {
    instanceOf: TypeError,
    message: 'Record.compare() takes two records',
  })
})

test('records of the same columns are deeply equal, whichever text and connection gave them', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  const rows = [
    await record(one, 'select 1 as a, 2 as b'),
    await record(one, 'select 1 as a, 2 as b order by 1'),
    await record(other, 'select 1 as a, 2 as b'),
  ]
  for (const row of rows) {
    assert.deepStrictEqual(row, rows[0])
    t.deepEqual(row, rows[0]!)
  }
})

test('subclasses add methods and accessors, and their records are instances of them', async (t) => {
  const connection = await open(t)
  const row = (await record(connection, ABC, Named)) as Named
  t.true(row instanceof Named && row instanceof Record)
  t.is(row.constructor, Named)
  t.is(row.initials, 'abc')
  class Further extends Named {
    override get initials(): string {
      return super.initials.toUpperCase()
    }
  }
  t.is(((await record(connection, ABC, Further)) as Further).initials, 'ABC')
})

test('recordClass must be Record or a subclass without a constructor and fields, told by its name', async (t) => {
  const connection = await open(t)
  class WithField extends Record {
    field = 1
  }
  class WithConstructor extends Record {
    constructor() {
      super()
      t.log('made')
    }
  }
  const bad: [unknown, string][] = [
    [WithField, 'recordClass WithField must not have a constructor or fields of its own'],
    [WithConstructor, 'recordClass WithConstructor must not have a constructor or fields of its own'],
    ...[class {}, Object, 5, 'Record', null, {}, Record.prototype].map((value): [unknown, string] => [
      value,
      'recordClass must be Record or a subclass of it',
    ]),
  ]
  for (const [recordClass, message] of bad) {
    const options = { recordClass: recordClass as RecordClass }
    const calls = [
      connection.fetch('select 1', [], options),
      connection.fetchRow('select 1', [], options),
      connection.fetchMany('select 1', [[]], options),
      connection.query('select 1', [], options),
      connection.prepare('select 1', options),
    ]
    for (const error of await Promise.all(calls.map(reason))) {
      t.true(error instanceof InterfaceError)
      t.is(error.message, message)
    }
    t.throws(() => connection.cursor('select 1', [], options), { instanceOf: InterfaceError, message })
    if (recordClass === null) continue
    await t.throwsAsync(open(t, options), { instanceOf: InterfaceError, message })
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('records cannot be made by hand, and methods refuse what is no record', (t) => {
  t.throws(() => Reflect.construct(Record, []), { instanceOf: InterfaceError })
  t.throws(() => Reflect.construct(Named, [{}]), { instanceOf: InterfaceError })
  t.throws(() => Record.prototype.values.call({} as Record), { instanceOf: TypeError })
  t.is(Record.prototype[0], undefined)
})

test('recordClass is taken by every call that gives rows, and by a connection for all of them', async (t) => {
  const recordClass = Named
  const byCall = await open(t)
  const byConnection = await open(t, { recordClass })
  for (const [connection, options] of [
    [byCall, { recordClass }],
    [byConnection, {}],
  ] as const) {
    const statement = await connection.prepare('select 1 as n', options)
    const rows: unknown[] = [
      ...(await connection.fetch('select 1 as n', [], options)),
      await connection.fetchRow('select 1 as n', [], options),
      ...(await connection.fetchMany('select $1::int as n', [[1], [1]], options)),
      ...(await connection.query('select 1 as n', [], options)).rows,
      ...(await connection.query('select 1 as n', [], { ...options, timing: true })).rows,
      ...(await statement.fetch()),
      await statement.fetchRow(),
      ...(await statement.fetchMany([[]])),
      ...(await connection.transaction((tx) => tx.fetch('select 1 as n', [], options))),
    ]
    await connection.transaction(async () => {
      for await (const row of connection.cursor('select 1 as n', [], options)) rows.push(row)
      for await (const row of statement.cursor()) rows.push(row)
      const cursor = await connection.cursor('select 1 as n', [], options).open()
      rows.push(...(await cursor.fetch(1)))
      const second = await statement.cursor().open()
      rows.push(await second.fetchRow())
    })
    t.is(rows.length, 14)
    for (const row of rows) {
      t.true(row instanceof Named)
      t.is((row as Named)[0], 1)
    }
  }
})

test('what a call says beats what the connection was told, and a cursor what its statement was', async (t) => {
  const connection = await open(t, { recordClass: Record })
  t.is((await record(connection, ABC, Named)).constructor, Named)
  t.is((await connection.fetchRow(ABC))!.constructor, Record)
  const statement = await connection.prepare<Record>(ABC, { recordClass: Named })
  await connection.transaction(async () => {
    for await (const row of statement.cursor([], { recordClass: Record })) t.is(row.constructor, Record)
  })
  t.is((await statement.fetchRow())!.constructor, Named)
})

test('a pool gives records by what it was told, and by what a call says', async (t) => {
  const database = await testDatabase()
  const pool = await createPool(database.dsn(), { recordClass: Record, minSize: 0 })
  t.teardown(() => pool.close())
  t.is((await pool.fetchRow(ABC))!.constructor, Record)
  t.is((await pool.fetch(ABC, [], { recordClass: Named }))[0]!.constructor, Named)
  t.is((await pool.transaction((tx) => tx.fetchRow(ABC)))!.constructor, Record)
})

test('arrays are arrays on a connection of records; to ask for both is an InterfaceError', async (t) => {
  const connection = await open(t, { recordClass: Record })
  const { rows } = await connection.query(ABC, [], { rows: 'array' })
  t.deepEqual(rows, [[1, 'two', null]])
  const error = await reason(connection.query(ABC, [], { rows: 'array', recordClass: Record }))
  t.true(error instanceof InterfaceError)
  t.is(error.message, "rows: 'array' and recordClass exclude each other")
})

test('composite values and the values of documents stay plain objects', async (t) => {
  const row = await record(await open(t), `select '{"a": 1}'::jsonb as document, '(1,2)'::point as place`)
  t.is(Object.getPrototypeOf(row.document), Object.prototype)
  t.deepEqual(row.place, { x: 1, y: 2 })
})

test('a class of another realm is no subclass of Record', async (t) => {
  const connection = await open(t)
  const recordClass = runInNewContext('(class Record {})') as RecordClass
  t.true((await reason(connection.fetch(ABC, [], { recordClass }))) instanceof InterfaceError)
})
