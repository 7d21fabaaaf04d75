// The platforms that binaries are published for, by package.json's `napi.targets`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const SYSTEMS = { linux: 'linux', darwin: 'darwin', windows: 'win32' }
const PROCESSORS = { x86_64: 'x64', aarch64: 'arm64' }

/**
 * @typedef {object} Platform
 * @property {string} target as Rust names it
 * @property {string} name as Node and the packages name it: `linux-x64-gnu`
 * @property {string} file of the binary
 * @property {'linux' | 'darwin' | 'win32'} system
 * @property {'x64' | 'arm64'} processor
 * @property {string} [abi] where the system has several: `gnu`, `musl`, `msvc`
 */

/**
 * @param {string} root the repository
 * @returns {Platform[]}
 */
export function platformsOf(root) {
  const { napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return napi.targets.map((target) => {
    const [processor, , system, abi] = target.split('-')
    const parts = [SYSTEMS[system], PROCESSORS[processor], abi].filter(Boolean)
    const name = parts.join('-')
    return {
      target,
      name,
      file: `${napi.binaryName}.${name}.node`,
      system: SYSTEMS[system],
      processor: PROCESSORS[processor],
      abi,
    }
  })
}
