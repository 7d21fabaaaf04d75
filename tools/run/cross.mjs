// npm run build:cross: the binaries for Linux as they are shipped, built on Linux x64 and tried where they are for.

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '@oxc-node/core/register'
import { CACHE, output } from '../cross/cache.mjs'
import { layDriver, machineFor } from '../cross/machines.mjs'
import { buildEnvironment } from '../cross/toolchain.mjs'
import { platformsOf } from '../platforms.mjs'
import { startPostgres } from '../postgres.mjs'
import { GLIBC, needsOf, surplus } from './binary-needs.mjs'
import { LARGEST, packAll } from './pack.mjs'
import { buildFacade, Failed, installPackages, must, root } from './steps.mjs'

const BINARIES = join(CACHE, 'binaries')

/**
 * @param {string[]} args platforms and options
 */
export async function run(args) {
  const all = platformsOf(root).filter(({ system }) => system === 'linux')
  const triedOnly = args.includes('--try')
  const wanted = args.filter((arg) => arg !== '--try')
  const unknown = wanted.find((arg) => !all.some(({ name, target }) => [name, target].includes(arg)))
  if (unknown !== undefined) {
    const names = all.map(({ target }) => target).join(', ')
    throw new Failed(`no binary for "${unknown}" is built here: there are ${names}, and the option --try`)
  }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Failed(
      `binaries for other platforms are built on linux-x64; this is ${process.platform}-${process.arch}`,
    )
  const chosen = all.filter(
    ({ name, target }) => wanted.length === 0 || wanted.includes(name) || wanted.includes(target),
  )
  await installPackages()
  await buildFacade()
  mkdirSync(BINARIES, { recursive: true })
  const lines = []
  for (const platform of chosen) {
    console.log(`\n${platform.target}`)
    const binary = join(BINARIES, platform.file)
    if (!triedOnly) await build(platform)
    else if (!existsSync(binary)) throw new Failed(`there is no "${binary}" to be tried: leave out --try`)
    lines.push(`${platform.target}: ${await checked(platform, binary)}; ${await tried(platform, binary)}`)
    console.log(lines.at(-1))
  }
  console.log(`\n${lines.join('\n')}`)
  return 0
}

/** @param {import('../platforms.mjs').Platform} platform */
async function build(platform) {
  const target = platform.abi === 'gnu' ? `${platform.target}.${GLIBC}` : platform.target
  const env = {
    ...(await buildEnvironment(platform)),
    CARGO_TARGET_DIR: join(CACHE, 'cargo'),
  }
  const options = ['--dist', '--cross-compile', '--target', target, '--to', BINARIES]
  // Minutes on all cores: whoever works on this machine goes first.
  await must('nice', ['-n', '10', process.execPath, 'tools/build-native.mjs', ...options], { env })
}

/** What a binary needs and how large it is; more than is allowed of either is an error. */
async function checked(platform, binary) {
  const needs = needsOf(binary)
  const [reason] = surplus(platform, needs)
  if (reason !== undefined) throw new Failed(`the binary does not run everywhere: ${reason}`)
  const folder = mkdtempSync(join(tmpdir(), 'cornac-cross-'))
  try {
    const [tarball] = await packAll(folder, {
      platforms: [{ ...platform, binary }],
      optionalDependencies: {},
    })
    const { size } = statSync(tarball)
    if (size > LARGEST) throw new Failed(`its package has ${size} bytes, ${LARGEST} is the limit`)
    const need = needs.glibc === undefined ? needs.libraries.join(', ') : `glibc ${needs.glibc}`
    return `${megabytes(statSync(binary).size)}, packed ${megabytes(size)}, needs ${need}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** Uses it over TLS, on the machine that it is for. */
async function tried(platform, binary) {
  const machine = await machineFor(platform)
  const laid = join(machine.folder, 'driver')
  layDriver(laid, binary, platform.file)
  const { CertificateAuthority, serverTls } = await import('../../__test__/support/certificates.ts')
  const authority = await CertificateAuthority.create()
  const server = await startPostgres({
    tls: serverTls(await authority.server({ ipAddresses: ['127.0.0.1'] })),
  })
  try {
    writeFileSync(join(laid, 'root.pem'), authority.certificate.pem)
    const [program, ...leading] = machine.node
    const within = join(machine.within, 'driver')
    const args = [...leading, join(within, 'tools', 'try-binary.mjs'), server.dsn({ host: '127.0.0.1' })]
    const env = { PATH: process.env.PATH, PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(within, 'root.pem') }
    return (await output(program, args, { env })).trim()
  } finally {
    await server.stop('immediate')
    rmSync(laid, { recursive: true })
  }
}
