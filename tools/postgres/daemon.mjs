// Other servers that tests need beside PostgreSQL, kept as strictly: a folder of their own, the same account, the
// same guard.

import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { account, giveToAccount, serverEnvironment } from './account.mjs'
import { startGuard } from './guard.mjs'

const POLL_MS = 5

/**
 * @param {import('../postgres.d.mts').DaemonOptions} options
 * @returns {Promise<import('../postgres.d.mts').Daemon>}
 */
export async function startDaemon(options) {
  const { name, program, environment, startTimeout = 10_000, asCaller = false } = options
  const folder = await mkdtemp(join(tmpdir(), `cornac-${name}-`))
  const guard = startGuard(folder)
  const log = join(folder, 'log')
  /** @type {import('node:child_process').ChildProcess | undefined} */ let child
  let running = false
  /** @type {Promise<unknown>} */ let exited = Promise.resolve()

  async function stop() {
    if (running && child !== undefined) {
      child.ref()
      child.kill('SIGTERM')
      const patience = setTimeout(() => child?.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(patience)
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    guard.dismiss()
  }

  try {
    if (!asCaller) await giveToAccount(folder)
    for (const [path, content] of Object.entries(options.files(folder))) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content, { mode: 0o600 })
      if (!asCaller) await giveToAccount(join(folder, path))
    }
    const descriptor = openSync(log, 'a', 0o600)
    const started = spawn(program, options.arguments(folder), {
      ...(asCaller ? {} : account),
      env: serverEnvironment(environment),
      cwd: folder,
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
    })
    closeSync(descriptor)
    child = started
    running = true
    started.unref()
    exited = new Promise((resolve) => {
      started.once('exit', resolve)
      started.once('error', resolve)
    }).then(() => {
      running = false
      guard.watch(undefined)
    })
    guard.watch(started.pid)
    const deadline = Date.now() + startTimeout
    while (!(await options.ready(folder))) {
      if (!running) throw new Error(`${name} ended while it started\n${readFileSync(log, 'utf8')}`)
      if (Date.now() > deadline)
        throw new Error(`${name} was not ready within ${startTimeout} ms\n${readFileSync(log, 'utf8')}`)
      await delay(POLL_MS)
    }
    return {
      folder,
      get pid() {
        return running ? started.pid : undefined
      },
      log: () => readFileSync(log, 'utf8'),
      signal: (signal) => void started.kill(signal),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
