#!/usr/bin/env node
// Holds index.d.ts against the agreed surface, __test__/typings/surface.d.ts, one exported name at a time.
//
//   node tools/check-typings.mjs              write __test__/typings/assignable.ts and check it with tsc
//   node tools/check-typings.mjs --check      the same, but the committed file must be what would be written
//   node tools/check-typings.mjs --complete   names and members that are missing in ours are errors too
//
// For each name that both have, assignable.ts declares what is expected under another name; everything that
// declaration refers to is ours. So each name is judged alone, and one that differs is reported once.
// What users pass in must be accepted by ours; what they get must be what was agreed, or more.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { memberNames, parseModule, tokens, typeParameters } from './declarations/parse.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const FOLDER = join(ROOT, '__test__/typings')
const TARGET = join(FOLDER, 'assignable.ts')

// Types that users write and we read; every other type is one that we make and users read.
const INPUT =
  /Options$|^(?:Args|AuthMethod|CopyFormat|NotificationListener|RecordClass|SslMode|TargetSessionAttrs|TypeCodec)$/

const HEADER = `// Written by tools/check-typings.mjs from index.d.ts and surface.d.ts: change those, not this file.
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
`

const RULES = `
type Sample = { readonly sample: 1 }
/** Ours may be given where the agreed type is wanted. */
type Accepts<Wanted, Given extends Wanted> = Given
/** The same for the members that both have. */
type Fits<Wanted, Given extends Pick<Wanted, Extract<keyof Wanted, keyof Given>>> = Given
type Statics<T> = Omit<T, 'prototype'>
`

/** The first occurrence of a declaration's own name is where it is declared. */
function renameDeclaration(text, name, to) {
  let done = false
  return tokens(text)
    .map((token) => {
      if (done || token !== name) return token
      done = true
      return to
    })
    .join('')
}

/** `implements` would ask ours to have no more members than agreed. */
const withoutImplements = (text) => text.replace(/^([^{]*?)\s+implements\s+[^{]*\{/, '$1 {')

function ambient(declaration, change) {
  // A class may have its methods declared by an interface of the same name.
  const keyword = (text) => (/^(?:interface|type)\b/.test(text) ? '' : 'declare ')
  return declaration.chunks.map(({ text }) => `${keyword(text)}${change(text)}`).join('\n')
}

function checks(name, declaration) {
  const { kind } = declaration
  const samples = typeParameters(declaration, name).map((constraint) => constraint ?? 'Sample')
  const args = samples.length === 0 ? '' : `<${samples.join(', ')}>`
  const ours = `${name}${args}`
  const wanted = `Expected_${name}${args}`
  const instance = `Fits<${wanted}, ${ours}>`
  if (kind === 'function' || kind === 'const') return [`Accepts<typeof Expected_${name}, typeof ${name}>`]
  if (kind.endsWith('class')) {
    const found = [instance, `Fits<Statics<typeof Expected_${name}>, Statics<typeof ${name}>>`]
    if (!declaration.chunks.some(({ text }) => /\b(?:protected|private)\s+constructor\b/.test(text))) {
      found.push(`Accepts<ConstructorParameters<typeof ${ours}>, ConstructorParameters<typeof ${wanted}>>`)
    }
    return found
  }
  if (INPUT.test(name)) return [`Accepts<${ours}, ${wanted}>`]
  return kind === 'interface' ? [instance] : [`Accepts<${wanted}, ${ours}>`]
}

function generate(surface, ours) {
  const both = [...surface.declarations].filter(([name]) => ours.exports.has(name))
  const missing = [...surface.declarations].filter(([name]) => !ours.exports.has(name))
  const parts = [
    `${HEADER}import type { ${both
      .map(([name]) => name)
      .sort()
      .join(', ')} } from 'cornac'`,
    RULES,
  ]
  parts.push('// What ours does not have yet, as agreed.')
  for (const [, declaration] of missing) parts.push(ambient(declaration, withoutImplements))
  for (const [name, declaration] of both) {
    parts.push(`\n// ${name}`)
    parts.push(
      // A method that gives its own object gives ours, which may lack what is not there yet.
      ambient(declaration, (text) =>
        renameDeclaration(
          withoutImplements(text).replace(/\): this\b/g, `): ${name}`),
          name,
          `Expected_${name}`,
        ),
      ),
    )
    for (const [index, check] of checks(name, declaration).entries()) {
      parts.push(`export type ${name}_${index + 1} = ${check}`)
    }
  }
  return `${parts.join('\n')}\n`
}

/** Own members and those of what it extends. */
function allMembers(module, name, seen = new Set()) {
  const declaration = module.declarations.get(name)
  if (!declaration || seen.has(name)) return new Set()
  seen.add(name)
  const names = memberNames(declaration)
  for (const { text } of declaration.chunks) {
    const heritage = /^[^{]*?\bextends\s+([^{]*)\{/.exec(text.replace(/\bimplements\b[^{]*/, ''))
    for (const base of heritage?.[1].split(',') ?? []) {
      for (const member of allMembers(module, base.trim().replace(/<.*$/s, ''), seen)) names.add(member)
    }
  }
  return names
}

function findMissing(surface, ours) {
  const lines = []
  for (const [name, { kind }] of surface.declarations) {
    if (!surface.exports.has(name)) continue
    if (!ours.exports.has(name)) lines.push(name)
    else if (kind === 'interface' || kind.endsWith('class')) {
      const have = allMembers(ours, name)
      const lacking = [...allMembers(surface, name)].filter((member) => !have.has(member))
      if (lacking.length > 0) lines.push(`${name}: ${lacking.join(', ')}`)
    }
  }
  return lines
}

function main(args) {
  const read = (file) => parseModule(readFileSync(file, 'utf8'), file)
  const surface = read(join(FOLDER, 'surface.d.ts'))
  const ours = read(join(ROOT, 'index.d.ts'))
  const text = generate(surface, ours)
  if (!args.includes('--check')) writeFileSync(TARGET, text)
  else if (readFileSync(TARGET, 'utf8') !== text) {
    throw new Error(
      '__test__/typings/assignable.ts is out of date: run node tools/check-typings.mjs and commit the result',
    )
  }
  const missing = findMissing(surface, ours)
  if (missing.length > 0) console.log(`agreed and not there yet:\n  ${missing.join('\n  ')}`)
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', FOLDER], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0)
    throw new Error('index.d.ts is not assignable to __test__/typings/surface.d.ts, see above')
  if (missing.length > 0 && args.includes('--complete'))
    throw new Error('index.d.ts lacks what the list above names')
  console.log('index.d.ts fits __test__/typings/surface.d.ts')
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
