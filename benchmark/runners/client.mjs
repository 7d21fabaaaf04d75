// The clients of a service: each has one connection and one request on its way. It speaks as much HTTP as that takes,
// because it shares the machine with the service, and what it costs the service does not get.
//
// Prints `begin` when the measured window begins, and a line of JSON when it ends.

import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { argumentsOf, readWorkload } from '../workloads.mjs'
import { Samples } from './samples.mjs'

const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    workload: { type: 'string' },
    workers: { type: 'string' },
    warmup: { type: 'string' },
    seconds: { type: 'string' },
    delay: { type: 'string' },
  },
})

const WARM_REQUESTS = 3_000
const WARM_WITHIN_MS = 15_000

const workload = readWorkload(flags.workload ?? '')
const latencies = new Samples()
let started = 0
let completed = 0
let recording = false

/** The path of the n-th request, and how its answer begins. */
function requestOf(n) {
  const { other } = workload
  if (other !== undefined && n % other.every === 0) {
    const [key] = argumentsOf(other, n)
    return { path: `/page/${key}`, beginning: `[{"id":` }
  }
  const [key] = argumentsOf(workload, n)
  return { path: `/item/${key}`, beginning: `{"id":${key},` }
}

class Client {
  #socket = connect({ host: '127.0.0.1', port: Number(flags.port), noDelay: true })
  #received = ''
  #beginning = ''
  #began = 0

  constructor() {
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text) => this.#take(text))
    this.#socket.on('close', () => fail('the service closed a connection'))
    this.#ask()
  }

  #ask() {
    const { path, beginning } = requestOf(started++)
    this.#beginning = beginning
    this.#began = performance.now()
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  }

  #take(text) {
    this.#received += text
    const head = this.#received.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1])
    const body = head + 4
    if (this.#received.length < body + length) return
    if (!this.#received.startsWith('HTTP/1.1 200 ') || !this.#received.startsWith(this.#beginning, body)) {
      fail(`wrong answer: ${this.#received.slice(0, 500)}`)
    }
    this.#received = ''
    completed++
    if (recording) latencies.push(performance.now() - this.#began)
    this.#ask()
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const inMicroseconds = (milliseconds) => (milliseconds === null ? null : milliseconds * 1000)

for (let n = 0; n < Number(flags.workers); n++) new Client()
await sleep(Number(flags.warmup) * 1000)
// On a slow machine the service is compiled later than that.
while (completed < WARM_REQUESTS && performance.now() < WARM_WITHIN_MS) await sleep(5)
process.stdout.write('begin\n')
const began = performance.now()
const before = completed
recording = true
await sleep(Number(flags.seconds) * 1000)
recording = false
const figures = {
  requests: completed - before,
  elapsedMs: performance.now() - began,
  p50Us: inMicroseconds(latencies.percentile(0.5)),
  p99Us: inMicroseconds(latencies.percentile(0.99)),
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
await sleep(Number(flags.delay) * 1000)
process.exit(0)
