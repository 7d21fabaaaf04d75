// initdb takes most of a second; its result is made once per release, kept, and copied for each server.

import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { account, giveToAccount, serverEnvironment } from './account.mjs'
import { cached } from './cache.mjs'

const run = promisify(execFile)

/** Part of the entry's name: raise it when what a template contains changes. */
const REVISION = 1

/** The file that carries a server's own settings; it comes after, and so wins over, what initdb wrote. */
export const SETTINGS_FILE = 'cornac.conf'

/** @type {Map<string, Promise<string>>} */
const underway = new Map()

/**
 * A cluster that has never been started, and the password of its superuser.
 * @param {import('./binaries.mjs').Binaries} binaries
 * @returns {Promise<{ data: string, password: string }>}
 */
export async function template(binaries) {
  const place = createHash('sha256').update(binaries.postgres).digest('hex').slice(0, 8)
  const name = `template-${REVISION}-${binaries.release}-${place}`
  let entry = underway.get(name)
  if (entry === undefined) {
    entry = cached(name, (folder) => initialise(binaries, folder))
    underway.set(name, entry)
    entry.catch(() => underway.delete(name))
  }
  const folder = await entry
  return { data: join(folder, 'data'), password: await readFile(join(folder, 'password'), 'utf8') }
}

/**
 * @param {import('./binaries.mjs').Binaries} binaries
 * @param {string} folder
 */
async function initialise(binaries, folder) {
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  // Random, because the servers listen on loopback, where every account of the machine can reach them.
  await writeFile(passwordFile, randomBytes(12).toString('hex'), { mode: 0o600 })
  await mkdir(data, { mode: 0o700 })
  for (const path of [folder, data, passwordFile]) await giveToAccount(path)
  await run(
    binaries.initdb,
    [
      ...['-D', data, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    ],
    { ...account, env: serverEnvironment(), cwd: folder },
  )
  await appendFile(join(data, 'postgresql.conf'), `include_if_exists = '${SETTINGS_FILE}'\n`)
}

/**
 * Copies a data directory with owners and modes. `cp` is an order of magnitude faster than copying a thousand files
 * one by one from JavaScript, and shares blocks where the file system can.
 * @param {string} from
 * @param {string} to
 */
export async function copyCluster(from, to) {
  if (process.platform === 'win32') await cp(from, to, { recursive: true, preserveTimestamps: true })
  else await run('cp', ['-Rp', from, to])
}
