// A folder for what is costly to make and the same for every run: template clusters and copies of server binaries.

import { lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const STALE_AFTER_MS = 10 * 60_000

/**
 * The cache folder. Its name is predictable and lies in a folder that others may write to, so it is only trusted
 * when it is ours and nobody else may change it: programs are started from it.
 * @returns {Promise<string>}
 */
async function cacheFolder() {
  const folder = join(tmpdir(), `cornac-postgres-${process.getuid?.() ?? userInfo().username}`)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const found = await lstat(folder)
  const foreign =
    process.getuid !== undefined && (found.uid !== process.getuid() || (found.mode & 0o022) !== 0)
  if (!found.isDirectory() || foreign) {
    throw new Error(
      `cannot use the cache folder "${folder}": it belongs to somebody else or others may write to it`,
    )
  }
  return folder
}

/**
 * The cached entry, made by `make` in a fresh folder when it does not exist yet. Processes that make the same entry
 * at the same time do not meet: each works in a folder of its own, the first to rename it wins.
 * @param {string} name
 * @param {(folder: string) => Promise<void>} make
 * @returns {Promise<string>}
 */
export async function cached(name, make) {
  const cache = await cacheFolder()
  const entry = join(cache, name)
  if (await exists(entry)) return entry
  await removeStale(cache)
  const stage = await mkdtemp(join(cache, 'stage-'))
  try {
    await make(stage)
    await rename(stage, entry)
  } catch (error) {
    await rm(stage, { recursive: true, force: true })
    if (!(await exists(entry))) throw error
  }
  return entry
}

/**
 * The cached entry, `undefined` when it was not made yet.
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
export async function cachedAlready(name) {
  const entry = join(await cacheFolder(), name)
  return (await exists(entry)) ? entry : undefined
}

/**
 * What a process left behind that was killed while it made an entry.
 * @param {string} cache
 */
async function removeStale(cache) {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('stage-')) continue
    const path = join(cache, name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > STALE_AFTER_MS) await rm(path, { recursive: true, force: true })
  }
}

/** @param {string} path */
async function exists(path) {
  return (await stat(path).catch(() => undefined)) !== undefined
}
