// What every method that runs a query has in common: the forms in which it is called, and what it refuses.

import test from 'ava'
import { Connection, InterfaceError, type Queryable, sql } from '../../index.ts'
import { call, open, reason } from './open.ts'

const names = ['execute', 'fetch', 'fetchRow', 'fetchValue', 'query'] as const satisfies (keyof Queryable)[]

test('a query of the sql tag is taken by every method, with options behind it', async (t) => {
  const connection = await open(t)
  const query = sql`select ${20}::int + ${22}::int as sum`
  const results = {
    execute: 'SELECT 1',
    fetch: [{ sum: 42 }],
    fetchRow: { sum: 42 },
    fetchValue: 42,
    query: await connection.query('select 20 + 22 as sum'),
  }
  for (const name of names) {
    t.deepEqual(await call(connection, name, query), results[name])
    t.deepEqual(await call(connection, name, query, { timeout: 5_000 }), results[name])
  }
  t.is(await connection.fetchValue(sql`select 1 as a, 2 as b`, { column: 'b' }), 2)
})

test('arguments beside a query of the sql tag are refused', async (t) => {
  const connection = await open(t)
  for (const name of names) {
    for (const rest of [[[1]], [[]], [undefined, {}], [[], {}], [{ timeout: 1 }, {}]]) {
      const error = await reason(call(connection, name, sql`select 1`, ...rest))
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /^a query made by the sql tag has its arguments in it/)
    }
  }
})

test('what is no query is refused by its kind', async (t) => {
  const connection = await open(t)
  for (const part of [sql.identifier('a'), sql.raw('select 1')]) {
    const error = await reason(call(connection, 'fetch', part))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /^a part made by sql.raw\(\) or sql.identifier\(\) is no query by itself$/)
  }
  for (const lookalike of [{ text: 'select 1', args: [] }, ['select 1'], null]) {
    const error = await reason(call(connection, 'fetch', lookalike))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /^the query must be a string, got /)
  }
})

test('an option that is not known is refused by every method, with the one that is meant', async (t) => {
  const connection = await open(t)
  const hints: { [name: string]: string } = {
    fetchValue: 'there are timeout, signal, column',
    fetch: 'there are timeout, signal, recordClass',
    fetchRow: 'there are timeout, signal, recordClass',
    fetchMany: 'there are timeout, signal, recordClass',
    query: 'there are timeout, signal, recordClass, rows, timing',
  }
  for (const name of names) {
    for (const [option, hint] of [
      ['timeOut', 'use timeout'],
      ['time_out', 'use timeout'],
      ['timout', 'use timeout'],
      ['tiemout', 'use timeout'],
      ['singal', 'use signal'],
      ['query_timeout', 'use timeout'],
      ['abortSignal', 'use signal'],
      ['rowMode', hints[name] ?? 'there are timeout, signal'],
    ]) {
      const error = await reason(call(connection, name, 'select 1', [], { [option as string]: 1 }))
      t.true(error instanceof InterfaceError, name)
      t.is(error.message, `invalid call options: there is no option "${option}"`)
      t.is(error.hint, hint)
    }
  }
  t.true((await reason(call(connection, 'fetch', 'select 1', [], { column: 0 }))) instanceof InterfaceError)
  t.true((await reason(connection.close({ timeOut: 1 } as object))) instanceof InterfaceError)
  t.true((await reason(connection.reset({ timeOut: 1 } as object))) instanceof InterfaceError)
  t.is(await connection.fetchValue('select 1', [], { rowMode: undefined } as object), 1)
})

test('options are an object, or not given', async (t) => {
  const connection = await open(t)
  for (const options of [1, 'x', true, [], () => {}, Symbol('x')]) {
    const error = await reason(call(connection, 'fetch', 'select 1', [], options))
    t.true(error instanceof InterfaceError, String(options))
    t.regex(error.message, /^the options of a call must be an object, got /)
    t.regex(error.hint, typeof options === 'function' ? /there are no callbacks/ : /arguments are one array/)
  }
  const error = await reason(call(connection, 'fetch', 'select 1', () => {}))
  t.regex(error.hint, /there are no callbacks/)
  for (const options of [
    undefined,
    null,
    {},
    Object.create(null),
    { timeout: undefined, signal: undefined },
  ]) {
    t.is(await call(connection, 'fetchValue', 'select 1', [], options), 1)
  }
  const thrown = new Error('from a getter')
  const hostile = {
    get timeout() {
      throw thrown
    },
  }
  t.is(await reason(call(connection, 'fetch', 'select 1', [], hostile)), thrown)
})

test('a closed connection says so before anything else', async (t) => {
  const connection = await open(t)
  await connection.close()
  for (const name of names) {
    const error = await reason(call(connection, name, 5, 6, 7))
    t.is(error.message, 'connection is closed')
  }
})

test('a signal of another kind will do if it has the shape of one', async (t) => {
  const connection = await open(t)
  const { signal } = new AbortController()
  const lookalike = {
    aborted: false,
    addEventListener: signal.addEventListener.bind(signal),
    removeEventListener: signal.removeEventListener.bind(signal),
  }
  t.is(await connection.fetchValue('select 1', [], { signal: lookalike as unknown as AbortSignal }), 1)
})

test('a connection is made by connect() alone', (t) => {
  // @ts-expect-error the constructor is protected
  const make = (): Connection => new Connection()
  t.throws(make)
})
