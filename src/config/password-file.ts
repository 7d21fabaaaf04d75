import { readTextFile, UnusableFile } from './configured-file.ts'
import { quote } from './origin.ts'
import type { Sources } from './sources.ts'

/** A warning that goes to `process.emitWarning` when the plan is run. */
export interface PlanWarning {
  readonly code: string
  readonly message: string
}

/** What a password is looked up by. */
export interface PasswordQuery {
  /** Any of these may stand in the file: a socket is known as `localhost` and by its directory. */
  readonly hosts: readonly string[]
  readonly port: number
  readonly database: string
  readonly user: string
}

const LARGEST_FILE = 1 << 20
const OTHERS = 0o077

/** A password file, read and taken apart (PostgreSQL manual, "The Password File"). No method shows a secret. */
export class PasswordFile {
  readonly path: string
  readonly #lines: readonly string[]

  constructor(path: string, text: string) {
    this.path = path
    this.#lines = linesOf(text)
  }

  /** The password of the first line that matches. */
  find({ hosts, port, database, user }: PasswordQuery): string | undefined {
    for (const line of this.#lines) {
      let at = firstMatch(line, hosts)
      for (const wanted of [String(port), database, user]) at = at && match(line, at, wanted)
      if (at !== undefined) return line.slice(at).replace(/\\(.)/gs, '$1')
    }
    return undefined
  }
}

/**
 * Reads a password file. None is no error, and one that must not be trusted is a warning: connecting may
 * well work without.
 */
export function readPasswordFile(
  path: string,
  sources: Sources,
): { file?: PasswordFile; warning?: PlanWarning } {
  try {
    const facts = sources.stat(path)
    if (facts === undefined) return {}
    if (facts.kind !== 'file') {
      return warning('PGPASS_NOT_A_FILE', `password file ${quote(path)} is not a plain file and is ignored`)
    }
    if (sources.platform !== 'win32' && (facts.mode & OTHERS) !== 0) {
      return warning(
        'PGPASS_PERMISSIONS',
        `password file ${quote(path)} may be used by its group or by others and is ignored; ` +
          'its permissions should be u=rw (0600) or less',
      )
    }
    return { file: new PasswordFile(path, readTextFile(path, LARGEST_FILE, sources)) }
  } catch (error) {
    if (error instanceof UnusableFile) {
      return warning('PGPASS_NOT_A_FILE', `password file ${quote(path)} is ignored: ${error.message}`)
    }
    // Unreadable is treated as missing, as libpq does: the server's answer then says what is wanted.
    return {}
  }
}

function warning(code: string, message: string): { warning: PlanWarning } {
  return { warning: { code, message } }
}

export function defaultPasswordFile({ env, platform, homeDirectory }: Sources): string | undefined {
  if (platform === 'win32') return env.APPDATA ? `${env.APPDATA}\\postgresql\\pgpass.conf` : undefined
  return homeDirectory === undefined ? undefined : `${homeDirectory}/.pgpass`
}

/** Comments and blank lines are skipped. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((raw) => (raw.endsWith('\r') ? raw.slice(0, -1) : raw).trimStart())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

function firstMatch(line: string, hosts: readonly string[]): number | undefined {
  for (const host of hosts) {
    const end = match(line, 0, host)
    if (end !== undefined) return end
  }
  return undefined
}

/**
 * Where the next field of `host:port:database:user:password` begins, if the one at `start` is what is wanted. A field
 * that is a bare `*` is anything, and a backslash takes the next character as it is. What is wanted may have colons, as
 * an IPv6 address has, and these need no backslash: libpq compares in this way too.
 */
function match(line: string, start: number, wanted: string): number | undefined {
  if (line.startsWith('*:', start)) return start + 2
  let at = start
  for (const character of wanted) {
    if (line[at] === '\\') at++
    if (!line.startsWith(character, at)) return undefined
    at += character.length
  }
  return line[at] === ':' ? at + 1 : undefined
}
