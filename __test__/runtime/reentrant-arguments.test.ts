// Arguments whose own code uses the driver while they are written: what it does there never changes what is sent.

import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError, Json } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { type Act, acting, deeds } from './deeds.ts'

/** Arguments that act while they are written: their type, what makes them and what is to arrive. */
const kinds: { [name: string]: { type: string; make: (act: Act) => unknown; arrives: unknown } } = {
  'toJSON of an element': {
    type: 'jsonb[]',
    make: (act) => [1, acting(act, { two: 2 }), 3, 4, 5].map((v) => (v === 1 ? '1' : v)),
    arrives: [1, { two: 2 }, 3, 4, 5],
  },
  'toJSON of a document': {
    type: 'jsonb',
    make: (act) => ({ a: [1, acting(act, 2), 3] }),
    arrives: { a: [1, 2, 3] },
  },
  'a getter of a document': {
    type: 'jsonb',
    make: (act) => ({
      get a() {
        act()
        return 1
      },
      b: 2,
    }),
    arrives: { a: 1, b: 2 },
  },
  'a getter of an element': {
    type: 'int[]',
    make: (act) => Object.defineProperty([1, 2, 3, 4, 5], 1, { get: acting(act, 2).toJSON }),
    arrives: [1, 2, 3, 4, 5],
  },
  'a proxy of an array': {
    type: 'int[]',
    make: (act) =>
      new Proxy([1, 2, 3, 4, 5], {
        get(target, name, receiver) {
          if (name === '2') act()
          return Reflect.get(target, name, receiver)
        },
      }),
    arrives: [1, 2, 3, 4, 5],
  },
  'a proxy within an array': {
    type: 'int[]',
    make: (act) => [
      [1, 2],
      new Proxy([3, 4], {
        get(target, name, receiver) {
          if (name === 'length') act()
          return Reflect.get(target, name, receiver)
        },
      }),
      [5, 6],
    ],
    arrives: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  },
  'the text of a Json': {
    type: 'jsonb',
    make: (act) => Object.defineProperty(new Json('x'), 'text', { get: acting(act, '[1, 2]').toJSON }),
    arrives: [1, 2],
  },
}

async function undisturbed(t: ExecutionContext, again: boolean): Promise<void> {
  for (const [kind, { type, make, arrives }] of Object.entries(kinds)) {
    for (const [deed, act] of Object.entries(deeds)) {
      const connection = await open(t)
      const sql = `select $1::${type} as first, $2::int as second`
      // Known already, an array goes in one form; else in two.
      if (again) await connection.fetchRow(sql, [null, 0])
      const left: Promise<unknown>[] = []
      const row = await connection.fetchRow(sql, [make(() => left.push(act(connection))), 42])
      t.deepEqual(row, { first: arrives, second: 42 }, `${kind}, ${deed}`)
      t.true(left.length > 0, `${kind}, ${deed}: its code did not run`)
      await Promise.all(left)
      t.is(await connection.fetchValue('select $1::int', [left.length]), left.length)
      await connection.close()
    }
  }
}

test('what an argument does with the driver while it is written changes nothing of it', (t) =>
  undisturbed(t, false))

test('neither when the types of the statement are known', (t) => undisturbed(t, true))

test('a refused element is named however deep the code that wrote it was nested', async (t) => {
  const connection = await open(t)
  const inner: Promise<unknown>[] = []
  const nested = (depth: number): unknown => ({
    toJSON() {
      if (depth > 0)
        inner.push(reason(connection.fetchValue('select $1::jsonb[]', [[nested(depth - 1), undefined]])))
      return depth
    },
  })
  const error = await reason(connection.fetchValue('select $1::jsonb[]', [[nested(5), undefined, '1']]))
  t.true(error instanceof DataError)
  t.regex(error.message, /undefined/)
  for (const settled of await Promise.all(inner)) t.true(settled instanceof DataError)
  t.true(inner.length >= 5)
})

/** What an argument's own code does to the call that it belongs to, or to its connection, and what comes of the call. */
const ends: {
  [name: string]: { act: (connection: Connection, controller: AbortController) => unknown; names: string[] }
} = {
  'terminates the connection': {
    act: (c) => c.terminate(),
    names: ['ConnectionDoesNotExistError', 'InterfaceError'],
  },
  'closes the connection': { act: (c) => c.close(), names: ['InterfaceError', 'QueryCanceledError'] },
  'aborts the call': {
    act: (_, controller) => controller.abort(new EvalError('enough')),
    names: ['EvalError'],
  },
}

test('an argument whose code ends its own call or connection leaves nothing waiting', async (t) => {
  for (const [kind, { type, make }] of Object.entries(kinds)) {
    for (const [deed, { act, names }] of Object.entries(ends)) {
      for (const again of [false, true]) {
        const where = `${kind} ${deed}${again ? ', its types being known' : ''}`
        const connection = await open(t)
        const sql = `select $1::${type}, pg_sleep($2)`
        if (again) await connection.fetchRow(sql, [null, 0])
        const controller = new AbortController()
        const left: unknown[] = []
        const value = make(() => left.push(act(connection, controller)))
        const options = { signal: controller.signal, timeout: 15_000 }
        const call = connection.fetch(sql, [value, 20], options)
        const behind = connection.fetchValue('select 1').catch((error) => error)
        const error = await reason(call)
        t.true(names.includes(error.name), `${where}: ${error}`)
        t.true(left.length > 0, `${where}: its code did not run`)
        await Promise.all(left)
        if (deed === 'aborts the call') t.is(await behind, 1, where)
        else t.true((await behind) instanceof Error, where)
        connection.terminate()
      }
    }
  }
})

test('an argument that ends its connection and then throws rejects its call with what it threw', async (t) => {
  for (const end of ['terminate', 'close'] as const) {
    const connection = await open(t)
    const own = new Error('after that')
    const left: unknown[] = []
    const value = {
      toJSON() {
        left.push(connection[end]())
        throw own
      },
    }
    const error = await reason(connection.fetch('select $1::jsonb', [value]))
    t.true(error instanceof DataError)
    t.is(error.cause, own)
    await Promise.all(left)
    t.is((await reason(connection.fetch('select 1'))).message, 'connection is closed')
  }
})

test('nothing of an argument is called that could make another value of it', async (t) => {
  const connection = await open(t)
  const called: string[] = []
  const spy = (name: string) => (): never => {
    called.push(name)
    throw new Error(name)
  }
  const trap = {
    [Symbol.toPrimitive]: spy('Symbol.toPrimitive'),
    [Symbol.iterator]: spy('Symbol.iterator'),
    valueOf: spy('valueOf'),
    toString: spy('toString'),
  }
  const named = <T extends object>(value: T): T =>
    Object.defineProperties(value, {
      ...Object.getOwnPropertyDescriptors(trap),
      getTime: { value: spy('getTime') },
      toISOString: { value: spy('toISOString') },
      length: Array.isArray(value) ? {} : { get: spy('length') },
      slice: { value: spy('slice') },
    })
  for (const type of [
    'text',
    'int4',
    'int4[]',
    'float8[]',
    'bytea',
    'timestamptz',
    'bool',
    'numeric',
    'uuid',
  ]) {
    for (const value of [
      trap,
      [trap],
      named(new Date(0)),
      named(Float64Array.of(1)),
      named(Uint8Array.of(1)),
      named([1]),
    ]) {
      for (const _ of [1, 2]) {
        await connection.fetch(`select $1::${type}`, [value]).catch((error) => {
          t.true(error instanceof DataError, `${type}: ${error}`)
          t.is(error.cause, undefined)
        })
      }
    }
  }
  t.deepEqual(called, [])
})

test('a getter of a call’s options may make calls, and end the connection', async (t) => {
  const connection = await open(t)
  const left: Promise<unknown>[] = []
  const options = {
    get timeout() {
      left.push(connection.fetchValue('select $1::int', [7]))
      return 10_000
    },
  }
  t.is(await connection.fetchValue('select $1::int', [1], options), 1)
  for (const value of await Promise.all(left)) t.is(value, 7)
  const ending = {
    get timeout() {
      connection.terminate()
      return 10_000
    },
  }
  t.true((await reason(connection.fetch('select 1', [], ending))) instanceof Error)
})
