// Packages of Debian, unpacked into a folder: nothing is installed on the system, and no lock of it is taken.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failed } from '../run/steps.mjs'
import { CACHE, output } from './cache.mjs'

/** Debian 13, which has what older ones have too old: musl 1.2.5. */
export const NEXT = 'trixie'

/**
 * Unpacks packages.
 *
 * @param {string} folder
 * @param {string[]} names a name may tell its architecture: `libc6:arm64`
 * @param {object} [options]
 * @param {boolean} [options.needed] also what they need and the system lacks
 * @param {string} [options.suite] another version of Debian than the system's
 */
export async function unpack(folder, names, { needed = false, suite } = {}) {
  mkdirSync(CACHE, { recursive: true })
  const state = mkdtempSync(join(CACHE, 'apt-'))
  try {
    const archives = join(state, 'archives')
    for (const path of ['lists/partial', 'archives/partial', 'sources'])
      mkdirSync(join(state, path), { recursive: true })
    const options = Object.entries({
      'Dir::State::lists': join(state, 'lists'),
      'Dir::Cache': state,
      'APT::Architectures': 'amd64,arm64',
      'APT::Sandbox::User': '',
      'Debug::NoLocking': 'true',
      ...(suite === undefined ? {} : await otherSource(join(state, 'sources'), suite)),
    }).flatMap(([key, value]) => ['-o', `${key}=${value}`])
    const apt = (...args) => output('apt-get', ['--quiet', ...options, ...args], { cwd: archives })
    await apt('update')
    if (needed) await apt('install', '--download-only', '--yes', '--no-install-recommends', ...names)
    else await apt('download', ...names)
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
      await output('dpkg-deb', ['--extract', join(archives, file), folder])
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

/** The system's own mirror of Debian, asked for another version. */
async function otherSource(folder, suite) {
  const format = '$(LABEL) $(REPO_URI)'
  const targets = await output('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const mirror = /^Debian (\S+)$/m.exec(targets)?.[1]
  if (mirror === undefined)
    throw new Failed('apt knows no mirror of Debian: run "apt-get update", and see that one is configured')
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(
    join(folder, 'other.sources'),
    `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keys}\n`,
  )
  return { 'Dir::Etc::sourcelist': '/dev/null', 'Dir::Etc::sourceparts': folder }
}
