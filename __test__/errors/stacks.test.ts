// The stack of an error names whose call it was: it has the frames of the code that awaits, whatever the call is made on,
// however many steps it takes, and whoever else is told of it.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isNativeError } from 'node:util/types'
import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  ConnectionDoesNotExistError,
  ConnectionFailureError,
  createPool,
  type Pool,
  type PoolOptions,
  type Queryable,
  TimeoutError,
  type Transaction,
} from '../../index.ts'
import { openPool } from '../pool/open.ts'
import { open, reason } from '../query/open.ts'

async function innermost(call: () => Promise<unknown>): Promise<unknown> {
  return await call()
}

async function outermost(call: () => Promise<unknown>): Promise<unknown> {
  return await innermost(call)
}

// The frames are counted, so all of them are wanted.
Error.stackTraceLimit = 100

/** How many frames a stack has where nobody asks for more. */
const FRAMES = 10

/** How many of them are the runtime's at most where a timer woke who waits: it depends on what other timers there are. */
const TIMER_FRAMES = 3

const NOTHING_HELD = { timeout: 30 }

async function iterate(on: Connection, sql: string): Promise<void> {
  for await (const _ of on.cursor(sql, undefined, { prefetch: 2 }));
}

/** What fails on whatever takes calls. */
const CALLS: readonly (readonly [string, (on: Queryable) => Promise<unknown>])[] = [
  ['a query', (on) => on.fetch('select 1/0')],
  ['a row', (on) => on.fetchRow('select 1/0')],
  ['a value', (on) => on.fetchValue('select 1/0')],
  ['a command', (on) => on.execute('selec')],
  ['a whole result', (on) => on.query('select 1/0')],
  ['an argument that cannot be sent', (on) => on.fetch('select $1::int4', [{}])],
  ['an argument that the server refuses', (on) => on.fetch('select $1::int4', ['x'])],
  ['a limit', (on) => on.fetch('select pg_sleep(60)', [], NOTHING_HELD)],
  ['a limit that is over', (on) => on.fetch('select 1', [], { timeout: 0 })],
  ['a batch', (on) => on.executeMany('select 1 / $1::int4', [[1], [0]])],
  ['a batch with rows', (on) => on.fetchMany('select 1 / $1::int4', [[1], [0]])],
  ['a set that cannot be sent', (on) => on.executeMany('select $1::int4', [[1], [{}]])],
  ['a set that is none', (on) => on.executeMany('select $1::int4', [[1], 2 as never])],
  ['a COPY out', (on) => on.copyFromQuery('select 1/0', [], { output: () => {} })],
  ['a COPY out with arguments', (on) => on.copyFromQuery('select 1 / $1::int', [0], { output: () => {} })],
  ['a COPY of a table', (on) => on.copyFromTable('nowhere', { output: () => {} })],
  ['a COPY in', (on) => on.copyToTable('nowhere', { source: Buffer.from('1') })],
  ['a COPY that is refused late', (on) => on.copyToTable('stacks', { source: Buffer.from('x\n') })],
  ['a COPY of records', (on) => on.copyRecordsToTable('stacks', { records: [['x']] })],
  ['a COPY of a record that cannot be sent', (on) => on.copyRecordsToTable('stacks', { records: [[{}]] })],
]

/** What fails on a connection that is somebody's own. */
const OWN: readonly (readonly [string, (on: Connection) => Promise<unknown>])[] = [
  ['a statement that cannot be prepared', (on) => on.prepare('selec')],
  ['a prepared statement', async (on) => (await on.prepare('select 1 / $1::int4')).fetch([0])],
  [
    'a prepared statement with a wrong argument',
    async (on) => (await on.prepare('select $1::int4')).fetch([{}]),
  ],
  ['a cursor outside of a transaction', (on) => iterate(on, 'select 1')],
  ['a cursor', (on) => on.transaction(() => iterate(on, 'select 1/0'))],
  [
    'a cursor at its third batch',
    (on) => on.transaction(() => iterate(on, 'select 1 / (6 - n) from generate_series(1, 9) n')),
  ],
  ['a cursor that is opened', (on) => on.transaction(() => on.cursor('select 1/0').open())],
  ['the first call of a transaction', (on) => on.transaction((tx) => tx.fetch('select 1/0'))],
  [
    'a later call of a transaction',
    (on) =>
      on.transaction(async (tx) => {
        await tx.fetch('select 1')
        await tx.fetch('select 1/0')
      }),
  ],
  [
    'a transaction that was rolled back',
    (on) =>
      on.transaction(async (tx) => {
        await tx.fetch('select 1/0').catch(() => {})
      }),
  ],
  ['a COMMIT that the server refuses', (on) => on.transaction(violateLate)],
  ['a savepoint of which the server knows nothing', (on) => on.transaction(forgetSavepoint)],
  [
    'a COMMIT by hand',
    async (on) => {
      const tx = on.transaction()
      await tx.start()
      await violateLate(tx)
      await tx.commit()
    },
  ],
]

const DEFERRED = 'create temp table late (n int, unique (n) deferrable initially deferred) on commit drop'

/** Leaves what only COMMIT refuses. */
async function violateLate(tx: Transaction): Promise<void> {
  await tx.execute(DEFERRED)
  await tx.execute('insert into late values (1), (1)')
}

async function forgetSavepoint(tx: Transaction): Promise<void> {
  await tx.execute('savepoint mine')
  await tx.transaction((inner) => inner.execute('rollback to savepoint mine'))
}

function isTimed(error: unknown): boolean {
  return error instanceof TimeoutError && error.phase !== 'query'
}

async function tell(
  t: ExecutionContext,
  where: string,
  what: string,
  call: () => Promise<unknown>,
): Promise<void> {
  const error = await reason(outermost(call))
  const frames = String(error.stack).match(/^ +at .*/gm) ?? []
  const place = frames.findIndex((frame) => /at (async )?innermost /.test(frame))
  t.regex(frames[place + 1] ?? '', /at (async )?outermost /, `${where}: ${what}: ${error.stack}`)
  const own = frames.slice(0, place + 2).filter((frame) => !frame.includes('(node:')).length
  const most = isTimed(error) ? own + TIMER_FRAMES : own
  t.true(most <= FRAMES, `${where}: ${what}: ${error.stack}`)
  t.regex(error.stack, /^\w+: /, `${where}: ${what}`)
}

async function tellAll(t: ExecutionContext, where: string, on: Connection): Promise<void> {
  await on.execute('create table if not exists stacks (n int4)')
  for (const [what, call] of CALLS) await tell(t, where, what, () => call(on))
  for (const [what, call] of OWN) await tell(t, where, what, () => call(on))
}

test('the stack of an error has who awaits the call of a connection', async (t) => {
  await tellAll(t, 'connection', await open(t))
})

test('it has them too on a connection of a pool', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  await pool.withConnection((connection) => tellAll(t, 'acquired', connection as unknown as Connection))
})

test('it has them too where a query logger is told', async (t) => {
  const connection = await open(t)
  connection.addQueryLogger(() => {})
  await tellAll(t, 'logged', connection)
})

test.serial('it has them too where tracing channels have subscribers', async (t) => {
  const channels = ['query', 'prepare', 'batch', 'copy', 'transaction', 'pool:acquire', 'pool:release']
  const names = channels.map((name) => `tracing:cornac:${name}:error`)
  const ignore = (): void => {}
  for (const name of names) subscribe(name, ignore)
  t.teardown(() => {
    for (const name of names) unsubscribe(name, ignore)
  })
  await tellAll(t, 'traced', await open(t))
})

test('it has them too where a call is made on the pool', async (t) => {
  const pool = await openPool(t, { maxSize: 2 })
  await pool.execute('create table if not exists stacks (n int4)')
  for (const [what, call] of CALLS) await tell(t, 'pool', what, () => call(pool))
})

test('it has who waits for a connection of a pool', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const held = await pool.acquire()
  const limit = { timeout: 30 }
  const waits: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['acquire', () => pool.acquire(limit)],
    ['a call', () => pool.fetch('select 1', [], limit)],
    ['a call alone', () => pool.execute('begin', [], limit)],
    ['a batch', () => pool.executeMany('select $1::int4', [[1]], limit)],
    ['a COPY', () => pool.copyFromQuery('select 1', [], { output: () => {}, ...limit })],
    ['a body', () => pool.withConnection(() => {}, limit)],
    ['a transaction', () => pool.transaction(() => {}, limit)],
  ]
  for (const [what, call] of waits) await tell(t, 'full pool', what, call)
  await held.release()
})

const NEVER = (): Promise<void> => new Promise(() => {})

/** What fails on a pool of its own, by its options. */
const POOLED: readonly (readonly [string, PoolOptions, (pool: Pool) => Promise<unknown>])[] = [
  [
    'a transaction with a wrong option',
    {},
    (pool) => pool.transaction(() => {}, { isolation: 'x' as never }),
  ],
  ['a COMMIT that the server refuses', {}, (pool) => pool.transaction(violateLate)],
  ['a setup hook without end', { setup: NEVER }, (pool) => pool.acquire({ timeout: 20 })],
  [
    'a setup hook without end before a call',
    { setup: NEVER },
    (pool) => pool.fetch('select 1', [], NOTHING_HELD),
  ],
  [
    'a reset hook without end',
    { reset: NEVER },
    async (pool) => {
      const connection = await pool.acquire()
      await connection.release({ timeout: 20 })
    },
  ],
  [
    'a reset hook without end after a body',
    { reset: NEVER, acquireTimeout: 2_000 },
    (pool) => pool.withConnection(() => {}),
  ],
  [
    'a close whose time is up',
    {},
    async (pool) => {
      await pool.acquire()
      await pool.close({ timeout: 20 })
    },
  ],
]

for (const [what, options, call] of POOLED) {
  test(`it has who waits on a pool: ${what}`, async (t) => {
    const pool = await openPool(t, options)
    await tell(t, 'pool', what, () => call(pool))
  })
}

test('the loss of a session is told to each who iterates notifications, with their own stack', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  async function first(): Promise<void> {
    for await (const _ of connection.notifications('one'));
  }
  async function second(): Promise<void> {
    for await (const _ of connection.notifications('two'));
  }
  const errors = [first, second].map((iterate) => reason(iterate()))
  // They are answered in their order, so that the server has heard of both.
  await connection.fetchValue('select 1')
  await other.execute(`select pg_terminate_backend(${connection.getServerPid()})`)
  for (const [i, error] of (await Promise.all(errors)).entries()) {
    t.true(error instanceof ConnectionDoesNotExistError)
    const frames = error.stack.match(/at async (first|second) /g)
    t.deepEqual(frames, [`at async ${i === 0 ? 'first' : 'second'} `], error.stack)
  }
})

test('it has who asks for a pool or a connection that cannot be opened', async (t) => {
  const nowhere = 'postgresql://nobody@127.0.0.1:1/nowhere'
  await tell(t, 'pool', 'no server', () => createPool(nowhere))
  const init = async (connection: Connection): Promise<void> => {
    await connection.fetch('select 1/0')
  }
  const error = await reason(openPool(t, { init }))
  t.regex(error.stack, /at async (Object\.)?init /)
})

test('each of those who are told of one outage has an error of its own', async (t) => {
  const pool = await createPool('postgresql://nobody@127.0.0.1:1/nowhere?sslmode=disable', { minSize: 0 })
  t.teardown(() => pool.terminate())
  async function first(): Promise<unknown> {
    return await pool.fetch('select 1')
  }
  async function second(): Promise<unknown> {
    return await pool.execute('begin')
  }
  async function third(): Promise<unknown> {
    return await pool.acquire()
  }
  const calls = [first, second, third]
  const errors = await Promise.all(calls.map((call) => reason(call())))
  t.is(new Set(errors).size, 3)
  for (const [i, error] of errors.entries()) {
    const name = calls[i]?.name
    t.true(error instanceof ConnectionFailureError, `${name}: ${error}`)
    t.true(isNativeError(error), name)
    const frames = error.stack.match(/at async (first|second|third) /g)
    t.deepEqual(frames, [`at async ${name} `])
    t.true(error.stack.startsWith(`ConnectionFailureError: ${error.message}\n`), error.stack)
    t.is(error.sqlstate, '08006')
    t.is(error.cause.code, 'ECONNREFUSED')
    t.false(Object.keys(error).includes('stack'))
  }
  t.deepEqual(
    errors.map(({ query }) => query),
    ['select 1', 'begin', undefined],
  )
})

test('the error of a COPY’s source keeps the stack of its own call', async (t) => {
  const connection = await open(t)
  const other = await open(t)
  await connection.execute('create table if not exists stacks (n int4)')
  async function* failingSource(): AsyncGenerator<[number]> {
    yield [1]
    await other.fetch('select 1/0')
  }
  const error = await reason(connection.copyRecordsToTable('stacks', { records: failingSource() }))
  t.regex(error.stack, /at async failingSource /)
})
