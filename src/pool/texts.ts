/** What a text may leave behind in its session: nothing, what the reset query takes back, or what nothing takes back. */
export type Trace = 'none' | 'settings' | 'lasting'

/** What is known of a text that ran. */
export interface Text {
  readonly trace: Trace
  /** Milliseconds that it took lately, a mean. */
  duration: number
  hasRun: boolean
}

/** Texts remembered. Others are looked at anew, and are taken for fast ones. */
const MOST = 1_000

/** Statements that leave nothing behind, but for what {@link SETTING} and {@link LASTING} find in them. */
const HARMLESS: ReadonlySet<string> = new Set(
  (
    'select insert update delete merge values table with explain show begin start commit end rollback abort ' +
    'savepoint release notify create alter drop truncate comment grant revoke copy lock vacuum analyze reindex ' +
    'cluster refresh checkpoint import reassign security'
  ).split(' '),
)

/** Functions that change settings or take locks beyond the transaction. A set_config that is local does neither. */
const SETTING =
  /\bset_config\s*\((?![^()]*,\s*true\s*\))|\bpg_(?:try_)?advisory_(?:un)?lock|\bsetseed\s*\(|\bdblink/

/** What RESET ALL leaves: temporary tables, and statements prepared by hand. */
const LASTING =
  /^create\s+(?:or\s+replace\s+)?(?:local\s+|global\s+)?temp|\binto\s+(?:local\s+|global\s+)?temp|\bpg_temp\b|^(?:prepare|load)\b|^set\s+(?:session\s+)?(?:role|session\s+authorization)\b/

const LOCAL = /^set\s+(?:local|transaction|constraints)\b/

/** What is known of the texts that a pool's connections run. */
export class Texts {
  readonly #texts = new Map<string, Text>()

  get(sql: string): Text {
    const known = this.#texts.get(sql)
    if (known !== undefined) return known
    if (this.#texts.size >= MOST) {
      const [oldest] = this.#texts.keys()
      this.#texts.delete(oldest as string)
    }
    const text: Text = { trace: traceOf(sql), duration: 0, hasRun: false }
    this.#texts.set(sql, text)
    return text
  }
}

/**
 * What a text may leave behind, by its words. Where it cannot be told, it is more rather than less: a semicolon within
 * a string begins a statement here. What a function of the user's does is not seen.
 */
export function traceOf(sql: string): Trace {
  let trace: Trace = 'none'
  for (const part of sql.toLowerCase().split(';')) {
    const statement = part.replace(LEADING, '')
    if (statement === '') continue
    if (LASTING.test(statement)) return 'lasting'
    const [word = ''] = /^[a-z]*/.exec(statement) ?? []
    if ((!HARMLESS.has(word) && !LOCAL.test(statement)) || SETTING.test(statement)) trace = 'settings'
  }
  return trace
}

/** Blanks, parentheses and comments before the first word. A nested comment is no word, which is no harmless one. */
const LEADING = /^(?:[\s(]|--[^\n\r]*(?:[\n\r]|$)|\/\*[\s\S]*?\*\/)+/
