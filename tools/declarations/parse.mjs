// Reads the statements of a .d.ts file: enough of the grammar for what tsc emits and for plain
// hand-written declarations, and independent of TypeScript's own (unstable) programming interface.

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|#?[\p{ID_Start}_$][\p{ID_Continue}$]*|\d[\w.]*|\s+|[\s\S]/gu

/** Every character of the text is in exactly one token, so that joining them gives the text back. */
export function tokens(text) {
  return Array.from(text.matchAll(TOKEN), ([token]) => token)
}

export const isIdentifier = (token) => /^[\p{ID_Start}_$]/u.test(token)
const isSpace = (token) => /^\s/.test(token)
const isComment = (token) => token.startsWith('/*') || token.startsWith('//')

/** Puts another name where `rename` gives one; strings, comments and members after a dot stay. */
export function mapIdentifiers(text, rename) {
  let previous = ''
  let result = ''
  for (const token of tokens(text)) {
    if (token.startsWith('`')) {
      result += token.replace(/\$\{([^}]*)\}/g, (_, inner) => `\${${mapIdentifiers(inner, rename)}}`)
    } else {
      result += isIdentifier(token) && previous !== '.' ? (rename(token) ?? token) : token
    }
    if (!isSpace(token) && !isComment(token)) previous = token
  }
  return result
}

/** Every identifier that may name a declaration. */
export function identifiers(text) {
  const found = new Set()
  mapIdentifiers(text, (name) => {
    found.add(name)
  })
  return found
}

const BLOCK = /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface|namespace|module|enum)\b/
const STARTS = new Set(['export', 'import', 'declare', 'type', 'interface', 'class', 'abstract'])

/** Top-level statements as `{ doc, text }`, where `doc` is the comment that belongs to the statement. */
export function statements(source) {
  const found = []
  let doc = ''
  let text = ''
  let depth = 0
  const all = tokens(source)
  const finish = () => {
    if (text.trim() !== '') found.push({ doc, text: text.trim() })
    doc = ''
    text = ''
  }
  for (const [index, token] of all.entries()) {
    if (text === '' && isSpace(token)) continue
    if (depth === 0 && isComment(token) && text.trim() === '') {
      if (token.startsWith('/**') || token.startsWith('///')) doc = token
      continue
    }
    if (depth === 0 && isSpace(token) && token.includes('\n')) {
      const next = all.slice(index + 1).find((candidate) => !isSpace(candidate))
      // Declarations written by hand may have no semicolon.
      if (next === undefined || STARTS.has(next) || isComment(next)) {
        finish()
        continue
      }
    }
    text += token
    if (token === '{' || token === '(' || token === '[') depth += 1
    if (token === '}' || token === ')' || token === ']') depth -= 1
    if (depth === 0 && (token === ';' || (token === '}' && BLOCK.test(text)))) finish()
  }
  finish()
  return found
}

function list(text) {
  return text
    .split(',')
    .map((item) => item.trim().replace(/^type\s+/, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [name, as] = item.split(/\s+as\s+/)
      return { name, as: as ?? name }
    })
}

// The forms in which a module imports and hands on, each with what it says about the module.
const FORMS = [
  [/^export\s*\{\s*\}\s*;?$/, () => {}],
  [
    /^import\s+(?:type\s+)?\*\s+as\s+(\w+)\s+from\s+['"](.+)['"]\s*;?$/,
    (module, [, as, from]) => module.imports.set(as, { from, name: '*' }),
  ],
  [
    /^import\s+(?:type\s+)?\{([\s\S]*)\}\s+from\s+['"](.+)['"]\s*;?$/,
    (module, [, names, from]) => {
      for (const { name, as } of list(names)) module.imports.set(as, { from, name })
    },
  ],
  // Only for its effects: nothing of it can be named.
  [/^import\s+['"].+['"]\s*;?$/, () => {}],
  [
    /^export\s+(?:type\s+)?\*\s+from\s+['"](.+)['"]\s*;?$/,
    (module, [, from]) => module.stars.push({ from, at: module.exports.size }),
  ],
  [
    /^export\s+(?:type\s+)?\{([\s\S]*?)\}(?:\s+from\s+['"](.+)['"])?\s*;?$/,
    (module, [, names, from]) => {
      for (const { name, as } of list(names)) {
        module.exports.set(as, from === undefined ? { local: name } : { from, name })
      }
    },
  ],
]

/**
 * One module: what it imports, hands on, and declares. `declarations` maps a name to
 * `{ kind, exported, chunks: [{ doc, text }] }`, overloads and merged interfaces in one entry, the text
 * without `export` and `declare`.
 */
export function parseModule(source, file) {
  const module = { file, imports: new Map(), stars: [], exports: new Map(), declarations: new Map() }
  module.references = source.split('\n').filter((line) => line.startsWith('/// <reference'))
  for (const { doc, text } of statements(source)) {
    const form = FORMS.find(([pattern]) => pattern.test(text))
    if (form) form[1](module, form[0].exec(text))
    else declare(module, doc, text)
  }
  return module
}

const DECLARATION =
  /^(export\s+)?(?:declare\s+)?((?:abstract\s+)?class|interface|type|function|const|let|var|enum|namespace)\s+([\p{ID_Start}_$][\p{ID_Continue}$]*)/u

function declare(module, doc, text) {
  const match = DECLARATION.exec(text)
  if (!match) throw new Error(`${module.file}: cannot read the declaration "${text.slice(0, 80)}"`)
  const [, exported, kind, name] = match
  const bare = text.replace(/^export\s+/, '').replace(/^declare\s+/, '')
  const known = module.declarations.get(name)
  if (known) known.chunks.push({ doc, text: bare })
  else
    module.declarations.set(name, { kind, exported: exported !== undefined, chunks: [{ doc, text: bare }] })
  if (exported) module.exports.set(name, { local: name })
}

/** The names of the members of a class or an interface, as far as they are written as names. */
export function memberNames({ chunks }) {
  const names = new Set()
  for (const { text } of chunks) {
    const open = text.indexOf('{')
    let depth = 0
    let fresh = true
    for (const token of tokens(text.slice(open))) {
      if (isSpace(token) || isComment(token)) {
        if (depth === 1 && token.includes('\n')) fresh = true
        continue
      }
      if (depth === 1 && fresh && isIdentifier(token)) {
        if (/^(?:readonly|static|protected|private|abstract|get|set|declare)$/.test(token)) continue
        if (token !== 'constructor') names.add(token)
        fresh = false
      } else if (depth === 1 && (token === ';' || token === '}')) fresh = true
      else if (depth === 1) fresh = false
      if ('{(['.includes(token)) depth += 1
      if ('})]'.includes(token)) depth -= 1
      if (depth === 1 && token === ';') fresh = true
      if (depth === 1 && token === '{') fresh = true
    }
  }
  return names
}

/** The type parameters of a declaration: for each the name that constrains it, or undefined. */
export function typeParameters({ chunks }, name) {
  const all = tokens(chunks[0].text).filter((token) => !isSpace(token))
  const at = all.indexOf(name)
  if (all[at + 1] !== '<') return []
  const parameters = [[]]
  let depth = 0
  for (const token of all.slice(at + 1)) {
    if ('<{(['.includes(token)) depth += 1
    if ('>})]'.includes(token)) depth -= 1
    if (depth === 1 && token === ',') parameters.push([])
    else parameters.at(-1).push(token)
    if (depth === 0) break
  }
  return parameters.map((words) => {
    const at = words.indexOf('extends')
    return at < 0 ? undefined : words[at + 1]
  })
}
