// The parts of the tests, by their names: folders of __test__, test files, crates.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failed, root } from './steps.mjs'

/** Seconds that a folder takes on two quiet cores, roughly. */
const SECONDS = {
  adversity: 40,
  connect: 90,
  docs: 30,
  install: 180,
  pool: 45,
  query: 25,
  runtime: 45,
  support: 15,
  types: 60,
}
const OTHER_FOLDER = 10
const FILE = 5
const CRATE = 30

/** Folders that run only when they are named: they install programs and packages of others. */
const APART = ['install']

const files = readdirSync(join(root, '__test__'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `__test__/${name.replaceAll('\\', '/')}`)
  .sort()

const folders = [...new Set(files.map((file) => file.split('/')[1] ?? ''))].filter(
  (name) => !name.endsWith('.ts'),
)

/** What a run of everything consists of: folders, and the files beside them. */
const everything = [
  ...folders.filter((name) => !APART.includes(name)).map((name) => `__test__/${name}`),
  ...files.filter((file) => file.split('/').length === 2),
]

const crates = readdirSync(join(root, 'crates'))
  .map((folder) => join(root, 'crates', folder, 'Cargo.toml'))
  .filter((manifest) => existsSync(manifest))
  .map((manifest) => /^name = "(.+)"$/m.exec(readFileSync(manifest, 'utf8'))?.[1] ?? '')

/**
 * What a run consists of.
 *
 * @typedef {object} Selection
 * @property {boolean} all whether no part was named, so that everything but the parts apart runs
 * @property {string[]} crates packages of cargo
 * @property {string[]} paths test files and folders, relative to the root
 * @property {string[]} options passed on to the runner of the TypeScript tests
 */

/**
 * Reads the arguments of `npm test`.
 *
 * @param {readonly string[]} args
 * @returns {Selection}
 */
export function selectParts(args) {
  const names = args.filter((arg) => !arg.startsWith('-'))
  const options = args.filter((arg) => arg.startsWith('-'))
  /** @type {Selection} */
  const selection = { all: names.length === 0, crates: [], paths: [], options }
  if (selection.all) {
    selection.paths.push(...everything)
    selection.crates.push(...crates)
  }
  for (const name of names) {
    const path = testPath(name)
    const crate = crates.find((crate) => crate === name || crate === `cornac-${name}`)
    if (path !== undefined) selection.paths.push(path)
    else if (crate !== undefined) selection.crates.push(crate)
    else
      throw new Failed(`no tests are called "${name}": there are ${partNames()}, and the files of __test__`)
  }
  return selection
}

/**
 * Says in one line what runs and roughly how long that takes.
 *
 * @param {Selection} selection
 */
export function announcement(selection) {
  const chosen = [...selection.paths, ...selection.crates]
  const seconds = chosen.reduce((sum, name) => sum + secondsOf(basename(name)), 0)
  const what = selection.all ? 'all tests' : chosen.join(', ')
  const hint = selection.all ? `\none part: npm test -- query (there are ${partNames()})` : ''
  return `${what}: about ${duration(seconds)}, and some minutes more for a first build${hint}`
}

function partNames() {
  return `${folders.join(', ')}, ${crates.join(', ')}`
}

function secondsOf(name) {
  if (name.endsWith('.ts')) return FILE
  return crates.includes(name) ? CRATE : (SECONDS[name] ?? OTHER_FOLDER)
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds / 10) * 10} seconds` : `${Math.ceil(seconds / 60)} minutes`
}

/** Of the name of a folder, a path from the root, or the name of a file wherever it lies. */
function testPath(name) {
  if (folders.includes(name)) return `__test__/${name}`
  if (name.includes('/')) return existsSync(join(root, name)) ? name : undefined
  const found = files.filter((file) => [name, `${name}.test.ts`].includes(basename(file)))
  return found.length === 1 ? found[0] : undefined
}
