import { readFileSync } from 'node:fs'
import os from 'node:os'

/**
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGb
 * @property {string} system
 * @property {string} node
 * @property {number[]} loadBefore load averages before the run: a machine at rest is near 0
 */

/** @returns {Machine} */
export function describeMachine() {
  const cpus = os.cpus()
  return {
    cpu: (cpus[0]?.model ?? 'unknown').replace(/\s+/g, ' ').trim(),
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${distribution()}, ${os.type()} ${os.release()}, ${os.arch()}`,
    node: process.version,
    loadBefore: os.loadavg().map((load) => Number(load.toFixed(2))),
  }
}

function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.platform()
  } catch {
    return os.platform()
  }
}
