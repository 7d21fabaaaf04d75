// What the pages on other drivers say of values holds of those drivers, as they are installed, and of this one.

import { readFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { Client } from 'pg'
import postgres from 'postgres'
import { BitString, type Connection, connect, Interval, Range } from '../../index.ts'
import { open } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

type Values = readonly [sql: string, theirs: unknown, ours: unknown]

const at = new Date('2026-01-31T10:00:00Z')
const local = new Date(2026, 0, 31, 10)
const midnight = new Date('2026-01-31T00:00:00Z')
const months = new Interval({ months: 1, days: 2, microseconds: 10_800_000_000n })
const EXACT = 9_007_199_254_740_991
const LARGE = 9_007_199_254_740_993n

/** What both pages say the same of. */
const BOTH: { readonly [types: string]: readonly Values[] } = {
  numeric: [["'1.50'::numeric", '1.50', '1.50']],
  timestamptz: [["timestamptz '2026-01-31 10:00+00'", at, at]],
  timestamp: [["timestamp '2026-01-31 10:00'", local, at]],
  'json, jsonb': [
    [`'{"a":1}'::json`, { a: 1 }, { a: 1 }],
    [`'[1]'::jsonb`, [1], [1]],
  ],
  'a composite, a row': [
    ["row(1, 'x')::other_pair", '(1,x)', { a: 1, b: 'x' }],
    ["row(1, 'x')", '(1,x)', [1, 'x']],
  ],
  ranges: [['int4range(1, 5)', '[1,5)', new Range(1, 5)]],
  'bit, varbit': [
    ["'101'::bit(3)", '101', new BitString('101')],
    ["'10'::varbit", '10', new BitString('10')],
  ],
}

const int8: readonly Values[] = [
  [`${EXACT}::int8`, String(EXACT), EXACT],
  [`${LARGE}::int8`, String(LARGE), LARGE],
]

const NODE_POSTGRES: { readonly [types: string]: readonly Values[] } = {
  ...BOTH,
  'int8, count(*)': [...int8, ['count(*)', '1', 1]],
  'numeric[]': [
    [
      "array['0.10', '0.12345678901234567890']::numeric[]",
      [0.1, 0.123_456_789_012_345_68],
      ['0.10', '0.12345678901234567890'],
    ],
  ],
  date: [["date '2026-01-31'", new Date(2026, 0, 31), '2026-01-31']],
  interval: [["interval '1 mon 2 days 03:00'", { months: 1, days: 2, hours: 3 }, months]],
  bytea: [["'\\x01'::bytea", Buffer.of(1), Buffer.of(1)]],
  enum: [["'ok'::other_mood", 'ok', 'ok']],
  'an array of an enum': [["array['ok'::other_mood]", '{ok}', ['ok']]],
  point: [['point(1, 2)', { x: 1, y: 2 }, { x: 1, y: 2 }]],
  circle: [["circle '<(1,2),3>'", { x: 1, y: 2, radius: 3 }, { center: { x: 1, y: 2 }, radius: 3 }]],
  'a type of an extension that is not known': [["'1'::cube", '(1)', '(1)']],
}

const POSTGRES_JS: { readonly [types: string]: readonly Values[] } = {
  ...BOTH,
  int8,
  date: [["date '2026-01-31'", midnight, '2026-01-31']],
  'infinity as a date or timestamp': [
    ["'infinity'::date", new Date(Number.NaN), 'infinity'],
    ["'infinity'::timestamptz", new Date(Number.NaN), Number.POSITIVE_INFINITY],
  ],
  interval: [["interval '1 mon 2 days 03:00'", '1 mon 2 days 03:00:00', months]],
  arrays: [["array['ok'::other_mood]", ['ok'], ['ok']]],
  point: [['point(1, 2)', '(1,2)', { x: 1, y: 2 }]],
}

/** The types that the table of values on a page has rows of. */
function rowsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../docs/guide/${page}.md`, import.meta.url), 'utf8')
  const [, table = ''] = /^\| PostgreSQL \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(text) ?? []
  return table.split('\n').flatMap((line) => line.split('|')[1]?.trim() ?? [])
}

const TYPES = `
  create extension cube;
  create type other_pair as (a int, b text);
  create type other_mood as enum ('ok');`

test.before(async () => {
  const connection = await connect((await testDatabase()).dsn())
  await connection.execute(TYPES)
  await connection.close()
})

/** Plain, so that classes of theirs compare by what they hold. */
function plain(value: unknown): unknown {
  const isTheirs =
    value !== null && typeof value === 'object' && value.constructor.name === 'PostgresInterval'
  return isTheirs ? { ...value } : value
}

async function compare(
  t: ExecutionContext,
  page: string,
  table: { readonly [types: string]: readonly Values[] },
  connection: Connection,
  theirs: (sql: string) => Promise<unknown>,
): Promise<void> {
  t.deepEqual(rowsOf(page).sort(), Object.keys(table).sort())
  for (const [sql, other, own] of Object.values(table).flat()) {
    t.deepEqual(plain(await theirs(`select ${sql} as v`)), other, `theirs: ${sql}`)
    t.deepEqual(await connection.fetchValue(`select ${sql} as v`), own, sql)
  }
}

test('values and arguments of node-postgres are as its page says', async (t) => {
  const connection = await open(t)
  const database = await testDatabase()
  const client = new Client({ connectionString: database.dsn() })
  await client.connect()
  t.teardown(() => client.end())
  const value = async (sql: string, args?: unknown[]): Promise<unknown> =>
    (await client.query(sql, args)).rows[0]?.v
  await compare(t, 'from-node-postgres', NODE_POSTGRES, connection, value)
  for (const [type, argument, text] of [
    ['text', 42, '42'],
    ['text', true, 'true'],
    ['text', { a: 1 }, '{"a":1}'],
    ['bool', 1, 'true'],
    ['text', undefined, null],
  ] as const) {
    const sql = `select $1::${type}::text as v`
    t.is(await value(sql, [argument]), text)
    await t.throwsAsync(connection.fetchValue(sql, [argument]), { name: 'DataError' })
  }
  await t.throwsAsync(value('select $1::jsonb as v', [[1, 2]]), { code: '22P02' })
  t.deepEqual(await value('select $1::jsonb as v', [JSON.stringify([1, 2])]), [1, 2])
  for (const list of [[1, 2], JSON.stringify([1, 2])]) {
    t.deepEqual(await connection.fetchValue('select $1::jsonb as v', [list]), [1, 2])
  }
  t.is(await value('select $1::timestamp::text as v', [local]), '2026-01-31 10:00:00')
  t.is(await connection.fetchValue('select $1::timestamp::text', [at]), '2026-01-31 10:00:00')
})

test('values and arguments of postgres.js are as its page says', async (t) => {
  const connection = await open(t)
  const database = await testDatabase()
  const sql = postgres(database.dsn(), { max: 1 })
  t.teardown(() => sql.end())
  const value = async (text: string, args?: any[]): Promise<unknown> => (await sql.unsafe(text, args))[0]?.v
  await compare(t, 'from-postgres-js', POSTGRES_JS, connection, value)
  for (const [type, argument, text] of [
    ['text', 42, '42'],
    ['bool', 1, 'false'],
  ] as const) {
    const query = `select $1::${type}::text as v`
    t.is(await value(query, [argument]), text)
    await t.throwsAsync(connection.fetchValue(query, [argument]), { name: 'DataError' })
  }
  t.is(await value('select $1::jsonb as v', ['{"a":1}']), '{"a":1}')
  t.deepEqual(await connection.fetchValue('select $1::jsonb', ['{"a":1}']), { a: 1 })
  await t.throwsAsync(value('select $1::text as v', [undefined]), { code: 'UNDEFINED_VALUE' })
  await t.throwsAsync(connection.fetchValue('select $1::text as v', [undefined]), { name: 'DataError' })
})
