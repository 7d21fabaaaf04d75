// The runtimes that tests run on beside the Node.js that runs them: packages of tools/runtimes, which are installed
// when they are first asked for (some 800 MB).

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failed, installPackages, root } from './steps.mjs'

const folder = join(root, 'tools', 'runtimes')
const modules = join(folder, 'node_modules')

/** The lines of Node.js that the driver supports and that package holds; the oldest is the one to develop with. */
export const NODES = ['node22', 'node24', 'node26']

/** Their install scripts are not needed, and run code of others. */
export const WITHOUT_SCRIPTS = { npm_config_ignore_scripts: 'true' }

export async function installRuntimes() {
  await installPackages(folder, WITHOUT_SCRIPTS)
}

/**
 * The program of a runtime.
 *
 * @param {string} name one of {@link NODES}, `bun` or `deno`
 * @returns {string}
 */
export function runtimeBinary(name) {
  const found = candidates(name).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Failed(
    `there is no ${name} for ${process.platform}-${process.arch} among the packages of tools/runtimes`,
  )
}

/** @param {string} name */
function candidates(name) {
  if (name === 'bun') return inScope('@oven', ['bin', 'bun'])
  if (name === 'deno') return inScope('@deno', ['deno'])
  return [join(modules, `${name}-${process.platform}-${process.arch}`, 'bin', 'node')]
}

/** npm installs, of the packages of a scope, those for this platform; another C library's do not start. */
function inScope(scope, path) {
  const parent = join(modules, scope)
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .sort((a, b) => a.length - b.length)
    .map((name) => join(parent, name, ...path))
}
