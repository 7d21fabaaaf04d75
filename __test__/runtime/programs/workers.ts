// Worker threads that come and go, each with connections; prints what it saw as it goes.

import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { connect } from '../../../index.ts'

const [scene, dsn, amount] = process.argv.slice(2) as [string, string, string]
const file = new URL('./worker.ts', import.meta.url)

function spawn(
  mode: string,
  tag: number,
): { worker: Worker; said: Promise<unknown>; exited: Promise<number> } {
  const worker = new Worker(file, { workerData: { dsn, mode, tag } })
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve))
  const said = new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { worker, said, exited }
}

/** Ends a worker in the midst of its queries, after it has begun them or even before. */
async function cutShort(tag: number): Promise<void> {
  const { worker, said, exited } = spawn('endless', tag)
  said.catch(() => {})
  if (tag % 4 === 0) await delay(Math.random() * 400)
  else {
    await said
    await delay(Math.random() * 30)
  }
  await worker.terminate()
  await exited
}

if (scene === 'together') {
  const main = await connect(dsn)
  const workers = Array.from({ length: Number(amount) }, (_, tag) => spawn('finite', tag + 1))
  const answers = await Promise.all([...workers.map(({ said }) => said), main.fetchValue('select 1')])
  const codes = await Promise.all(workers.map(({ exited }) => exited))
  console.log(JSON.stringify({ answers, codes }))
} else if (scene === 'terminations') {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < Number(amount)) await cutShort(next++)
  }
  await Promise.all(Array.from({ length: 4 }, lane))
  console.log(`terminated ${next}`)
} else if (scene === 'last') {
  // The addon lives in workers first, one after the other; the main thread uses it when the last has gone.
  for (let tag = 0; tag < Number(amount); tag++) {
    const { said, exited } = spawn(tag % 2 === 0 ? 'leave' : 'finite', tag)
    await said
    await exited
  }
  const main = await connect(dsn)
  console.log(`main ${await main.fetchValue('select 42')}`)
} else if (scene === 'exit') {
  const workers = Array.from({ length: Number(amount) }, (_, tag) => spawn('endless', tag))
  await Promise.all(workers.map(({ said }) => said))
  process.exit(6)
}
