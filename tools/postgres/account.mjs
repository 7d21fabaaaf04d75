// The operating-system account that servers run under. PostgreSQL refuses to run as root, so root hands its
// servers to "nobody", which by convention is 65534 on Linux and needs no entry in /etc/passwd.

import { chown } from 'node:fs/promises'

const NOBODY = 65_534

export const runsAsRoot = process.getuid?.() === 0

/** Spread into spawn's options. */
export const account = runsAsRoot ? { uid: NOBODY, gid: NOBODY } : {}

/**
 * Gives a file to the account, where that is another than our own.
 * @param {string} path
 */
export async function giveToAccount(path) {
  if (runsAsRoot) await chown(path, NOBODY, NOBODY)
}

/**
 * The environment of a server process: nothing of the caller's but what the system needs, so that PG* variables,
 * locales and preloaded libraries of a developer's shell cannot change a test.
 * @param {Record<string, string>} [further]
 * @returns {Record<string, string>}
 */
export function serverEnvironment(further = {}) {
  /** @type {Record<string, string>} */
  const environment = { LC_ALL: 'C', TZ: 'UTC' }
  for (const name of ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive']) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return { ...environment, ...further }
}
