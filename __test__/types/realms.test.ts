// Values that were made in another realm, a vm context as Jest gives one to each test file: they are no instances of this
// realm's classes, and are what they are all the same.

import vm from 'node:vm'
import test from 'ava'
import { Range, TimeoutError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const context = vm.createContext({})
const made = (code: string): any => vm.runInContext(code, context)

test('what is of another realm goes in as what it is', async (t) => {
  const connection = await open(t)
  const cases: [type: string, code: string, text: string][] = [
    ['timestamptz', 'new Date(0)', '1970-01-01 00:00:00+00'],
    ['date', 'new (class extends Date {})(0)', '1970-01-01'],
    ['bytea', 'Uint8Array.of(1, 2)', '\\x0102'],
    ['bytea', 'Uint8Array.of(1, 2).buffer', '\\x0102'],
    ['bytea', 'new DataView(Uint8Array.of(0, 1, 2).buffer, 1)', '\\x0102'],
    ['bytea', 'Uint8ClampedArray.of(1)', '\\x01'],
    ['bytea', 'new SharedArrayBuffer(2)', '\\x0000'],
    ['int4[]', '[1, [2][0], null]', '{1,2,NULL}'],
    ['int4[]', 'Int16Array.of(1, -2)', '{1,-2}'],
    ['int8[]', 'BigInt64Array.of(1n)', '{1}'],
    ['bytea[]', '[Uint8Array.of(1)]', '{"\\\\x01"}'],
    ['timestamptz[]', '[new Date(0)]', '{"1970-01-01 00:00:00+00"}'],
    ['jsonb', '({ a: [new Date(0)] })', '{"a": ["1970-01-01T00:00:00.000Z"]}'],
    ['jsonb', 'Object.create(null)', '{}'],
  ]
  await connection.execute("set timezone = 'UTC'")
  for (const [type, code, text] of cases) {
    for (const _ of [1, 2]) {
      t.is(await connection.fetchValue(`select $1::${type}::text`, [made(code)]), text, `${type} ${code}`)
    }
  }
})

test('a Range takes Dates of another realm, and compares them', async (t) => {
  const connection = await open(t)
  await connection.execute("set timezone = 'UTC'")
  const [early, late] = [made('new Date(1)'), made('new Date(2)')]
  const cases: [type: string, value: unknown, text: string][] = [
    ['tstzrange', new Range(early, late), '["1970-01-01 00:00:00.001+00","1970-01-01 00:00:00.002+00")'],
    ['tsrange', [early, null], '["1970-01-01 00:00:00.001",)'],
    ['daterange[]', [new Range(early)], '{"[1970-01-01,)"}'],
    ['tstzmultirange', [new Range(null, early)], '{(,"1970-01-01 00:00:00.001+00")}'],
  ]
  for (const [type, value, text] of cases) {
    for (const _ of [1, 2]) t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, type)
  }
  t.true(new Range(early, late).equals(new Range(new Date(1), new Date(2))))
  t.false(new Range(early).equals(new Range(late)))
  t.true(new Range(late).isSubset(new Range(early)))
})

test('plain objects of another realm are plain', async (t) => {
  const connection = await open(t)
  await connection.execute('create type pg_temp.pair as (a int, b text)')
  const pairs = (): any => made("[[{ a: 1, b: 'x' }], [{ a: 2 }]]")
  for (const _ of [1, 2]) {
    t.is(await connection.fetchValue('select $1::pg_temp.pair[]::text', [pairs()]), '{{"(1,x)"},{"(2,)"}}')
  }
  // What a call was given is sent, whatever becomes of it: its type is not known yet.
  const pair = made('({ a: 1 })')
  const call = connection.fetchValue('select ($1::pg_temp.pair).a', [pair])
  pair.a = 2
  t.is(await call, 1)
})

test('what cannot be sent is refused whichever realm it is of', async (t) => {
  const connection = await open(t)
  for (const [code, message] of [
    ['new Map([[1, 2]])', /a Map cannot be sent/],
    ['({ a: new Set([1]) })', /a Set in it/],
    ['Promise.resolve(1)', /a Promise cannot be sent/],
    ['new Date(NaN)', /Invalid Date|the Date is invalid/],
    ['(() => { const o = {}; o.o = o; return o })()', /circular/],
    ['({ n: 1n })', /JSON has no bigint/],
  ] as const) {
    const error = await reason(connection.fetch('select $1::jsonb', [made(code)]))
    t.is(error.name, 'DataError', code)
    t.regex(error.message, message, code)
  }
})

test('arguments, options and signals of another realm', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue('select $1::int', made('[1]'), made('({ timeout: 10000 })')), 1)
  const error = await reason(connection.fetch('select pg_sleep(9)', made('[]'), made('({ timeout: 10 })')))
  t.true(error instanceof TimeoutError)
  // Polyfills and test environments have AbortSignals of their own: they are known by their shape.
  class Signal extends EventTarget {
    aborted = false
    reason: unknown
    abort(reason: unknown): void {
      this.aborted = true
      this.reason = reason
      this.dispatchEvent(new Event('abort'))
    }
  }
  const signal = new Signal()
  const call = reason(connection.fetch('select pg_sleep(9)', [], { signal: signal as never }))
  const why = new Error('enough')
  signal.abort(why)
  t.is(await call, why)
  t.is(await reason(connection.fetch('select 1', [], { signal: signal as never })), why)
  t.is(await connection.fetchValue('select 1'), 1)
})
