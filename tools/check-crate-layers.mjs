#!/usr/bin/env node
// No circle of modules in a crate: what a file uses, in `use` and in paths, never leads back to it. A part of a module
// may use the module that it is a part of. A name that a module only hands on (`pub use` of what is below it) counts as
// its origin's, and what only tests use does not count.
//
//   node tools/check-crate-layers.mjs
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = process.env.CORNAC_LAYERS_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..')

/** Without comments, literals and what is compiled for tests only. */
function code(text) {
  const plain = text
    .replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')
    .replace(/b?r(#+)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'/g, '""')
  return withoutTests(plain)
}

function withoutTests(text) {
  const at = text.search(/#\[cfg\((?:test\)|all\(test\b)/)
  if (at < 0) return text
  const rest = text.slice(at).replace(/^(?:#\[[^\]]*\]\s*)+/, '')
  const end = rest.search(/[;{]/)
  if (end < 0) return text.slice(0, at)
  return text.slice(0, at) + withoutTests(rest.slice(rest[end] === ';' ? end + 1 : closing(rest, end)))
}

/** Behind the brace that closes the one at `open`. */
function closing(text, open) {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at + 1
  }
  return text.length
}

/** `a::{b, c::{self, d as e}}` as `[[['a', 'b'], 'b'], [['a', 'c'], 'c'], [['a', 'c', 'd'], 'e']]`. */
function branches(tree, above = []) {
  const at = tree.indexOf('{')
  if (at < 0) {
    const [path, alias] = tree.trim().split(/\s+as\s+/)
    const parts = [...above, ...path.split('::').filter((part) => part !== '')]
    if (parts.at(-1) === 'self' && parts.length > 1) parts.pop()
    return [[parts, alias ?? parts.at(-1)]]
  }
  const prefix = [
    ...above,
    ...tree
      .slice(0, at)
      .split('::')
      .map((part) => part.trim()),
  ].filter((part) => part !== '')
  const found = []
  let depth = 0
  let start = at + 1
  for (let index = start; index < tree.length; index++) {
    const character = tree[index]
    if (character === '{') depth++
    if ((character === ',' && depth === 0) || (character === '}' && depth === 0)) {
      const branch = tree.slice(start, index).trim()
      if (branch !== '') found.push(...branches(branch, prefix))
      start = index + 1
    }
    if (character === '}') depth--
  }
  return found
}

/** Every module of a crate that has a file of its own, by its path with `::`. */
function modulesOf(crate) {
  const modules = new Map()
  const visit = (file, path) => {
    const text = code(readFileSync(file, 'utf8'))
    const uses = [...text.matchAll(/(\bpub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g)].flatMap(
      ([, shared, tree]) =>
        branches(tree).map(([parts, name]) => ({ parts, name, shared: shared !== undefined })),
    )
    const body = text.replace(/\buse\s+[^;]+;/g, '')
    const inline = [...body.matchAll(/\b(?:crate|super|self)(?:::\w+)+/g)].map(([found]) => {
      const parts = found.split('::')
      return { parts, name: parts.at(-1), shared: false }
    })
    const module = { file, path, uses: [...uses, ...inline], children: new Set() }
    modules.set(path.join('::'), module)
    const folder = /(?:lib|mod)\.rs$/.test(file) ? dirname(file) : file.replace(/\.rs$/, '')
    for (const [, name] of text.matchAll(/\bmod\s+(\w+)\s*;/g)) {
      const below = [join(folder, `${name}.rs`), join(folder, name, 'mod.rs')].find((candidate) =>
        existsSync(candidate),
      )
      if (below === undefined) continue
      module.children.add(name)
      visit(below, [...path, name])
    }
  }
  visit(join(ROOT, 'crates', crate, 'src', 'lib.rs'), [])
  return modules
}

/** The module that defines what `parts` names, seen from `module`; undefined for what is of another crate. */
function origin(modules, module, parts, seen = new Set()) {
  let at = module.path
  let rest = parts
  if (rest[0] === 'crate') [at, rest] = [[], rest.slice(1)]
  else if (rest[0] === 'self' || rest[0] === 'super') {
    while (rest[0] === 'self' || rest[0] === 'super') {
      if (rest[0] === 'super') at = at.slice(0, -1)
      rest = rest.slice(1)
    }
  } else if (!module.children.has(rest[0])) return undefined
  let found = modules.get(at.join('::'))
  while (rest.length > 0 && found?.children.has(rest[0])) {
    found = modules.get([...found.path, rest[0]].join('::'))
    rest = rest.slice(1)
  }
  const handedOn = found?.uses.find(({ shared, name }) => shared && name === rest[0])
  if (handedOn === undefined || seen.has(handedOn)) return found
  return origin(modules, found, handedOn.parts, seen.add(handedOn)) ?? found
}

/** The crate's root is above all, and no part of it may lean on it. */
const isBelow = (module, above) =>
  above.path.length > 0 && above.path.every((part, index) => module.path[index] === part)

/** What each file uses. */
function dependencies(modules) {
  const graph = new Map()
  for (const module of modules.values()) {
    const used = new Set()
    for (const { parts, shared } of module.uses) {
      const found = origin(modules, module, parts)
      if (found === undefined || found === module) continue
      const isPart = isBelow(module, found)
      const isHandedOn = shared && isBelow(found, module)
      if (!isPart && !isHandedOn) used.add(found.file)
    }
    graph.set(module.file, used)
  }
  return graph
}

/** Tarjan's strongly connected components of more than one file. */
function circles(graph) {
  const found = []
  const order = new Map()
  const lowest = new Map()
  const stack = []
  const visit = (file) => {
    order.set(file, order.size)
    lowest.set(file, order.get(file))
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file), lowest.get(next)))
    }
    if (lowest.get(file) !== order.get(file)) return
    const members = stack.splice(stack.indexOf(file))
    if (members.length > 1) found.push(members)
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return found
}

const crates = readdirSync(join(ROOT, 'crates')).filter((crate) =>
  existsSync(join(ROOT, 'crates', crate, 'src', 'lib.rs')),
)
let failed = false
for (const crate of crates) {
  const graph = dependencies(modulesOf(crate))
  for (const members of circles(graph)) {
    failed = true
    console.error(`${crate}: these files use each other in a circle`)
    for (const file of members.toSorted()) {
      const inside = [...graph.get(file)].filter((used) => members.includes(used))
      const name = (path) => relative(join(ROOT, 'crates', crate, 'src'), path)
      console.error(`  ${name(file)} uses ${inside.map(name).toSorted().join(', ')}`)
    }
  }
}
process.exit(failed ? 1 : 0)
