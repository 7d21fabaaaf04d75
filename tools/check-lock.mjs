#!/usr/bin/env node
// Checks that `npm ci` installs from the lock files what was meant: each names every package that one of its packages asks
// for, those of other platforms too, gives the hash of each, and names no registry. npm leaves out of the file what its
// registry did not give when it was written, and `npm ci` refuses the file then.
//
//   node tools/check-lock.mjs            check
//   node tools/check-lock.mjs --write    add the packages of other platforms that have an exact version, without a hash
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = process.env.CORNAC_LOCKS_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..')

const LOCKS = ['', 'benchmark', 'tools/ecosystem', 'tools/runtimes'].map((folder) =>
  join(folder, 'package-lock.json'),
)

/**
 * Packages of other platforms whose hashes the registry that this was written by does not give: it has none of them beyond
 * 0.0.35, which makes Node.js 26 warn of a function that it will remove. npm adds the hashes wherever it can have them.
 */
const UNHASHED = /^node_modules\/@oxc-node\/core-(?!linux-x64-gnu$)[\w-]+$/

const PLATFORM =
  /-(?<os>android|darwin|freebsd|linux|openharmony|win32)-(?<cpu>arm64|arm|ia32|ppc64|s390x|x64)(?:-(?<abi>\w+))?$/
const EXACT = /^(?:npm:(?<name>.+)@)?(?<version>\d+\.\d+\.\d+)$/
const C_LIBRARIES = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' }

/** What a package asks for and the file lacks: where it would lie, and which version is wanted. */
function missing(packages) {
  const found = new Map()
  for (const [place, { dependencies, optionalDependencies, devDependencies, dev }] of Object.entries(
    packages,
  )) {
    const own = place === '' ? devDependencies : {}
    for (const [name, wanted] of Object.entries({ ...dependencies, ...optionalDependencies, ...own })) {
      if (folders(place).some((folder) => `${folder}node_modules/${name}` in packages)) continue
      found.set(`node_modules/${name}`, { wanted, dev, optional: optionalDependencies?.[name] !== undefined })
    }
  }
  return found
}

/** The folders whose node_modules Node looks into for a package that lies at this place, the nearest first. */
function folders(place) {
  if (place === '') return ['']
  return [`${place}/`, ...folders(place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/'))))]
}

/** A file's entry of a package of another platform, as npm writes it but for the hash; undefined where it is none. */
function entryOf(place, { wanted, dev, optional }) {
  const platform = PLATFORM.exec(place)?.groups
  const exact = EXACT.exec(wanted)?.groups
  if (platform === undefined || exact === undefined || !optional) return undefined
  const library = C_LIBRARIES[platform.abi]
  return {
    ...(exact.name === undefined ? {} : { name: exact.name }),
    version: exact.version,
    cpu: [platform.cpu],
    ...(dev ? { dev } : {}),
    ...(platform.os === 'linux' && library !== undefined ? { libc: [library] } : {}),
    optional: true,
    os: [platform.os],
  }
}

function complete(lock) {
  const added = [...missing(lock.packages)].map(([place, what]) => [place, entryOf(place, what)])
  const all = [...Object.entries(lock.packages), ...added.filter(([, entry]) => entry !== undefined)]
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')))
}

function problemsOf(lock) {
  const lacking = [...missing(lock.packages)].map(
    ([place, { wanted }]) =>
      `${place} (${wanted}) is asked for and not there: node tools/check-lock.mjs --write`,
  )
  const fetched = Object.entries(lock.packages).filter(isFetched)
  const unhashed = fetched
    .filter(([place, { integrity }]) => integrity === undefined && !UNHASHED.test(place))
    .map(([place]) => `${place} has no hash: npm would install whatever it is given`)
  const resolved = fetched
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([place]) => `${place} names where it was fetched from: .npmrc has the option against it`)
  return [...lacking, ...unhashed, ...resolved]
}

/** Whether npm fetches a package for this entry: it does not for the project itself and for what another's tarball has. */
function isFetched([place, { inBundle, link }]) {
  return place !== '' && !inBundle && !link
}

let failed = false
for (const name of LOCKS) {
  const file = join(ROOT, name)
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  if (process.argv.includes('--write')) {
    complete(lock)
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  }
  for (const problem of problemsOf(lock)) {
    console.error(`${name}: ${problem}`)
    failed = true
  }
}
if (!failed) console.log('the lock files are complete')
process.exitCode = failed ? 1 : 0
