import test from 'ava'
import { json, Range } from '../../index.ts'
import { open, openWatched, reason } from '../query/open.ts'

/** A type, and values for it with the text that the server makes of them. */
const BINARY: [type: string, values: [value: unknown, text: string][]][] = [
  [
    'bool',
    [
      [true, 'true'],
      [false, 'false'],
    ],
  ],
  [
    'int2',
    [
      [-32768, '-32768'],
      [5n, '5'],
    ],
  ],
  [
    'int4',
    [
      [2147483647, '2147483647'],
      [-0, '0'],
    ],
  ],
  [
    'int8',
    [
      [9007199254740991, '9007199254740991'],
      [2n ** 63n - 1n, '9223372036854775807'],
    ],
  ],
  ['oid', [[4294967295, '4294967295']]],
  [
    'float4',
    [
      [0.1, '0.1'],
      [Number.NaN, 'NaN'],
    ],
  ],
  [
    'float8',
    [
      [0.1, '0.1'],
      [-Infinity, '-Infinity'],
      [1e300, '1e+300'],
    ],
  ],
  [
    'text',
    [
      ['', ''],
      ['gr\u00fcn \u{1f418}', 'gr\u00fcn \u{1f418}'],
    ],
  ],
  ['varchar(5)', [['abc', 'abc']]],
  [
    'bytea',
    [
      [Buffer.from([0, 255]), '\\x00ff'],
      [new Uint8Array(0), '\\x'],
    ],
  ],
  [
    'json',
    [
      [{ a: [1, null] }, '{"a":[1,null]}'],
      ['{"b": 1}', '{"b": 1}'],
      [[1, 2], '[1,2]'],
    ],
  ],
  [
    'jsonb',
    [
      [{ a: 1 }, '{"a": 1}'],
      [[1], '[1]'],
      ['"s"', '"s"'],
      [json('text'), '"text"'],
    ],
  ],
  [
    'timestamptz',
    [
      [new Date(1.5e12), '2017-07-14 02:40:00+00'],
      [Infinity, 'infinity'],
    ],
  ],
  ['timestamp', [[new Date(1.5e12), '2017-07-14 02:40:00']]],
  [
    'uuid',
    [
      ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
      ['{A0EEBC999C0B4EF8BB6D6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ],
  ],
]

const TEXT: typeof BINARY = [
  [
    'numeric',
    [
      ['12345678901234567890.5', '12345678901234567890.5'],
      [0.1, '0.1'],
      [10n ** 30n, `1${'0'.repeat(30)}`],
    ],
  ],
  [
    'date',
    [
      ['2024-02-29', '2024-02-29'],
      [new Date(0), '1970-01-01'],
      ['infinity', 'infinity'],
    ],
  ],
  ['interval', [['1 day', '1 day']]],
  ['inet', [['10.0.0.1/8', '10.0.0.1/8']]],
  [
    'int4[]',
    [
      [[1, null, 3], '{1,NULL,3}'],
      ['{4}', '{4}'],
      [[], '{}'],
    ],
  ],
  ['text[]', [[['a,"b\\', null, '', 'x\ty'], '{"a,\\"b\\\\",NULL,"","x\ty"}']]],
  ['timestamptz[]', [[[new Date(0)], '{"1970-01-01 00:00:00+00"}']]],
  [
    'int4',
    [
      ['42', '42'],
      [7, '7'],
    ],
  ],
  [
    'bool',
    [
      ['yes', 'true'],
      [false, 'false'],
    ],
  ],
  ['timestamptz', [['2024-01-01 00:00+02', '2023-12-31 22:00:00+00']]],
  [
    'bytea',
    [
      ['\\x0102', '\\x0102'],
      [Buffer.from([3]), '\\x03'],
    ],
  ],
  ['pg_lsn', [[255, '0/FF']]],
  [
    'bit(8)',
    [
      [Buffer.from([0b10100101]), '10100101'],
      ['11110000', '11110000'],
    ],
  ],
  ['"char"', [['x', 'x']]],
]

for (const [format, table] of [
  ['binary', BINARY],
  ['text', TEXT],
] as const) {
  for (const [type, values] of table) {
    test(`${type} goes in, in ${format}, as ${values.map(([, text]) => text).join(' and ')}`, async (t) => {
      const { connection, link } = await openWatched(t)
      await connection.execute(
        `set timezone = 'UTC'; set bytea_output = hex; create temp table t (n int, v ${type})`,
      )
      const records = [...values.map(([value], index) => [index, value]), [values.length, null]]
      await connection.copyRecordsToTable('t', { records })
      const read = await connection.fetch('select v::text from t order by n')
      t.deepEqual(
        read.map(({ v }) => v),
        [...values.map(([, text]) => text), null],
      )
      const sent = Buffer.concat(link.captured.toServer).toString('latin1')
      t.true(sent.includes(`FROM STDIN WITH (FORMAT ${format})`))
    })
  }
}

test('records of types with codecs go in, by bytes where a codec gives them', async (t) => {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(`
    create type pair as (id uuid, n int); create type ids as range (subtype = uuid); create domain key as uuid;
    create table t (n int, id uuid, list uuid[], pair pair, pairs pair[], ids ids, key key);
    create table u (n numeric, id uuid)`)
  const hex = (value: string): Buffer => Buffer.from(value, 'hex')
  await connection.setTypeCodec({
    type: 'uuid',
    schema: 'pg_catalog',
    format: 'binary',
    encode: hex,
    decode: (bytes: Buffer) => bytes.toString('hex'),
  })
  const [one, two] = ['00000000000000000000000000000001', '00000000000000000000000000000002']
  const pair = { id: one, n: 1 }
  const records = [
    [1, one, [[one], [null]], pair, [pair, null], new Range(one, two), two],
    [2, null, [], [two, null], null, new Range(null, null), null],
  ]
  await connection.copyRecordsToTable('t', { records })
  t.deepEqual(
    await connection.query('select * from t order by n', [], { rows: 'array' }).then(({ rows }) => rows),
    [records[0], [2, null, [], { id: two, n: null }, null, new Range(null, null), null]],
  )
  // numeric has no binary form here, and one COPY has one format.
  const beside = await reason(
    connection.copyRecordsToTable('u', {
      records: [
        ['1.5', null],
        [1, one],
      ],
    }),
  )
  t.is(
    beside.message,
    'invalid input for column "id" in record #1: 16 bytes of a codec (a codec gave its binary form, and something beside it is text)',
  )
  t.deepEqual([beside.element, beside.argument, beside.value], [1, 2, one])
  await connection.setTypeCodec({
    type: 'numeric',
    schema: 'pg_catalog',
    format: 'text',
    encode: (value: number) => String(value),
    decode: Number,
  })
  await connection.resetTypeCodec('uuid', { schema: 'pg_catalog' })
  await connection.copyRecordsToTable('u', { records: [[1.5, null]] })
  t.deepEqual(await connection.fetch('select * from u'), [{ n: 1.5, id: null }])
})
