// Values of types that the database itself has: composites, rows, enums, domains, and what is made of them.

import test from 'ava'
import { type Connection, connect, DataError, Interval, Range, Record } from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { sharedServer } from '../../support/server.ts'

const value = (connection: Connection, sql: string): Promise<any> => connection.fetchValue(`select ${sql}`)

for (const version of [15, 18] as const) {
  test(`PostgreSQL ${version}: what types are made of is what their values are made of`, async (t) => {
    const database = await (await sharedServer(version)).createDatabase()
    const connection = await connect(database.dsn())
    await connection.execute(`
      create type mood as enum ('sad', 'ok', 'a "b" \\');
      create domain positive as int check (value > 0);
      create domain small as positive check (value < 100);
      create domain list as int[];
      create domain moods as mood[];
      create type pair as (a int, b text);
      create domain some_pair as pair;
      create type whole as (p pair, ps pair[], m mood, ms mood[], s small, l list, at timestamptz, doc jsonb, n numeric);
      create type floats as range (subtype = float8);
      create type smalls as range (subtype = int4, multirange_type_name = many_smalls);
      create table nothing ()`)
    for (const [sql, expected] of [
      ["'ok'::mood", 'ok'],
      [`'a "b" \\'::mood`, 'a "b" \\'],
      ["'{ok,NULL,sad}'::mood[]", ['ok', null, 'sad']],
      ["'{{ok},{sad}}'::moods", [['ok'], ['sad']]],
      ['7::small', 7],
      ['array[7::small, null]', [7, null]],
      ["'{1,2}'::list", [1, 2]],
      ["array[row('{1,2}'::list)]", [[[1, 2]]]],
      ["row(1, 'x')::pair", { a: 1, b: 'x' }],
      ["row(1, 'x')::some_pair", { a: 1, b: 'x' }],
      ['row(null, null)::pair', { a: null, b: null }],
      ['null::pair', null],
      ["array[row(1, '')::pair, null]", [{ a: 1, b: '' }, null]],
      ['\'[0:0][3:4]={{"(1,x)",NULL}}\'::pair[]', [[{ a: 1, b: 'x' }, null]]],
      ["array[row(1, 'x')::some_pair]", [{ a: 1, b: 'x' }]],
      [
        `row(row(1, 'é'), array[row(2, null)::pair], 'ok', '{sad}', 3, '{4}', '2024-01-31 10:00Z', '{"k":[1]}', 1.50)::whole`,
        {
          p: { a: 1, b: 'é' },
          ps: [{ a: 2, b: null }],
          m: 'ok',
          ms: ['sad'],
          s: 3,
          l: [4],
          at: new Date('2024-01-31T10:00:00Z'),
          doc: { k: [1] },
          n: '1.50',
        },
      ],
      ['floats(1.5, 2.5)', new Range(1.5, 2.5)],
      ["array['[1.5,2.5]'::floats]", [new Range(1.5, 2.5, { upperInc: true })]],
      ["'{[1,2],[5,)}'::many_smalls", [new Range(1, 2, { upperInc: true }), new Range(5, null)]],
      ['n from nothing n right join (select 1) x on true', null],
      ['row()::nothing', {}],
      ['array[row()::nothing]', [{}]],
    ] as const) {
      t.deepEqual(await value(connection, sql), expected, sql)
    }
    await connection.close()
  })
}

test('a row of a table is an object of its columns, without those that were dropped', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create table city (id int, gone text, name text not null, tags text[], at date);
    alter table city drop column gone;
    insert into city values (1, 'Ulm', '{a,b}', '1377-06-30')`)
  const ulm = { id: 1, name: 'Ulm', tags: ['a', 'b'], at: '1377-06-30' }
  t.deepEqual(await connection.fetch('select city, id from city'), [{ city: ulm, id: 1 }])
  t.deepEqual(await value(connection, 'array_agg(city) from city'), [ulm])
  await connection.execute('create view towns as select name, city as whole from city')
  t.deepEqual(await value(connection, 'towns from towns'), { name: 'Ulm', whole: ulm })
})

test('rows of the catalog, whose columns are others on each version, come as objects', async (t) => {
  for (const version of [15, 18] as const) {
    const connection = await connect((await sharedServer(version)).dsn())
    const row = await value(connection, "c from pg_class c where relname = 'pg_type'")
    t.is(row.relname, 'pg_type')
    t.is('relallfrozen' in row, version === 18)
    const types: any[] = await value(
      connection,
      "array_agg(t) from pg_type t where typname in ('int4', 'text')",
    )
    t.deepEqual(types.map(({ typname, typinput }) => [typname, typinput]).sort(), [
      ['int4', 'int4in'],
      ['text', 'textin'],
    ])
    await connection.close()
  }
})

test('names of attributes are names and nothing more', async (t) => {
  const connection = await open(t)
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'then',
    '0',
    '2',
    'a b',
    '\'`"$x\\',
    '\u2028',
    'é',
    'hasOwnProperty',
    '\n',
    '\r\n\t',
    '";throw 1//',
    '*/ \u0024{n} `',
    '\u0001\u007f',
    '\\u0041',
    'length',
    'get',
  ]
  // As attributes, as columns and as keys of what goes in.
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`)
  await connection.execute(`create type odd as (${quoted.map((name) => `${name} int`).join(', ')})`)
  const odd: any = await value(connection, `row(${names.map((_, i) => i)})::odd`)
  t.is(Object.getPrototypeOf(odd), Object.prototype)
  t.deepEqual(Object.keys(odd).sort(), [...names].sort())
  for (const [i, name] of names.entries()) {
    t.is(Object.getOwnPropertyDescriptor(odd, name)?.value, i, name)
  }
  t.is((await value(connection, `array[row(${names.map((_, i) => i)})::odd]`))[0].then, 3)
  t.deepEqual(await connection.fetchValue('select $1::odd', [odd]), odd)
  t.deepEqual(await connection.fetchRow('select ($1::odd).*', [odd]), odd)
  const record: any = await connection.fetchRow('select ($1::odd).*', [odd], { recordClass: Record })
  t.deepEqual(Record.prototype.keys.call(record), names)
  t.deepEqual([...record], Object.keys(names).map(Number))
})

test('a type of 1,600 attributes is read, NULLs and all', async (t) => {
  const connection = await open(t)
  const columns = Array.from({ length: 1600 }, (_, i) => `c${i} int`)
  await connection.execute(`create table wide (${columns.join(', ')})`)
  await connection.execute('insert into wide (c0, c31, c32, c1599) values (1, 2, 3, 4)')
  const wide: any = await value(connection, 'wide from wide')
  t.is(Object.keys(wide).length, 1600)
  t.deepEqual([wide.c0, wide.c1, wide.c31, wide.c32, wide.c1598, wide.c1599], [1, null, 2, 3, null, 4])
})

test('a composite with what has no binary form comes as text, and is read attribute by attribute', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create type texts as (words tsvector, n int, big int8, ok bool, at timestamptz, list int[], doc jsonb, raw bytea, name text);
    create type outer_texts as (one texts, many texts[])`)
  const one = `row('a:1 b', 7, 9007199254740993, true, '2024-01-31 10:00Z', '{1,NULL}', '{"a":"\\"x\\""}', '\\x00ff', E'a"b\\\\c,(d)\\ne')::texts`
  const expected = {
    words: "'a':1 'b'",
    n: 7,
    big: 9007199254740993n,
    ok: true,
    at: new Date('2024-01-31T10:00:00Z'),
    list: [1, null],
    doc: { a: '"x"' },
    raw: Buffer.from([0, 255]),
    name: 'a"b\\c,(d)\ne',
  }
  t.deepEqual(await value(connection, one), expected)
  const nothing = Object.fromEntries(Object.keys(expected).map((key) => [key, null]))
  t.deepEqual(
    await value(
      connection,
      `row(${one}, array[${one}, null, row(${'null,'.repeat(8)}null)::texts])::outer_texts`,
    ),
    {
      one: expected,
      many: [expected, null, nothing],
    },
  )
  t.deepEqual(await value(connection, "row(null, null, null, null, null, null, null, null, '')::texts"), {
    ...nothing,
    name: '',
  })
})

test('in a composite that comes as text a date in a form of its own is refused, an interval is read in every style', async (t) => {
  const connection = await open(t, { serverSettings: { TimeZone: 'Asia/Kolkata' } })
  await connection.execute(`
    create type told_date as (words tsvector, v date);
    create type told_timestamp as (words tsvector, v timestamp);
    create type told_timestamptz as (words tsvector, v timestamptz);
    create type told_interval as (words tsvector, v interval)`)
  const moments = [
    ['date', '2024-02-01', '2024-02-01'],
    ['timestamp', '2024-02-01 03:04:05.006', new Date('2024-02-01T03:04:05.006Z')],
    ['timestamptz', '2024-02-01 03:04:05.006+00', new Date('2024-02-01T03:04:05.006Z')],
  ] as const
  const read = (type: string): Promise<any> =>
    connection.fetchValue(
      `select row('a', ${type} '${moments.find(([name]) => name === type)?.[1]}')::told_${type} as v`,
    )
  for (const style of ['ISO, MDY', 'ISO, DMY', 'ISO, YMD']) {
    await connection.execute(`set DateStyle = '${style}'`)
    for (const [type, , expected] of moments) {
      t.deepEqual(await read(type), { words: "'a'", v: expected }, `${type} in ${style}`)
    }
  }
  for (const style of ['SQL, MDY', 'SQL, DMY', 'German', 'Postgres, MDY', 'Postgres, DMY']) {
    await connection.execute(`set DateStyle = '${style}'`)
    for (const [type] of moments) {
      const error = await reason(read(type))
      const told = `${type} in ${style}: ${error}`
      t.true(error instanceof DataError, told)
      t.is(error.sqlstate, '0A000', told)
      t.regex(error.message, /^column "v" holds a value of type told_.* not in ISO form$/, told)
      t.is(error.hint, "set DateStyle to 'ISO', or select the date by itself")
    }
    // Its day, month and year could each be a month.
    for (const type of ['date', 'timestamp', 'timestamptz']) {
      const early = connection.fetchValue(`select row('a', ${type} '0012-02-01')::told_${type}`)
      t.is((await reason(early)).sqlstate, '0A000', `${type} in ${style}`)
    }
    t.is(await connection.fetchValue("select date '2024-02-01'"), '2024-02-01')
  }
  await connection.execute("set DateStyle = 'ISO'")
  const parts = { months: -14, days: 3, microseconds: -14_706_700_000 }
  for (const style of ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601']) {
    await connection.execute(`set IntervalStyle = '${style}'`)
    t.deepEqual(
      await connection.fetchValue(
        "select row('a', make_interval(months => -14, days => 3, secs => -14706.7))::told_interval",
      ),
      { words: "'a'", v: new Interval(parts) },
      style,
    )
  }
})

test('a row that has no type of its own is a list, whatever its fields are', async (t) => {
  const connection = await open(t)
  await connection.execute("create type hue as enum ('red'); create type dot as (x int, c hue)")
  for (const [sql, expected] of [
    ['row()', []],
    ["row(1, 'x'::text, null, true)", [1, 'x', null, true]],
    [
      "row('red'::hue, row(1, 'red')::dot, array[row(2, null)::dot])",
      ['red', { x: 1, c: 'red' }, [{ x: 2, c: null }]],
    ],
    [
      "row(row(row(1), 2), array[row(3), row('x'::text)])",
      [
        [[1], 2],
        [[3], ['x']],
      ],
    ],
    ["array[row(1, 'red'::hue), null]", [[1, 'red'], null]],
    [`row('{"a":1}'::jsonb, '2024-01-31'::date, 1.50)`, [{ a: 1 }, '2024-01-31', '1.50']],
  ] as const) {
    t.deepEqual(await value(connection, sql), expected, sql)
  }
  // Each row has its own.
  t.deepEqual(
    await connection.fetch("select row(n, case n when 2 then 'x' end) as v from generate_series(1, 2) n"),
    [{ v: [1, null] }, { v: [2, 'x'] }],
  )
  const error = await reason(connection.fetch("select 1 as n, row('pg_class'::regclass) as odd"))
  t.regex(
    error.message,
    /^column "odd" holds a value of type record with a field whose type has no binary form/,
  )
  t.regex(error.hint, /cast the field to text/)
  t.is(await value(connection, '1'), 1)
})

test('the types option goes for what values are made of', async (t) => {
  const connection = await open(t, {
    types: { int8: 'bigint', numeric: 'number', timestamptz: 'string', json: 'text' },
  })
  await connection.execute('create type mixed as (a int8, b numeric, c timestamptz, d json, e int8[])')
  const mixed = `row(1, 2.5, '2024-01-31 10:00Z', '{"a": 1}', '{3}')::mixed`
  const expected = { a: 1n, b: 2.5, c: '2024-01-31 10:00:00+00', d: '{"a": 1}', e: [3n] }
  t.deepEqual(await value(connection, mixed), expected)
  t.deepEqual(await value(connection, `row(4::int8, array[${mixed}])`), [4n, [expected]])
})
