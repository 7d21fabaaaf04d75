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

/** The unit of times in /proc/PID/stat: USER_HZ, which Linux fixes at 100 on every platform that Node.js runs on. */
const NANOSECONDS_A_TICK = 10_000_000

/**
 * CPU time of the server: what no driver can do anything about. The postmaster's children are its sessions and its
 * background processes, which do next to nothing here.
 *
 * @returns {(() => number) | undefined} in nanoseconds; `undefined` where the server's processes cannot be seen
 */
export function serverClock() {
  const postmaster = process.env.BENCHMARK_POSTMASTER
  if (!postmaster) return undefined
  const spent = (pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ', 1)[0])
    } catch {
      // It has ended meanwhile, and is among those that were reaped.
      return 0
    }
  }
  const reaped = () => {
    // Behind the name, which may hold anything.
    const [, behind = ''] = readFileSync(`/proc/${postmaster}/stat`, 'latin1').split(') ')
    const [user, system] = behind.split(' ').slice(13, 15)
    return (Number(user) + Number(system)) * NANOSECONDS_A_TICK
  }
  const read = () => {
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'latin1')
    const living = children.split(' ').reduce((sum, pid) => sum + (pid === '' ? 0 : spent(pid)), 0)
    return living + spent(postmaster) + reaped()
  }
  try {
    return read() > 0 ? read : undefined
  } catch {
    return undefined
  }
}
