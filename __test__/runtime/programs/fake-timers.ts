// Everything that tells time is replaced after the driver was loaded, by fakes whose time stands still: what Jest,
// Vitest and sinon do. The driver goes on all the same.

import { createServer } from 'node:net'
import timers from 'node:timers'
import { type Connection, connect, TimeoutError } from '../../../index.ts'

const [dsn = ''] = process.argv.slice(2)

const real = { setTimeout, setImmediate }

/** A guard that is not fake: a step that waits for ever fails. */
function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const guard = real.setTimeout(() => reject(new Error(`${what}: it waits for ever`)), 10_000)
    run().then(resolve, reject)
    void guard.unref()
  })
}

const listener = createServer().listen(0, '127.0.0.1').unref()
await new Promise((resolve) => listener.once('listening', resolve))
const { port } = listener.address() as { port: number }
const early = await connect(dsn)

const never = (): object => ({ ref: () => {}, unref: () => {}, hasRef: () => false })
const fakes = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'queueMicrotask'] as const
for (const name of fakes) {
  Object.assign(globalThis, { [name]: never })
  if (name !== 'queueMicrotask') Object.assign(timers, { [name]: never })
}
process.nextTick = () => {}
performance.now = () => 0
Date.now = () => 0
process.hrtime = Object.assign(() => [0, 0] as [number, number], { bigint: () => 0n })

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
  await step('a reset', () => connection.reset({ timeout: 5_000 }))
  await step('a close', async () => {
    const ended = new Promise((resolve) => connection.addTerminationListener(resolve))
    await connection.close({ timeout: 5_000 })
    await ended
  })
}

await use(early)
await use(await step('a connect', () => connect(dsn, { timeout: 10_000 })))
await step('a connect that times out', async () => {
  const error = await connect(`postgresql://u@127.0.0.1:${port}/d`, { timeout: 200 }).catch((e) => e)
  if (!(error instanceof TimeoutError)) throw error
})
await step('a connect that nobody answers', async () => {
  const error = await connect(`postgresql://u@127.0.0.1:${port}/d?connect_timeout=1`).catch((e) => e)
  if (!(error instanceof Error)) throw error
})
console.log('finished')
process.exit(0)
