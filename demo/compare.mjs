// The same small service on three drivers, one after the other, watched from outside.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const DRIVERS = ['cornac', 'node-postgres', 'postgres.js']

const SERVICE = fileURLToPath(new URL('service.mjs', import.meta.url))

/** How often /health is asked while the report runs, in milliseconds. */
const EVERY = 5

/**
 * @typedef {object} Compared
 * @property {string} driver
 * @property {{ rows: number, took: number, busy: number, held: number, cpu: number }} report
 * @property {{ worst: number, median: number, asked: number }} health how late its answers came, in milliseconds
 * @property {{ right: number, took: number, cpu: number }} burst
 */

/**
 * @param {string} driver
 * @param {string} dsn
 * @returns {Promise<Compared>}
 */
export async function compare(driver, dsn) {
  const service = spawn(process.execPath, [SERVICE, driver, dsn], { stdio: ['pipe', 'pipe', 'inherit'] })
  const agent = new Agent({ keepAlive: true })
  try {
    const [line] = await Promise.race([once(service.stdout, 'data'), failure(service, driver)])
    const ask = (path) => body(`http://127.0.0.1:${String(line).trim()}${path}`, agent)
    // The first of each is not counted: statements are prepared, and code is compiled.
    await ask('/report')
    await ask('/burst')
    const { report, health } = await whileReporting(ask)
    const burst = JSON.parse(await ask('/burst'))
    return { driver, report, health, burst }
  } finally {
    agent.destroy()
    service.stdin.end()
    if (service.exitCode === null) await once(service, 'exit')
  }
}

async function failure(service, driver) {
  const [code] = await once(service, 'exit')
  throw new Error(`the service on ${driver} ended with exit code ${code}`)
}

/** Asks for the report, and for /health again and again until it is there. */
async function whileReporting(ask) {
  let isThere = false
  const report = ask('/report').then((text) => {
    isThere = true
    return JSON.parse(text)
  })
  const late = []
  const asking = []
  while (!isThere) {
    const began = performance.now()
    asking.push(ask('/health').then(() => late.push(performance.now() - began)))
    await delay(EVERY)
  }
  await Promise.all(asking)
  late.sort((one, other) => one - other)
  return {
    report: await report,
    health: { worst: late.at(-1), median: late[Math.floor(late.length / 2)], asked: late.length },
  }
}

function body(url, agent) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))))
    })
    request.on('error', reject)
  })
}
