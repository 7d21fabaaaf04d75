// Makes a program of a fenced example, line for line, so that an error's line is the document's.
import { identifiers, parseModule } from '../declarations/parse.mjs'

/** Which examples a document has: ```ts fences; `no-run` after `ts` means that it is only type-checked. */
export function parseInfo(info) {
  const [language, ...words] = info.split(/\s+/)
  if (language !== 'ts') return undefined
  const unknown = words.find((word) => word !== 'no-run')
  if (unknown !== undefined) throw new Error(`"${unknown}" after ts is not known; no-run is`)
  return { run: !words.includes('no-run') }
}

const EXPECTED = /\s*\/\/ => ?(.*)$/
const DECLARED =
  /^\s*(?:export\s+)?(?:const|let|var)\s+([\p{ID_Start}_$][\p{ID_Continue}$]*)\s*(?::[^=]*)?=(?!=)/u
const PRINTED = /^\s*console\.(?:log|info)\(/
const CLOSING = /^\s*[)\]}]/

const indentOf = (line) => /^\s*/.exec(line)[0].length

/** The first line of the statement that ends at `index`. */
function startOf(lines, index) {
  if (!CLOSING.test(lines[index])) return index
  const indent = indentOf(lines[index])
  for (let at = index - 1; at >= 0; at -= 1) {
    if (lines[at].trim() !== '' && indentOf(lines[at]) <= indent && !CLOSING.test(lines[at])) return at
  }
  return index
}

/**
 * Turns `// => text` into a check. It stands behind a statement or on the line below it, and may go on in
 * comment lines that are indented further. It is compared with what a `console.log` printed, with the value
 * of the constant declared, or with the value of the expression, as util.inspect shows it on one line.
 */
export function withChecks(code) {
  const lines = code.split('\n')
  const result = [...lines]
  for (const [index, line] of lines.entries()) {
    const match = EXPECTED.exec(line)
    if (!match) continue
    let wanted = match[1]
    for (let next = index + 1; /^\s*\/\/ {2,}\S/.test(lines[next] ?? ''); next += 1) {
      wanted += ` ${lines[next].replace(/^\s*\/\/\s*/, '')}`
    }
    const alone = line.trimStart().startsWith('//')
    let end = index
    while (alone && end > 0 && (end === index || /^\s*(?:\/\/.*)?$/.test(lines[end]))) end -= 1
    const start = startOf(lines, end)
    const args = `${JSON.stringify(wanted.trim())}, ${index + 1}`
    const own = alone ? line.trimStart() : ` //${match[1]}`
    const declared = DECLARED.exec(lines[start])
    if (PRINTED.test(lines[start])) {
      result[index] = `${alone ? '' : line.replace(EXPECTED, '')}; __printed(${args})${alone ? '' : own}`
    } else if (declared) {
      result[index] =
        `${alone ? '' : line.replace(EXPECTED, '')}; __value(${declared[1]}, ${args})${alone ? '' : own}`
    } else {
      // The statement itself is the value; an expression may take several lines.
      result[start] = `${' '.repeat(indentOf(lines[start]))};__value((${result[start].trimStart()}`
      if (start === end) result[end] = result[end].replace(EXPECTED, '')
      else result[end] = lines[end].replace(EXPECTED, '')
      result[end] += `), ${args})`
      if (alone) result[index] = ''
    }
  }
  return result.join('\n')
}

/** Names that an example declares or imports itself. */
function ownNames(code) {
  const names = new Set()
  for (const [, list] of code.matchAll(/\bimport\s+(?:type\s+)?\{([^}]*)\}/g)) {
    for (const item of list.split(','))
      names.add(
        item
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)
          .at(-1),
      )
  }
  for (const [, name] of code.matchAll(
    /\b(?:const|let|var|function|class|import)\s+(?:\*\s+as\s+)?([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu,
  )) {
    names.add(name)
  }
  for (const [, list] of code.matchAll(/\b(?:const|let|var)\s+[{[]([^=]*)[}\]]\s*=/g)) {
    for (const [name] of list.matchAll(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu)) names.add(name)
  }
  return names
}

/** The names that index.d.ts exports as values. */
export function valueNames(declarations) {
  const module = parseModule(declarations, 'index.d.ts')
  return [...module.declarations]
    .filter(([name, { kind }]) => module.exports.has(name) && !/^(?:interface|type)$/.test(kind))
    .map(([name]) => name)
}

/**
 * The whole program. What a fragment uses and does not make itself is given to it: names of this package
 * are imported, `connection` is connected and `pool` created, and both closed at the end.
 */
export function program(code, { names, specifier, support }) {
  const own = ownNames(code)
  const used = identifiers(code)
  const wants = (name) => used.has(name) && !own.has(name)
  const imports = new Set(names.filter(wants))
  const before = []
  const after = []
  if (wants('connection')) {
    if (!own.has('connect')) imports.add('connect')
    before.push('const connection = await connect(process.env.DATABASE_URL)')
    after.push('await connection.close()')
  }
  if (wants('pool')) {
    if (!own.has('createPool')) imports.add('createPool')
    before.push('const pool = await createPool(process.env.DATABASE_URL)')
    after.push('await pool.close()')
  }
  const head = [`import { __printed, __value } from '${support}'`]
  if (imports.size > 0) head.push(`import { ${[...imports].join(', ')} } from '${specifier}'`)
  const body = withChecks(code).replace(/(\bfrom\s+|\bimport\()(['"])cornac\2/g, `$1'${specifier}'`)
  // One line before the code: line n of the program is line n of the fence, its first being the fence itself.
  return `${[...head, ...before].join('; ')}\n${body}\n;${after.join('; ')}\nexport {}\n`
}
