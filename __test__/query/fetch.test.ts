import test from 'ava'
import { InterfaceError, UniqueViolationError } from '../../index.ts'
import { call, open, reason } from './open.ts'

test('rows come as plain objects in column order, [] when there are none', async (t) => {
  const connection = await open(t)
  const rows = await connection.fetch(
    'select n, n::text as t, null as nothing from generate_series(1, $1) n',
    [2],
  )
  t.deepEqual(rows, [
    { n: 1, t: '1', nothing: null },
    { n: 2, t: '2', nothing: null },
  ])
  t.deepEqual(Object.keys(rows[0]!), ['n', 't', 'nothing'])
  t.is(Object.getPrototypeOf(rows[0]), Object.prototype)
  t.deepEqual(await connection.fetch('select 1 where false'), [])
  t.deepEqual(await connection.fetch('create temp table nothing()'), [])
  t.deepEqual(await connection.fetch('insert into nothing default values'), [])
})

test('fetchRow gives the first row or null', async (t) => {
  const connection = await open(t)
  t.deepEqual(await connection.fetchRow('select 1 as a, 2 as b'), { a: 1, b: 2 })
  t.deepEqual(await connection.fetchRow('select n from generate_series(1, 10) n'), { n: 1 })
  t.is(await connection.fetchRow('select 1 where false'), null)
  t.is(await connection.fetchRow('create temp table none_either()'), null)
})

test('fetchValue gives one value, null for no row and for NULL', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select 7'), 7)
  t.is(await connection.fetchValue('select null'), null)
  t.is(await connection.fetchValue('select 1 where false'), null)
  t.is(await connection.fetchValue('set application_name = y'), null)
})

test('fetchValue takes a column by index, from the end too, and by name', async (t) => {
  const connection = await open(t)
  const sql = 'select 10 as a, 20 as b, 30 as c'
  const columns: [column: number | string, value: number][] = [
    [0, 10],
    [-0, 10],
    [2, 30],
    [-1, 30],
    [-3, 10],
    ['a', 10],
    ['c', 30],
  ]
  for (const [column, value] of columns) {
    t.is(await connection.fetchValue(sql, [], { column }), value, String(column))
  }
  t.is(await connection.fetchValue('select 1 as "0", 2 as "1"', [], { column: '1' }), 2)
  t.is(await connection.fetchValue('select 1 as x, 2 as x', [], { column: 'x' }), 2)
})

test('a column that is not there is an error and the connection goes on', async (t) => {
  const connection = await open(t)
  for (const column of [3, -4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    const error = await reason(connection.fetchValue('select 1 as a, 2 as b, 3 as c', [], { column }))
    t.true(error instanceof RangeError, String(column))
    t.is(error.message, `column ${column} is out of range: the result has 3 columns`)
  }
  for (const column of ['d', '', '0', '__proto__', 'constructor', 'A']) {
    const error = await reason(connection.fetchValue('select 1 as a', [], { column }))
    t.true(error instanceof InterfaceError, column)
    t.is(error.message, `the result has no column "${column}"`)
    t.is(error.hint, 'it has "a"')
  }
  for (const column of [null, true, {}, 1n] as any[]) {
    t.true((await reason(connection.fetchValue('select 1', [], { column }))) instanceof InterfaceError)
  }
  t.true((await reason(connection.fetchValue('select'))) instanceof RangeError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a SELECT without columns gives rows without properties', async (t) => {
  const connection = await open(t)
  t.deepEqual(await connection.fetch('select'), [{}])
  t.deepEqual(await connection.fetch('select from generate_series(1, 70000)'), Array(70_000).fill({}))
  t.deepEqual(await connection.fetchRow('select from generate_series(1, 3)'), {})
})

test('with duplicate names the last value wins', async (t) => {
  const connection = await open(t)
  t.deepEqual(await connection.fetch('select 1 as a, 2 as b, 3 as a'), [{ a: 3, b: 2 }])
  t.deepEqual(await connection.fetch('select 1, 2, 3'), [{ '?column?': 3 }])
})

test('fetchRow and fetchValue run the statement to its end and give its first row', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp sequence visits')
  t.is(await connection.fetchValue("select nextval('visits') from generate_series(1, 1000)"), 1)
  t.deepEqual(await connection.fetchRow("select nextval('visits') v from generate_series(1, 1000)"), {
    v: 1001,
  })
  t.is(await connection.fetchValue("select nextval('visits')"), 2001)
})

test('rows that nobody wants are told of once a statement, when they are many', async (t) => {
  const connection = await open(t)
  const warnings: (Error & { code?: string; detail?: string })[] = []
  const listener = (warning: Error): number => warnings.push(warning)
  process.on('warning', listener)
  t.teardown(() => process.off('warning', listener))
  const many = "select repeat('x', 1000) from generate_series(1, 3000)"
  await connection.fetchRow(many)
  await connection.fetchRow(many)
  await connection.fetchValue("select repeat('x', 1000) from generate_series(1, 100)")
  await connection.fetch(many)
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(
    warnings.filter(({ code }) => code === 'CORNAC_SURPLUS_ROWS').map(({ detail }) => detail),
    [many],
  )
})

test('a statement that changes data runs to its end under a limit of one row', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table whole(a int)')
  t.is(await connection.fetchValue('insert into whole select generate_series(1, 100) returning a'), 1)
  t.is(await connection.fetchValue('select count(*) from whole'), 100)
  t.deepEqual(await connection.fetchRow('delete from whole returning a'), { a: 1 })
  t.is(await connection.fetchValue('select count(*) from whole'), 0)
})

test('a row that could not be kept is an error although one was wanted only', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table deferred(a int unique deferrable initially deferred)')
  const error = await reason(connection.fetchRow('insert into deferred values (1), (1) returning a'))
  t.true(error instanceof UniqueViolationError)
  t.deepEqual(await connection.fetch('table deferred'), [])
  t.true(
    (await reason(connection.execute('insert into deferred values (1), (1)'))) instanceof
      UniqueViolationError,
  )
  t.true(
    (await reason(connection.execute('insert into deferred values ($1), ($1)', [1]))) instanceof
      UniqueViolationError,
  )
  t.false(connection.isInTransaction())
})

test('a column that is not there is an error though there are no rows', async (t) => {
  const connection = await open(t)
  for (const again of [false, true]) {
    const value = (column: number | string): Promise<unknown> =>
      connection.fetchValue('select 1 as a, 2 as b where false', [], { column })
    t.is(await value('b'), null)
    t.is(await value(-2), null)
    t.true((await reason(value('c'))) instanceof InterfaceError, String(again))
    for (const column of [2, -3, 0.5, Number.NaN]) t.true((await reason(value(column))) instanceof RangeError)
  }
  t.is(await connection.fetchValue('create temp table nothing(a int)'), null)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('what is not an array of arguments is refused', async (t) => {
  const connection = await open(t)
  for (const args of [null, 1, 'x', {}, { length: 1, 0: 1 }, new Uint8Array(1), new Set([1])] as any[]) {
    for (const name of ['execute', 'fetch', 'fetchRow', 'fetchValue'] as const) {
      const error = await reason(call(connection, name, 'select $1::int', args))
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /^query arguments must be one array, got /)
      t.is(error.hint, "write fetch('select $1', [value])")
    }
  }
  t.is(await connection.fetchValue('select $1::int', [1]), 1)
})

test('results of 10^5 rows are complete and in order', async (t) => {
  const connection = await open(t)
  const rows = await connection.fetch(
    "select n, 'row ' || n as t, n * 1.5::float8 as f from generate_series(1, 100000) n",
  )
  t.is(rows.length, 100_000)
  t.true(rows.every(({ n, t: text, f }, i) => n === i + 1 && text === `row ${i + 1}` && f === (i + 1) * 1.5))
})

test('values are kept when more queries follow', async (t) => {
  const connection = await open(t)
  const sql = 'select $1::text as t, $2::bytea as b, array[$3::bytea] as a, $4::jsonb as j'
  const args = (n: number): unknown[] => [
    `text ${n}`.repeat(40),
    Buffer.alloc(300, n),
    Buffer.alloc(70, n),
    { n },
  ]
  const kept: any[] = []
  for (let n = 0; n < 200; n++) kept.push(await connection.fetchRow(sql, args(n)))
  const big: any[] = await connection.fetch(
    'select repeat(chr(65 + n), 200000)::bytea as b from generate_series(0, 9) n',
  )
  await connection.fetch("select repeat('#', 1000) from generate_series(1, 5000)")
  kept.forEach((row, n) => {
    t.is(row.t, `text ${n}`.repeat(40))
    t.deepEqual(row.b, Buffer.alloc(300, n))
    t.deepEqual(row.a, [Buffer.alloc(70, n)])
    t.deepEqual(row.j, { n })
  })
  for (const [n, { b }] of big.entries()) t.true(b.equals(Buffer.alloc(200_000, 65 + n)))
  // Memory of one value is not another's: writing to it changes nothing else.
  big[0].b.fill(0)
  t.true(big[1].b.equals(Buffer.alloc(200_000, 66)))
})
