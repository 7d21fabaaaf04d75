import { TimeoutError } from '../errors/index.ts'
import { redactError } from '../errors/redact.ts'
import { PARAMETER_BY_KEY } from './parameters.ts'

/** What to do about them. */
const REMEDY = 'in user and password write "/" as %2F, "?" as %3F and "@" as %40'

/** Pieces shorter than this are only found where they stand as words of their own. */
const SHORT = 4

const RUN = /[\p{L}\p{N}]{3,}/gu

/** A second "@", or one behind a "/" or "?", with no "=" before it that would make it a part of a value. */
const CUT_USER = /^[^@/?=]*[@/?][^=]*@/

/**
 * What a DSN holds that may be a piece of a password. A raw "@", "/" or "?" in a user or password ends it early: its rest
 * is then read as a host, a port, a database or a key. Such a DSN is taken as its grammar says, and none of these pieces
 * is ever shown. A DSN whose last "@" is the one that ends its password has none.
 */
export class DsnSecrets {
  readonly #pieces: readonly string[]
  /** Something that nobody has to hide may be a piece of a user. */
  readonly #cutsUser: boolean

  constructor(dsn: string | undefined) {
    const rest = dsn === undefined ? '' : dsn.slice(dsn.indexOf('://') + 3)
    this.#pieces = pieces(rest)
    this.#cutsUser = CUT_USER.test(rest)
  }

  /** The text with "…" in place of every piece. */
  hide(text: string): string {
    let shown = text
    for (const piece of this.#pieces) {
      if (!shown.includes(piece)) continue
      shown = piece.length < SHORT ? shown.replace(word(piece), '…') : shown.replaceAll(piece, '…')
    }
    return shown
  }

  /**
   * Hides them in every text of an error, and names the remedy in its hint: what went wrong may be that a piece of a
   * user or password was taken for something else.
   */
  explain(error: Error & { hint?: string }): void {
    if (this.#pieces.length > 0) redactError(error, (text) => this.hide(text))
    else if (!this.#cutsUser) return
    const { hint } = error
    if (error instanceof TimeoutError || hint?.includes('%40')) return
    Object.assign(error, { hint: hint === undefined ? REMEDY : `${hint}; ${REMEDY}` })
  }
}

function word(piece: string): RegExp {
  const literal = piece.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'gu')
}

function pieces(rest: string): string[] {
  const colon = rest.indexOf(':')
  const lastAt = rest.lastIndexOf('@')
  if (colon < 0 || lastAt < colon) return []
  const candidate = rest.slice(colon + 1, lastAt)
  if (!/[@/?]/.test(candidate) && !CUT_USER.test(rest)) return []
  const found = new Set<string>()
  // A host, a database or a value may go on behind the last "@" too: `p@ss/word@host` has the database `word@host`.
  for (const text of [candidate, rest.slice(colon + 1)]) {
    for (const separators of [/[@/?]/, /[@/?&]/, /[@/?&=,:[\]]/, /[/?&=,]/]) {
      for (const piece of text.split(separators)) {
        found.add(piece).add(piece.trim()).add(decoded(piece))
      }
    }
    // What lies between is shown escaped at times.
    for (const piece of [...found]) for (const run of piece.match(RUN) ?? []) found.add(run)
  }
  const rear = rest.slice(lastAt + 1)
  const behind = new Set([...rear.split(/[@/?&=,:[\]]/), ...(rear.match(RUN) ?? [])])
  const hidden = [...found].filter(
    (piece) =>
      piece !== '' && !PARAMETER_BY_KEY.has(piece) && (candidate.includes(piece) || !behind.has(piece)),
  )
  return [...new Set([...hidden, ...hidden.map(quoted)])].sort((a, b) => b.length - a.length)
}

/** A piece as messages show it between their quotes. */
function quoted(piece: string): string {
  return JSON.stringify(piece).slice(1, -1)
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece.replaceAll('+', ' '))
  } catch {
    return piece
  }
}
