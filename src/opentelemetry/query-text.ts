/** What telemetry tells of a query's text. */
export interface QueryText {
  /** The text with `?` for every literal and without comments: values may be anything, also secrets. */
  readonly masked: string
  /** Its operations and what they are for: `INSERT orders SELECT items`. `''` for a text without any. */
  readonly summary: string
  /** What a CALL calls, with its schema where that is given. */
  readonly procedure: string | undefined
}

type TokenKind = 'word' | 'quoted' | 'literal' | 'comment' | 'blank' | 'sign'

interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const TOKENS: readonly (readonly [TokenKind, RegExp])[] = [
  ['blank', /\s+/y],
  ['comment', /--[^\n]*/y],
  // Text that is not closed is taken for a literal to its end: nothing of it gets out.
  ['literal', /[eE]'(?:[^'\\]|''|\\.)*(?:'|\\?$)/sy],
  ['literal', /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /(?:[uU]&)?"(?:[^"]|"")*(?:"|$)/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /\$\d+/y],
  ['literal', /(?:\d|\.\d)(?:[eE][+-]|[\w.])*/y],
]

const DOLLAR_QUOTE = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy

/** A summary has so many characters at most, as OpenTelemetry's conventions ask. */
const LONGEST_SUMMARY = 255

/** What was found for texts, the last ones. */
const known = new Map<string, QueryText>()
const MOST_KNOWN = 1_000
const LONGEST_KNOWN = 16_384

/** Looks at a text, or remembers what it saw. */
export function readQueryText(text: string): QueryText {
  const found = known.get(text)
  if (found !== undefined) return found
  const tokens = tokensOf(text)
  const read = { masked: mask(tokens), summary: summarize(tokens), procedure: procedureOf(tokens) }
  if (text.length <= LONGEST_KNOWN) {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(text, read)
  }
  return read
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(text: string, at: number): Token {
  if (text.startsWith('/*', at)) return { kind: 'comment', text: text.slice(at, commentEnd(text, at)) }
  DOLLAR_QUOTE.lastIndex = at
  const [quote] = DOLLAR_QUOTE.exec(text) ?? []
  if (quote !== undefined) {
    const close = text.indexOf(quote, at + quote.length)
    return { kind: 'literal', text: text.slice(at, close < 0 ? undefined : close + quote.length) }
  }
  for (const [kind, expression] of TOKENS) {
    expression.lastIndex = at
    const match = expression.exec(text)
    if (match !== null) return { kind, text: match[0] }
  }
  return { kind: 'sign', text: text.charAt(at) }
}

/** Comments of this kind lie within each other. */
function commentEnd(text: string, start: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

function mask(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }) => (kind === 'literal' ? '?' : kind === 'comment' ? ' ' : text))
    .join('')
    .trim()
}

const QUERIES: ReadonlySet<string> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'VALUES',
  'TABLE',
])
const PREFIXES: ReadonlySet<string> = new Set(['WITH', 'EXPLAIN', 'ANALYZE'])
/** UPDATE and DELETE are no operations behind these: FOR UPDATE, ON DELETE, DO UPDATE, WHEN MATCHED THEN DELETE. */
const BEFORE_NO_OPERATION: ReadonlySet<string> = new Set(['FOR', 'KEY', 'ON', 'DO', 'THEN'])
const BEFORE_TARGET: ReadonlySet<string> = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE', 'USING'])
const FILLING: ReadonlySet<string> = new Set(['ONLY', 'LATERAL', 'IF', 'NOT', 'EXISTS', 'CONCURRENTLY'])
const AFTER_TARGETS: ReadonlySet<string> = new Set([
  'WHERE',
  'SET',
  'ON',
  'GROUP',
  'ORDER',
  'HAVING',
  'LIMIT',
  'OFFSET',
  'RETURNING',
  'VALUES',
  'SELECT',
  'WINDOW',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'FOR',
])
/** Statements on an object, whose kind is a part of the operation: CREATE TABLE orders. */
const DEFINITIONS: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP'])

/** The tokens without what stands between the words. */
function bare(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ kind }) => kind !== 'blank' && kind !== 'comment')
}

function procedureOf(all: readonly Token[]): string | undefined {
  const tokens = bare(all)
  return tokens[0]?.text.toUpperCase() === 'CALL' ? targetAt(tokens, 1) : undefined
}

function summarize(all: readonly Token[]): string {
  const tokens = bare(all)
  const [first, second] = tokens
  if (first?.kind !== 'word') return first === undefined || first.text !== '(' ? '' : queries(tokens)
  const verb = first.text.toUpperCase()
  if (DEFINITIONS.has(verb) && second?.kind === 'word') {
    const target = targetAt(tokens, 2)
    return short([`${first.text} ${second.text}`, ...(target === undefined ? [] : [target])])
  }
  if (QUERIES.has(verb) || PREFIXES.has(verb)) return queries(tokens)
  if (verb === 'CALL') return short([first.text, targetAt(tokens, 1) ?? ''].filter(Boolean))
  if (verb !== 'COPY') return first.text
  const target = targetAt(tokens, 1) ?? queries(tokens.slice(1))
  return short(target === '' ? [first.text] : [first.text, target])
}

/** The operations of a query with their targets, in the order of the text. */
function queries(tokens: readonly Token[]): string {
  const found: string[] = []
  /** For each open parenthesis, and the text itself: whether it is a query, and whether a list of targets goes on. */
  const levels = [{ isQuery: true, isListing: false }]
  let before = ''
  for (const [index, { kind, text }] of tokens.entries()) {
    const level = levels.at(-1) as (typeof levels)[number]
    const word = kind === 'word' ? text.toUpperCase() : ''
    if (text === '(') {
      const next = tokens[index + 1]
      const opens = next?.kind === 'word' ? next.text.toUpperCase() : ''
      levels.push({ isQuery: QUERIES.has(opens) || opens === 'WITH', isListing: false })
    } else if (text === ')') {
      if (levels.length > 1) levels.pop()
    } else if (QUERIES.has(word) && level.isQuery && !BEFORE_NO_OPERATION.has(before) && word !== 'VALUES') {
      found.push(text)
      level.isListing = false
      if (BEFORE_TARGET.has(word)) add(found, targetAt(tokens, index + 1))
    } else if (level.isQuery && isBeforeTarget(word, before)) {
      add(found, targetAt(tokens, index + 1))
      level.isListing = word === 'FROM'
    } else if (AFTER_TARGETS.has(word)) {
      level.isListing = false
    } else if (text === ',' && level.isListing) {
      add(found, targetAt(tokens, index + 1))
    }
    before = word
  }
  return short(found)
}

function isBeforeTarget(word: string, before: string): boolean {
  // With these the operation itself finds its target.
  if (word === 'UPDATE' || word === 'TABLE') return false
  return BEFORE_TARGET.has(word) && before !== 'DISTINCT'
}

function add(found: string[], target: string | undefined): void {
  if (target !== undefined) found.push(target)
}

/** The name that begins at a token, with its schema. */
function targetAt(tokens: readonly Token[], start: number): string | undefined {
  let at = start
  while (tokens[at]?.kind === 'word' && FILLING.has((tokens[at] as Token).text.toUpperCase())) at++
  let name = ''
  for (; isName(tokens[at]); at += 2) {
    name += (tokens[at] as Token).text
    if (tokens[at + 1]?.text !== '.') return name
    name += '.'
  }
  return name === '' ? undefined : name
}

function isName(token: Token | undefined): boolean {
  if (token?.kind === 'quoted') return true
  return token?.kind === 'word' && !QUERIES.has(token.text.toUpperCase())
}

function short(words: readonly string[]): string {
  let summary = ''
  for (const word of words) {
    const longer = summary === '' ? word : `${summary} ${word}`
    if (longer.length > LONGEST_SUMMARY) break
    summary = longer
  }
  return summary
}
