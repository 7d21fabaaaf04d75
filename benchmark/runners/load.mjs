import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { mainThreadClock, processCpu, serverClock } from './clock.mjs'
import { Samples } from './samples.mjs'

/**
 * @typedef {object} Window lengths in seconds
 * @property {number} warmup not counted; the compiler, the caches and the server settle
 * @property {number} seconds rates, CPU and latency are taken here
 * @property {number} delay afterwards, same load: the event loop is watched, which costs CPU itself
 *
 * @typedef {object} Figures
 * @property {number} queries
 * @property {number} elapsedMs
 * @property {number} queriesPerSecond
 * @property {number} rowsPerSecond
 * @property {number | null} p50Us
 * @property {number | null} p99Us
 * @property {number} mainCpuUs main-thread CPU per query
 * @property {number} processCpuUs CPU of all threads per query
 * @property {number | null} serverCpuUs CPU of the server's sessions per query
 * @property {number | null} delayP99Ms
 * @property {number | null} delayMaxMs
 * @property {number} rssMb the most memory the process had resident
 * @property {string} cpuSource
 */

/** With many calls in flight every 16th is stamped: two stamps a call would be a visible share of a fast one. */
const STAMP_EVERY = 16
/** A window is prolonged until as many calls are done, so that a slow work is not judged by a fraction of a round. */
const CALLS_AT_LEAST = 10
/** But never beyond this many times its length. */
const PROLONGED_AT_MOST = 5
/** The watching timer's period: what a timer is late by the delay is measured against. */
const DELAY_RESOLUTION_MS = 1

/**
 * Keeps `workers` calls going and measures a window of them.
 *
 * @param {number} workers
 * @param {(worker: number, n: number) => Promise<number>} operation makes the n-th call and tells its rows
 * @param {Window} window
 * @returns {Promise<Figures>}
 */
export async function applyLoad(workers, operation, window) {
  const clock = mainThreadClock()
  const server = serverClock()
  const latencies = new Samples()
  const stampEvery = workers === 1 ? 1 : STAMP_EVERY
  let running = true
  let recording = false
  let started = 0
  let completed = 0
  let rows = 0

  const work = async (worker) => {
    while (running) {
      const n = started++
      if (n % stampEvery === 0) {
        const before = performance.now()
        const found = await operation(worker, n)
        if (recording) latencies.push(performance.now() - before)
        rows += found
      } else {
        const found = await operation(worker, n)
        rows += found
      }
      completed += 1
    }
  }

  const snapshot = () => ({
    at: performance.now(),
    completed,
    rows,
    main: clock.mainThread(),
    process: processCpu(),
    server: server?.() ?? 0,
  })

  const measure = async () => {
    await sleep(window.warmup * 1000)
    while (completed < workers) await sleep(5)
    recording = true
    const begin = snapshot()
    await sleep(window.seconds * 1000)
    const enough = begin.completed + Math.max(workers, CALLS_AT_LEAST)
    const latest = begin.at + window.seconds * 1000 * PROLONGED_AT_MOST
    while (completed < enough && performance.now() < latest) await sleep(5)
    const end = snapshot()
    recording = false
    const delay = await watchLoop(window.delay)
    running = false
    return { begin, end, delay }
  }

  const [{ begin, end, delay }] = await Promise.all([
    measure(),
    ...Array.from({ length: workers }, (_, i) => work(i)),
  ])
  const queries = end.completed - begin.completed
  const elapsedMs = end.at - begin.at
  return {
    queries,
    elapsedMs,
    queriesPerSecond: (queries / elapsedMs) * 1000,
    rowsPerSecond: ((end.rows - begin.rows) / elapsedMs) * 1000,
    p50Us: inMicroseconds(latencies.percentile(0.5)),
    p99Us: inMicroseconds(latencies.percentile(0.99)),
    mainCpuUs: (end.main - begin.main) / queries / 1000,
    processCpuUs: (end.process - begin.process) / queries / 1000,
    serverCpuUs: server === undefined ? null : (end.server - begin.server) / queries / 1000,
    ...delay,
    rssMb: process.resourceUsage().maxRSS / 1024,
    cpuSource: clock.source,
  }
}

/**
 * How late the event loop serves a timer, over so many seconds.
 *
 * @param {number} seconds
 */
export async function watchLoop(seconds) {
  if (seconds === 0) return { delayP99Ms: null, delayMaxMs: null }
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  histogram.enable()
  await sleep(seconds * 1000)
  histogram.disable()
  // The histogram counts the timer's own period too; what is left is how long the loop could not serve it.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS)
  return { delayP99Ms: late(histogram.percentile(99)), delayMaxMs: late(histogram.max) }
}

function inMicroseconds(milliseconds) {
  return milliseconds === null ? null : milliseconds * 1000
}
