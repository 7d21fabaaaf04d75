// Memory that cannot be had while requests are written: the call that needs it rejects, and nothing else is concerned.

import test, { type ExecutionContext } from 'ava'
import { type Connection, DataError } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

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
  'argument sets': (c) => [
    c.executeMany('insert into pg_temp.t values ($1, $2)', records()),
    c.fetchMany('insert into pg_temp.t values ($1, $2) returning a', records()),
  ],
  'a prepared statement': (c) => [
    c.prepare(`select $1::text /* ${large} */`),
    c.prepare('select $1::text').then((statement) => statement.fetchValue([large])),
  ],
  'records of a COPY': (c) => [c.copyRecordsToTable('t', { schema: 'pg_temp', records: records() })],
  'data of a COPY': (c) => [
    c.copyToTable('t', { schema: 'pg_temp', source: [Buffer.from(`1\t${large}\n`)] }),
  ],
  'arguments of a COPY': (c) => [c.copyFromQuery('select $1::text', [large], { output: () => {} })],
}

const records = (): unknown[][] => [
  [1, 'a'],
  [2, large],
  ...Array.from({ length: 5_000 }, (_, i) => [i, 'b'.repeat(100)]),
]

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
    await connection.execute('create temp table t (a int, b text)')
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

/**
 * Fills the buffer to its last byte while no memory is to be had: the next request of any size needs some. Gives what
 * comes of the call that fills it.
 */
async function filling(connection: Connection): Promise<{ fill: () => Promise<unknown> }> {
  const sql = 'select length($1::bytea)'
  await connection.fetchValue(sql, [Buffer.alloc(1)])
  // Behind a request that is larger than any that is kept the buffer has its usual size.
  await connection.fetchValue(sql, [Buffer.alloc(5_000_000)])
  return {
    fill() {
      // The largest argument that still has room leaves none.
      const calls = Array.from({ length: 200 }, (_, less) =>
        connection.fetchValue(sql, [Buffer.alloc(65_536 - less)]),
      )
      return Promise.any(calls)
    },
  }
}

serial('what is no call needs no memory, whatever waits to be handed over', async (t) => {
  const other = await open(t)
  const connection = await open(t)
  const { fill } = await filling(other)
  const ref = (): void => void connection.ref().unref()
  const controller = new AbortController()
  const running = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
  await connection.fetchValue('select 1', [], { timeout: 1 }).catch(() => {})
  for (const act of [
    ref,
    () => connection.addLogListener(ref),
    () => connection.removeLogListener(ref),
    () => void connection.reloadSchemaState(),
    () => controller.abort(new EvalError('enough')),
    () => void connection.close(),
  ]) {
    const { result } = await allocating(
      () => true,
      async () => {
        const filled = fill()
        act()
        return filled
      },
    )
    t.true((result as number) > 65_000, `${act}`)
  }
  t.is((await running).name, 'EvalError')
  t.true(await eventually(() => connection.isClosed()))
})

/** What takes records from a source that fails in the end. */
const takers: {
  [name: string]: (connection: Connection, source: AsyncIterable<unknown[]>) => Promise<unknown>
} = {
  executeMany: (c, source) => c.executeMany('insert into pg_temp.t values ($1, $2)', source),
  fetchMany: (c, source) => c.fetchMany('insert into pg_temp.t values ($1, $2) returning a', source),
  copyRecordsToTable: (c, records) => c.copyRecordsToTable('t', { schema: 'pg_temp', records }),
  copyToTable: (c, records) => c.copyToTable('t', { schema: 'pg_temp', source: linesOf(records) }),
}

async function* linesOf(records: AsyncIterable<unknown[]>): AsyncGenerator<Uint8Array> {
  for await (const record of records) yield Buffer.from(`${record.join('\t')}\n`)
}

for (const [name, take] of Object.entries(takers)) {
  serial(`a source of ${name} that fails ends it without memory`, async (t) => {
    const other = await open(t)
    const connection = await open(t)
    await connection.execute('create temp table t (a int, b text)')
    const { fill } = await filling(other)
    const own = new Error(`the source has failed${', of which much is told'.repeat(10_000)}`)
    let fail: ((error: Error) => void) | undefined
    async function* source(): AsyncGenerator<unknown[]> {
      yield [1, 'a']
      await new Promise((_, reject) => {
        fail = reject
      })
    }
    const taking = reason(take(connection, source()))
    t.true(await eventually(() => fail !== undefined))
    const { result } = await allocating(
      () => true,
      async () => {
        const filled = fill()
        fail?.(own)
        return Promise.all([taking, filled])
      },
    )
    t.is(result[0], own)
    t.is(await connection.fetchValue('select count(*) from pg_temp.t'), 0)
  })
}

serial(
  'records that there is no memory for fail their COPY, also those that are handed down by themselves',
  async (t) => {
    const other = await open(t)
    const connection = await open(t)
    await connection.execute('create temp table t (a int, b text)')
    const { fill } = await filling(other)
    let goOn: (() => void) | undefined
    async function* source(): AsyncGenerator<unknown[]> {
      yield [1, 'a']
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      yield [2, 'b'.repeat(15_000)]
      await new Promise(() => {})
    }
    const taking = reason(connection.copyRecordsToTable('t', { schema: 'pg_temp', records: source() }))
    t.true(await eventually(() => goOn !== undefined))
    const { result } = await allocating(
      () => true,
      async () => {
        goOn?.()
        // The record is written in the next of these, and handed down behind all of them.
        for (let turn = 0; turn < 50; turn++) await undefined
        // Where the record was handed down already, none of the calls has room.
        fill().catch(() => {})
        return taking
      },
    )
    t.regex(result.message, /^there is no memory for \d+ bytes of arguments$/)
    t.is(await connection.fetchValue('select count(*) from pg_temp.t'), 0)
  },
)

serial('a codec is taken back without memory', async (t) => {
  const other = await open(t)
  const connection = await open(t)
  await connection.setTypeCodec({
    type: 'int4',
    schema: 'pg_catalog',
    encode: String,
    decode: (text: string) => `the ${text}`,
  })
  t.is(await connection.fetchValue('select $1::int', [7]), 'the 7')
  const { fill } = await filling(other)
  await allocating(
    () => true,
    () => Promise.all([fill(), connection.resetTypeCodec('int4', { schema: 'pg_catalog' })]),
  )
  t.is(await connection.fetchValue('select $1::int', [7]), 7)
})

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
