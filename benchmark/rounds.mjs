import { execFile } from 'node:child_process'
import { toEnvironment } from './runners/target.mjs'

/**
 * @typedef {import('./workloads.mjs').Workload} Workload
 * @typedef {import('./workloads.mjs').Mode} Mode
 * @typedef {import('./drivers.mjs').Driver} Driver
 *
 * @typedef {{ workload: Workload, mode: Mode }} Work
 *
 * @typedef {object} Measurement one process's answer
 * @property {string} driver
 * @property {string} workload
 * @property {Mode} mode
 * @property {number} round
 * @property {boolean} ok
 * @property {string} [reason] why not
 * @property {string} [version]
 */

/** Even the slowest work is long done by then; a driver that hangs is reported, not waited for. */
const PROCESS_TIMEOUT_MS = 90_000

/**
 * Runs every driver on every work. Drivers take turns within a work and each round begins with another one, so
 * that what changes on the machine meanwhile changes for all.
 *
 * @param {object} plan
 * @param {Work[]} plan.works
 * @param {Driver[]} plan.drivers
 * @param {(round: number, driver: Driver, work: Work) => boolean} plan.wanted
 * @param {import('./options.mjs').Options} plan.options
 * @param {Record<string, import('./runners/target.mjs').Target>} plan.targets
 * @param {number | undefined} plan.postmaster
 * @param {(workload: Workload) => string} plan.workloadPath
 * @param {(workload: Workload) => string} plan.expectedPath
 * @param {(measurement: Measurement, left: number) => void} plan.onMeasurement
 * @param {number} plan.startedAt milliseconds since 1970
 * @returns {Promise<{ measurements: Measurement[], notReached: number }>}
 */
export async function runRounds(plan) {
  const turns = []
  for (const work of plan.works) {
    for (let round = 0; round < plan.options.rounds; round += 1) {
      for (let i = 0; i < plan.drivers.length; i += 1) {
        const driver = plan.drivers[(i + round) % plan.drivers.length]
        if (plan.wanted(round, driver, work)) turns.push({ round, driver, work })
      }
    }
  }
  const measurements = []
  const refused = new Set()
  for (const [index, { round, driver, work }] of turns.entries()) {
    if ((Date.now() - plan.startedAt) / 1000 > plan.options.deadline) {
      return { measurements, notReached: turns.length - index }
    }
    const key = `${driver.name} ${work.workload.name} ${work.mode}`
    if (refused.has(key)) continue
    const result = await runOne(driver, work, plan)
    if (!result.ok) refused.add(key)
    const measurement = {
      driver: driver.name,
      workload: work.workload.name,
      mode: work.mode,
      round,
      ...result,
    }
    measurements.push(measurement)
    plan.onMeasurement(measurement, turns.length - index - 1)
  }
  return { measurements, notReached: 0 }
}

function runOne(driver, { workload, mode }, { options, targets, postmaster, workloadPath, expectedPath }) {
  const [program, ...leading] = driver.command
  const flags = {
    workload: workloadPath(workload),
    mode,
    expected: workload.sql === undefined ? '' : expectedPath(workload),
    seconds: options.window.seconds,
    warmup: options.window.warmup,
    delay: options.window.delay,
  }
  const args = [...leading, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])]
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  const env = {
    ...Object.fromEntries(inherited),
    ...toEnvironment(targets[workload.login ?? 'trust']),
    BENCHMARK_POSTMASTER: String(postmaster ?? ''),
  }
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { env, timeout: PROCESS_TIMEOUT_MS, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const line = stdout.trim().split('\n').at(-1) ?? ''
        try {
          resolve(JSON.parse(line))
        } catch {
          const last = stderr.trim().split('\n').at(-1)
          resolve({
            ok: false,
            reason: last || (error?.killed ? 'took too long' : (error?.message ?? 'no answer')),
          })
        }
      },
    )
  })
}
