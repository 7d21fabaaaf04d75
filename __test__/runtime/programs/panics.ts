// Runs with the binary whose exports and tasks can be made to panic (CORNAC_NATIVE). Each argument is a site; what
// became of the calls and connections is printed as JSON, one line a site.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, connect } from '../../../index.ts'

const binary = process.env.CORNAC_NATIVE as string
const { armPanic } = createRequire(import.meta.url)(binary) as { armPanic(site: string): void }
const [dsn, rounds, ...sites] = process.argv.slice(2)

const listener = createServer().listen(0, '127.0.0.1').unref()
await once(listener, 'listening')
const silent = `postgresql://nobody@127.0.0.1:${(listener.address() as AddressInfo).port}/nothing`

/** How many of the two connections a panic ends; at the boundary itself both. */
const ENDS: { [site: string]: number } = { session: 1, cancel: 1, login: 0, connect: 0 }

interface Report {
  site: string
  round: number
  results: string[]
  closed: boolean[]
  ended: number
  cause: string
  after: unknown
}

const name = (error: unknown): string => (error as Error)?.constructor?.name ?? String(error)

async function settle(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const all = promises.map((promise) => promise.then(() => 'fulfilled', name))
  return Promise.all(all.map((settled) => Promise.race([settled, delay(20_000, 'hung', { ref: false })])))
}

/** A call on each connection that runs for a while, and nothing else is under way here. */
async function sleeping(connections: readonly Connection[]): Promise<Promise<unknown>[]> {
  const pids = connections.map((connection) => connection.getServerPid())
  const observer = await connect(dsn)
  const sql = "select count(*) from pg_stat_activity where pid = any($1) and wait_event = 'PgSleep'"
  // On a busy machine they may be over before they were seen: the next ones run longer.
  for (let seconds = 0.3; ; seconds *= 2) {
    let isOver = false
    const running = connections.map((connection) => connection.fetchValue('select pg_sleep($1)', [seconds]))
    const over = (): void => {
      isOver = true
    }
    for (const call of running) call.then(over, over)
    while (!isOver) {
      const count = await observer.fetchValue(sql, [pids])
      if (count === pids.length) {
        await observer.close()
        return running
      }
      await delay(1)
    }
    await Promise.all(running)
  }
}

/** What happens with a panic armed at the site, until it has happened. */
async function provoke(site: string, connections: readonly Connection[]): Promise<Promise<unknown>[]> {
  const running = await sleeping(connections)
  armPanic(site)
  const [first] = connections as [Connection]
  switch (site) {
    case 'login':
    case 'connect':
      return [connect(dsn)]
    case 'take':
    case 'giveBack':
      return [...running, first.fetch("select repeat('x', 1000000) from generate_series(1, 3)")]
    case 'abandonConnect':
      // Nobody answers there: the attempt is under way whenever the signal comes.
      return [connect(silent, { signal: AbortSignal.timeout(5), timeout: 5_000 }), ...running]
    case 'cancel':
      await Promise.allSettled(running)
      return [first.fetchValue('select pg_sleep(30)', [], { timeout: 20 })]
    case 'hold':
      // While nothing else holds the event loop.
      await Promise.allSettled(running)
      first.ref()
      return running
    case 'release':
      return [first.close(), ...running]
    default:
      return [...running, first.fetchValue('select 1'), first.execute('select 1; select 2')]
  }
}

for (let round = 0; round < Number(rounds); round++) {
  for (const site of sites) {
    const connections = [await connect(dsn), await connect(dsn)]
    let ended = 0
    for (const connection of connections) connection.addTerminationListener(() => ended++)
    const results = await settle(await provoke(site, connections))
    const ends = ENDS[site] ?? 2
    for (const end = performance.now() + 20_000; ended < ends && performance.now() < end; ) await delay(5)
    // The others are answered still: none ends behind these.
    await Promise.allSettled(connections.map((connection) => connection.fetchValue('select 1')))
    const [first] = connections as [Connection]
    const cause = first.isClosed() ? await first.fetch('select 1').catch((error) => name(error.cause)) : ''
    const closed = connections.map((connection) => connection.isClosed())
    const endedThen = ended
    for (const connection of connections) connection.terminate()
    const fresh = await connect(dsn)
    const after = await fresh.fetchValue('select $1::int + 1', [round])
    await fresh.close()
    const report: Report = { site, round, results, closed, ended: endedThen, cause: String(cause), after }
    console.log(JSON.stringify(report))
  }
}
armPanic('finalizer')
console.log('finished')
