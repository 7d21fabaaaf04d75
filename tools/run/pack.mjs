// npm run pack: the tarballs that a release publishes, of the package and of the platforms whose binaries are here.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { platformsOf } from '../platforms.mjs'
import { buildFacade, buildNative, Failed, installPackages, npm, root } from './steps.mjs'

const HELP = `usage: npm run pack -- [options]

Writes one tarball of the package and one of each platform whose binary is in src/boundary or in npm, and prints their
paths. The package's tarball names these platforms as its optional dependencies.

  --to FOLDER    where the tarballs go (default target/packages, emptied first)
  --as-built     takes the binary of this platform as it is, in whichever profile it was built; without it the binary
                 is built as it is shipped, which takes minutes
  --all          fails unless every platform's binary is there, as a release wants it`

/** What of package.json is for those who use the package; the rest is for work on it. */
const PUBLISHED = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'repository',
  'bugs',
  'license',
  'type',
  'engines',
  'main',
  'types',
  'exports',
  'files',
  'peerDependencies',
  'peerDependenciesMeta',
]

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      to: { type: 'string', default: join(root, 'target', 'packages') },
      'as-built': { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void console.log(HELP)
  await installPackages()
  if (!values.all) await buildNative({ dist: !values['as-built'] })
  await buildFacade()
  for (const file of await packAll(resolve(values.to), { all: values.all })) console.log(file)
  return 0
}

/** Gives the paths of the tarballs, the package's own last. */
async function packAll(folder, { all }) {
  const here = platformsOf(root).map((platform) => ({ ...platform, binary: binaryOf(platform) }))
  const missing = here.filter(({ binary }) => binary === undefined)
  const packed = here.filter(({ binary }) => binary !== undefined)
  if (all && missing.length > 0) {
    throw new Failed(`there is no binary for ${missing.map(({ name }) => name).join(', ')}`)
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const staging = mkdtempSync(join(tmpdir(), 'cornac-pack-'))
  try {
    const tarballs = []
    for (const platform of packed) tarballs.push(await pack(stagePlatform(staging, platform), folder))
    tarballs.push(await pack(stagePackage(staging, packed), folder))
    return tarballs
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function binaryOf({ name, file }) {
  const places = [join(root, 'src', 'boundary', file), join(root, 'npm', name, file)]
  return places.find((place) => existsSync(place))
}

function stagePlatform(staging, { name, file, binary }) {
  const folder = join(staging, name)
  cpSync(join(root, 'npm', name), folder, { recursive: true })
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(binary, join(folder, file))
  return folder
}

function stagePackage(staging, platforms) {
  const folder = join(staging, 'cornac')
  mkdirSync(folder)
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const published = Object.fromEntries(PUBLISHED.filter((key) => key in own).map((key) => [key, own[key]]))
  published.optionalDependencies = Object.fromEntries(
    platforms.map(({ name }) => [`${own.name}-${name}`, own.version]),
  )
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md'])
    copyFileSync(join(root, file), join(folder, file))
  cpSync(join(root, 'dist'), join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.node'),
  })
  return folder
}

async function pack(folder, destination) {
  const output = await npm(['pack', '--json', '--loglevel=error', '--pack-destination', destination], folder)
  const [{ filename }] = JSON.parse(output)
  return join(destination, filename)
}
