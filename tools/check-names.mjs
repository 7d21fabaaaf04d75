#!/usr/bin/env node
// What messages, hints and documents call by its name is there.
//
//   node tools/check-names.mjs
//
// A name is what has a bracket behind it (`fetch(`), or capitals within (`maxSize`). In the texts of src/ and crates/ and
// in the documents for users it must be declared in index.d.ts, or in another entry point; in docs/internals and docs/decisions it may be any of the
// sources. Code blocks are left out: examples are run.
//
// tools/names/announced.txt has the names that the agreed surface has and index.d.ts not yet. tools/names/foreign.txt has
// those of others: of JavaScript, SQL, other drivers. What is not needed there any more is to be taken out.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { prose } from './documents/markdown.mjs'

const ROOT = process.env.CORNAC_NAMES_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..')
const SURFACE = '__test__/typings/surface.d.ts'
/** Entry points of the package whose names are not in index.d.ts. */
const OTHER_ENTRIES = ['src/opentelemetry.ts'].filter((path) => existsSync(join(ROOT, path)))
/** They write code, whose names are its own. */
const GENERATORS = new Set([
  'src/boundary/composite.ts',
  'src/boundary/decoder.ts',
  'src/boundary/document.ts',
  'src/boundary/record-rows.ts',
  'src/boundary/value-source.ts',
])
const IDENTIFIER = /[\p{ID_Start}_$][\p{ID_Continue}$]*/gu
const CALLED = /(?<![\w$])([A-Za-z_$][\w$]*)\(/g
const CAMEL = /(?<![\w$-])[a-z]+[A-Z]\w*/g

const read = (path) => readFileSync(join(ROOT, path), 'utf8')

function filesOf(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(ending))
    .sort()
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
const identifiers = (text) => new Set(withoutComments(text).match(IDENTIFIER))

/** The lines of a list, without remarks. */
const list = (path) =>
  read(path)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')

/** The literals that are sentences, of a source without its own tests. */
function texts(path) {
  const isRust = path.endsWith('.rs')
  const [code] = read(path).split(/#\[cfg\(test\)\]\s*(?:#\[[^\n]*\]\s*)*mod \w+ \{/)
  // A quotation mark as a character of Rust, and in a regular expression.
  const source = (isRust ? code.replace(/(^|[;{}(),])\s*\/\/.*$/gm, '$1') : withoutComments(code)).replace(
    /b?'\\?"'/g,
    "' '",
  )
  const literal = isRust
    ? /"(?:[^"\\]|\\[\s\S])*"/g
    : /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g
  return [...source.matchAll(literal)]
    .map(([text]) => text.replace(/\$\{[^}]*\}/g, ' ').replace(/\\(?:[nrt]|\n\s*)/g, ' '))
    .filter((text) => / /.test(text))
}

function namesIn(text) {
  return [...[...text.matchAll(CALLED)].map(([, name]) => name), ...(text.match(CAMEL) ?? [])]
}

function namesOfDocument(path) {
  return prose(read(path)).flatMap((line) =>
    // None of ours has an underline in documents: those are asyncpg's, and SQL's.
    [...line.matchAll(/(`+)(.+?)\1/g)].flatMap(([, , code]) =>
      namesIn(code).filter((name) => !name.includes('_')),
    ),
  )
}

function isTest(path) {
  return /(?:^|[/_])tests?(?:[/.]|$)|_tests\.rs$/.test(path)
}

/** Where each name stands. */
function uses() {
  const found = []
  const add = (path, names, isInternal) => {
    for (const name of new Set(names)) found.push({ path, name, isInternal })
  }
  for (const path of filesOf('src', '.ts')) {
    if (!GENERATORS.has(path)) add(path, texts(path).flatMap(namesIn), false)
  }
  for (const path of filesOf('crates', '.rs')) {
    if (path.includes('/src/') && !isTest(path)) add(path, texts(path).flatMap(namesIn), false)
  }
  for (const path of ['README.md', 'CHANGELOG.md', ...filesOf('docs', '.md')]) {
    add(path, namesOfDocument(path), /^docs\/(?:internals|decisions)\//.test(path))
  }
  return found
}

function problems() {
  const declared = new Set(['index.d.ts', ...OTHER_ENTRIES].flatMap((path) => [...identifiers(read(path))]))
  const surface = identifiers(read(SURFACE))
  const sources = new Set(
    [...filesOf('src', '.ts'), ...filesOf('crates', '.rs')].flatMap((path) => [...identifiers(read(path))]),
  )
  const announced = list('tools/names/announced.txt')
  const foreign = list('tools/names/foreign.txt')
  const lists = new Set([...announced, ...foreign])
  const used = uses()
  const found = used
    .filter(
      ({ name, isInternal }) => !declared.has(name) && !(isInternal && sources.has(name)) && !lists.has(name),
    )
    .map(({ path, name }) => `${path}: "${name}" is not declared in index.d.ts`)
  const needed = new Set(used.map(({ name }) => name))
  for (const name of announced) {
    if (declared.has(name)) found.push(`tools/names/announced.txt: "${name}" is there now, take it out`)
    else if (!surface.has(name))
      found.push(`tools/names/announced.txt: "${name}" is not announced by ${SURFACE}`)
  }
  for (const name of foreign) {
    if (!needed.has(name)) found.push(`tools/names/foreign.txt: "${name}" is spoken of nowhere, take it out`)
  }
  return found
}

const found = problems()
for (const problem of found) console.error(problem)
if (found.length > 0) {
  console.error(
    'name what is there; else add what the agreed surface announces to tools/names/announced.txt, the names of others to tools/names/foreign.txt',
  )
  process.exitCode = 1
} else console.log('what messages and documents name is there')
