// A Python environment of its own with the drivers of requirements.txt, made once and kept below target/.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../run/steps.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const requirements = join(here, 'requirements.txt')
const windows = process.platform === 'win32'

/** There is no such environment, and it could not be made. */
export class NoPython extends Error {}

/** The path of its interpreter. */
export function pythonWithDrivers() {
  const wanted = readFileSync(requirements, 'utf8')
  // Another list of drivers is another environment.
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  const folder = join(root, 'target', 'differential', name)
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python')
  const done = join(folder, 'complete')
  if (existsSync(done)) return python
  mkdirSync(folder, { recursive: true })
  run(windows ? 'python' : 'python3', ['-m', 'venv', '--clear', folder], 'Python 3 with venv')
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], 'asyncpg and psycopg')
  writeFileSync(done, '')
  return python
}

/** The versions that are asked for. */
export function driverVersions() {
  const text = readFileSync(requirements, 'utf8')
  const version = (/** @type {string} */ name) =>
    new RegExp(`^${name}(?:\\[.*\\])?==(.+)$`, 'm').exec(text)?.[1] ?? ''
  return { asyncpg: version('asyncpg'), psycopg: version('psycopg') }
}

/**
 * What a driver reads of the cases.
 *
 * @param {string} python
 * @param {string} driver
 * @param {unknown} cases
 * @param {Record<string, string>} env where the server is
 */
export function read(python, driver, cases, env) {
  const { status, stdout, stderr } = spawnSync(python, [join(here, 'read.py'), driver], {
    input: JSON.stringify(cases),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(`${driver} could not be asked: ${stderr}`)
  return JSON.parse(stdout)
}

function run(program, args, need) {
  const { status, error, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (error !== undefined) throw new NoPython(`${need} not found`)
  if (status !== 0) throw new NoPython(`${need} could not be installed: ${stderr.trim().split('\n').at(-1)}`)
}
