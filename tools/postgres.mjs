// Real PostgreSQL servers for tests, the demonstration and the benchmark. The declarations beside this file tell
// how to use it; the folder beside it holds the parts.

import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { giveToAccount } from './postgres/account.mjs'
import { findBinaries } from './postgres/binaries.mjs'
import { configure, withDefaults } from './postgres/configuration.mjs'
import { newServerFolder } from './postgres/folders.mjs'
import { startGuard } from './postgres/guard.mjs'
import { endOrphans, freePort, launch, postmasterFile } from './postgres/process.mjs'
import { copyCluster, template } from './postgres/template.mjs'

export { startDaemon } from './postgres/daemon.mjs'
export { freePort } from './postgres/process.mjs'

const START_TIMEOUT_MS = 30_000
const PORT_ATTEMPTS = 8
/** A server whose log level hides the message that it reloads costs this much. */
const RELOAD_TIMEOUT_MS = 2000
const windows = process.platform === 'win32'

/**
 * @param {import('./postgres.d.mts').PostgresOptions} [options]
 * @returns {Promise<import('./postgres.d.mts').PostgresServer>}
 */
export async function startPostgres(options = {}) {
  const binaries = await findBinaries(options)
  const { data: pristine, password } = await template(binaries)
  const folder = await newServerFolder()
  const guard = startGuard(folder)
  try {
    const dataDirectory = join(folder, 'data')
    const socketDirectory = windows ? '' : join(folder, 'socket')
    const log = join(folder, 'log')
    await copyCluster(options.copyOf ?? pristine, dataDirectory)
    if (!windows) await mkdir(socketDirectory, { mode: 0o700 })
    await writeFile(log, '', { mode: 0o600 })
    for (const path of [folder, log, ...(windows ? [] : [socketDirectory])]) await giveToAccount(path)
    await prepareCopy(dataDirectory, options)
    const server = new Server({
      options,
      binaries,
      password,
      folder,
      dataDirectory,
      socketDirectory,
      log,
      guard,
    })
    await server.startSomewhere()
    return server
  } catch (error) {
    guard.dismiss()
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * A copied data directory brings the state of the server it was copied from.
 * @param {string} data
 * @param {import('./postgres.d.mts').PostgresOptions} options
 */
async function prepareCopy(data, { copyOf, standbyOf }) {
  if (copyOf !== undefined) {
    for (const name of ['postmaster.pid', 'postmaster.opts', 'standby.signal'])
      await rm(join(data, name), { force: true })
    await chmod(data, 0o700)
  }
  if (standbyOf !== undefined) await markStandby(data)
}

/** @param {string} data */
async function markStandby(data) {
  await writeFile(join(data, 'standby.signal'), '')
  await giveToAccount(join(data, 'standby.signal'))
}

/**
 * @param {import('./postgres.d.mts').PostgresAddress} address
 * @param {import('./postgres.d.mts').DsnOverrides} [overrides]
 */
export function formatDsn(address, overrides = {}) {
  const { user, password, host, port, database, parameters } = {
    ...address,
    database: 'postgres',
    ...overrides,
  }
  const secret = password === null || password === '' ? '' : `:${encodeURIComponent(password)}`
  const place = host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  const query = parameters === undefined ? '' : `?${pairs(parameters)}`
  return `postgresql://${encodeURIComponent(user)}${secret}@${place}:${port}/${encodeURIComponent(database)}${query}`
}

/** @param {Record<string, string>} parameters */
function pairs(parameters) {
  return Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

/** @param {readonly import('./postgres.d.mts').PostgresVersion[]} versions */
export async function prepareTemplates(versions) {
  for (const version of versions) await template(await findBinaries({ version }))
}

/**
 * @typedef {object} Parts
 * @property {import('./postgres.d.mts').PostgresOptions} options
 * @property {import('./postgres/binaries.mjs').Binaries} binaries
 * @property {string} password
 * @property {string} folder of which the next three are parts
 * @property {string} dataDirectory
 * @property {string} socketDirectory
 * @property {string} log
 * @property {ReturnType<typeof startGuard>} guard
 */

/** @typedef {import('./postgres.d.mts').PostgresServer} PostgresServer */

/** @implements {PostgresServer} */
class Server {
  host = '127.0.0.1'
  user = 'postgres'
  port = 0
  /** @type {import('./postgres/process.mjs').Postmaster | undefined} */ #postmaster
  /** @type {import('./postgres/configuration.mjs').Configuration} */ #configuration
  /** @type {string | undefined} */ #primary
  #stopped = false
  #killed = false
  #parts

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts
    this.version = parts.binaries.version
    this.password = parts.password
    this.dataDirectory = parts.dataDirectory
    this.socketDirectory = parts.socketDirectory
    this.#configuration = withDefaults(parts.options)
    this.#primary = parts.options.standbyOf
  }

  get pid() {
    return this.#postmaster?.running() ? this.#postmaster.pid : undefined
  }

  /** @param {import('./postgres.d.mts').DsnOverrides} [overrides] */
  dsn(overrides) {
    return formatDsn(this, overrides)
  }

  log() {
    return readFileSync(this.#parts.log, 'utf8')
  }

  /** Between finding a free port and listening on it another process may take it: then another one is tried. */
  async startSomewhere() {
    const { port } = this.#parts.options
    for (let attempt = 1; ; attempt++) {
      this.port = port ?? (await freePort())
      await this.#configure()
      try {
        return await this.#start()
      } catch (error) {
        const taken = this.log().includes('could not bind')
        if (port !== undefined || attempt === PORT_ATTEMPTS || !taken) throw error
        await writeFile(this.#parts.log, '')
      }
    }
  }

  /** @param {import('./postgres/configuration.mjs').Configuration} changes */
  async reload(changes) {
    const settings = { ...this.#configuration.settings, ...changes.settings }
    this.#configuration = { ...this.#configuration, ...changes, settings }
    await this.#configure()
    const { pid } = this
    if (pid === undefined) return
    const before = statSync(this.#parts.log).size
    process.kill(pid, 'SIGHUP')
    const deadline = Date.now() + RELOAD_TIMEOUT_MS
    const written = () => readFileSync(this.#parts.log).subarray(before).toString()
    while (!written().includes('received SIGHUP') && Date.now() < deadline) await delay(5)
    // The postmaster says so before it reads the files, but meets the next connection only after.
    await touch(this.host, this.port)
    if (/was not reloaded|not loaded|configuration file .* contains errors/.test(written())) {
      throw new Error(`PostgreSQL refused its new configuration\n${written()}`)
    }
  }

  /** @param {readonly string[]} hba */
  reloadHba(hba) {
    return this.reload({ hba })
  }

  /** @param {string} conninfo */
  async follow(conninfo) {
    this.#primary = conninfo
    await markStandby(this.dataDirectory)
    await this.#configure()
  }

  /** @param {import('./postgres.d.mts').ShutdownMode} [mode] */
  async stop(mode = 'fast') {
    if (this.#stopped) return
    this.#stopped = true
    await this.halt(mode)
    if (this.#killed) await endOrphans(this.dataDirectory)
    await removeSharedMemory(this.dataDirectory)
    await rm(this.#parts.folder, { recursive: true, force: true, maxRetries: 10 })
    this.#parts.guard.dismiss()
  }

  /** @param {import('./postgres.d.mts').ShutdownMode} [mode] */
  async halt(mode = 'fast') {
    await this.#postmaster?.end(mode)
  }

  async kill() {
    await this.#postmaster?.end('kill')
    this.#killed = true
  }

  /** @param {import('./postgres.d.mts').ShutdownMode} [mode] */
  async restart(mode = 'fast') {
    if (this.#stopped) throw new Error('cannot restart the server: stop() has removed its files')
    await this.halt(mode)
    if (this.#killed) await endOrphans(this.dataDirectory)
    this.#killed = false
    await this.#start()
  }

  [Symbol.asyncDispose]() {
    return this.stop()
  }

  async #start() {
    const { binaries, log, options, guard } = this.#parts
    this.#postmaster = await launch({
      program: binaries.postgres,
      data: this.dataDirectory,
      log,
      environment: options.environment ?? {},
      timeout: options.startTimeout ?? START_TIMEOUT_MS,
      started: (pid) => guard.watch(pid),
    })
    this.#postmaster.exited.then(() => guard.watch(undefined))
  }

  #configure() {
    return configure(this.dataDirectory, this.#configuration, {
      port: String(this.port),
      ...(windows ? {} : { unix_socket_directories: this.socketDirectory }),
      ...(this.#primary === undefined ? {} : { primary_conninfo: this.#primary }),
    })
  }
}

/**
 * Connects, asks whether there is TLS, waits for the answer.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<void>}
 */
function touch(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const request = Buffer.alloc(8)
    request.writeUInt32BE(8, 0)
    request.writeUInt32BE(80_877_103, 4)
    socket.once('connect', () => socket.write(request))
    socket.once('data', () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => resolve())
  })
}

/**
 * A killed postmaster leaves its System V segment, a few bytes that only guard the data directory, in the kernel.
 * Line 7 of postmaster.pid names it.
 * @param {string} data
 */
async function removeSharedMemory(data) {
  const segment = /^\d+\s+(\d+)$/.exec(postmasterFile(data)[6] ?? '')?.[1]
  if (segment !== undefined && !windows) await promisify(execFile)('ipcrm', ['-m', segment]).catch(() => {})
}
