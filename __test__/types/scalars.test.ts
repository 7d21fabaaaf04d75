import test from 'ava'
import { open } from '../query/open.ts'
import { checkOutput, checkSamples, type Samples } from './round-trip.ts'

const big = 2n ** 63n

const samples: Samples[] = [
  ['bool', ['true', true], ['false', false]],
  ['int2', ['0', 0], ['1', 1], ['-1', -1], ['32767', 32_767], ['-32768', -32_768]],
  ['int4', ['0', 0], ['-1', -1], ['2147483647', 2_147_483_647], ['-2147483648', -2_147_483_648]],
  [
    'int8',
    ['0', 0],
    ['-1', -1],
    ['2147483648', 2_147_483_648],
    ['-4294967297', -4_294_967_297],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['9007199254740992', 9_007_199_254_740_992n],
    ['-9007199254740992', -9_007_199_254_740_992n],
    ['9223372036854775807', big - 1n],
    ['-9223372036854775808', -big],
  ],
  [
    'float8',
    ['0', 0],
    ['-0', -0],
    ['0.1', 0.1],
    ['1.5', 1.5],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
    ['1e+21', 1e21],
    ['1e-07', 1e-7],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ],
  [
    'float4',
    ['0', 0],
    ['-0', -0],
    ['1.5', 1.5],
    // The shortest decimal that names it, as PostgreSQL prints it.
    ['0.1', 0.1],
    ['1.1', 1.1],
    ['-3.3554432e+07', -33_554_432],
    ['1.2345679e+08', 123_456_790],
    ['1e-05', 0.00001],
    ['3.4028235e+38', 3.402_823_5e38],
    ['1.1754944e-38', 1.175_494_4e-38],
    ['1e-45', 1e-45],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ],
  [
    'numeric',
    ['0', '0'],
    ['0.00000', '0.00000'],
    ['1.50', '1.50'],
    ['-0.000000000000000000001', '-0.000000000000000000001'],
    ['123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'],
    ['10000', '10000'],
    ['99990000', '99990000'],
    ['0.0001', '0.0001'],
    [`1${'0'.repeat(1000)}`, `1${'0'.repeat(1000)}`],
    [`0.${'0'.repeat(999)}1`, `0.${'0'.repeat(999)}1`],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
  ],
  [
    'text',
    ['', ''],
    ['a', 'a'],
    ['é', 'é'],
    ['ж', 'ж'],
    ['😀\u2028"\'\\{},\n', '😀\u2028"\'\\{},\n'],
    ['NULL', 'NULL'],
    [' ', ' '],
  ],
  ['varchar', ['', ''], ['x y', 'x y']],
  ['name', ['', ''], ['pg_class', 'pg_class']],
  ['bpchar(3)', ['abc', 'abc']],
  [
    'bytea',
    ['\\x', Buffer.of()],
    ['\\x00ff10', Buffer.of(0, 255, 16)],
    [`\\x${'ab'.repeat(500)}`, Buffer.alloc(500, 0xab)],
  ],
  [
    'uuid',
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['01234567-89ab-cdef-0123-456789abcdef', '01234567-89ab-cdef-0123-456789abcdef'],
  ],
  ['oid', ['0', 0], ['4294967295', 4_294_967_295], ['2147483648', 2_147_483_648]],
  ['xid', ['0', 0], ['4294967295', 4_294_967_295]],
  ['cid', ['0', 0], ['4294967295', 4_294_967_295]],
  ['xid8', ['0', 0n], ['18446744073709551615', 2n ** 64n - 1n], ['9223372036854775808', big]],
  ['pg_lsn', ['0/0', 0n], ['16/B374D848', 0x16_b374_d848n], ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n]],
]

for (const row of samples) {
  test(`${row[0]}: values and texts at the limits, both ways`, async (t) => {
    await checkSamples(t, await open(t), row)
  })
}

/** Types that come and go as their text, whatever form they travel in; in arrays too. */
const texts: Samples[] = [
  [
    'inet',
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1/8', '10.0.0.1/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::1/64', '::1/64'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['2001:db8::1', '2001:db8::1'],
  ],
  ['cidr', ['10.0.0.0/8', '10.0.0.0/8'], ['10.1.2.3/32', '10.1.2.3/32'], ['::/0', '::/0']],
  ['macaddr', ['08:00:2b:01:02:03', '08:00:2b:01:02:03']],
  ['macaddr8', ['08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03:04:05']],
  ['money', ['$1.50', '$1.50'], ['-$92,233,720,368,547,758.08', '-$92,233,720,368,547,758.08']],
  ['tsvector', ["'a' 'b':1", "'a' 'b':1"], ['', ''], [`'a "b" \\\\' '{x}'`, `'a "b" \\\\' '{x}'`]],
  ['tsquery', ["'a' & 'b'", "'a' & 'b'"], ["'a' <-> ( 'b' | !'c' )", "'a' <-> ( 'b' | !'c' )"]],
  ['jsonpath', ['$."a"', '$."a"'], ['strict $[*]?(@ > 1)', 'strict $[*]?(@ > 1)']],
  ['regclass', ['pg_class', 'pg_class'], ['"Hostile ""{}, name"', '"Hostile ""{}, name"']],
  ['regtype', ['integer', 'integer'], ['"char"', '"char"'], ['character varying', 'character varying']],
  ['regproc', ['now', 'now']],
  ['regprocedure', ['abs(integer)', 'abs(integer)']],
  ['regoperator', ['+(integer,integer)', '+(integer,integer)']],
  ['regrole', ['pg_monitor', 'pg_monitor']],
  ['regnamespace', ['pg_catalog', 'pg_catalog']],
  ['regcollation', ['"C"', '"C"']],
  ['xml', ['<a>b</a>', '<a>b</a>']],
  ['refcursor', ['c', 'c'], ['', '']],
]

test('every other type comes and goes as its text', async (t) => {
  const connection = await open(t)
  await connection.execute('create table "Hostile ""{}, name" ()')
  for (const [type, ...pairs] of texts) {
    for (const [text, value] of pairs) {
      const label = `${type} ${text}`
      t.is(await connection.fetchValue(`select $1::text::${type}`, [text]), value, label)
      t.is(await connection.fetchValue(`select $1::${type}`, [text]), value, label)
      t.deepEqual(
        await connection.fetchValue(
          `select array[array[$1::text::${type}, null], array[null, $1::${type}]]`,
          [text],
        ),
        [
          [value, null],
          [null, value],
        ],
        label,
      )
    }
  }
})

test('access lists come as lists of their items', async (t) => {
  const connection = await open(t)
  await connection.execute(
    'create role "a,b {""}"; create table secrets (); grant select on secrets to "a,b {""}"',
  )
  const items: any = await connection.fetchValue("select relacl from pg_class where relname = 'secrets'")
  t.is(items.length, 2)
  t.true(items.includes('"a,b {""}"=r/postgres'), items.join(' '))
  await connection.execute('drop table secrets; drop role "a,b {""}"')
})

test('types of the database itself come as what they are made of', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create type mood as enum ('sad', 'happy');
    create domain positive as int check (value > 0);
    create type pair as (a int, b text)`)
  t.is(await connection.fetchValue("select 'happy'::mood"), 'happy')
  t.is(await connection.fetchValue('select $1::mood', ['sad']), 'sad')
  t.deepEqual(await connection.fetchValue("select row(1, 'x')::pair"), { a: 1, b: 'x' })
  t.is(await connection.fetchValue('select (array[2::positive])[1]'), 2)
  t.is(await connection.fetchValue('select ($1::pair).b', ['(1,"x y")']), 'x y')
  t.deepEqual(await connection.fetchValue("select row(1, 'x')"), [1, 'x'])
})

test('"char" is one character', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue(`select relkind from pg_class where relname = 'pg_class'`), 'r')
  t.is(await connection.fetchValue(`select $1::"char"`, ['x']), 'x')
  // As PostgreSQL itself prints it.
  for (const [byte, text] of [
    [0, ''],
    [1, '\x01'],
    [0x5c, '\\'],
    [0x7f, '\x7f'],
    [0x80, '\\200'],
    [0xe9, '\\351'],
    [0xff, '\\377'],
  ] as const) {
    const sql = `select $1::"char" as one, array[$1::"char", null] as list, $1::"char"::text as text`
    const row: any = await connection.fetchRow(sql, [Buffer.of(byte)])
    t.deepEqual(row, { one: text, list: [text, null], text }, `byte ${byte}`)
  }
  t.deepEqual(await connection.fetchValue(`select array['a'::"char", null]`), ['a', null])
})

test('void is null, whatever is passed', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select pg_sleep(0)'), null)
  t.deepEqual(await connection.fetch('select pg_sleep(0) as v from generate_series(1, 2)'), [
    { v: null },
    { v: null },
  ])
})

test('unknown literals are text', async (t) => {
  const connection = await open(t)
  t.deepEqual(await connection.fetchRow("select 'x' as a, null as b, $1 as c", ['y']), {
    a: 'x',
    b: null,
    c: 'y',
  })
})

test('integers given as bigint, and numbers beyond the type’s own kind', async (t) => {
  const connection = await open(t)
  const given: [type: string, value: unknown, text: string][] = [
    ['int2', 7n, '7'],
    ['int4', -7n, '-7'],
    ['int4', -0, '0'],
    ['int4', 1e9, '1000000000'],
    ['int8', 2 ** 53 - 1, '9007199254740991'],
    ['int8', 2n ** 53n, '9007199254740992'],
    ['oid', 7n, '7'],
    ['xid8', 7, '7'],
    ['pg_lsn', 255, '0/FF'],
    ['float8', 7n, '7'],
    ['float4', -7n, '-7'],
    ['float4', 0.1, '0.1'],
    ['numeric', 1, '1'],
    ['numeric', 0.1, '0.1'],
    ['numeric', -0, '0'],
    ['numeric', 1e21, '1000000000000000000000'],
    ['numeric', 1e-7, '0.0000001'],
    ['numeric', Number.NaN, 'NaN'],
    ['numeric', Number.POSITIVE_INFINITY, 'Infinity'],
    ['numeric', 10n ** 40n, `1${'0'.repeat(40)}`],
    ['bytea', new Uint8Array([1, 2]), '\\x0102'],
    ['bytea', new Uint8Array([1, 2]).buffer, '\\x0102'],
    ['bytea', new DataView(new Uint8Array([0, 1, 2, 0]).buffer, 1, 2), '\\x0102'],
    ['bytea', new Uint8ClampedArray([1, 2]), '\\x0102'],
    ['bytea', Buffer.from('xx12xx').subarray(2, 4), '\\x3132'],
  ]
  for (const [type, value, text] of given)
    t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, type)
})

test('"char" goes in as the string that charout of PostgreSQL 16 writes, to older servers too', async (t) => {
  const connection = await open(t)
  for (let byte = 0; byte < 256; byte++) {
    const text = byte === 0 ? '' : byte < 128 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`
    const label = JSON.stringify(text)
    const number = byte < 128 ? byte : byte - 256
    t.is(await connection.fetchValue('select $1::"char"::int', [text]), number, label)
    t.is(await connection.fetchValue('select ($1::"char"[])[1]::int', [[text, null]]), number, label)
  }
})

test('-0 stays -0 in every container', async (t) => {
  const connection = await open(t)
  for (const type of ['float4', 'float8']) {
    t.is(await connection.fetchValue(`select $1::${type}::text`, [-0]), '-0', type)
    t.is(await connection.fetchValue(`select $1::${type}[]::text`, [[-0, 0, null]]), '{-0,0,NULL}', type)
    // A string among them makes the array a literal.
    t.is(await connection.fetchValue(`select $1::${type}[]::text`, [[-0, '1']]), '{-0,1}', type)
    t.is(await connection.fetchValue(`select $1::${type}[]::text`, [[[-0], [0]]]), '{{-0},{0}}', type)
    t.is(await connection.fetchValue(`select $1::${type}[]::text`, [Float64Array.of(-0)]), '{-0}', type)
  }
  t.is(await connection.fetchValue('select $1::int4', [-0]), 0)
})

test('NaN of float8 within numeric arrays and tables of both signs', async (t) => {
  const connection = await open(t)
  await checkOutput(t, connection, ['float8', ['nan', Number.NaN], ['1e3', 1000]])
})
