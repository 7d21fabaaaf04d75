#!/usr/bin/env node
// Checks how the files of src/ depend on each other, types included:
//
//   no file depends on itself by way of others,
//   the boundary is used by nothing but the session, the connector, and src/ask.ts with its constants,
//   the binding by nothing but the bridge,
//   and the runtime's timers by nothing but src/timers.ts, which takes them before anybody replaces them.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = process.env.CORNAC_LAYERS_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..')
const BOUNDARY = 'src/boundary/'
const BOUNDARY_USERS = ['src/ask.ts', 'src/connector.ts', 'src/session.ts']
const BINDING = '#native'
const BINDING_USERS = ['src/boundary/bridge.ts']
const TIMERS = 'src/timers.ts'
const TIMER =
  /(?<![.\w])(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask)\b|\bprocess\.(?:nextTick|hrtime)\b|\bperformance\.now\b|\bDate\.now\b|\bnew Date\(\)|\bnode:timers\b/g

function sources() {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map((entry) =>
      relative(ROOT, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
  return ['index.ts', ...files].sort()
}

/** Without comments, which may speak of imports; specifiers have no comment signs in them. */
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

/** What a file imports, in any way: `from '…'`, `import '…'`, `import('…')`. */
function specifiers(text) {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier)
}

function read(file) {
  const text = withoutComments(readFileSync(join(ROOT, file), 'utf8'))
  const all = specifiers(text)
  const files = all
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(file), specifier).split(sep).join('/'))
  return { file, text, files, packages: all.filter((specifier) => !specifier.startsWith('.')) }
}

/** Each circle once, as the files on it. */
function circles(modules) {
  const found = []
  const done = new Set()
  const visit = (file, path) => {
    const at = path.indexOf(file)
    if (at >= 0) return void found.push([...path.slice(at), file])
    if (done.has(file)) return
    for (const next of modules.get(file)?.files ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of modules.keys()) visit(file, [])
  return found
}

function problems() {
  const modules = new Map(sources().map((file) => [file, read(file)]))
  const found = circles(modules).map((circle) => `a circle: ${circle.join(' → ')}`)
  for (const { file, text, files, packages } of modules.values()) {
    for (const target of files) {
      if (!modules.has(target) && !target.endsWith('.d.ts'))
        found.push(`${file} imports ${target}, which is not there`)
      if (target.startsWith(BOUNDARY) && !file.startsWith(BOUNDARY) && !BOUNDARY_USERS.includes(file)) {
        found.push(
          `${file} imports ${target}: only ${BOUNDARY_USERS.join(', ').replace(/, ([^,]*)$/, ' and $1')} use the boundary`,
        )
      }
    }
    if (packages.includes(BINDING) && !BINDING_USERS.includes(file)) {
      found.push(`${file} imports the binding: only ${BINDING_USERS.join(' and ')} does`)
    }
    if (file === TIMERS) continue
    const own = new Set(/import \{([^}]*)\} from '[^']*\/timers\.ts'/.exec(text)?.[1].match(/\w+/g))
    for (const [name] of text.matchAll(TIMER)) {
      if (!own.has(name)) found.push(`${file} uses ${name}: take it from ${TIMERS}`)
    }
  }
  return found
}

const found = problems()
for (const problem of found) console.error(problem)
if (found.length === 0) console.log('the files of src/ depend on each other one way')
process.exitCode = found.length === 0 ? 0 : 1
