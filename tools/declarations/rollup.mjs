// Makes one .d.ts of a tree of .d.ts files: what the entry exports, and whatever that refers to.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mapIdentifiers, parseModule } from './parse.mjs'

/** A declaration is known by the file that has it and its name there. */
const key = (file, name) => `${file}\0${name}`

class Rollup {
  #modules = new Map()
  #used = new Map() // key → { module, name, shown }
  #taken = new Map() // shown name → key
  #external = new Map() // from → Map(shown → imported name)
  #given = new Map() // key → { external, name }

  load(file) {
    let module = this.#modules.get(file)
    if (!module) {
      module = parseModule(readFileSync(file, 'utf8'), file)
      this.#modules.set(file, module)
    }
    return module
  }

  /** What an entry exports is not declared again: it is imported from the file that has it. */
  give({ entry, from }) {
    const module = this.load(entry)
    for (const name of this.exportedNames(module)) {
      const origin = this.origin(module, name)
      this.#given.set(key(origin.module.file, origin.name), { external: from, name })
    }
  }

  /** The file that a relative specifier means, or undefined for a package. */
  #resolve(module, specifier) {
    if (!specifier.startsWith('.')) return undefined
    const file = join(dirname(module.file), specifier.replace(/(?:\.d)?\.(?:ts|js)$/, '.d.ts'))
    if (!existsSync(file)) throw new Error(`${module.file}: "${specifier}" has no declarations`)
    return file
  }

  /** Where an exported name of a module is declared. */
  origin(module, name) {
    const direct = module.exports.get(name)
    if (direct?.local !== undefined) return this.#local(module, direct.local)
    if (direct) return this.#imported(module, direct.from, direct.name)
    for (const { from } of module.stars) {
      const file = this.#resolve(module, from)
      if (file === undefined) continue
      const found = this.origin(this.load(file), name)
      if (found) return found
    }
    return undefined
  }

  #local(module, name) {
    if (module.declarations.has(name)) return this.#given.get(key(module.file, name)) ?? { module, name }
    const imported = module.imports.get(name)
    return imported && this.#imported(module, imported.from, imported.name)
  }

  #imported(module, from, name) {
    const file = this.#resolve(module, from)
    if (file === undefined) return { external: from, name }
    const target = this.load(file)
    if (name === '*') return { namespace: target }
    const found = this.origin(target, name)
    if (!found) throw new Error(`${module.file}: "${from}" exports no ${name}`)
    return found
  }

  /** Every name the module exports, in the order in which it names them. */
  exportedNames(module, seen = new Set()) {
    if (seen.has(module)) return []
    seen.add(module)
    const own = [...module.exports.keys()]
    const names = []
    for (const [index, name] of [...own, undefined].entries()) {
      for (const { from, at } of module.stars) {
        const file = at === index ? this.#resolve(module, from) : undefined
        if (file !== undefined) names.push(...this.exportedNames(this.load(file), seen))
      }
      if (name !== undefined) names.push(name)
    }
    return [...new Set(names)]
  }

  /** Gives a declaration the name under which it stands in the one file; the wanted one if it is free. */
  use({ module, name }, wanted) {
    const id = key(module.file, name)
    const known = this.#used.get(id)
    if (known) return known
    let shown = wanted
    for (let n = 1; this.#taken.has(shown); n += 1) shown = `${wanted}_${n}`
    this.#taken.set(shown, id)
    const entry = { module, name, shown }
    this.#used.set(id, entry)
    return entry
  }

  #useExternal(from, name, wanted) {
    const known = this.#external.get(from) ?? new Map()
    this.#external.set(from, known)
    for (const [shown, imported] of known) if (imported === name) return shown
    let shown = wanted
    for (let n = 1; this.#taken.has(shown); n += 1) shown = `${wanted}_${n}`
    this.#taken.set(shown, key(from, name))
    known.set(shown, name)
    return shown
  }

  /** The declarations of one entry, with what they refer to under the names of the one file. */
  print(entry, keyword) {
    const { module, name, shown } = entry
    const declaration = module.declarations.get(name)
    return declaration.chunks.map(({ doc, text }) => {
      const renamed = this.#flatten(module, text)
      const body = mapIdentifiers(renamed, (word) => {
        if (word === name) return shown
        const target = this.#local(module, word)
        if (!target) return undefined
        if (target.external) return this.#useExternal(target.external, target.name, word)
        if (target.namespace) throw new Error(`${module.file}: ${name} refers to a whole module, "${word}"`)
        return this.use(target, target.name).shown
      })
      // What stands for private fields makes a class nominal: two copies of this package, or a double made
      // for a test, would not fit. Its members say all that a user may rely on.
      const visible = body.replace(/^\s+#private;\n/m, '')
      const ambient = /^(?:interface|type)$/.test(declaration.kind) ? '' : 'declare '
      return `${doc === '' ? '' : `${doc}\n`}${keyword}${ambient}${visible}`.replace(
        /^(?: {4})+/gm,
        (blanks) => ' '.repeat(blanks.length / 2),
      )
    })
  }

  /** `namespace.Name` and `import("./file").Name` become a name of the one file. */
  #flatten(module, text) {
    let result = text.replace(/\bimport\(['"]([^'"]+)['"]\)\.(\w+)/g, (_, from, name) => {
      const target = this.#imported(module, from, name)
      return target.external
        ? this.#useExternal(target.external, name, name)
        : this.use(target, target.name).shown
    })
    for (const [alias, { from, name }] of module.imports) {
      const file = name === '*' ? this.#resolve(module, from) : undefined
      if (file === undefined) continue
      result = result.replace(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'), (_, member) => {
        const target = this.origin(this.load(file), member)
        if (!target) throw new Error(`${module.file}: "${from}" exports no ${member}`)
        return this.use(target, target.name).shown
      })
    }
    return result
  }

  entries() {
    return [...this.#used.values()]
  }

  header() {
    const references = new Set()
    for (const module of this.#modules.values()) for (const line of module.references) references.add(line)
    const imports = [...this.#external].sort().map(([from, names]) => {
      const items = [...names].map(([shown, name]) => (shown === name ? name : `${name} as ${shown}`)).sort()
      return names.get([...names.keys()][0]) === '*'
        ? `import type * as ${[...names.keys()][0]} from '${from}'`
        : `import type { ${items.join(', ')} } from '${from}'`
    })
    return [...[...references].sort(), ...imports]
  }
}

/**
 * The text of one declaration file for everything that `entryFile` exports. What `given.entry` exports too is taken
 * from the file `given.from`.
 */
export function rollup(entryFile, firstLine, given) {
  const all = new Rollup()
  if (given) all.give(given)
  const entry = all.load(entryFile)
  const parts = []
  const aliases = []
  const publicEntries = new Set()
  const open = []
  for (const name of all.exportedNames(entry)) {
    const target = all.origin(entry, name)
    if (!target) throw new Error(`${entryFile}: ${name} is exported and declared nowhere`)
    if (given && target.external === given.from) {
      aliases.push(
        `export { ${target.name === name ? name : `${target.name} as ${name}`} } from '${given.from}'`,
      )
      continue
    }
    if (!target.module) throw new Error(`${entryFile}: ${name} is not this package's own`)
    const used = all.use(target, name)
    if (used.shown !== name) aliases.push(`export { ${used.shown} as ${name} }`)
    if (!publicEntries.has(used)) open.push(used)
    publicEntries.add(used)
  }
  for (const used of open) parts.push(...all.print(used, 'export '))
  // Printing finds what is referred to, so the list grows while it is walked.
  const printed = new Set(open)
  for (let next = pick(); next; next = pick()) {
    printed.add(next)
    parts.push(...all.print(next, ''))
  }
  function pick() {
    return all.entries().find((candidate) => !printed.has(candidate))
  }
  // Without this line everything in a declaration file would count as exported.
  const last = aliases.length > 0 ? aliases.join('\n') : 'export {}'
  const header = all.header()
  return `${[firstLine, ...(header.length > 0 ? [header.join('\n')] : []), ...parts, last].join('\n\n')}\n`
}
