/** What a text may leave behind in its session: nothing, what the reset query takes back, or what nothing takes back. */
export type Trace = 'none' | 'settings' | 'lasting'

/** What is known of a text that ran. */
export interface Text {
  readonly trace: Trace
  /** It begins a transaction, of which all would be part that is sent behind it. */
  readonly isBegin: boolean
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

/** What RESET ALL leaves: temporary tables, which EXPLAIN ANALYZE makes too, and statements prepared by hand. */
const LASTING =
  /\bcreate\s+(?:or\s+replace\s+)?(?:local\s+|global\s+)?temp|\binto\s+(?:local\s+|global\s+)?temp|\bpg_temp\b|^(?:prepare|load)\b/

/** RESET ALL leaves these two settings as well. */
const ROLE =
  /^set\s+(?:session\s+)?"?(?:role|session[\s_]+authorization)\b|\bset_config\s*\(\s*'(?:role|session_authorization)'(?![^()]*,\s*true\s*\))/

const BEGIN = /^(?:begin|start)\b/i

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
    const text: Text = { trace: traceOf(sql), isBegin: BEGIN.test(stripped(sql)), duration: 0, hasRun: false }
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
  for (const statement of statementsOf(sql)) {
    if (LASTING.test(statement) || ROLE.test(statement)) return 'lasting'
    const [word = ''] = /^[a-z]*/.exec(statement) ?? []
    if ((!HARMLESS.has(word) && !LOCAL.test(statement)) || SETTING.test(statement)) trace = 'settings'
  }
  return trace
}

/** The statements of a text in small letters, those of one with comments also as they are without them. */
function statementsOf(sql: string): readonly string[] {
  const text = sql.toLowerCase()
  const bare = withoutComments(text)
  return [...new Set([text, bare])].flatMap(takenApart).filter((statement) => statement !== '')
}

/** In a block of code a statement may also stand behind a word, or in a string that is executed. */
function takenApart(text: string): readonly string[] {
  const statements = text.split(';').map(stripped)
  if (!statements.some((statement) => /^do\b/.test(statement))) return statements
  return [...statements, ...text.split(/[;'$]|\b(?:begin|then|else|loop)\b/).map(stripped)]
}

/** Without blanks, parentheses and comments before the first word. A nested comment is no word, which is no harmless one. */
function stripped(statement: string): string {
  return statement.replace(/^(?:[\s(;]|--[^\n\r]*(?:[\n\r]|$)|\/\*[\s\S]*?\*\/)+/, '')
}

/** A blank in place of each comment, as the server reads a text in which no string has the marks of one. */
function withoutComments(text: string): string {
  if (!/--|\/\*/.test(text)) return text
  let bare = ''
  let from = 0
  let depth = 0
  let isLine = false
  for (const { 0: mark, index } of text.matchAll(/--|\/\*|\*\/|[\n\r]/g)) {
    const wasComment = isLine || depth > 0
    if (mark === '\n' || mark === '\r') isLine = false
    else if (isLine) continue
    else if (mark === '/*') depth++
    else if (mark === '--') isLine = depth === 0
    else if (depth > 0) depth--
    const isComment = isLine || depth > 0
    if (isComment && !wasComment) bare += `${text.slice(from, index)} `
    if (!isComment && wasComment) from = index + mark.length
  }
  return isLine || depth > 0 ? bare : bare + text.slice(from)
}
