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
import { lintPackage } from './lint-package.mjs'
import { buildFacade, buildNative, installPackages, npm, root } from './steps.mjs'

const HELP = `usage: npm run pack -- [options]

Writes one tarball of the package and one of each platform whose binary is in src/boundary, and prints their paths. The
package's tarball names these platforms as its optional dependencies.

  --to FOLDER    where the tarballs go (default target/packages, emptied first)
  --lint         has publint and are-the-types-wrong look at the package's tarball
  --as-built     takes the binary of this platform as it is, in whichever profile it was built; without it the binary
                 is built as it is shipped, which takes minutes`

/** Bytes of a package: what an installation in a container or a function has to fetch. */
export const LARGEST = 3_000_000

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
      lint: { type: 'boolean', default: false },
      'as-built': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  await installPackages()
  if (!values['as-built'] || builtHere().length === 0) await buildNative({ dist: !values['as-built'] })
  await buildFacade()
  const platforms = builtHere()
  const { name, version } = manifest()
  const tarballs = await packAll(resolve(values.to), {
    platforms,
    optionalDependencies: Object.fromEntries(
      platforms.map((platform) => [`${name}-${platform.name}`, version]),
    ),
  })
  for (const tarball of tarballs) console.log(tarball)
  return values.lint ? lintPackage(tarballs.at(-1)) : 0
}

function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}

function builtHere() {
  const boundary = join(root, 'src', 'boundary')
  return platformsOf(root)
    .map((platform) => ({ ...platform, binary: join(boundary, platform.file) }))
    .filter(({ binary }) => existsSync(binary))
}

/**
 * Gives the paths of the tarballs, the package's own last.
 *
 * @param {string} folder emptied first
 * @param {object} what
 * @param {(import('../platforms.mjs').Platform & { binary: string })[]} what.platforms
 * @param {Record<string, string>} what.optionalDependencies of the package
 * @returns {Promise<string[]>}
 */
export async function packAll(folder, { platforms, optionalDependencies }) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const staging = mkdtempSync(join(tmpdir(), 'cornac-pack-'))
  try {
    const tarballs = []
    for (const platform of platforms) tarballs.push(await pack(stagePlatform(staging, platform), folder))
    tarballs.push(await pack(stagePackage(staging, optionalDependencies), folder))
    return tarballs
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/**
 * Where the sources are, as package.json or the hosted workflow that packs has it. npm refuses the provenance of a package
 * that does not name the repository that the workflow ran in, and shows the README's links relative to it.
 *
 * @returns {{ repository?: unknown }}
 */
export function origin({ repository } = manifest(), env = process.env) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: hosted } = env
  if (repository !== undefined) return { repository }
  return hosted === undefined ? {} : { repository: { type: 'git', url: `git+${server}/${hosted}.git` } }
}

function stagePlatform(staging, { name, file, binary }) {
  const folder = join(staging, name)
  cpSync(join(root, 'npm', name), folder, { recursive: true })
  const own = join(folder, 'package.json')
  writeManifest(own, { ...JSON.parse(readFileSync(own, 'utf8')), ...origin() })
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(binary, join(folder, file))
  return folder
}

function stagePackage(staging, optionalDependencies) {
  const folder = join(staging, 'cornac')
  mkdirSync(folder)
  const own = manifest()
  const published = Object.fromEntries(PUBLISHED.filter((key) => key in own).map((key) => [key, own[key]]))
  writeManifest(join(folder, 'package.json'), { ...published, ...origin(), optionalDependencies })
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md'])
    copyFileSync(join(root, file), join(folder, file))
  cpSync(join(root, 'dist'), join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.node'),
  })
  return folder
}

function writeManifest(file, manifest) {
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

async function pack(folder, destination) {
  const output = await npm(['pack', '--json', '--loglevel=error', '--pack-destination', destination], folder)
  const [{ filename }] = JSON.parse(output)
  return join(destination, filename)
}
