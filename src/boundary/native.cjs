// Finds and loads the binary for this platform. CommonJS in the sources too: bundlers and file tracers follow a
// `require` with a literal, and nothing else, to a binary.
'use strict'

const { existsSync, readdirSync } = require('node:fs')
const { join, resolve } = require('node:path')
const { cLibrary } = require('./c-library.cjs')

/** What may be loaded, by platform and architecture; where there are two, one is for each C library. */
const BINARIES = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

const here = typeof __dirname === 'string' ? __dirname : undefined

/** The version of this JavaScript, which the binary must have too: what the two say to each other is their own. */
let version

function load() {
  const chosen = environment('CORNAC_NATIVE')
  if (chosen) return named(resolve(chosen))
  const place = `${process.platform}-${process.arch}`
  const library = process.platform === 'linux' ? cLibrary() : undefined
  // Where nothing tells the C library, each is tried: a binary for the other one does not load.
  const candidates = (BINARIES[place] ?? []).filter((name) => library === undefined || name.endsWith(library))
  const failures = []
  for (const name of candidates) {
    const native = beside(name, failures) ?? checked(name, packaged(name, failures), failures)
    if (native !== undefined) return native
  }
  const tried = new AggregateError(failures, 'the places that were tried')
  throw new Error(reason(place, candidates, failures), failures.length > 0 ? { cause: tried } : {})
}

/** Deno refuses to read a variable that it was not told of. */
function environment(name) {
  try {
    return process.env[name]
  } catch {
    return undefined
  }
}

/** The binary that `CORNAC_NATIVE` names, and no other. */
function named(file) {
  try {
    return open(file)
  } catch (error) {
    throw new Error(`cornac could not load "${file}", which CORNAC_NATIVE names: ${explained(error)}`, {
      cause: error,
    })
  }
}

/** Not by `require`, whose argument would not be a literal. */
function open(file) {
  const module = { exports: {} }
  process.dlopen(module, file)
  return fitting(module.exports, file)
}

/** A binary that was copied beside a bundle stays behind when the package is renewed. */
function fitting(native, where) {
  if (native.VERSION === version) return native
  throw new Error(
    `"${where}" is of version ${native.VERSION}, and this is cornac ${version}; install again, and copy the binary anew where it was copied`,
  )
}

/** Where the build of this repository lays it, and whoever makes one file of a program. */
function beside(name, failures) {
  if (here === undefined) return undefined
  const file = join(here, `cornac.${name}.node`)
  try {
    return existsSync(file) ? open(file) : undefined
  } catch (error) {
    failures.push(error)
  }
}

/**
 * One literal for each platform, inside `try`: bundlers and file tracers find what is installed so, and do not take
 * the packages of other platforms, which are not, for mistakes.
 */
function packaged(name, failures) {
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
    failures.push(error)
  }
}

/** What the package gave, unless it is of another version. */
function checked(name, native, failures) {
  try {
    return native && fitting(native, `cornac-${name}`)
  } catch (error) {
    failures.push(error)
  }
}

function reason(place, candidates, failures) {
  if (candidates.length === 0) {
    const known = Object.values(BINARIES).flat().join(', ')
    return `cornac has no binary for ${place}: there are binaries for ${known}; build it from its sources, which needs Rust`
  }
  const names = candidates.join(' or ')
  // A file that is there and does not load says why; one that is not there is the usual case.
  const broken = failures.filter((error) => !isMissing(error))
  if (broken.length > 0) {
    const why = [...new Set(broken.map(explained))].join('; ')
    return `cornac could not load its binary for ${names}: ${why}`
  }
  const wanted = candidates.map((name) => `cornac-${name}`).join(' or ')
  return `cornac could not find its binary for ${names}: the package ${wanted} is not installed${others(wanted)}; package managers leave it out when they are told to omit optional dependencies, and when node_modules or the lock file was made on another platform (npm does that): remove both and install again on this one. A program that is one file needs the binary beside it, as cornac.${candidates[0]}.node, or its path in CORNAC_NATIVE`
}

/** Why a file did not load, and what to do where Node's own words do not tell. */
function explained(error) {
  if (error.code === 'ERR_DLOPEN_DISABLED') {
    return 'this process may not load native addons; start Node.js with --allow-addons where --permission is given, and without --no-addons'
  }
  if (error.code === 'ERR_ACCESS_DENIED') {
    return `this process may not read "${error.resource}"; start Node.js with --allow-fs-read for the folder of node_modules`
  }
  if (/^(?:ERR_)?MODULE_NOT_FOUND$/.test(error.code)) {
    return `the package of "${error.path}" lacks its file; remove node_modules and install again`
  }
  return error.message
}

/** A package that is there without its file has the path of its package.json in the error. */
function isMissing(error) {
  return /^(?:ERR_)?MODULE_NOT_FOUND$/.test(error?.code) && error.path === undefined
}

/** The packages of other platforms that lie beside this one, which show what went wrong. */
function others(wanted) {
  if (here === undefined) return ''
  try {
    const found = readdirSync(join(here, '..', '..')).filter((name) =>
      Object.values(BINARIES)
        .flat()
        .includes(name.replace(/^cornac-/, '')),
    )
    const rest = found.filter((name) => name !== wanted)
    return rest.length > 0 ? `, but ${rest.join(' and ')} is` : ''
  } catch {
    return ''
  }
}

let binding

/** The binding, loaded when it is first wanted: who only imports the package does without. */
exports.loadBinding = (own) => {
  version = own
  binding ??= load()
  return binding
}
