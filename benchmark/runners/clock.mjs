import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/**
 * @typedef {object} CpuClock
 * @property {string} source where the main thread's figure comes from
 * @property {() => number} mainThread CPU time of this thread since some moment, in nanoseconds
 */

/**
 * CPU time of the main thread alone. Node has `process.threadCpuUsage()` from 23.9; before, Linux tells it for
 * the task whose id is the process's. Elsewhere the loop's active time stands in: it counts waiting for a
 * processor as work, so it is only right on a quiet machine.
 *
 * @returns {CpuClock}
 */
export function mainThreadClock() {
  if (typeof process.threadCpuUsage === 'function') {
    const mainThread = () => {
      const { user, system } = process.threadCpuUsage()
      return (user + system) * 1000
    }
    return { source: 'process.threadCpuUsage', mainThread }
  }
  const path = `/proc/self/task/${process.pid}/schedstat`
  try {
    const mainThread = () => Number(readFileSync(path, 'latin1').split(' ', 1)[0])
    if (mainThread() > 0) return { source: 'schedstat of the main thread', mainThread }
  } catch {
    // Not Linux, or a kernel without scheduler statistics.
  }
  return {
    source: 'event loop active time',
    mainThread: () => performance.eventLoopUtilization().active * 1e6,
  }
}

/** CPU time of all threads of the process, kernel included, in nanoseconds. */
export function processCpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}
