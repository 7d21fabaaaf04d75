// The last step of a release: packages go to the registry one after the other, and a release that broke off goes on.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Failed, must, npm, root } from './steps.mjs'

/**
 * Publishes tarballs in their order. One that the registry has already, byte for byte, is left as it is.
 *
 * @param {readonly string[]} tarballs named as `npm pack` does
 * @param {string} version that of all
 * @param {readonly string[]} flags for `npm publish`
 */
export async function publish(tarballs, version, flags = []) {
  for (const tarball of tarballs) {
    const name = basename(tarball, `-${version}.tgz`)
    const published = await integrityOf(`${name}@${version}`)
    if (published === undefined) {
      await must('npm', ['publish', tarball, '--access', 'public', '--loglevel=notice', ...flags])
    } else if (published === integrity(tarball)) {
      console.log(`${name} ${version} is published already`)
    } else {
      throw new Failed(
        `${name} ${version} is published already, with other contents: run the job that failed again, which has the ` +
          'same binaries, or raise the version',
      )
    }
  }
}

/** What the registry says of a version; `undefined` where it has none. */
async function integrityOf(version) {
  try {
    const told = await npm(['view', version, 'dist.integrity', '--json', '--prefer-online'], root)
    return told.trim() === '' ? undefined : JSON.parse(told)
  } catch (error) {
    if (/\bE404\b/.test(`${error.stdout}${error.stderr}`)) return undefined
    throw new Failed(`the registry could not be asked for ${version}: ${error.stderr ?? error.message}`)
  }
}

function integrity(tarball) {
  return `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
}
