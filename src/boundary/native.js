// Finds and loads the binary for this platform: the one built here, else the one of the platform's package.
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** What may be loaded, by platform and architecture. glibc's comes first: it does not load under musl. */
const BINARIES = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

const ADVICE =
  'package managers leave optional dependencies out when they are told to, or when node_modules was made on another ' +
  'platform: install again on this one'

function load() {
  const { platform, arch } = process
  const candidates = BINARIES[`${platform}-${arch}`] ?? []
  const tried = []
  const native =
    named(process.env.CORNAC_NATIVE, tried) ??
    candidates.reduce((found, name) => found ?? built(name, tried) ?? packaged(name, tried), undefined)
  if (native !== undefined) return native
  const name = candidates.find((candidate) => !candidate.endsWith(isMusl() ? '-gnu' : '-musl'))
  throw new Error(reason(`${platform}-${arch}`, name, tried), {
    cause: new AggregateError(tried, 'the places that were tried'),
  })
}

function named(file, tried) {
  try {
    return file ? require(file) : undefined
  } catch (error) {
    tried.push(error)
  }
}

/** In a folder of sources `npm run build:native` lays it here. */
function built(name, tried) {
  try {
    return require(`./cornac.${name}.node`)
  } catch (error) {
    tried.push(error)
  }
}

/**
 * One literal for each platform, inside `try`: bundlers and file tracers find what is installed so, and do not take
 * the packages of other platforms, which are not, for mistakes.
 */
function packaged(name, tried) {
  try {
    switch (name) {
      case 'darwin-arm64':
        return require('cornac-darwin-arm64')
      case 'darwin-x64':
        return require('cornac-darwin-x64')
      case 'linux-arm64-gnu':
        return require('cornac-linux-arm64-gnu')
      case 'linux-arm64-musl':
        return require('cornac-linux-arm64-musl')
      case 'linux-x64-gnu':
        return require('cornac-linux-x64-gnu')
      case 'linux-x64-musl':
        return require('cornac-linux-x64-musl')
      case 'win32-arm64-msvc':
        return require('cornac-win32-arm64-msvc')
      case 'win32-x64-msvc':
        return require('cornac-win32-x64-msvc')
    }
  } catch (error) {
    tried.push(error)
  }
}

function reason(place, name, tried) {
  if (name === undefined) {
    const known = Object.keys(BINARIES).join(', ')
    return `cornac has no binary for ${place}: there are binaries for ${known}; build it from its sources, which needs Rust`
  }
  // A file that is there and does not load says why; one that is not there is the usual case.
  const broken = tried.find((error) => error?.code !== 'MODULE_NOT_FOUND' && !isOther(error, name))
  if (broken !== undefined) return `cornac could not load its binary for ${name}: ${broken.message}`
  return `cornac could not find its binary for ${name}: the package cornac-${name} is not installed; ${ADVICE}`
}

/** The failure of the binary for the other C library. */
function isOther(error, name) {
  const other = name.endsWith('-gnu') ? '-musl' : '-gnu'
  return String(error?.message).includes(name.replace(/-(gnu|musl)$/, other))
}

/** Only asked when loading has failed: musl's dynamic linker lies in /lib. */
function isMusl() {
  try {
    return readdirSync('/lib').some((name) => name.startsWith('ld-musl-'))
  } catch {
    return false
  }
}

export const { Core } = load()
