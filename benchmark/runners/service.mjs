import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MODES } from '../workloads.mjs'
import { answerCheck } from './answers.mjs'
import { mainThreadClock, processCpu } from './clock.mjs'
import { watchLoop } from './load.mjs'

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url))

/**
 * Measures a small HTTP service: this process is the service, with the driver's own pool, and nothing else. Its clients are
 * another process, which tells when the measured window begins and ends, and what it has seen.
 *
 * @param {object} parts
 * @param {import('./adapter.mjs').Adapter} parts.adapter
 * @param {import('./target.mjs').Target} parts.target
 * @param {import('../workloads.mjs').Workload} parts.workload
 * @param {{ workload?: string, expected: string }} parts.flags
 * @param {import('./load.mjs').Window} parts.window
 */
export async function measureService({ adapter, target, workload, flags, window }) {
  const { workers, connections } = MODES.service
  const session = await adapter.open(target, workload, { connections })
  const check = answerCheck(session, workload, workers, flags.expected)
  await check()
  const service = createServer(handler(session, workload))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const seen = await underLoad(service.address().port, flags.workload, workers, window)
  service.closeAllConnections()
  service.close()
  await check()
  await session.close()
  return seen
}

/** Answers `/item/7` with one row, `/page/7` with a list of them. */
function handler(session, workload) {
  const routes = {
    item: async (key) => (await session.fetch(0, [key]))[0],
    page: (key) => session.other(workload.other.sql, [key]),
  }
  return async ({ url }, response) => {
    try {
      const [, route, key] = url.split('/')
      const body = JSON.stringify(await routes[route](Number(key)))
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
}

/** Runs the clients, and measures this process while they measure theirs. */
async function underLoad(port, workloadPath, workers, { warmup, seconds, delay }) {
  const flags = { port, workload: workloadPath, workers, warmup, seconds, delay }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const client = spawn(process.execPath, [CLIENT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(client, 'close')
  const clock = mainThreadClock()
  const snapshot = () => ({ main: clock.mainThread(), process: processCpu() })
  let begin
  let figures
  let watching
  for await (const line of createInterface(client.stdout)) {
    if (line === 'begin') begin = snapshot()
    else {
      const end = snapshot()
      const { requests, elapsedMs, p50Us, p99Us } = JSON.parse(line)
      figures = {
        queries: requests,
        elapsedMs,
        queriesPerSecond: (requests / elapsedMs) * 1000,
        rowsPerSecond: null,
        p50Us,
        p99Us,
        mainCpuUs: (end.main - begin.main) / requests / 1000,
        processCpuUs: (end.process - begin.process) / requests / 1000,
      }
      // The clients go on for as long as the event loop is watched.
      watching = watchLoop(delay)
    }
  }
  const [code] = await ended
  if (code !== 0 || figures === undefined) throw new Error(`the clients ended with exit code ${code}`)
  return {
    ...figures,
    ...(await watching),
    rssMb: process.resourceUsage().maxRSS / 1024,
    cpuSource: clock.source,
  }
}
