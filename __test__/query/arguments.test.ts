import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError, InterfaceError, Json, json } from '../../index.ts'
import { open, reason } from './open.ts'

interface Refused {
  readonly type: string
  readonly value: unknown
  readonly message: string | RegExp
}

async function checkRefused(
  t: ExecutionContext,
  connection: Connection,
  { type, value, message }: Refused,
): Promise<void> {
  const label = `${type} <- ${typeof value}`
  // The second time the statement's types are known beforehand.
  for (const _ of [1, 2]) {
    const error = await reason(connection.fetchValue(`select $1::int, $2::${type}`, [1, value]))
    t.true(error instanceof DataError, `${label}: ${error}`)
    t.is(error.sqlstate, '22000', label)
    t.is(error.argument, 2, label)
    t.is(error.element, undefined)
    if (value === undefined) t.is(error.hint, 'pass null for SQL NULL')
    t.is(error.value, value, label)
    const start = 'invalid input for query argument $2: '
    t.is(error.message.slice(0, start.length), start, label)
    const rest = error.message.slice(start.length)
    if (typeof message === 'string') t.is(rest, message, label)
    else t.regex(rest, message, label)
  }
  t.is(await connection.fetchValue('select 1'), 1)
}

const circular: { self?: unknown } = {}
circular.self = circular

const throwing = {
  toJSON() {
    throw new Error('no JSON of me')
  },
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

const refused: Refused[] = [
  { type: 'int4', value: undefined, message: 'undefined cannot be sent to PostgreSQL' },
  { type: 'jsonb', value: undefined, message: 'undefined cannot be sent to PostgreSQL' },
  { type: 'text', value: Symbol('s'), message: /a symbol cannot be sent/ },
  { type: 'text', value: () => 1, message: /a function cannot be sent/ },
  { type: 'jsonb', value: () => 1, message: /a function cannot be sent/ },
  { type: 'text', value: 42, message: '42 (expected string for text, got number)' },
  { type: 'text', value: 42n, message: '42n (expected string for text, got bigint)' },
  { type: 'text', value: true, message: 'true (expected string for text, got boolean)' },
  {
    type: 'text',
    value: new Date(0),
    message: '1970-01-01T00:00:00.000Z (expected string for text, got Date)',
  },
  {
    type: 'text',
    value: {},
    message: 'an object of 2 characters as JSON (expected string for text, got object)',
  },
  { type: 'text', value: new String('x'), message: /expected string for text, got object/ },
  { type: 'text', value: ['x'], message: /expected string for text, got array/ },
  {
    type: 'text',
    value: Buffer.from('x'),
    message: '1 byte (expected string for text, got bytes)',
  },
  { type: 'text', value: 'a\ud800b', message: /a string with a lone surrogate/ },
  { type: 'text', value: '\udc00', message: /a string with a lone surrogate/ },
  { type: 'text', value: 'a\0b', message: /cannot hold the NUL character/ },
  { type: 'int4', value: '1\0', message: /cannot hold the NUL character/ },
  { type: 'int4', value: 1.5, message: '1.5 (expected an integer for int4)' },
  { type: 'int4', value: 2 ** 31, message: '2147483648 (value out of int32 range)' },
  { type: 'int4', value: -(2 ** 31) - 1, message: '-2147483649 (value out of int32 range)' },
  { type: 'int4', value: Number.NaN, message: /NaN/ },
  { type: 'int4', value: Number.POSITIVE_INFINITY, message: /Infinity/ },
  { type: 'int4', value: true, message: 'true (expected number or bigint for int4, got boolean)' },
  { type: 'int4', value: [1], message: /expected number or bigint for int4, got array/ },
  { type: 'int4', value: new Number(1), message: /got object/ },
  { type: 'int2', value: 32768, message: '32768 (value out of int16 range)' },
  { type: 'int2', value: -32769n, message: '-32769n (value out of int16 range)' },
  { type: 'int8', value: 2n ** 63n, message: '9223372036854775808n (value out of int64 range)' },
  { type: 'int8', value: -(2n ** 63n) - 1n, message: /value out of int64 range/ },
  { type: 'int8', value: 2 ** 53, message: /^9007199254740992 \(a number for int8 must be a safe integer: / },
  { type: 'int8', value: -(2 ** 63), message: /must be a safe integer/ },
  { type: 'int8[]', value: [1, 2 ** 53], message: /index 1: a number for int8 must be a safe integer/ },
  { type: 'xid8', value: 2 ** 60, message: /must be a safe integer/ },
  { type: 'pg_lsn', value: 2 ** 60, message: /must be a safe integer/ },
  { type: 'regclass', value: 1259, message: '1259 (expected string for regclass, got number)' },
  { type: 'regtype[]', value: [16], message: /index 0: expected string for regtype, got number/ },
  { type: '"char"', value: 1, message: '1 (expected string or one byte for char, got number)' },
  { type: 'int8', value: 10n ** 100n, message: /…? ?\(value out of int64 range\)/ },
  { type: 'oid', value: -1, message: '-1 (value out of uint32 range)' },
  { type: 'oid', value: 2 ** 32, message: '4294967296 (value out of uint32 range)' },
  { type: 'xid8', value: -1, message: /value out of uint64 range/ },
  { type: 'bool', value: 1, message: '1 (expected boolean for bool, got number)' },
  { type: 'bool', value: 0n, message: /expected boolean for bool, got bigint/ },
  { type: 'float4', value: 1e39, message: /value out of float32 range/ },
  { type: 'float8', value: 2n ** 53n, message: /must be a safe integer/ },
  { type: 'float8', value: true, message: /expected number or bigint for float8/ },
  { type: 'numeric', value: {}, message: /expected number or bigint for numeric, got object/ },
  { type: 'bytea', value: 1, message: '1 (expected bytes for bytea, got number)' },
  { type: 'bytea', value: [1, 2], message: /expected bytes for bytea, got array/ },
  { type: 'bytea', value: detached(), message: /detached/ },
  { type: 'int4[]', value: detached(), message: /detached/ },
  { type: 'timestamptz', value: 0, message: '0 (expected Date or string for timestamptz, got number)' },
  { type: 'timestamptz', value: new Date(Number.NaN), message: 'Invalid Date (the Date is invalid)' },
  { type: 'timestamp', value: new Date(-8.64e15), message: /lies before the first timestamp/ },
  { type: 'date', value: {}, message: /expected Date or string for date/ },
  { type: 'uuid', value: 7, message: '7 (expected string for uuid, got number)' },
  { type: 'interval', value: { days: '1' }, message: /expected Interval or string for interval, got object/ },
  { type: 'jsonb', value: Number.NaN, message: /JSON has no NaN/ },
  { type: 'jsonb', value: Buffer.from('{}'), message: /got bytes/ },
  { type: 'jsonb', value: circular, message: /circular/ },
  { type: 'jsonb', value: { n: 1n }, message: 'an object (JSON has no bigint)' },
  { type: 'jsonb', value: [1n], message: /JSON has no bigint/ },
  { type: 'jsonb', value: 1n, message: '1n (JSON has no bigint)' },
  { type: 'json', value: 10n ** 30n, message: /JSON has no bigint/ },
  { type: 'jsonb[]', value: [1, 2n], message: /index 1: JSON has no bigint/ },
  { type: 'jsonb', value: throwing, message: 'its own code threw an error' },
  { type: 'jsonb', value: new Map([['a', 1]]), message: 'a Map cannot be sent to PostgreSQL' },
  { type: 'jsonb', value: { a: [new Set()] }, message: 'an object (JSON has no form for a Set in it)' },
  { type: 'jsonb', value: [new Map()], message: /JSON has no form for a Map in it|a Map cannot be sent/ },
  { type: 'int4', value: Promise.resolve(1), message: 'a Promise cannot be sent to PostgreSQL' },
  { type: 'jsonb', value: { a: new Json('1, 2') }, message: 'an object (a Json in it holds no JSON)' },
  {
    type: 'jsonb',
    value: { a: new Json('"\ud800"') },
    message: 'an object (a Json in it has a lone surrogate)',
  },
  { type: 'jsonb', value: { toJSON: () => undefined }, message: /JSON\.stringify leaves out/ },
  { type: 'int4[]', value: 1, message: /expected array for int4\[\], got number/ },
  { type: 'int4[]', value: {}, message: /expected array for int4\[\], got object/ },
  {
    type: 'int4[]',
    value: [1, undefined],
    message: /invalid array element at index 1: undefined cannot be sent/,
  },
  { type: 'int4[]', value: Object.assign([1], { 2: 3 }), message: /index 1: undefined cannot be sent/ },
  { type: 'int4[]', value: [1, 'x\0'], message: /index 1: .*NUL/ },
  { type: 'int4[]', value: [[1, 2], [3]], message: /non-homogeneous array/ },
  { type: 'int4[]', value: [[1], 2], message: /non-homogeneous array/ },
  { type: 'int4[]', value: [1, true], message: /index 1: expected number or bigint for int4, got boolean/ },
  { type: 'int4[]', value: [[1], [1.5]], message: /index \[1\]\[0\]: expected an integer/ },
  { type: 'int4[]', value: [[[[[[[1]]]]]]], message: /dimensions/ },
  { type: 'text[]', value: ['a', '\ud800'], message: /index 1: a string with a lone surrogate/ },
  { type: 'text[]', value: ['a', Symbol.iterator], message: /index 1: a symbol/ },
  { type: 'point', value: [1, '2'], message: /a list for point must be two numbers/ },
]

test('what a parameter cannot take is refused before anything is sent, and the connection goes on', async (t) => {
  const connection = await open(t)
  for (const row of refused) await checkRefused(t, connection, row)
})

test('a refusal does not disturb an open transaction', async (t) => {
  const connection = await open(t)
  await connection.execute('begin; create temp table kept(a int)')
  t.true(
    (await reason(connection.execute('insert into kept values ($1)', ['x'.repeat(3), 4]))) instanceof
      InterfaceError,
  )
  t.true((await reason(connection.execute('insert into kept values ($1)', [1.5]))) instanceof DataError)
  t.is(await connection.execute('insert into kept values ($1)', [1]), 'INSERT 0 1')
  t.is(await connection.execute('commit'), 'COMMIT')
  t.is(await connection.fetchValue('select count(*) from kept'), 1)
})

test('a wrong count of arguments says how many the server expects', async (t) => {
  const connection = await open(t)
  const cases: [sql: string, args: unknown[], message: string][] = [
    ['select 1', [1], 'the server expects 0 arguments for this query, 1 was passed'],
    ['select $1::int', [], 'the server expects 1 argument for this query, 0 were passed'],
    ['select $1::int', [1, 2], 'the server expects 1 argument for this query, 2 were passed'],
    ['select $1::int + $2', [1], 'the server expects 2 arguments for this query, 1 was passed'],
  ]
  for (const [sql, args, message] of cases) {
    for (const _ of [1, 2]) {
      const error = await reason(connection.fetch(sql, args))
      t.true(error instanceof InterfaceError)
      t.is(error.message, message)
      t.regex(error.hint, /^check the query against the passed list of arguments/)
    }
  }
  t.regex(
    (await reason(connection.fetch('select 1', [1]))).hint,
    /only SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES/,
  )
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a document that is refused is told alike when its type comes after the call and when it is known', async (t) => {
  const connection = await open(t)
  const big = 'JSON has no bigint'
  const cases: [type: string, value: unknown, message: string][] = [
    ['jsonb', [1n], `an array of 1 element (${big})`],
    ['json', [1, [2n]], `an array of 2 elements (${big})`],
    ['jsonb', { n: [1n] }, `an object (${big})`],
    ['jsonb[]', [1, 2n], `an array of 2 elements (invalid array element at index 1: ${big})`],
    ['jsonb[]', [[1n]], `an array of 1 element (invalid array element at index 0: ${big})`],
    ['json[]', [null, { n: 1n }], `an array of 2 elements (invalid array element at index 1: ${big})`],
  ]
  for (const [index, [type, value, message]] of cases.entries()) {
    for (const round of ['first', 'second']) {
      const error = await reason(connection.fetchValue(`select $1::${type} as v${index}`, [value]))
      t.true(error instanceof DataError)
      t.is(error.message, `invalid input for query argument $1: ${message}`, `${type}, ${round}`)
      t.is(error.value, value)
    }
  }
})

test('65,535 arguments are the most', async (t) => {
  const connection = await open(t)
  const list = (count: number) => Array.from({ length: count }, (_, i) => `($${i + 1}::int)`).join(',')
  const args = (count: number) => Array.from({ length: count }, (_, i) => i)
  const sql = (count: number) => `select sum(v) from (values ${list(count)}) t(v)`
  t.is(await connection.fetchValue(sql(65_535), args(65_535)), (65_535 * 65_534) / 2)
  const error = await reason(connection.fetchValue(sql(65_536), args(65_536)))
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'too many query arguments: 65536 were passed, the protocol allows 65535')
  t.true((await reason(connection.fetch('select 1', args(1_000_000)))) instanceof InterfaceError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('null is SQL NULL for every type, within arrays too', async (t) => {
  const connection = await open(t)
  for (const type of ['int4', 'text', 'jsonb', 'bytea', 'timestamptz', 'int4[]', 'numeric', 'uuid']) {
    t.true(await connection.fetchValue(`select $1::${type} is null`, [null]), type)
    const array = type.endsWith('[]') ? type : `${type}[]`
    t.deepEqual(await connection.fetchValue(`select array_position($1::${array}, null)`, [[null]]), 1, array)
  }
})

test('a string is PostgreSQL’s own syntax of any type', async (t) => {
  const connection = await open(t)
  const cases: [type: string, value: string, text: string][] = [
    ['int4', ' 42 ', '42'],
    ['int8', '-9223372036854775808', '-9223372036854775808'],
    ['bool', 'yes', 'true'],
    ['float8', '1e3', '1000'],
    ['timestamptz', 'infinity', 'infinity'],
    ['int[]', '{1,2}', '{1,2}'],
    ['jsonb', '{"a":1}', '{"a": 1}'],
    ['bytea', '\\x0102', '\\x0102'],
    ['interval', '1 day', '1 day'],
    ['int4range', '[1,5]', '[1,6)'],
    ['point', '(1,2)', '(1,2)'],
    ['regclass', 'pg_class', 'pg_class'],
    ['inet', '10.0.0.1/8', '10.0.0.1/8'],
    ['bit(3)', '101', '101'],
    ['xml', '<a/>', '<a/>'],
  ]
  for (const [type, value, text] of cases) {
    t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, type)
  }
  t.deepEqual(await connection.fetchValue('select $1::int4[]', [['1', 2, null, ' 3']]), [1, 2, null, 3])
  const error = await reason(connection.fetchValue('select $1::int4', ['x']))
  t.is(error.name, 'InvalidTextRepresentationError')
})

test('json() and Json send what would be taken for something else', async (t) => {
  const connection = await open(t)
  for (const type of ['json', 'jsonb']) {
    const sent = async (value: unknown) => connection.fetchValue(`select $1::${type}::text`, [value])
    t.is(await sent(json('text')), '"text"')
    t.is(await sent(json(null)), 'null')
    t.is(await sent(new Json('[1]')), '[1]')
    t.is(await sent(json([1, 2])), type === 'json' ? '[1,2]' : '[1, 2]')
    t.is(await sent(7), '7')
    t.is(await sent(true), 'true')
    t.is(await sent('1000000000000000000000000000000'), '1000000000000000000000000000000')
    t.is(await sent(new Date(0)), '"1970-01-01T00:00:00.000Z"')
    t.is(await sent({}), '{}')
    t.is(await sent([]), '[]')
    t.is(await sent([[]]), '[[]]')
    t.is(await sent({ a: undefined, b: [undefined] }), type === 'json' ? '{"b":[null]}' : '{"b": [null]}')
    t.is(
      await sent({ s: '\ud800' }).catch((error) => error.name),
      type === 'json' ? '{"s":"\\ud800"}' : 'InvalidTextRepresentationError',
    )
  }
  t.throws(() => json(undefined), { instanceOf: TypeError })
  t.throws(() => new Json(1 as any), { instanceOf: TypeError })
})

test('texts of every length and script go in whole', async (t) => {
  const connection = await open(t)
  const characters = ['a', 'é', '€', '\uffff', '😀', 'aé€😀']
  for (let length = 0; length <= 40; length++) {
    const texts = characters.map((character) => character.repeat(length))
    const { rows } = await connection.query(
      'select a, b, c, d, e, f from (select $1::text a, $2::text b, $3::text c, $4::text d, $5::text e, $6::text f) x',
      texts,
      { rows: 'array' },
    )
    t.deepEqual(rows, [texts])
    t.deepEqual(await connection.fetchValue('select $1::text[]', [texts]), texts)
    for (const lone of [`${'a'.repeat(length)}\ud83d`, `\udc00${'é'.repeat(length)}`]) {
      const error = await reason(connection.fetchValue('select $1::text', [lone]))
      t.true(error instanceof DataError)
      t.regex(error.message, /a string with a lone surrogate cannot be sent/)
    }
  }
})

test('what only inherits from Date is no Date', async (t) => {
  const connection = await open(t)
  const heir = Object.create(Date.prototype, { toJSON: { value: () => 'an heir' } })
  t.is(await connection.fetchValue('select $1::jsonb', [heir]), 'an heir')
  const error = await reason(connection.fetchValue('select $1::timestamptz', [heir]))
  t.true(error instanceof DataError)
  t.regex(error.message, /expected Date or string for timestamptz, got object/)
})
