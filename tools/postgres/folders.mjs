// Where servers keep their files.

import { mkdtemp, realpath, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/** A fresh cluster takes 40 MB; containers often have no more than 64 MB there. */
const ENOUGH_MEMORY_BYTES = 2 * 2 ** 30

/**
 * A new folder for one server. It lies in memory where Linux offers enough of it, unless TMPDIR says where temporary
 * files go: a cluster is a thousand small files, whose making costs a disk's file system up to a second of CPU.
 * @returns {Promise<string>} without symbolic links in it
 */
export async function newServerFolder() {
  const parent = process.env.TMPDIR === undefined && (await hasMemory()) ? MEMORY : tmpdir()
  return realpath(await mkdtemp(join(parent, 'cornac-pg-')))
}

async function hasMemory() {
  if (process.platform !== 'linux') return false
  try {
    const { bavail, bsize } = await statfs(MEMORY)
    return bavail * bsize >= ENOUGH_MEMORY_BYTES
  } catch {
    return false
  }
}
