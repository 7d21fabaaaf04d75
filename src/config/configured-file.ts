import { invalid, quote, type Setting } from './origin.ts'
import type { Sources } from './sources.ts'

const utf8 = new TextDecoder('utf-8')

/** Reads a text file; throws the system's error, or one that says what kind of file it is not. */
export function readTextFile(path: string, largest: number, sources: Sources): string {
  return utf8.decode(readPlainFile(path, largest, sources))
}

/** Reads a plain file of bounded size. What is no plain file is never opened: a pipe would block. */
export function readPlainFile(path: string, largest: number, sources: Sources): Uint8Array {
  const facts = sources.stat(path)
  // What is not there is opened all the same, for the system's own error.
  if (facts === undefined) return sources.readFile(path)
  if (facts.kind !== 'file') {
    throw new UnusableFile(facts.kind === 'directory' ? 'it is a directory' : 'it is not a plain file')
  }
  if (facts.size > largest) {
    throw new UnusableFile(`it has ${facts.size} bytes, the limit is ${largest}`)
  }
  return sources.readFile(path)
}

/** A file that exists and cannot be what its name says. */
export class UnusableFile extends Error {}

const LARGEST_TLS_FILE = 16 << 20

/** Reads a file that a parameter names; the error names both. */
export function readConfigured(setting: Setting, sources: Sources): Uint8Array {
  const path = setting.value as string
  let bytes: Uint8Array
  try {
    bytes = readPlainFile(path, LARGEST_TLS_FILE, sources)
  } catch (cause) {
    throw invalid(setting, `cannot read ${quote(path)}: ${reason(cause)}`, {
      hint: 'correct the path, or make the file readable',
      cause,
    })
  }
  if (bytes.length === 0) {
    throw invalid(setting, `the file ${quote(path)} is empty`, { hint: 'name a file in PEM or DER format' })
  }
  return bytes
}

/** Whether nothing is at the path, as opposed to something that cannot be read. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/**
 * Why a file cannot be read, in one line. The system's own message repeats the path as it is, line breaks
 * and all; whoever reports this has quoted the path already.
 */
export function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { syscall } = cause as NodeJS.ErrnoException
  return syscall === undefined ? cause.message : (cause.message.split(`, ${syscall}`, 1)[0] as string)
}
