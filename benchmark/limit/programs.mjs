import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Limit a program of another language that shows what is possible
 * @property {string} name
 * @property {string} title
 * @property {import('../workloads.mjs').Mode[]} modes asyncpg and pgx take one call at a time on a connection
 * @property {import('../workloads.mjs').Workload['kind'][]} kinds what it knows
 * @property {boolean} tls whether it can encrypt
 * @property {() => string[]} prepare builds or installs it, once, and gives the command; throws a sentence
 */

const here = fileURLToPath(new URL('.', import.meta.url))
/** Beside the driver's own build output, so that one folder holds everything that can be thrown away. */
const built = fileURLToPath(new URL('../../target/limit/', import.meta.url))

/** @type {Limit[]} */
const LIMITS = [
  {
    name: 'asyncpg',
    title: 'asyncpg on uvloop (Python)',
    modes: ['one', 'pool'],
    kinds: ['query', 'write'],
    tls: true,
    prepare: preparePython,
  },
  {
    name: 'pgx',
    title: 'pgx (Go)',
    modes: ['one', 'pool'],
    kinds: ['query', 'write'],
    tls: true,
    prepare: prepareGo,
  },
  {
    name: 'bare-rust',
    title: 'bare loop (Rust)',
    modes: ['one', 'inflight', 'pool'],
    kinds: ['query'],
    tls: false,
    prepare: prepareRust,
  },
]

/**
 * Prepares what this machine has a toolchain for.
 *
 * @returns {{ drivers: import('../drivers.mjs').Driver[], leftOut: import('../drivers.mjs').LeftOut[] }}
 */
export function limitPrograms() {
  mkdirSync(built, { recursive: true })
  const drivers = []
  const leftOut = []
  for (const { name, title, modes, kinds, tls, prepare } of LIMITS) {
    try {
      drivers.push({
        name,
        role: /** @type {const} */ ('limit'),
        title,
        modes,
        kinds,
        tls,
        command: prepare(),
      })
    } catch (error) {
      leftOut.push({ name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { drivers, leftOut }
}

function preparePython() {
  const runner = `${here}python/runner.py`
  const windows = process.platform === 'win32'
  const system = windows ? 'python' : 'python3'
  const has = (python) => spawnSync(python, ['-c', 'import asyncpg, uvloop']).status === 0
  if (has(system)) return [system, runner]
  const python = `${built}python/${windows ? 'Scripts/python.exe' : 'bin/python'}`
  if (!existsSync(python) || !has(python)) {
    run(system, ['-m', 'venv', `${built}python`], here, 'Python 3 with venv')
    const requirements = `${here}python/requirements.txt`
    run(
      python,
      ['-m', 'pip', 'install', '--quiet', '--requirement', requirements],
      here,
      'asyncpg and uvloop',
    )
  }
  return [python, runner]
}

function prepareGo() {
  const program = `${built}pgx`
  run('go', ['build', '-o', program, '.'], `${here}go`, 'Go and pgx')
  return [program]
}

function prepareRust() {
  run(
    'cargo',
    ['build', '--release', '--quiet', '--target-dir', `${built}rust`],
    `${here}rust`,
    'a Rust toolchain',
  )
  return [`${built}rust/release/cornac-benchmark-limit`]
}

function run(program, args, cwd, need) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  if (error !== undefined) throw new Error(`${need} not found`)
  if (status !== 0) throw new Error(`${need}: "${program} ${args[0]}" failed`)
}
