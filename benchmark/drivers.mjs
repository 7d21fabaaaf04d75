import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installPackages } from '../tools/run/steps.mjs'
import { limitPrograms } from './limit/programs.mjs'

/**
 * @typedef {object} Driver
 * @property {string} name
 * @property {'ours' | 'peer' | 'limit'} role ratios are taken to the best peer; limits show what is possible at all
 * @property {string} title
 * @property {import('./workloads.mjs').Mode[]} [modes] all when absent
 * @property {boolean} [tls] of a limit: whether it can encrypt
 * @property {import('./workloads.mjs').Workload['kind'][]} [kinds] of a limit: the kinds of work it knows
 * @property {string[]} command program and leading arguments; the common flags follow
 *
 * @typedef {{ name: string, reason: string }} LeftOut
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const runner = fileURLToPath(new URL('runners/node.mjs', import.meta.url))

/** @type {[name: string, role: 'ours' | 'peer', title: string, needs: string[]][]} */
const JAVASCRIPT = [
  ['cornac', 'ours', 'cornac', []],
  ['node-postgres', 'peer', 'node-postgres', ['pg']],
  ['node-postgres-named', 'peer', 'node-postgres, named statements', ['pg']],
  ['node-postgres-pipeline', 'peer', 'node-postgres, named, pipeline: true', ['pg']],
  ['postgres-js', 'peer', 'postgres.js', ['postgres']],
  ['pg-native', 'peer', 'pg-native, named statements', ['pg', 'pg-native', 'libpq/build/Release/addon.node']],
]

/**
 * Which drivers can run here, and why the others cannot.
 *
 * @param {{ limits: boolean }} options
 * @returns {{ drivers: Driver[], leftOut: LeftOut[] }}
 */
export function findDrivers({ limits }) {
  /** @type {Driver[]} */
  const drivers = []
  /** @type {LeftOut[]} */
  const leftOut = []
  for (const [name, role, title, needs] of JAVASCRIPT) {
    const missing = needs.find((path) => !existsSync(new URL(`node_modules/${path}`, import.meta.url)))
    if (name === 'cornac' && !existsSync(`${root}dist/index.js`)) {
      leftOut.push({ name, reason: 'dist/index.js is missing: run npm run build first' })
    } else if (missing !== undefined) {
      leftOut.push({ name, reason: `${missing} is not installed or could not be built here` })
    } else {
      drivers.push({ name, role, title, command: [process.execPath, runner, '--driver', name] })
    }
  }
  if (limits) {
    const found = limitPrograms()
    drivers.push(...found.drivers)
    leftOut.push(...found.leftOut)
  }
  return { drivers, leftOut }
}

/**
 * Installs the peers beside the benchmark, once. pg-native is optional: without libpq's headers or a compiler
 * it is left out, and the report says so.
 */
export async function installPeers() {
  const prefix = fileURLToPath(new URL('..', pathToFileURL(process.execPath)))
  // Node's own headers where they lie beside the binary, so that nothing is fetched for the native peer.
  const headers = existsSync(`${prefix}include/node/node.h`) ? { npm_config_nodedir: prefix } : {}
  await installPackages(fileURLToPath(new URL('.', import.meta.url)), headers)
}
