import test from 'ava'
import { ClientConfigurationError, connect, DataError, type TypeOptions } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { checkSamples, type Samples } from './round-trip.ts'

const most = 2n ** 63n - 1n

const cases: [options: TypeOptions, samples: Samples][] = [
  [{ int8: 'bigint' }, ['int8', ['0', 0n], ['-1', -1n], [`${most}`, most], [`${-most - 1n}`, -most - 1n]]],
  [
    { int8: 'string' },
    ['int8', ['0', '0'], ['-1', '-1'], [`${most}`, `${most}`], [`${-most - 1n}`, `${-most - 1n}`]],
  ],
  [{ int8: 'number' }, ['int8', ['0', 0], ['-9007199254740991', -9_007_199_254_740_991]]],
  [
    { numeric: 'number' },
    ['numeric', ['0', 0], ['1.5', 1.5], ['-0.1', -0.1], ['12345.678', 12_345.678], ['NaN', Number.NaN]],
  ],
  [{ bytea: 'uint8array' }, ['bytea', ['\\x', new Uint8Array()], ['\\x00ff', new Uint8Array([0, 255])]]],
  [{ json: 'text' }, ['json', ['{"b": 1,  "a":2}', '{"b": 1,  "a":2}'], ['null', 'null'], ['"x"', '"x"']]],
  [{ json: 'text' }, ['jsonb', ['{"a": 2, "b": 1}', '{"a": 2, "b": 1}'], ['null', 'null'], ['"x"', '"x"']]],
]

for (const [types, samples] of cases) {
  test(`${samples[0]} under ${JSON.stringify(types)}`, async (t) => {
    await checkSamples(t, await open(t, { types }), samples)
  })
}

test('a Uint8Array is no Buffer, and neither shares its memory with another value', async (t) => {
  const connection = await open(t, { types: { bytea: 'uint8array' } })
  const rows = await connection.fetch("select 'abc'::bytea as b from generate_series(1, 3)")
  for (const { b } of rows) {
    t.is(Object.getPrototypeOf(b), Uint8Array.prototype)
    t.deepEqual([...b], [97, 98, 99])
  }
  rows[0]!.b.fill(0)
  t.deepEqual([...rows[1]!.b], [97, 98, 99])
})

test('int8 as number refuses what it would have to round', async (t) => {
  const connection = await open(t, { types: { int8: 'number' } })
  for (const text of ['9007199254740992', '-9007199254740992', `${most}`]) {
    const error = await reason(connection.fetch(`select 1 as a, ${text}::int8 as big`))
    t.true(error instanceof DataError, String(error))
    t.is(error.sqlstate, '22003')
    t.is(error.argument, undefined)
    t.regex(error.message, /^column "big" holds a value of type int8 that a number does not hold exactly/)
    t.regex(error.hint, /int8: 'auto'/)
    t.true((await reason(connection.fetch(`select array[1, ${text}::int8] as big`))) instanceof DataError)
    t.is(await connection.fetchValue('select 1::int8'), 1)
  }
})

test('numeric as number is the nearest', async (t) => {
  const connection = await open(t, { types: { numeric: 'number' } })
  const texts = [
    '0.1',
    '1e400',
    '-1e400',
    '1e-400',
    '123456789012345678901234567890',
    '0.30000000000000004',
    'Infinity',
  ]
  for (const text of texts) t.is(await connection.fetchValue(`select '${text}'::numeric`), Number(text), text)
  t.deepEqual(await connection.fetchValue("select '{1.5,NULL,-2}'::numeric[]"), [1.5, null, -2])
})

test('two connections of one process keep their options apart', async (t) => {
  const [plain, other] = [
    await open(t),
    await open(t, { types: { int8: 'bigint', numeric: 'number', json: 'text' } }),
  ]
  const sql = `select 1::int8 as i, 1.5::numeric as n, '[1]'::json as j, '{1}'::int8[] as a`
  for (let n = 0; n < 3; n++) {
    t.deepEqual(await plain.fetchRow(sql), { i: 1, n: '1.5', j: [1], a: [1] })
    t.deepEqual(await other.fetchRow(sql), { i: 1n, n: 1.5, j: '[1]', a: [1n] })
  }
})

test('an option that is not one is refused at connect', async (t) => {
  const { dsn } = await testDatabase()
  const wrong: any[] = [{ int8: 'int' }, { numeric: true }, { unknown: 1 }, { json: null }, 'x', 7]
  for (const types of wrong) {
    t.true(
      (await reason(connect(dsn(), { types }))) instanceof ClientConfigurationError,
      JSON.stringify(types),
    )
  }
  if (!('Temporal' in globalThis)) {
    for (const option of ['timestamptz', 'timestamp', 'date', 'time']) {
      t.true(
        (await reason(connect(dsn(), { types: { [option]: 'temporal' } }))) instanceof
          ClientConfigurationError,
      )
    }
  }
})
