// Memory that cannot be had while requests are written: the call that needs it rejects, and nothing else is concerned.

import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const { serial } = test
const Real = globalThis.ArrayBuffer

/** While `run` runs, the allocations that `fails` says fail; gives how many were asked for. */
async function allocating<T>(
  fails: (index: number) => boolean,
  run: () => Promise<T>,
): Promise<{ result: T; asked: number }> {
  let asked = 0
  globalThis.ArrayBuffer = new Proxy(Real, {
    construct(target, args, newTarget) {
      if (fails(asked++)) throw new RangeError('Array buffer allocation failed')
      return Reflect.construct(target, args, newTarget)
    },
  })
  try {
    return { result: await run(), asked }
  } finally {
    globalThis.ArrayBuffer = Real
  }
}

/** More than the buffer keeps: it is of its usual size again when that has gone. */
const large = 'x'.repeat(5_000_000)
const kind = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'fulfilled',
    (error) => error.constructor.name,
  )

/** What makes the buffer grow, or needs another one. */
const works: { [name: string]: (connection: Connection) => Promise<unknown>[] } = {
  'a large argument': (c) => [c.fetchValue('select length($1::text)', [large])],
  'large bytes': (c) => [c.fetchValue('select length($1::bytea)', [Buffer.alloc(5_000_000)])],
  'a large text': (c) => [c.fetchValue(`select 1 /* ${large} */`)],
  'a large script': (c) => [c.execute(`select 1 /* ${large} */`)],
  'many arguments': (c) => [c.fetchValue('select 1', new Array(60_000).fill(large.slice(0, 100)))],
  'many calls': (c) => Array.from({ length: 3_000 }, (_, i) => c.fetchValue('select $1::int', [i])),
  'a call within an argument': (c) => {
    const calls: Promise<unknown>[] = []
    const argument = {
      toJSON() {
        calls.push(c.fetchValue('select $1::text', [large]), c.fetchValue('select 1'))
        return large
      },
    }
    return [c.fetchValue('select $1::jsonb', [argument]), ...calls]
  },
  'what is no call, behind a full buffer': (c) => {
    // 41 bytes each, of 64 KiB.
    const calls = Array.from({ length: 1_597 }, (_, i) => c.fetchValue('select $1::int', [i]))
    const { signal } = new AbortController()
    const ref = (): void => void c.ref().unref()
    ref()
    c.addLogListener(ref)
    c.removeLogListener(ref)
    return [...calls, c.fetchValue('select 1', [], { signal })]
  },
}

async function goesOn(t: ExecutionContext, connection: Connection, what: string): Promise<void> {
  const values = await Promise.all([
    connection.fetchValue('select 1'),
    connection.fetchValue('select length($1::text)', [large]),
    connection.fetchValue(`select 3 /* ${large} */`),
  ])
  t.deepEqual(values, [1, large.length, 3], what)
}

for (const [name, work] of Object.entries(works)) {
  serial(`allocations that fail for ${name} reject it, and the connection goes on`, async (t) => {
    const connection = await open(t)
    const settled = (): Promise<string[]> => Promise.all(work(connection).map(kind))
    const { asked } = await allocating(() => false, settled)
    for (let failing = 0; failing <= asked; failing++) {
      const { result } = await allocating((index) => index >= failing, settled)
      t.false(result.includes('InternalClientError'), `from the allocation ${failing} on`)
      const alone = await allocating((index) => index === failing, settled)
      t.false(alone.result.includes('InternalClientError'), `the allocation ${failing}`)
      await goesOn(t, connection, `${name}, allocation ${failing}`)
    }
  })
}

serial('an argument that there is no memory for is named', async (t) => {
  const connection = await open(t)
  const { result } = await allocating(
    () => true,
    () => reason(connection.fetch('select $1::int, $2::text', [1, large])),
  )
  t.true(result instanceof DataError)
  t.is(result.argument, 2)
  t.regex(
    result.message,
    /^invalid input for query argument \$2: there is no memory for \d+ bytes of arguments$/,
  )
})

serial('a connection is ended without memory', async (t) => {
  const connection = await open(t)
  const pending = Promise.all(
    Array.from({ length: 1_500 }, (_, i) => kind(connection.fetchValue('select $1::int', [i]))),
  )
  await allocating(
    () => true,
    async () => connection.terminate(),
  )
  t.true(connection.isClosed())
  await pending
  const other = await open(t)
  await allocating(
    () => true,
    () => other.close(),
  )
  t.true(other.isClosed())
})
