import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { os } from '../builtins.ts'

/** What is known of a path without opening it. */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'other'
  /** The permission bits. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** The number of the owning user; 0 is root. */
  readonly owner: number
}

/**
 * Everything outside the arguments that a connect plan depends on. A plan is a pure function of its
 * arguments and one of these, so that tests can say what the world looks like.
 */
export interface Sources {
  readonly env: { readonly [name: string]: string | undefined }
  readonly platform: NodeJS.Platform
  /** Undefined where the system knows none. */
  readonly homeDirectory: string | undefined
  /** The name of the operating system's user; undefined where the system knows none. */
  readonly userName: string | undefined
  /** Undefined when nothing is there; throws the system's error otherwise, as does `readFile`. */
  stat(path: string): FileFacts | undefined
  /** Reads a plain file, and never waits: what is not a plain file is not opened. */
  readFile(path: string): Uint8Array
  /** Whether the runtime has the global `Temporal`. */
  readonly hasTemporal: boolean
}

/** The sources as this process sees them now; `process.env` is read anew for each plan. */
export function systemSources(): Sources {
  return SYSTEM
}

const SYSTEM: Sources = {
  get env() {
    return process.env
  },
  platform: process.platform,
  get homeDirectory() {
    try {
      return os().homedir() || undefined
    } catch {
      // Neither HOME nor an entry in the password database.
      return undefined
    }
  },
  get userName() {
    try {
      return os().userInfo().username || undefined
    } catch {
      // A container that runs under a number without a name: the variables are all there is.
      const { LOGNAME, USER, LNAME, USERNAME } = process.env
      return LOGNAME || USER || LNAME || USERNAME || undefined
    }
  },
  stat(path) {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? undefined : facts(stats)
  },
  readFile,
  get hasTemporal() {
    return typeof (globalThis as { Temporal?: unknown }).Temporal === 'object'
  },
}

function facts(stats: Stats): FileFacts {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other'
  return { kind, mode: stats.mode & 0o7777, size: stats.size, owner: stats.uid }
}

/**
 * Looks again after opening, since a path may have been replaced between `stat` and now: opened without
 * blocking, a pipe nobody writes to is closed at once instead of holding the event loop for ever.
 */
function readFile(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw Object.assign(new Error(`not a plain file: ${path}`), { code: 'EINVAL' })
    const bytes = new Uint8Array(stats.size)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length)
      if (count === 0) break
      length += count
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}
