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

interface Line {
  readonly fields: readonly (string | null)[]
  readonly password: string
}

const LARGEST_FILE = 1 << 20
const OTHERS = 0o077

/** A password file, read and taken apart (PostgreSQL manual, "The Password File"). No method shows a secret. */
export class PasswordFile {
  readonly path: string
  readonly #lines: readonly Line[]

  constructor(path: string, text: string) {
    this.path = path
    this.#lines = parse(text)
  }

  /** The password of the first line that matches. */
  find(query: PasswordQuery): string | undefined {
    const { hosts, port, database, user } = query
    for (const { fields, password } of this.#lines) {
      const [host, filePort, fileDatabase, fileUser] = fields
      if (
        (host === null || hosts.includes(host as string)) &&
        (filePort === null || filePort === String(port)) &&
        (fileDatabase === null || fileDatabase === database) &&
        (fileUser === null || fileUser === user)
      ) {
        return password
      }
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

/** Lines with fewer than five fields, comments and blank lines are skipped. */
function parse(text: string): Line[] {
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    const content = (raw.endsWith('\r') ? raw.slice(0, -1) : raw).trimStart()
    if (content === '' || content.startsWith('#')) continue
    const line = parseLine(content)
    if (line !== undefined) lines.push(line)
  }
  return lines
}

/**
 * `host:port:database:user:password`. A backslash takes the next character as it is; a field that is a
 * bare `*` matches anything; the password keeps its colons and its blanks.
 */
function parseLine(content: string): Line | undefined {
  const fields: (string | null)[] = []
  let field = ''
  let escaped = false
  let index = 0
  for (; index < content.length && fields.length < 4; index++) {
    const character = content[index] as string
    if (character === '\\' && index + 1 < content.length) {
      field += content[++index]
      escaped = true
    } else if (character === ':') {
      fields.push(field === '*' && !escaped ? null : field)
      field = ''
      escaped = false
    } else {
      field += character
    }
  }
  if (fields.length < 4) return undefined
  return { fields, password: content.slice(index).replace(/\\(.)/gs, '$1') }
}
