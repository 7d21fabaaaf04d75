// An address where connecting takes for ever: the queue of connections that nobody accepts is full, and the kernel
// drops what else comes. A thread listens and then sleeps, since node accepts as long as its loop turns.

import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(workerData), 0, 0)
  })
`

/** Linux queues one connection more than the backlog says. */
const QUEUE_LENGTH = 2
const FILLERS = 4

export interface DeafListener {
  readonly host: string
  readonly port: number
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Linux only: elsewhere the kernel may answer a full queue differently. */
export async function startDeafListener(): Promise<DeafListener> {
  const gate = new SharedArrayBuffer(4)
  const worker = new Worker(LISTENER, { eval: true, workerData: gate, execArgv: [] })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const fillers = Array.from({ length: FILLERS }, () => connect({ host: '127.0.0.1', port }))
  for (const filler of fillers) filler.on('error', () => {})
  while (fillers.filter(({ readyState }) => readyState === 'open').length < QUEUE_LENGTH) await delay(5)
  const close = async (): Promise<void> => {
    for (const filler of fillers) filler.destroy()
    Atomics.notify(new Int32Array(gate), 0)
    await worker.terminate()
  }
  return { host: '127.0.0.1', port, close, [Symbol.asyncDispose]: close }
}
