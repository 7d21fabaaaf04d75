import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError, Record, type DataError as Refusal } from '../../index.ts'
import { open, reason } from '../query/open.ts'

/** A connection whose session has these types, before it has met any of them. */
async function openWith(t: ExecutionContext, types: string): Promise<Connection> {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(types)
  return connection
}

const TYPES = `
  create type mood as enum ('so', 'la la');
  create domain positive as int check (value > 0);
  create domain tags as text[];
  create domain document as jsonb;
  create type address as (street text, no positive, tags tags);
  create type person as (name text, home address, moods mood[], doc document, born timestamptz, id int8, raw bytea)`

/** The value as a call sends it when it meets its text for the first time, and when it knows the types. */
async function twice(connection: Connection, sql: string, value: unknown): Promise<unknown[]> {
  return [await connection.fetchValue(sql, [value]), await connection.fetchValue(sql, [value])]
}

test('objects are composites by the names of their attributes, lists by their order', async (t) => {
  const connection = await openWith(t, TYPES)
  const values: [value: unknown, comes: unknown][] = [
    [
      { street: 'High', no: 7, tags: ['a', null] },
      { street: 'High', no: 7, tags: ['a', null] },
    ],
    [
      { no: '7', street: 'a, "b" \\ (c)' },
      { street: 'a, "b" \\ (c)', no: 7, tags: null },
    ],
    [{}, { street: null, no: null, tags: null }],
    [['High', 7, null], { street: 'High', no: 7, tags: null }],
    [[null, '7', []], { street: null, no: 7, tags: [] }],
    [Object.assign(Object.create(null), { no: 1 }), { street: null, no: 1, tags: null }],
    ['(High,7,{a})', { street: 'High', no: 7, tags: ['a'] }],
    [null, null],
  ]
  for (const [value, comes] of values) {
    t.deepEqual(await twice(connection, 'select $1::address', value), [comes, comes])
  }
})

test('an object that shows no members is no composite and no hstore, unless it is plain', async (t) => {
  const connection = await openWith(t, `${TYPES}; create extension if not exists hstore schema public`)
  class Hidden {
    readonly #street = 'High'
    get street(): string {
      return this.#street
    }
  }
  const values = [
    new Hidden(),
    new Number(5),
    new String('x'),
    new Error('x'),
    /x/,
    new URL('http://x/'),
    new WeakMap(),
  ]
  for (const type of ['address', 'public.hstore']) {
    for (const value of values) {
      for (const sql of [`select $1::${type}`, `select $1::${type}`]) {
        const error = await reason(connection.fetch(sql, [value]))
        t.is(error.name, 'DataError')
        t.regex(error.message, /\$1: an object of a class that shows no members of its own$/)
        t.is(error.value, value)
      }
    }
    const none = await twice(connection, `select $1::${type}::text`, Object.create(null))
    t.deepEqual(none, type === 'address' ? ['(,,)', '(,,)'] : ['', ''])
  }
  t.is(
    await connection.fetchValue('select ($1::address).street', [
      new (class {
        street = 'High'
      })(),
    ]),
    'High',
  )
})

test('attributes take whatever their types take, composites in composites too', async (t) => {
  const connection = await openWith(t, TYPES)
  const value = {
    name: 'Ada',
    home: { street: 'High', no: 7, tags: ['x', ''] },
    moods: ['so', 'la la'],
    doc: { a: [1, { b: null }], c: 'd' },
    born: new Date('1815-12-10T00:00:00Z'),
    id: 9007199254740993n,
    raw: Buffer.from([0, 255]),
  }
  t.deepEqual(await twice(connection, 'select $1::person', value), [value, value])
  // In text, since a string is PostgreSQL's own input.
  const asText = { ...value, born: '1815-12-10 00:00:00+00', home: '(High,7,"{x,\\"\\"}")' }
  t.deepEqual(await twice(connection, 'select $1::person', asText), [value, value])
  const lists = { ...value, home: ['High', 7, ['x', '']], doc: [1, [2]] }
  t.deepEqual(await twice(connection, 'select $1::person', lists), Array(2).fill({ ...value, doc: [1, [2]] }))
})

test('what comes out goes in again: plain objects, records, and rows of tables', async (t) => {
  const connection = await openWith(t, `${TYPES}; create table city (name text, area numeric, founded date)`)
  await connection.execute('insert into city values ($1, $2, $3)', ['Ulm', '118.68', '0854-07-22'])
  const row = await connection.fetchRow('select * from city')
  t.deepEqual(await connection.fetchValue('select $1::city', [row]), row)
  const record = await connection.fetchRow('select * from city', [], { recordClass: Record })
  t.deepEqual(await connection.fetchValue('select $1::city', [record]), row)
  await connection.execute('insert into city select ($1::city).*', [row])
  t.is(await connection.fetchValue('select count(*) from city'), 2)
})

test('in an array of composites a list is one by position, unless it begins with what only a further dimension does', async (t) => {
  const connection = await openWith(t, TYPES)
  const one = { street: null, no: 1, tags: null }
  const two = { street: 'x', no: 2, tags: null }
  const values: [value: unknown, comes: unknown][] = [
    [
      [{ no: 1 }, null, ['x', 2, null]],
      [one, null, two],
    ],
    [
      [[{ no: 1 }], [{ no: 2, street: 'x' }]],
      [[one], [two]],
    ],
    [
      [[['x', 2, null]], [null]],
      [[two], [null]],
    ],
    [[], []],
    [
      [{ no: '1' }, '(x,2,)'],
      [one, two],
    ],
  ]
  for (const [value, comes] of values) {
    t.deepEqual(await twice(connection, 'select $1::address[]', value), [comes, comes])
  }
  await connection.execute('create type pair as (a address, n int)')
  const pair = { a: one, n: 5 }
  t.deepEqual(await twice(connection, 'select $1::pair[]', [[{ no: 1 }, 5]]), [[pair], [pair]])
})

test('what an attribute does not take is refused by its name, and nothing is sent', async (t) => {
  const connection = await openWith(t, TYPES)
  const cases: [type: string, value: unknown, reason: string][] = [
    [
      'address',
      { nr: 7 },
      'an object (member #0 is no attribute of address, which has "street", "no", "tags")',
    ],
    [
      'address',
      { no: true },
      'an object (attribute "no" of address: expected number or bigint for int4, got boolean)',
    ],
    [
      'address',
      { no: undefined },
      'an object (attribute "no" of address: undefined cannot be sent to PostgreSQL)',
    ],
    ['address', ['x', 7], 'an array of 2 elements (a list for address must have 3 values, this one has 2)'],
    ['address', 42, '42 (expected object, array or string for address, got number)'],
    [
      'address',
      new Date(0),
      '1970-01-01T00:00:00.000Z (expected object, array or string for address, got Date)',
    ],
    [
      'person',
      { home: { no: 0.5 } },
      'an object (attribute "home" of person: attribute "no" of address: expected an integer for int4)',
    ],
    [
      'address[]',
      [null, { no: 'a\0' }],
      'an array of 2 elements (invalid array element at index 1: attribute "no" of address: PostgreSQL\'s text cannot hold the NUL character)',
    ],
    ['person', { doc: { a: 1n } }, 'an object (attribute "doc" of person: JSON has no bigint)'],
    [
      'address',
      { street: 'a\ud800' },
      'an object (attribute "street" of address: a string with a lone surrogate cannot be sent to PostgreSQL)',
    ],
    ['mood', 5, '5 (expected string for mood, got number)'],
    ['positive', 'x'.length > 0 && true, 'true (expected number or bigint for int4, got boolean)'],
    ['tags', 5, '5 (expected array for text[], got number)'],
  ]
  for (const [type, value, expected] of cases) {
    for (const round of ['first', 'second']) {
      const error: Refusal = await reason(connection.fetchValue(`select $1::${type}`, [value]))
      t.true(error instanceof DataError, `${type}, ${round}: ${error}`)
      t.is(error.message, `invalid input for query argument $1: ${expected}`, round)
      t.is(error.argument, 1)
      t.is(error.value, value)
    }
  }
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a refused argument is told as it was given, also when its type was not known at the call', async (t) => {
  const value = { doc: { a: 1n } }
  for (const how of ['text', 'prepared'] as const) {
    const connection = await openWith(t, TYPES)
    const error: Refusal =
      how === 'text'
        ? await reason(connection.fetchValue('select $1::person', [value]))
        : await reason((await connection.prepare('select $1::person')).fetchValue([value]))
    t.true(error instanceof DataError, String(error))
    t.is(error.value, value, how)
  }
})

test('an enum takes its labels, and the server says which there are', async (t) => {
  const connection = await openWith(t, TYPES)
  t.deepEqual(await twice(connection, 'select $1::mood', 'la la'), ['la la', 'la la'])
  t.deepEqual(
    await twice(connection, 'select $1::mood[]', [['so'], ['la la']]),
    Array(2).fill([['so'], ['la la']]),
  )
  t.is((await reason(connection.fetchValue('select $1::mood', ['up']))).sqlstate, '22P02')
  t.is((await reason(connection.fetchValue('select $1::mood[]', [['up']]))).sqlstate, '22P02')
  for (const value of [1, true, { so: 1 }, new Date(0)]) {
    const error = await reason(connection.fetchValue('select $1::mood', [value]))
    t.deepEqual([error.name, error.hint], ['DataError', 'pass one of its labels'])
  }
})

test('a domain takes what its base takes, whatever domains lie between', async (t) => {
  const connection = await openWith(
    t,
    `${TYPES}; create domain small as positive check (value < 10); create domain documents as document[]`,
  )
  t.deepEqual(await twice(connection, 'select $1::small', 5), [5, 5])
  t.deepEqual(await twice(connection, 'select $1::small[]', [5, null]), [
    [5, null],
    [5, null],
  ])
  t.is((await reason(connection.fetchValue('select $1::small', [50]))).sqlstate, '23514')
  t.deepEqual(await twice(connection, 'select $1::tags', ['a', null]), Array(2).fill(['a', null]))
  for (const value of [{ a: [1] }, [1, [2]], true, 5]) {
    t.deepEqual(await twice(connection, 'select $1::document', value), [value, value])
  }
  const documents = [{ a: 1 }, [1, 2], null]
  t.deepEqual(await twice(connection, 'select $1::documents', documents), [documents, documents])
})

test('arguments are sent as they stood at the call, also when their types are met first', async (t) => {
  const connection = await openWith(t, TYPES)
  const inner = { no: 1 }
  const value = { name: 'a', home: inner, moods: ['so'], raw: Buffer.from('a') }
  const call = connection.fetchValue('select $1::person', [value])
  value.name = 'b'
  value.moods.push('x')
  value.raw[0] = 0
  inner.no = 2
  const { name, home, moods, raw } = await call
  t.deepEqual(
    { name, home, moods, raw },
    { name: 'a', home: { street: null, no: 1, tags: null }, moods: ['so'], raw: Buffer.from('a') },
  )
  const set = [{ no: 1 }]
  const many = connection.fetchMany('select $1::address as one', [set, set])
  set[0]!.no = 2
  t.deepEqual(await many, Array(2).fill({ one: { street: null, no: 1, tags: null } }))
})

test('every call takes composites: many sets, records, cursors, statements, transactions', async (t) => {
  const connection = await openWith(t, `${TYPES}; create table home (a address, all_of address[], m mood)`)
  const address = { street: 's', no: 1, tags: ['t'] }
  const row = { a: address, all_of: [address, null], m: 'so' }
  await connection.executeMany('insert into home values ($1, $2, $3)', [
    Object.values(row),
    Object.values(row),
  ])
  t.is(await connection.copyRecordsToTable('home', { records: [Object.values(row)] }), 'COPY 1')
  const expected = Array(3).fill(row)
  t.deepEqual(await connection.fetch('select * from home'), expected)
  const statement = await connection.prepare('select * from home where a = $1::address')
  t.deepEqual(await statement.fetch([address]), expected)
  t.deepEqual(await statement.fetchMany([[address], [{ no: 2 }]]), expected)
  const found: unknown[] = []
  await connection.transaction(async (tx) => {
    for await (const home of statement.cursor([address])) found.push(home)
    for await (const home of connection.cursor('select * from home where a = $1::address', [address]))
      found.push(home)
    found.push(...(await tx.fetch('select * from home where $1::address = a', [address])))
  })
  t.deepEqual(found, Array(9).fill(row))
  const bad = await reason(
    connection.executeMany('insert into home (a) values ($1)', [[address], [{ nr: 1 }]]),
  )
  t.true(bad instanceof DataError)
  t.is(bad.element, 1)
  t.deepEqual(bad.value, { nr: 1 })
  const copied = await reason(
    connection.copyRecordsToTable('home', {
      records: [
        [address, null, null],
        [{ nr: 1 }, null, null],
      ],
    }),
  )
  t.regex(
    copied.message,
    /^invalid input for column "a" in record #1: an object \(member #0 is no attribute of address/,
  )
  t.is(await connection.fetchValue('select count(*) from home'), 3)
})

test('calls made one behind the other keep their order while arguments are written anew', async (t) => {
  const connection = await openWith(t, `${TYPES}; create table step (n int, a address)`)
  await Promise.all([
    connection.execute('insert into step select 1, $1::address', [{ no: 1 }]),
    connection.execute('insert into step select count(*) + 1 from step', []),
    connection.execute('insert into step select count(*) + 1, $1::address from step', [{ no: 3 }]),
    connection.execute('insert into step select count(*) + 1 from step', []),
  ])
  t.deepEqual(await connection.fetch('select n, (a).no from step'), [
    { n: 1, no: 1 },
    { n: 2, no: null },
    { n: 3, no: 3 },
    { n: 4, no: null },
  ])
})

test('a list whose length is no count is refused, the types being known or not', async (t) => {
  const connection = await openWith(t, TYPES)
  for (const [type, list] of [
    ['address', ['High', 7, null]],
    ['address[]', [{ no: 1 }, { no: 2 }]],
    ['person', ['Ada', ['High', 7, null], ['so'], null, null, null, null]],
  ] as const) {
    const sql = `select $1::${type}`
    for (const length of ['many', 1.5, -1, Number.NaN, 2 ** 53]) {
      const value = new Proxy([...list], {
        get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)),
      })
      for (const error of [
        await reason(connection.fetchValue(sql, [value])),
        await reason(connection.fetchValue(sql, [value])),
      ]) {
        t.true(error instanceof DataError, `${error}`)
        t.regex(error.message, /an array whose length is no count/)
      }
      t.truthy(await connection.fetchValue(sql, [list]))
    }
  }
})

test('a call that is given up while its arguments are written anew harms no other', async (t) => {
  const connection = await openWith(t, TYPES)
  const controller = new AbortController()
  const given = connection.fetchValue('select $1::address', [{ no: 1 }], { signal: controller.signal })
  const next = connection.fetchValue('select $1::address', [{ no: 2 }])
  controller.abort(new Error('enough'))
  t.is((await reason(given)).message, 'enough')
  t.is((await next).no, 2)
})

test('a composite of no attributes, of 1,600, and of hostile names', async (t) => {
  const connection = await openWith(t, 'create type nothing as ()')
  t.deepEqual(await twice(connection, 'select $1::nothing', {}), [{}, {}])
  t.deepEqual(await twice(connection, 'select $1::nothing', []), [{}, {}])
  const names = Array.from({ length: 1590 }, (_, i) => `c${i}`).concat([
    '__proto__',
    'constructor',
    '0',
    'a "b"',
    'then',
    'toJSON',
    'a\nb',
  ])
  const columns = names.map((name) => `"${name.replaceAll('"', '""')}" int`).join(', ')
  await connection.execute(`create type wide as (${columns})`)
  const value = Object.fromEntries(names.map((name, i) => [name, i % 7 === 0 ? null : i]))
  Object.defineProperty(value, '__proto__', {
    value: 5,
    enumerable: true,
    configurable: true,
    writable: true,
  })
  for (const given of [value, names.map((name) => value[name])]) {
    const comes: any = await connection.fetchValue('select $1::wide', [given])
    t.deepEqual(Object.entries(comes).sort(), Object.entries(value).sort())
  }
})
