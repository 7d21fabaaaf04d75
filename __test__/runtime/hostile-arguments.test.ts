// Whatever is passed to a public method: it never throws, it rejects with an error that a program can expect, and
// the connection goes on.

import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import * as cornac from '../../index.ts'
import { type Connection, connect } from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { open } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { GUARD_MS } from '../support/waiting.ts'
import { hostile, Thrown } from './hostile-values.ts'

const ours = Object.values(cornac).filter(
  (value): value is typeof cornac.PostgresError =>
    typeof value === 'function' && value.prototype instanceof Error,
)

/** Errors that may come; what the value itself threw passes where the driver only reads an option. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof Thrown ||
    ours.some((kind) => error instanceof kind)
  )
}

async function survives(t: ExecutionContext, where: string, call: () => Promise<unknown>): Promise<void> {
  let promise: Promise<unknown>
  try {
    promise = call()
  } catch (error) {
    return t.fail(`${where}: it threw ${(error as Error)?.stack}`)
  }
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('hung'), GUARD_MS)
  })
  const result = await Promise.race([
    hung,
    promise.then(
      () => 'fulfilled',
      (error: unknown) => error,
    ),
  ])
  clearTimeout(timer)
  if (result === 'fulfilled') return
  t.true(isExpected(result), `${where}: ${(result as Error)?.stack ?? String(result)}`)
}

const methods = ['execute', 'fetch', 'fetchRow', 'fetchValue'] as const
type Method = (typeof methods)[number]

async function goesOn(t: ExecutionContext, connection: Connection, where: string): Promise<void> {
  t.is(await connection.fetchValue('select $1::int', [42]), 42, where)
}

for (const [name, make] of Object.entries(hostile)) {
  test(`${name} anywhere among the arguments leaves the connection usable`, async (t) => {
    const connection = await open(t)
    const call = (method: Method, ...args: unknown[]): Promise<unknown> =>
      (connection[method] as (...args: unknown[]) => Promise<unknown>)(...args)
    for (const method of methods) {
      await survives(t, `${method}, sql`, () => call(method, make()))
      await survives(t, `${method}, args`, () => call(method, 'select $1::text', make()))
      await survives(t, `${method}, options`, () => call(method, 'select 1', [], make()))
      await survives(t, `${method}, timeout`, () => call(method, 'select 1', [], { timeout: make() }))
      await survives(t, `${method}, signal`, () => call(method, 'select 1', [], { signal: make() }))
      await goesOn(t, connection, method)
    }
    await survives(t, 'column', () => call('fetchValue', 'select 1', [], { column: make() }))
    for (const type of ['text', 'int8', 'bytea', 'jsonb', 'int4[]', 'timestamptz']) {
      // Twice: the second time the parameter's type is known.
      for (const time of ['first', 'second']) {
        const where = `${type}, ${time} time`
        await survives(t, where, () => call('fetch', `select $1::${type} as "${type}"`, [make()]))
        await survives(t, `in an array, ${where}`, () =>
          call('fetch', `select $1::${type} as "[${type}]"`, [[1, make()]]),
        )
        if (name === 'array of 2^32 - 1 holes') continue
        await survives(t, `in an object, ${where}`, () =>
          call('fetch', `select $1::${type} as "{${type}}"`, [{ a: make() }]),
        )
      }
    }
    await goesOn(t, connection, name)
  })
}

test('hostile listeners and options of the rare methods', async (t) => {
  for (const [name, make] of Object.entries(hostile)) {
    const connection = await open(t)
    for (const method of ['addLogListener', 'addTerminationListener'] as const) {
      const value = make()
      if (typeof value === 'function') continue
      t.throws(
        () => connection[method](value as never),
        { instanceOf: cornac.InterfaceError },
        `${method} ${name}`,
      )
    }
    for (const method of ['removeLogListener', 'removeTerminationListener'] as const) {
      t.notThrows(() => connection[method](make() as never), name)
    }
    await survives(t, `reset ${name}`, () => connection.reset({ timeout: make() as never }))
    await survives(t, `close ${name}`, () => connection.close({ timeout: make() as never }))
    connection.terminate()
  }
})

test('hostile options of connect', async (t) => {
  const database = await testDatabase()
  const names = [
    'host',
    'port',
    'user',
    'password',
    'ssl',
    'timeout',
    'serverSettings',
    'types',
    'signal',
    'statementCacheSize',
    'connectionClass',
  ]
  for (const [name, make] of Object.entries(hostile)) {
    const attempt = async (...args: unknown[]): Promise<void> => {
      const connection = await (connect as (...args: unknown[]) => Promise<Connection>)(...args)
      connection.terminate()
    }
    if (name !== 'huge') await survives(t, `dsn ${name}`, () => attempt(make()))
    for (const option of names) {
      // A list of so many hosts is one, and takes its time.
      if (option === 'host' && /Infinity|holes/.test(name)) continue
      await survives(t, `${option} ${name}`, () =>
        attempt(database.dsn(), { timeout: 3_000, [option]: make() }),
      )
    }
  }
})

test('calls that are made while another one is being written come out whole and in order', async (t) => {
  const connection = await open(t)
  const inner: Promise<unknown>[] = []
  const reentrant = (fails: boolean): object => ({
    toJSON() {
      inner.push(connection.fetchValue('select $1::int', [inner.length]))
      inner.push(connection.fetchValue(`select ${inner.length} as "made inside ${inner.length}"`))
      if (fails) throw new Thrown('after its calls')
      return { inner: true }
    },
  })
  for (const fails of [false, true]) {
    const outer = connection.fetchValue('select $1::jsonb', [reentrant(fails)])
    if (fails) await t.throwsAsync(outer, { instanceOf: cornac.DataError })
    else t.deepEqual(await outer, { inner: true })
  }
  t.deepEqual(
    await Promise.all(inner),
    inner.map((_, i) => i),
  )
  await goesOn(t, connection, 'after calls within calls')
})

test('random mixtures of hostile and good arguments never cross, corrupt or hang', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  // By name: the values would break what generates and prints them.
  const name = fc.constantFrom(...Object.keys(hostile)).map((name) => ({ name }))
  const good = fc.oneof(fc.integer(), fc.string({ unit: 'binary' }), fc.bigInt(), fc.double(), fc.boolean())
  const value = fc.oneof(good, name, fc.array(fc.oneof(fc.integer(), name), { maxLength: 5 }))
  const make = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(make)
    return typeof value === 'object' && value !== null ? hostile[(value as { name: string }).name]?.() : value
  }
  let tag = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      async (lists) => {
        const calls: Promise<void>[] = []
        for (const list of lists) {
          const mine = ++tag
          const holders = list.map((_, i) => `$${i + 2}::text`).join(', ')
          const args = [mine, ...list.map(make)]
          calls.push(
            survives(t, `call ${mine}`, () => connection.fetchRow(`select $1::int as tag, ${holders}`, args)),
          )
          calls.push(connection.fetchValue('select $1::int', [mine]).then((got) => void t.is(got, mine)))
        }
        await Promise.all(calls)
      },
    ),
    { numRuns: isLong ? 20_000 : 150 },
  )
  await goesOn(t, connection, 'at the end')
})
