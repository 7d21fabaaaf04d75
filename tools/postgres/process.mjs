// One run of the postmaster: from spawn to exit.

import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { account, serverEnvironment } from './account.mjs'

const POLL_MS = 5
const ORPHAN_PATIENCE_MS = 500

/** @type {Record<import('../postgres.d.mts').ShutdownMode, NodeJS.Signals>} postgres(1), "Options for shutdown" */
const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' }

/**
 * @typedef {object} Postmaster
 * @property {number} pid
 * @property {Promise<void>} exited
 * @property {() => boolean} running
 * @property {(mode: import('../postgres.d.mts').ShutdownMode | 'kill') => Promise<void>} end
 */

/**
 * Starts the postmaster and waits until it accepts connections.
 * @param {{ program: string, data: string, log: string, environment: Record<string, string>, timeout: number,
 *   started: (pid: number) => void }} how `started` is called at once, so that a guard knows the process
 * @returns {Promise<Postmaster>} rejects with the end of the log when the server ends instead
 */
export async function launch({ program, data, log, environment, timeout, started }) {
  // The log is a file and no pipe: a pipe would break, and block the server, when this process is busy or gone.
  const descriptor = openSync(log, 'a')
  const child = spawn(program, ['-D', data], {
    ...account,
    env: serverEnvironment(environment),
    cwd: data,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', descriptor, descriptor],
  })
  closeSync(descriptor)
  child.unref()
  /** @type {Error | undefined} */ let failure
  let running = true
  const exited = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', resolve)
  }).then((reason) => {
    if (reason instanceof Error) failure = reason
    running = false
  })
  const pid = child.pid ?? 0
  if (pid !== 0) started(pid)

  /** @param {import('../postgres.d.mts').ShutdownMode | 'kill'} mode */
  async function end(mode) {
    if (!running) return
    child.ref()
    child.kill(mode === 'kill' ? 'SIGKILL' : SIGNALS[mode])
    await exited
  }

  const deadline = Date.now() + timeout
  while (running && !accepts(data, pid)) {
    if (Date.now() > deadline) {
      await end('kill')
      throw new Error(`PostgreSQL did not accept connections within ${timeout} ms\n${tail(log)}`)
    }
    await delay(POLL_MS)
  }
  if (!running) throw new Error(`PostgreSQL ended while it started\n${tail(log)}`, { cause: failure })
  return { pid, exited, running: () => running, end }
}

/**
 * Line 8 of postmaster.pid is the server's state; line 1 tells whether the file is of this run.
 * @param {string} data
 * @param {number} pid
 */
function accepts(data, pid) {
  const state = postmasterFile(data)
  return state[0] === String(pid) && (state[7] === 'ready' || state[7] === 'standby')
}

/**
 * @param {string} data
 * @returns {string[]} trimmed lines, none when the file is missing
 */
export function postmasterFile(data) {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8')
      .split('\n')
      .map((line) => line.trim())
  } catch {
    return []
  }
}

/**
 * Waits until the children of a killed postmaster have gone; a new one could not start beside them. A child notices
 * when it next waits for something, so one that computes is helped along. Without /proc there is nothing to see, and
 * starting says what is in the way.
 * @param {string} data every process of a server has its data directory as working directory
 */
export async function endOrphans(data) {
  const patience = Date.now() + ORPHAN_PATIENCE_MS
  for (;;) {
    const orphans = processesIn(data)
    if (orphans.length === 0) return
    if (Date.now() > patience) {
      for (const pid of orphans) tryKill(pid)
    }
    await delay(POLL_MS)
  }
}

/**
 * @param {string} folder
 * @returns {number[]}
 */
function processesIn(folder) {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && workingDirectory(pid) === folder)
}

/** @param {number} pid */
function workingDirectory(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function tryKill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone meanwhile.
  }
}

/** @param {string} log */
function tail(log) {
  return readFileSync(log, 'utf8').split('\n').slice(-20).join('\n')
}

/**
 * A port below the range from which the system takes the local ends of outgoing connections, so that a server that
 * restarts finds its port still free.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
