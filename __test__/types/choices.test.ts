// Every choice of the option `types`, on a connection and on a pool, by every way that gives rows; and rows of as many columns
// as there can be, of every type.

import test from 'ava'
import { BitString, Interval, Range, Record, type TypeOptions } from '../../index.ts'
import { openPool } from '../pool/open.ts'
import { open } from '../query/open.ts'

const at = new Date('2024-01-31T10:00:00.123Z')

/** An expression of SQL, and what comes out under the choices. */
const cases: [types: TypeOptions, ...values: [sql: string, value: unknown][]][] = [
  [{ int8: 'auto' }, ['1::int8', 1], ['9007199254740993::int8', 9_007_199_254_740_993n]],
  [{ int8: 'bigint' }, ['1::int8', 1n], ["'{1,NULL}'::int8[]", [1n, null]]],
  [{ int8: 'number' }, ['1::int8', 1], ["'[1,5)'::int8range", new Range(1, 5)]],
  [{ int8: 'string' }, ['1::int8', '1'], ["'[1,5)'::int8range", new Range('1', '5')]],
  [{ numeric: 'string' }, ["'1.50'::numeric", '1.50']],
  [{ numeric: 'number' }, ["'1.50'::numeric", 1.5], ["'[1.5,2)'::numrange", new Range(1.5, 2)]],
  [{ timestamptz: 'date' }, ["'2024-01-31 10:00:00.123456+00'::timestamptz", at]],
  [
    { timestamptz: 'string' },
    ["'2024-01-31 10:00:00.123456+00'::timestamptz", '2024-01-31 10:00:00.123456+00'],
    ["'2024-01-31 10:00:00.123456'::timestamp", at],
  ],
  [{ timestamp: 'date' }, ["'2024-01-31 10:00:00.123456'::timestamp", at]],
  [
    { timestamp: 'string' },
    ["'2024-01-31 10:00:00.123456'::timestamp", '2024-01-31 10:00:00.123456'],
    ["'2024-01-31 10:00:00.123456+00'::timestamptz", at],
  ],
  [{ date: 'string' }, ["'2024-01-31'::date", '2024-01-31']],
  [
    { date: 'date' },
    ["'2024-01-31'::date", new Date('2024-01-31')],
    ["'[2024-01-31,)'::daterange", new Range(new Date('2024-01-31'))],
  ],
  [{ time: 'string' }, ["'24:00:00'::time", '24:00:00']],
  [{ interval: 'interval' }, ["'1 day'::interval", new Interval({ days: 1 })]],
  [{ interval: 'string' }, ["'1 day'::interval", 'P1D'], ["'{1 day}'::interval[]", ['P1D']]],
  [{ json: 'parse' }, [`'{"a": 1}'::json`, { a: 1 }], [`'{"a": 1}'::jsonb`, { a: 1 }]],
  [{ json: 'text' }, [`'{"a": 1}'::json`, '{"a": 1}'], [`array['[1]'::jsonb]`, ['[1]']]],
  [{ bytea: 'buffer' }, ["'abc'::bytea", Buffer.from('abc')]],
  [{ bytea: 'uint8array' }, ["'abc'::bytea", new Uint8Array([97, 98, 99])]],
]

for (const [types, ...values] of cases) {
  test(`${JSON.stringify(types)} holds for every way to get rows`, async (t) => {
    const connection = await open(t, { types })
    const pool = await openPool(t, { types, maxSize: 2 })
    for (const [sql, value] of values) {
      const text = `select ${sql} as v where $1 = 1`
      const label = `${sql} by `
      for (const [name, way] of [
        ['connection', connection],
        ['pool', pool],
      ] as const) {
        t.deepEqual(await way.fetch(text, [1]), [{ v: value }], `${label}${name}.fetch`)
        t.deepEqual(await way.fetchRow(text, [1]), { v: value }, `${label}${name}.fetchRow`)
        t.deepEqual(await way.fetchValue(text, [1]), value, `${label}${name}.fetchValue`)
        t.deepEqual(
          await way.fetchMany(text, [[1], [1]]),
          [{ v: value }, { v: value }],
          `${label}${name}.fetchMany`,
        )
        const { rows } = await way.query<any>(text, [1], { rows: 'array' })
        t.deepEqual(rows, [[value]], `${label}${name}.query`)
        const record: any = await way.fetchRow(text, [1], { recordClass: Record })
        t.deepEqual([record[0], record.v], [value, value], `${label}a Record of ${name}`)
      }
      const statement = await connection.prepare(text)
      t.deepEqual(await statement.fetchValue([1]), value, `${label}a prepared statement`)
      const part: unknown[] = []
      await connection.transaction(async () => {
        for await (const row of connection.cursor(text, [1])) part.push(row.v)
      })
      t.deepEqual(part, [value], `${label}a cursor`)
      await pool.withConnection(async (held) => {
        t.deepEqual(await held.fetchValue(text, [1]), value, `${label}a connection of the pool`)
      })
    }
  })
}

/** A value of each type, as it comes out. */
const VALUES: readonly (readonly [sql: string, value: unknown])[] = [
  ['true', true],
  ['1::int2', 1],
  ['2::int4', 2],
  ['3::int8', 3],
  ['9007199254740993::int8', 9_007_199_254_740_993n],
  ['0.1::float4', 0.1],
  ["'-0'::float8", -0],
  ["'1.50'::numeric", '1.50'],
  ["'é'::text", 'é'],
  ["'ж'::varchar", 'ж'],
  ["''::text", ''],
  [`'x'::"char"`, 'x'],
  ["'ab'::bytea", Buffer.from('ab')],
  ["'00000000-0000-0000-0000-000000000001'::uuid", '00000000-0000-0000-0000-000000000001'],
  ["'2024-01-31 10:00:00.123+00'::timestamptz", at],
  ["'2024-01-31'::date", '2024-01-31'],
  ["'1 day'::interval", new Interval({ days: 1 })],
  [`'{"a": [1]}'::jsonb`, { a: [1] }],
  ["'{1,NULL}'::int4[]", [1, null]],
  ["'{a,b}'::text[]", ['a', 'b']],
  ["'[1,5)'::int4range", new Range(1, 5)],
  ["'101'::varbit", new BitString('101')],
  ["'(1,2)'::point", { x: 1, y: 2 }],
  ["'10.0.0.1'::inet", '10.0.0.1'],
  ["'pg_class'::regclass", 'pg_class'],
  ["'$1.50'::money", '$1.50'],
  ['5::oid', 5],
  ["'7'::xid8", 7n],
  ["'(1,2)'::tid", [1, 2]],
  ["row(1, 'x')", [1, 'x']],
  ['null::int4', null],
  ['null::text', null],
  ['null::jsonb', null],
]

test('1,600 columns of every type keep their places, as objects, arrays and records', async (t) => {
  const connection = await open(t)
  // The values go round, so that each stands at many places of the words of NULL bits.
  const picked = Array.from({ length: 1600 }, (_, i) => VALUES[(i * 7) % VALUES.length]!)
  const sql = `select ${picked.map(([sql], i) => `${sql} as c${i}`).join(', ')} from generate_series(1, 3)`
  const values = picked.map(([, value]) => value)
  const { rows } = await connection.query<any>(sql, [], { rows: 'array' })
  t.is(rows.length, 3)
  for (const row of rows) t.deepEqual(row, values)
  const objects: any[] = await connection.fetch(sql)
  for (const object of objects) t.deepEqual(Object.values(object), values)
  const record: any = await connection.fetchRow(sql, [], { recordClass: Record })
  t.deepEqual([...record], values)
  t.deepEqual(record.c1599, values[1599])
})
