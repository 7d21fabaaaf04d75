// Queries one at a time, as a service asks that has little to do; prints how often the driver's own thread woke meanwhile.

import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { connect } from '../../../index.ts'

const [scene, dsn] = process.argv.slice(2) as [string, string]
const QUERIES = 500
const SESSIONS = 20

/** How often the thread that runs sessions gave its processor back, because it had nothing to do. */
function wakeUps(): number {
  const threads = readdirSync('/proc/self/task').map((thread) => {
    const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8')
    const [, name] = /^Name:\t(.*)$/m.exec(status)!
    const [, switches] = /^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)!
    return { name, switches: Number(switches) }
  })
  return threads.filter(({ name }) => name === 'cornac-io').reduce((sum, { switches }) => sum + switches, 0)
}

const connection = await connect(dsn)
const options = scene === 'count with limits' ? { timeout: 60_000, signal: new AbortController().signal } : {}
async function ask(queries: number): Promise<void> {
  for (let i = 0; i < queries; i++) {
    const value = await connection.fetchValue('select $1::int', [i], options)
    if (value !== i) throw new Error(`${value} came instead of ${i}`)
  }
}
await ask(50)

if (scene === 'count' || scene === 'count with limits') {
  const before = wakeUps()
  await ask(QUERIES)
  console.log(`wake-ups ${wakeUps() - before} of ${QUERIES}`)
} else if (scene === 'short') {
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => connect(dsn)))
  // What their tasks have to do at their beginning is done.
  await ask(50)
  const before = wakeUps()
  for (const session of sessions) await session.fetchValue('select 1')
  console.log(`wake-ups ${wakeUps() - before} of ${SESSIONS}`)
  for (const session of sessions) session.terminate()
} else if (scene === 'exit') {
  await connection.fetchValue('select 1')
  process.exit(3)
} else if (scene === 'throw') {
  // What a caller throws is as uncaught as anywhere else, and does no harm to the session.
  process.once('uncaughtException', async (error: Error) => {
    console.log(`uncaught ${error.message}`)
    await ask(20)
    console.log('usable')
  })
  connection.fetchValue('select 1').then(() => {
    queueMicrotask(() => {
      throw new Error('on purpose')
    })
  })
} else if (scene === 'worker' || scene === 'terminate') {
  const mode = scene === 'worker' ? 'rest' : 'endless rest'
  for (let tag = 0; tag < 4; tag++) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { dsn, mode, tag } })
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    if (scene === 'terminate') await worker.terminate()
    console.log(`worker ended with ${await exited}`)
  }
  await ask(20)
}
// Nothing else: a session at rest does not keep the process alive.
