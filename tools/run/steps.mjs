// The steps that the commands share.

import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A failure that has been explained: its message is all there is to print. */
export class Failed extends Error {
  expected = true
}

/**
 * Runs a program and gives its exit code; its output goes to the terminal, and also to `tee` when that is given.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, tee?: (text: string) => void }} [options]
 * @returns {Promise<number>}
 */
export function execute(program, args, { cwd = root, env = {}, tee } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: tee === undefined ? 'inherit' : ['ignore', 'pipe', 'inherit'],
    })
    child.stdout?.on('data', (bytes) => {
      process.stdout.write(bytes)
      tee?.(bytes.toString())
    })
    child.on('error', (error) => reject(missing(program, error)))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function missing(program, error) {
  if (error.code !== 'ENOENT') return error
  if (program === 'cargo') {
    return new Failed(
      'cornac needs a Rust toolchain (1.88 or newer) to be built: install one from https://rustup.rs',
    )
  }
  return new Failed(`cornac needs the program "${program}", which is not installed`)
}

/** Runs a program that must succeed. */
export async function must(program, args, options) {
  const code = await execute(program, args, options)
  if (code !== 0) throw new Failed(`${program} ${args.join(' ')} failed with exit code ${code}`)
}

/** Installs the npm packages of a folder unless what is installed is of its lock file. */
export async function installPackages(folder = root, env = {}) {
  const lock = join(folder, 'package-lock.json')
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('installing npm packages …')
  // Not `npm ci`: it empties node_modules first, also where that is a link to another checkout's.
  const [program, leading] = npmProgram()
  const args = [...leading, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  await must(program, args, { cwd: folder, env })
}

/** On Windows npm is a script for a shell; as a program of Node.js it runs everywhere, in folders of any name. */
function npmProgram() {
  const script = process.env.npm_execpath ?? npmBeside(process.execPath)
  return script === undefined ? ['npm', []] : [process.execPath, [script]]
}

/**
 * The npm that comes with a Node.js for Windows, for who runs these tools without npm.
 *
 * @param {string} node the path of its program
 */
export function npmBeside(node) {
  const script = join(dirname(node), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  return existsSync(script) ? script : undefined
}

/**
 * Runs npm and gives what it prints.
 *
 * @param {string[]} args
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function npm(args, folder) {
  const [program, leading] = npmProgram()
  const { stdout } = await promisify(execFile)(program, [...leading, ...args], { cwd: folder })
  return stdout
}

/** Builds the binding unless it is newer than its sources. */
export async function buildNative({ dist = false } = {}) {
  const boundary = join(root, 'src', 'boundary')
  const binary = readdirSync(boundary).find((name) => name.endsWith('.node'))
  const built = binary === undefined ? 0 : statSync(join(boundary, binary)).mtimeMs
  const sources = [join(root, 'crates'), join(root, 'Cargo.toml'), join(root, 'Cargo.lock')]
  if (!dist && built > Math.max(...sources.map(newest))) return
  console.log('building the native part (a few minutes the first time) …')
  await must(process.execPath, ['tools/build-native.mjs', ...(dist ? ['--dist'] : [])])
}

const FACADE_SOURCES = [
  'index.ts',
  'index.d.ts',
  'src',
  'tsconfig.json',
  'package.json',
  'tools/build-dist.mjs',
]

/** Makes dist of the TypeScript unless it is newer than its sources. */
export async function buildFacade() {
  const dist = join(root, 'dist')
  const marker = join(dist, 'opentelemetry.d.ts')
  const built = existsSync(marker) ? statSync(marker).mtimeMs : 0
  const binaries = readdirSync(join(root, 'src', 'boundary')).filter((name) => name.endsWith('.node'))
  if (
    built > Math.max(...FACADE_SOURCES.map((path) => newest(join(root, path)))) &&
    binaries.every((name) => existsSync(join(dist, name)))
  ) {
    return
  }
  await must(process.execPath, ['tools/build-dist.mjs'])
}

/** Everything that the package needs to run from this checkout. */
export async function prepare(options) {
  await installPackages()
  await buildNative(options)
  await buildFacade()
}

/** The newest change below a path, build products left out. */
function newest(path) {
  const info = statSync(path)
  if (!info.isDirectory()) return path.endsWith('.node') ? 0 : info.mtimeMs
  const entries = readdirSync(path).filter((name) => name !== 'target' && name !== 'node_modules')
  return Math.max(0, ...entries.map((name) => newest(join(path, name))))
}
