// The steps that the commands share.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
  // Not `npm ci`: it insists on every platform's optional package, which a mirror of the registry may lack.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  // On Windows npm is a script for a shell; as a program of Node.js it runs everywhere, in folders of any name.
  const npm = process.env.npm_execpath
  await (npm === undefined
    ? must('npm', args, { cwd: folder, env })
    : must(process.execPath, [npm, ...args], { cwd: folder, env }))
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

/** Compiles the TypeScript unless that is newer than its sources. */
export async function buildFacade() {
  const output = join(root, 'dist', 'index.js')
  const sources = [join(root, 'index.ts'), join(root, 'src'), join(root, 'tsconfig.json')]
  if (existsSync(output) && statSync(output).mtimeMs > Math.max(...sources.map(newest))) return
  await must(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'])
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
