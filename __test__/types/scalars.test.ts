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
    ['1.1', Math.fround(1.1)],
    ['3.4028235e+38', Math.fround(3.402_823_466_385_288_6e38)],
    ['1e-45', Math.fround(1e-45)],
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

/** Types that come and go as their text: in and out of arrays the text is PostgreSQL's. */
const texts: Samples[] = [
  ['interval', ['1 year 2 mons 3 days 04:05:06.789', '1 year 2 mons 3 days 04:05:06.789']],
  ['inet', ['10.0.0.1', '10.0.0.1'], ['::1/64', '::1/64']],
  ['cidr', ['10.0.0.0/8', '10.0.0.0/8']],
  ['macaddr', ['08:00:2b:01:02:03', '08:00:2b:01:02:03']],
  ['macaddr8', ['08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03:04:05']],
  ['money', ['$1.50', '$1.50']],
  ['bit(4)', ['0101', '0101']],
  ['varbit', ['01', '01'], ['', '']],
  ['point', ['(1,2)', '(1,2)']],
  ['box', ['(3,4),(1,2)', '(3,4),(1,2)']],
  ['polygon', ['((0,0),(1,1))', '((0,0),(1,1))']],
  ['tsvector', ["'a' 'b':1", "'a' 'b':1"]],
  ['tsquery', ["'a' & 'b'", "'a' & 'b'"]],
  ['int4range', ['[1,5)', '[1,5)'], ['empty', 'empty']],
  ['int4multirange', ['{[1,5)}', '{[1,5)}']],
  ['tid', ['(1,2)', '(1,2)']],
  ['pg_snapshot', ['10:20:10,14', '10:20:10,14']],
  ['jsonpath', ['$."a"', '$."a"']],
  ['regclass', ['pg_class', 'pg_class']],
  ['regtype', ['integer', 'integer']],
  ['regproc', ['now', 'now']],
  ['regrole', ['pg_monitor', 'pg_monitor']],
  ['regnamespace', ['pg_catalog', 'pg_catalog']],
  ['xml', ['<a>b</a>', '<a>b</a>']],
]

test('every other type comes and goes as its text', async (t) => {
  const connection = await open(t)
  for (const [type, ...pairs] of texts) {
    for (const [text, value] of pairs) {
      t.is(await connection.fetchValue(`select $1::text::${type}`, [text]), value, type)
      t.is(await connection.fetchValue(`select $1::${type}`, [text]), value, type)
    }
  }
  t.is(await connection.fetchValue("select array['(1,2)'::point, null]"), '{"(1,2)",NULL}')
  t.is(await connection.fetchValue("select array['(3,4),(1,2)'::box]"), '{(3,4),(1,2)}')
})

test('types of the database itself come as their text, or as what they are made of', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create type mood as enum ('sad', 'happy');
    create domain positive as int check (value > 0);
    create type pair as (a int, b text)`)
  t.is(await connection.fetchValue("select 'happy'::mood"), 'happy')
  t.is(await connection.fetchValue('select $1::mood', ['sad']), 'sad')
  t.is(await connection.fetchValue("select row(1, 'x')::pair"), '(1,x)')
  t.is(await connection.fetchValue('select ($1::pair).b', ['(1,"x y")']), 'x y')
  t.is(await connection.fetchValue("select row(1, 'x')"), '(1,x)')
  t.is((await connection.fetch('select relacl from pg_class where relacl is not null limit 1')).length, 1)
  t.regex(
    (await connection.fetchRow('select relacl from pg_class where relacl is not null limit 1'))!.relacl,
    /^\{/,
  )
})

test('"char" is one character', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue(`select relkind from pg_class where relname = 'pg_class'`), 'r')
  t.is(await connection.fetchValue(`select $1::"char"`, ['x']), 'x')
  t.is(await connection.fetchValue(`select $1::"char"`, [Buffer.of(0xe9)]), 'é')
  t.is(await connection.fetchValue(`select $1::"char"`, [Buffer.of(0)]), '\0')
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
