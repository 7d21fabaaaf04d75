// What a build for other platforms takes from elsewhere: made once, and kept below target/cross.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failed, root } from '../run/steps.mjs'

/** Everything of a build for other platforms lies here; removing it is safe. */
export const CACHE = join(root, 'target', 'cross')

/**
 * The folder of that name, made by `make` where it is not there yet. What fails halfway leaves nothing.
 *
 * @param {string} name
 * @param {(folder: string) => Promise<void>} make
 * @returns {Promise<string>}
 */
export async function made(name, make) {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  console.log(`installing ${name} into target/cross …`)
  mkdirSync(CACHE, { recursive: true })
  const stage = mkdtempSync(join(CACHE, 'stage-'))
  try {
    await make(stage)
    renameSync(stage, folder)
  } catch (error) {
    rmSync(stage, { recursive: true, force: true })
    throw error
  }
  return folder
}

/**
 * Runs a program and gives what it prints.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').ExecFileOptions} [options]
 * @returns {Promise<string>}
 */
export async function output(program, args, options) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 2 ** 26, ...options })
    return stdout.toString()
  } catch (error) {
    if (error.code === 'ENOENT') throw new Failed(`building for other platforms needs "${program}"`)
    throw new Failed(`${program} ${args[0]} failed: ${(error.stderr || error.message).toString().trim()}`)
  }
}

/**
 * Packages of PyPI, for the platform of this machine or the one that pip is told of.
 *
 * @param {string} folder where their files go
 * @param {string[]} packages with their versions
 * @param {string[]} [platform] options of pip
 */
export async function fromPypi(folder, packages, platform = []) {
  const environment = join(folder, 'environment')
  await output('python3', ['-m', 'venv', environment])
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--target', folder]
  await output(join(environment, 'bin', 'python'), [...pip, ...platform, ...packages])
  rmSync(environment, { recursive: true })
}
