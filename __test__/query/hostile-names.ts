// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are names that look like code

// Column names that could break an object or a generated decoder. Run as a program, it checks them in a process that
// may not generate code.

import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { type Connection, connect, Interval, Record } from '../../index.ts'

const payload = (quote: string) => `a${quote}: (globalThis.injected = true), b${quote}`

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  '__defineGetter__',
  'get',
  'set',
  'async',
  'a',
  '0',
  '-1',
  '1e3',
  '4294967295',
  'with space',
  "it's",
  '"',
  '`${globalThis.injected = true}`',
  '\\',
  '\\u0022',
  '\\x27',
  '\n',
  '\r\n',
  '\u2028',
  '\u2029',
  '\u0001',
  '\ufeff',
  '*/ globalThis.injected = true /*',
  '// comment',
  '</script>',
  '😀',
  'ä',
  'e\u0301',
  payload("'"),
  payload('"'),
  payload(']'),
  '"] = 1; globalThis.injected = true; x["',
  '${x}',
  '%s',
  '?column?',
]

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Fails with an AssertionError when a name does not come out as an own property of its value. */
export async function checkHostileNames(connection: Connection): Promise<'fine'> {
  await every(connection)
  await each(connection)
  await wide(connection)
  await kinds(connection)
  await documents(connection)
  await records(connection)
  await composites(connection)
  assert.equal('injected' in globalThis, false)
  return 'fine'
}

async function every(connection: Connection): Promise<void> {
  const columns = names.map((name, i) => `${i} as ${identifier(name)}`).join(', ')
  const [row, second] = await connection.fetch(`select ${columns} from generate_series(1, 2)`)
  const indices = names.filter((name) => String(Number(name) >>> 0) === name && name !== '4294967295')
  const expected = [...indices, ...names.filter((name) => !indices.includes(name))]
  assert.deepEqual(Object.keys(row!), expected)
  assert.equal(Object.getPrototypeOf(row), Object.prototype)
  for (const [i, name] of names.entries()) {
    assert.deepEqual(Object.getOwnPropertyDescriptor(row, name), {
      value: i,
      writable: true,
      enumerable: true,
      configurable: true,
    })
    assert.equal(await connection.fetchValue(`select ${columns}`, [], { column: name }), i)
  }
  assert.deepEqual(second, row)
  assert.equal({ ...row! }.constructor, names.indexOf('constructor'))
}

async function each(connection: Connection): Promise<void> {
  for (const name of names) {
    const row: any = await connection.fetchRow(`select 'one' as ${identifier(name)}`)
    assert.deepEqual(Object.entries(row), [[name, 'one']])
    const twice: any = await connection.fetchRow(`select 1 as ${identifier(name)}, 2 as ${identifier(name)}`)
    assert.deepEqual(Object.entries(twice), [[name, 2]])
  }
}

async function wide(connection: Connection): Promise<void> {
  const columns = Array.from({ length: 1600 }, (_, i) => `${i % 3 === 0 ? 'null::int' : i} as "c${i}"`).join(
    ', ',
  )
  const row: any = await connection.fetchRow(`select ${columns}`)
  assert.equal(Object.keys(row).length, 1600)
  for (let i = 0; i < 1600; i++) assert.equal(row[`c${i}`], i % 3 === 0 ? null : i)
  assert.equal(await connection.fetchValue(`select ${columns}`, [], { column: -1 }), null)
  assert.equal(await connection.fetchValue(`select ${columns}`, [], { column: 1598 }), 1598)
}

/** Every way a cell is read, by both decoders. */
async function kinds(connection: Connection): Promise<void> {
  const text = `
    select true as bool, 1::int2 as int2, -5 as int4, 7::int8 as small, 9007199254740993 as large, 1.5::float4 as real,
      'text' as t, 'é' as latin, 'ж' as wide, '\\x0102'::bytea as bytes, '{"a": [1]}'::jsonb as json, 1.50 as numeric,
      '2024-02-29 12:00Z'::timestamptz as instant, 'infinity'::timestamptz as never, '2024-02-29'::date as day,
      null::text as nothing, array[1, null, 3] as ints, '{{a,b},{c,NULL}}'::text[] as texts, '{}'::int[] as empty,
      '16/B374D848'::pg_lsn as lsn, '1 day'::interval as span, pg_sleep(0) as void, array[true] as bools,
      array[1.5::float8] as doubles, array['2024-02-29 12:00Z'::timestamptz] as instants`
  const expected = {
    bool: true,
    int2: 1,
    int4: -5,
    small: 7,
    large: 9007199254740993n,
    real: 1.5,
    t: 'text',
    latin: 'é',
    wide: 'ж',
    bytes: Buffer.from([1, 2]),
    json: { a: [1] },
    numeric: '1.50',
    instant: new Date('2024-02-29T12:00:00Z'),
    never: Number.POSITIVE_INFINITY,
    day: '2024-02-29',
    nothing: null,
    ints: [1, null, 3],
    texts: [
      ['a', 'b'],
      ['c', null],
    ],
    empty: [],
    lsn: 0x16b374d848n,
    span: new Interval({ days: 1 }),
    void: null,
    bools: [true],
    doubles: [1.5],
    instants: [new Date('2024-02-29T12:00:00Z')],
  }
  assert.deepEqual(await connection.fetchRow(text), expected)
  const { rows } = await connection.query(text, [], { rows: 'array' })
  assert.deepEqual(rows, [Object.values(expected)])
}

/** Keys of documents, together and each alone, as objects at every depth. */
async function documents(connection: Connection): Promise<void> {
  const all = JSON.stringify(Object.fromEntries(names.map((name, i) => [name, i])))
  const texts = [
    all,
    ...names.map((name) => `{"in": [{${JSON.stringify(name)}: {"x": 1}}, -0, null, true, 0.5]}`),
  ]
  for (const text of texts) {
    const document = await connection.fetchValue('select $1::text::json', [text])
    assert.deepEqual(document, JSON.parse(text))
    assert.equal(JSON.stringify(document), JSON.stringify(JSON.parse(text)))
  }
}

/** The same as records: a column is an own property, and methods and indexes reach all of them. */
async function records(connection: Connection): Promise<void> {
  const columns = names
    .map((name, i) => `${i} as ${identifier(name)}, ${1000 + i} as ${identifier(name)}`)
    .join(', ')
  const plain = await connection.fetchRow(`select ${columns}`)
  const record: any = await connection.fetchRow<Record>(`select ${columns}`, [], { recordClass: Record })
  const { at, keys, values, entries, get, toObject } = Record.prototype
  assert.ok(record instanceof Record)
  assert.deepEqual(
    Object.getOwnPropertyDescriptors(toObject.call(record)),
    Object.getOwnPropertyDescriptors(plain),
  )
  assert.deepEqual(Object.entries(record), Object.entries(plain!))
  const doubled = names.flatMap((name) => [name, name])
  assert.deepEqual(keys.call(record), doubled)
  assert.deepEqual(values.call(record), [...record])
  assert.deepEqual(
    entries.call(record),
    doubled.map((name, i) => [name, (i >> 1) + (i % 2) * 1000]),
  )
  for (const [i, name] of names.entries()) {
    assert.equal(record[name], 1000 + i)
    assert.equal(get.call(record, name), 1000 + i)
    assert.equal(at.call(record, 2 * i), i)
    assert.equal(at.call(record, 2 * i + 1), 1000 + i)
  }
  const wide = Array.from({ length: 1600 }, (_, i) => `${i} as "c${i % 800}"`).join(', ')
  const row = await connection.fetchRow<Record>(`select ${wide}`, [], { recordClass: Record })
  assert.equal(row?.length, 1600)
  for (let i = 0; i < 1600; i++) assert.equal(row?.[i], i)
  assert.equal(row?.c0, 800)
}

/** The same as attributes of a composite type, with a value of every kind behind them. */
async function composites(connection: Connection): Promise<void> {
  const types = ['int', 'text', 'int8', 'timestamptz', 'text[]', 'jsonb', 'int4range', 'bool']
  const values = ['7', 'é', '9007199254740993', '2024-02-29 12:00Z', '{x,NULL}', '{"k":1}', '[1,2)', 't']
  const of = (list: readonly string[], i: number) => list[i % list.length] as string
  const attributes = names.map((name, i) => `${identifier(name)} ${of(types, i)}`).join(', ')
  await connection.execute(`create type pg_temp.hostile as (${attributes})`)
  const literals = names.map((_, i) => (i % 11 === 10 ? 'null' : `'${of(values, i)}'`)).join(', ')
  const columns = names.map((name, i) => {
    const literal = i % 11 === 10 ? 'null' : `'${of(values, i)}'`
    return `${literal}::${of(types, i)} as ${identifier(name)}`
  })
  const expected = await connection.fetchRow(`select ${columns.join(', ')}`)
  const value: any = await connection.fetchValue(`select row(${literals})::pg_temp.hostile`)
  assert.deepEqual(Object.getOwnPropertyDescriptors(value), Object.getOwnPropertyDescriptors(expected))
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  const row: any = await connection.fetchRow(
    `select array[null, row(${literals})::pg_temp.hostile] as a, row(1, row(${literals})::pg_temp.hostile) as r`,
  )
  assert.deepEqual(row, { a: [null, expected], r: [1, expected] })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const connection = await connect(process.argv[2] as string)
  process.stdout.write(await checkHostileNames(connection))
  await connection.close()
}
