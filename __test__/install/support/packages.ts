// The packages as a release publishes them: those that were packed into target/packages before the tests began, and for
// the platforms that were not built here packages with nothing in them, which no installation on this one may take.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const root = fileURLToPath(new URL('../../..', import.meta.url))
const packed = join(root, 'target', 'packages')

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly optionalDependencies?: { readonly [name: string]: string }
}

export interface Package {
  readonly manifest: Manifest
  readonly tarball: Buffer
}

/** The driver's package, and one for each platform that it knows. */
export async function packages(): Promise<Package[]> {
  const tarballs = existsSync(packed) ? readdirSync(packed).filter((name) => name.endsWith('.tgz')) : []
  if (tarballs.length < 2) throw new Error('no packages in target/packages: npm run test:install packs them')
  const staging = mkdtempSync(join(tmpdir(), 'cornac-packages-'))
  try {
    const built = await Promise.all(tarballs.map((name) => unpack(join(packed, name), join(staging, name))))
    const names = built.map(({ manifest }) => manifest.name)
    const elsewhere = platforms().filter(({ name }) => !names.includes(name))
    return await Promise.all(
      [
        ...built.map((each) => (each.manifest.name === 'cornac' ? withPlatforms(each, elsewhere) : each)),
        ...elsewhere.map((manifest) => ({ manifest, folder: join(staging, manifest.name) })),
      ].map(async (each) => pack(await each)),
    )
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

interface Unpacked {
  readonly manifest: Manifest
  readonly folder: string
}

async function unpack(tarball: string, folder: string): Promise<Unpacked> {
  mkdirSync(folder)
  await run('tar', ['-xzf', tarball, '-C', folder])
  const manifest = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8')) as Manifest
  return { manifest, folder }
}

/** What is packed here names the platforms that were built here; what is published names all. */
function withPlatforms({ manifest, folder }: Unpacked, platforms: readonly Manifest[]): Unpacked {
  const optionalDependencies = {
    ...manifest.optionalDependencies,
    ...Object.fromEntries(platforms.map(({ name, version }) => [name, version])),
  }
  return { manifest: { ...manifest, optionalDependencies }, folder }
}

async function pack({ manifest, folder }: Unpacked): Promise<Package> {
  mkdirSync(join(folder, 'package'), { recursive: true })
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(manifest))
  await run('tar', ['-czf', join(folder, 'x.tgz'), '-C', folder, 'package'])
  return { manifest, tarball: readFileSync(join(folder, 'x.tgz')) }
}

function platforms(): Manifest[] {
  const folder = join(root, 'npm')
  return readdirSync(folder)
    .map((name) => join(folder, name, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Manifest)
}
