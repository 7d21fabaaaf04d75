// An argument may be a password. Whatever is refused before it is sent, nothing of it stands in the error.

import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { type Connection, createPool, DataError, Json, sql } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { open, reason } from './open.ts'

const SECRET = 'hunter2sEcReT'
const BYTES = Buffer.from(SECRET)

const circular: { [key: string]: unknown } = {}
circular[SECRET] = { [SECRET]: circular }

class Credentials {
  password = SECRET
}

/** Values that hold the secret, by what they are. */
const values: { readonly [name: string]: unknown } = {
  string: SECRET,
  'string with NUL': `${SECRET}\0`,
  'string with a lone surrogate': `${SECRET}\ud800`,
  'long string': SECRET.repeat(10_000),
  'boxed string': new String(SECRET),
  bytes: BYTES,
  ArrayBuffer: Uint8Array.from(BYTES).buffer,
  DataView: new DataView(Uint8Array.from(BYTES).buffer),
  object: { password: SECRET },
  'key of an object': { [SECRET]: 1 },
  'object of a class': new Credentials(),
  'object without prototype': Object.assign(Object.create(null), { [SECRET]: SECRET }),
  array: [SECRET],
  'array with undefined': [SECRET, undefined],
  'array with NUL': [`${SECRET}\0`],
  'array of objects': [{ password: SECRET }, 1],
  'array of bytes': [BYTES, true],
  'nested array': [[SECRET], [SECRET, SECRET]],
  'ragged array': [[SECRET], SECRET],
  'array of numbers behind it': [SECRET, 1, true, new Date(0)],
  Json: new Json(JSON.stringify(SECRET)),
  'Json that is none': new Json(SECRET),
  'Json that is none within': { a: new Json(`"${SECRET}`) },
  'Json with a lone surrogate': new Json(`"${SECRET}\ud800"`),
  Map: new Map([[SECRET, SECRET]]),
  Set: new Set([SECRET]),
  'Map within': { [SECRET]: new Map([[SECRET, SECRET]]) },
  'Set within an array': [SECRET, new Set([SECRET])],
  symbol: Symbol(SECRET),
  function: Object.assign(() => SECRET, { [SECRET]: SECRET }),
  'circular structure': circular,
  'circular array': [circular],
  'bigint within': { [SECRET]: SECRET, n: 1n },
  'bigint in an array': [SECRET, 1n],
  'toJSON that gives nothing': { [SECRET]: SECRET, toJSON: () => undefined },
  'toJSON that gives it': { toJSON: () => SECRET },
  Error: new Error(SECRET),
  URL: new URL(`postgres://u:${SECRET}@h/`),
  proxy: new Proxy({ [SECRET]: SECRET }, {}),
  'nested too deeply': Array.from({ length: 80 }).reduce<unknown>((inner) => [inner], SECRET),
  'seven dimensions': [[[[[[[SECRET]]]]]]],
}

function checkNothingOf(t: ExecutionContext, error: any, where: string): void {
  const places = {
    message: error.message,
    hint: error.hint,
    detail: error.detail,
    stack: error.stack,
    string: String(error),
    json: JSON.stringify(error),
    shown: inspect(error, { depth: 20 }),
    withGetters: inspect(error, { depth: 20, getters: true }),
    spread: inspect({ ...error }),
  }
  for (const [place, text] of Object.entries(places)) {
    // As bytes are printed, too.
    const found = [
      SECRET,
      SECRET.slice(0, 4),
      BYTES.toString('hex').slice(0, 8),
      '68 75 6e 74',
      '104, 117, 110',
    ].find((part) => text?.includes(part))
    if (found !== undefined) t.fail(`${where}: ${place} has ${found}: ${text}`)
  }
}

/** Whether the driver has refused it; what the server says of a text that it was sent is the server's. */
async function refused(
  t: ExecutionContext,
  connection: Connection,
  type: string,
  name: string,
): Promise<boolean> {
  const value = values[name]
  // The second time the statement's types are known beforehand.
  const errors: any[] = []
  for (const _ of [1, 2]) {
    const error = await connection.fetch(`select $1::int, $2::${type}`, [1, value]).then(
      () => undefined,
      (error) => error,
    )
    if (error?.argument !== undefined) errors.push(error)
  }
  for (const error of errors) {
    const where = `${type} <- ${name}`
    t.true(error instanceof DataError, where)
    t.is(error.argument, 2, where)
    t.is(error.value, value, where)
    t.false(Object.keys(error).includes('value'), where)
    checkNothingOf(t, error, where)
  }
  return errors.length > 0
}

const TYPES = [
  ...[
    'bool',
    'int2',
    'int4',
    'int8',
    'oid',
    'float4',
    'float8',
    'numeric',
    'text',
    'varchar',
    '"char"',
    'name',
  ],
  ...[
    'bytea',
    'uuid',
    'json',
    'jsonb',
    'xml',
    'date',
    'time',
    'timestamp',
    'timestamptz',
    'interval',
    'bit(3)',
  ],
  ...['inet', 'point', 'int4range', 'regclass', 'xid8', 'pg_lsn', 'tsvector', 'money', 'int2vector'],
  ...['colour', 'percent', 'pair'],
]

test('nothing of a refused argument stands in its error, whatever it is and wherever the secret is in it', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  await connection.execute(`
    create type colour as enum ('red');
    create domain percent as int check (value <= 100);
    create type pair as (a int, b text)`)
  let count = 0
  for (const type of TYPES.flatMap((type) => [type, `${type}[]`])) {
    for (const name of Object.keys(values)) if (await refused(t, connection, type, name)) count++
  }
  t.true(count > TYPES.length * Object.keys(values).length, `only ${count} were refused`)
})

test('what a value’s own code throws is the cause, and its words are in no place of ours', async (t) => {
  const connection = await open(t)
  const own = new Error(`no JSON of ${SECRET}`)
  const throwing = [
    { toJSON: () => fail() },
    Object.defineProperty({}, 'a', { enumerable: true, get: fail }),
    new Proxy({}, { ownKeys: fail }),
    [{ toJSON: () => fail() }],
    Object.defineProperty([1], 0, { get: fail }),
  ]
  function fail(): never {
    throw own
  }
  for (const value of throwing) {
    for (const type of ['jsonb', 'int4[]']) {
      const error = await reason(connection.fetch(`select $1::${type}`, [value]))
      t.is(error.cause, own)
      const place = Array.isArray(value) ? '(invalid array element at index 0: )?' : ''
      t.regex(
        error.message,
        new RegExp(`^invalid input for query argument \\$1: ${place}its own code threw an error$`),
      )
      t.is(error.argument, 1)
      t.false(`${error.hint}${error.detail}${error.stack}${JSON.stringify(error)}`.includes(SECRET))
    }
  }
})

test('a refused number, bigint, boolean or date is shown, anything else by its kind and size', async (t) => {
  const connection = await open(t)
  for (const [type, value, shown] of [
    ['text', 42, '42'],
    ['text', -0, '-0'],
    ['text', 42n, '42n'],
    ['text', true, 'true'],
    ['text', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['int4', '\0'.repeat(12), 'a string of 12 characters'],
    ['text', BYTES, `${BYTES.length} bytes`],
    ['text', { a: 1 }, 'an object of 7 characters as JSON'],
    ['text', [1, 2], 'an array of 2 elements'],
    ['text', [], 'an empty array'],
    ['text', new Json('{}'), 'a Json of 2 characters'],
  ] as const) {
    const error = await reason(connection.fetch(`select $1::${type}`, [value]))
    t.true(error.message.startsWith(`invalid input for query argument $1: ${shown} (`), error.message)
    t.is(error.value, value)
  }
})

test('the value of a refusal is the argument as it was at the call', async (t) => {
  const connection = await open(t)
  const args: unknown[] = ['first', true]
  const call = reason(connection.fetch('select $1::text, $2::int', args))
  args[1] = 'second'
  t.is((await call).value, true)
})

test('every way that takes arguments keeps them out of its errors', async (t) => {
  const connection = await open(t)
  const pool = await createPool((await testDatabase()).dsn(), { minSize: 0, maxSize: 1 })
  t.teardown(() => pool.terminate())
  const own = await connection.prepare('select $1::int4')
  const refused = { [SECRET]: SECRET }
  const text = 'select $1::int4'
  const ways: { readonly [name: string]: () => Promise<unknown> } = {
    execute: () => connection.execute(text, [refused]),
    fetch: () => connection.fetch(text, [refused]),
    fetchRow: () => connection.fetchRow(text, [refused]),
    fetchValue: () => connection.fetchValue(text, [refused]),
    query: () => connection.query(text, [refused]),
    'a template': () => connection.fetch(sql`select ${refused}::int4`),
    executeMany: () => connection.executeMany(text, [['1'], [refused]]),
    fetchMany: () => connection.fetchMany(text, [['1'], [refused]]),
    'a set that is none': () => connection.executeMany(text, [SECRET as never]),
    'a prepared statement': () => own.fetch([refused]),
    'a transaction': () => connection.transaction((tx) => tx.fetch(text, [refused])),
    'a cursor': () => connection.transaction((tx) => tx.connection.cursor(text, [refused]).open()),
    'a pool': () => pool.fetch(text, [refused]),
  }
  for (const [name, way] of Object.entries(ways)) {
    for (const _ of [1, 2]) {
      const error = await reason(way())
      t.true(error instanceof DataError, `${name}: ${error}`)
      t.is(error.value, name === 'a set that is none' ? SECRET : refused, name)
      checkNothingOf(t, error, name)
    }
  }
})

test('types that are not built in are told by their names', async (t) => {
  const connection = await open(t)
  await connection.execute("create schema art; create type art.hue as enum ('red')")
  for (const [type, value, shown] of [
    ['art.hue', 1, 'expected string for hue, got number'],
    ['art.hue', ['red'], 'expected string for hue, got array'],
    ['art.hue[]', 1, 'expected array for hue[], got number'],
  ] as const) {
    const error = await reason(connection.fetch(`select $1::${type}`, [value]))
    t.true(error.message.endsWith(`(${shown})`), error.message)
  }
  // Within a transaction too, on a connection that has met it before and on one that has not.
  for (const one of [connection, await open(t)]) {
    await one.transaction(async (tx) => {
      t.regex((await reason(tx.fetch('select $1::art.hue', [1]))).message, /for hue, got number/)
      t.is(await tx.fetchValue('select $1::int', [1]), 1)
    })
  }
})
