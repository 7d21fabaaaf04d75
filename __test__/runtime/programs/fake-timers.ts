// Everything that tells time is replaced after the driver was loaded, by fakes whose time stands still: what Jest,
// Vitest and sinon do. The driver goes on all the same.

import { createServer } from 'node:net'
import timers from 'node:timers'
import { type Connection, connect, createPool, TimeoutError } from '../../../index.ts'

const [dsn = ''] = process.argv.slice(2)

const now = performance.now.bind(performance)
const real = { setTimeout, setImmediate, now }

/** A guard that is not fake: a step that waits for ever fails. */
function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const guard = real.setTimeout(() => reject(new Error(`${what}: it waits for ever`)), 45_000)
    run().then(resolve, reject)
    void guard.unref()
  })
}

const listener = createServer().listen(0, '127.0.0.1').unref()
await new Promise((resolve) => listener.once('listening', resolve))
const { port } = listener.address() as { port: number }
let failed = (): void => {}
const onCallbackError = (): void => failed()
const early = await connect(dsn, { onCallbackError })
const watcher = await connect(dsn)

const fake = (): object => ({ ref: () => {}, unref: () => {}, hasRef: () => false })
const fakes = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
] as const
for (const name of fakes) {
  Object.assign(globalThis, { [name]: fake })
  if (name !== 'queueMicrotask') Object.assign(timers, { [name]: fake })
}
process.nextTick = () => {}
performance.now = () => 0
Date.now = () => 0
process.hrtime = Object.assign(() => [0, 0] as [number, number], { bigint: () => 0n })

async function timesOut(promise: Promise<unknown>): Promise<void> {
  const error = await promise.catch((e) => e)
  if (!(error instanceof TimeoutError)) throw error
}

const never = (): Promise<never> => new Promise(() => {})

/** Real time passes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => real.setTimeout(resolve, 5))
}

async function* slowly(count: number): AsyncGenerator<[number]> {
  for (let i = 0; i < count; i++) {
    yield [i]
    await new Promise((resolve) => real.setImmediate(resolve))
  }
}

/** Records, the last of which waits until the server has so many before it. */
async function* untilArrived(connection: Connection, count: number): AsyncGenerator<[number]> {
  for (let i = 0; i < count; i++) {
    yield [i]
    await new Promise((resolve) => real.setImmediate(resolve))
  }
  const sql = 'select bytes_processed from pg_stat_progress_copy where pid = $1'
  const has = (): Promise<unknown> => watcher.fetchValue(sql, [connection.getServerPid()])
  // A header of 19 bytes, and 10 for an integer.
  while (Number(await has()) < 19 + 10 * count) await new Promise((resolve) => real.setTimeout(resolve, 5))
  yield [count]
}

/** Real milliseconds in which nothing else happens. */
function spend(ms: number): void {
  for (const end = real.now() + ms; real.now() < end; );
}

async function useMuch(connection: Connection): Promise<void> {
  await connection.execute('create temp table t (a int)')
  await step('argument sets', () => connection.executeMany('insert into pg_temp.t values ($1)', slowly(100)))
  await step('records', () => connection.copyRecordsToTable('t', { schema: 'pg_temp', records: slowly(100) }))
  await step('a COPY out', () => connection.copyFromTable('t', { schema: 'pg_temp', output: () => {} }))
  await step('a COPY that times out', () =>
    timesOut(
      connection.copyToTable('t', {
        schema: 'pg_temp',
        source: { [Symbol.asyncIterator]: () => ({ next: never }) },
        timeout: 50,
      }),
    ),
  )
  await step('records that are handed down before the next ones come', () =>
    connection.copyRecordsToTable('t', { schema: 'pg_temp', records: untilArrived(connection, 2) }),
  )
  await step('records that never begin', () =>
    timesOut(
      connection.copyRecordsToTable('t', {
        schema: 'pg_temp',
        records: { [Symbol.asyncIterator]: () => ({ next: never }) },
        timeout: 50,
      }),
    ),
  )
  await step('an output that takes nothing', () =>
    timesOut(connection.copyFromTable('t', { schema: 'pg_temp', output: never, timeout: 50 })),
  )
  await step('a cursor whose rows take their time', () =>
    connection.transaction(async () => {
      for await (const _ of connection.cursor('select generate_series(1, 200)')) spend(1)
    }),
  )
  await step('a second attempt', async () => {
    let bodies = 0
    await connection.transaction(
      async () => {
        if (++bodies < 3) await connection.execute("do $$ begin raise sqlstate '40001'; end $$")
      },
      { attempts: 3 },
    )
  })
  await step('a notification', async () => {
    const heard = new Promise<void>((resolve) => void connection.addListener('c', () => resolve()))
    await connection.execute('notify c')
    await heard
  })
  await step('notifications, one by one', async () => {
    const heard = connection.notifications('d')
    const first = heard.next()
    await connection.execute('notify d')
    await first
    await heard.return?.()
  })
  await step('notifications that are too many', async () => {
    const heard = connection.notifications('e', { limit: 2 })
    await connection.execute("select pg_notify('e', n::text) from generate_series(1, 20) n")
    // They were there before its answer, and are counted before this.
    await new Promise((resolve) => real.setImmediate(resolve))
    let error: unknown
    while (error === undefined) await heard.next().catch((reason) => (error = reason))
  })
  await step('a listener of a transaction that was rolled back', async () => {
    let listening: Promise<void> | undefined
    const heard = new Promise<void>((resolve) => {
      listening = connection
        .transaction(async () => {
          await connection.addListener('f', () => resolve())
          throw new EvalError('back')
        })
        .catch(() => {})
    })
    await listening
    await connection.execute('notify f')
    await heard
  })
  await step('a query logger that throws', async () => {
    const told = new Promise<void>((resolve) => {
      failed = resolve
    })
    const throws = (): never => {
      throw new EvalError('told')
    }
    connection.addQueryLogger(throws)
    await connection.fetchValue('select 1')
    await told
    connection.removeQueryLogger(throws)
  })
}

async function usePool(): Promise<void> {
  let opened = 0
  const pool = await step('a pool', () =>
    createPool(dsn, {
      minSize: 0,
      maxSize: 1,
      maxInactiveConnectionLifetime: 50,
      // Nobody listens there at first.
      connect: (options) => connect(opened++ > 0 ? options : { ...options, host: '127.0.0.1', port: 1 }),
    }),
  )
  await step('a pool that opens a connection the second time', () =>
    pool.fetchValue('select 1', [], { timeout: 45_000 }),
  )
  await step('calls of a pool', () =>
    Promise.all(Array.from({ length: 200 }, (_, i) => pool.fetchValue('select $1::int', [i]))),
  )
  const connection = await step('an acquire', () => pool.acquire())
  await step('an acquire that times out', () => timesOut(pool.acquire({ timeout: 50 })))
  await step('a close that times out', () => timesOut(pool.close({ timeout: 50 })))
  connection.terminate()
  const idle = await step('a pool with a hook', () =>
    createPool(dsn, {
      minSize: 0,
      maxInactiveConnectionLifetime: 50,
      setup: async (c) => void (await c.execute('select 1')),
    }),
  )
  await step('an idle connection that leaves', async () => {
    await idle.fetchValue('select 1')
    await until(() => idle.getSize() === 0)
  })
  await step('a close of a pool', () => idle.close())
  const stuck = await createPool(dsn, { minSize: 0, setup: never })
  await step('a hook that times out', () => timesOut(stuck.acquire({ timeout: 50 })))
  stuck.terminate()
}

async function use(connection: Connection): Promise<void> {
  await step('a query', () => connection.fetchValue('select $1::int', [1]))
  await step('many rows', () =>
    connection.fetch("select n, repeat('x', 1000) from generate_series(1, 20000) n"),
  )
  await step('calls at once', () =>
    Promise.all(Array.from({ length: 200 }, (_, i) => connection.fetchValue('select $1::int', [i]))),
  )
  await step('a timeout', async () => {
    const error = await connection.fetch('select pg_sleep(60)', [], { timeout: 50 }).catch((e) => e)
    if (!(error instanceof TimeoutError)) throw error
  })
  await step('an abort', async () => {
    const controller = new AbortController()
    const call = connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }).catch((e) => e)
    await connection.fetchValue('select 1', [], { timeout: 20 }).catch(() => {})
    controller.abort(new Error('enough'))
    const error = await call
    if (error.message !== 'enough') throw error
  })
  await step('a notice', async () => {
    const heard = new Promise((resolve) => connection.addLogListener((_, message) => resolve(message)))
    await connection.execute("do $$ begin raise notice 'x'; end $$")
    await heard
  })
  await useMuch(connection)
  await step('a reset', () => connection.reset({ timeout: 5_000 }))
  await step('a close', async () => {
    const ended = new Promise((resolve) => connection.addTerminationListener(resolve))
    await connection.close({ timeout: 5_000 })
    await ended
  })
}

await use(early)
await use(await step('a connect', () => connect(dsn, { timeout: 45_000, onCallbackError })))
await usePool()
await step('a connect that times out', async () => {
  const error = await connect(`postgresql://u@127.0.0.1:${port}/d`, { timeout: 200 }).catch((e) => e)
  if (!(error instanceof TimeoutError)) throw error
})
await step('a password that never comes', () => timesOut(connect(dsn, { password: never, timeout: 50 })))
await step('a connect that nobody answers', async () => {
  const error = await connect(`postgresql://u@127.0.0.1:${port}/d?connect_timeout=1`).catch((e) => e)
  if (!(error instanceof Error)) throw error
})
console.log('finished')
process.exit(0)
