#!/usr/bin/env node
// Writes src/boundary/generated.ts: the numbers that the Rust core and TypeScript share, from the Rust sources, and the
// version, from Cargo.toml.
//
//   node tools/generate-boundary.mjs            write it
//   node tools/generate-boundary.mjs --check    compare with the committed one, write nothing
//
// What is shared is a module of constants or an enum with explicit numbers. Comments stay in Rust.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const TARGET = join(ROOT, 'src/boundary/generated.ts')

/** @type {readonly { name: string, file: string, rust: string, says: string, signed?: true }[]} */
const SHARED = [
  {
    name: 'Operation',
    file: 'crates/node/src/submission.rs',
    rust: 'mod operation',
    says: 'What a request of a submission asks for',
  },
  { name: 'Ask', file: 'crates/node/src/submission.rs', rust: 'mod ask', says: 'What a call is' },
  {
    name: 'SetsEnd',
    file: 'crates/node/src/submission.rs',
    rust: 'mod sets_end',
    says: 'What is behind argument sets',
  },
  {
    name: 'Exchange',
    file: 'crates/node/src/submission.rs',
    rust: 'mod exchange',
    says: "How values of a type with a codec of the program's travel",
  },
  { name: 'CallFlag', file: 'crates/node/src/submission.rs', rust: 'mod flag', says: 'Flags of a call' },
  {
    name: 'CopyLayout',
    file: 'crates/node/src/submission.rs',
    rust: 'mod layout',
    says: 'How the records of a COPY are written',
  },
  {
    name: 'BinaryType',
    file: 'crates/wire/src/copy_records.rs',
    rust: 'mod binary_type',
    says: 'Types that may be written in binary, by their OIDs',
  },
  { name: 'Tag', file: 'crates/wire/src/param/arg.rs', rust: 'mod tag', says: 'Kinds of arguments' },
  {
    name: 'AsJson',
    file: 'crates/wire/src/param/arg.rs',
    rust: 'mod as_json',
    says: 'What stands in place of the length of the JSON of an array or a spelled value',
  },
  {
    name: 'Spelling',
    file: 'crates/wire/src/param/spelled.rs',
    rust: 'enum Spelling',
    says: "What comes in PostgreSQL's own text without being a string",
  },
  { name: 'RecordKind', file: 'crates/wire/src/record.rs', rust: 'mod kind', says: 'Kinds of records' },
  { name: 'Letter', file: 'crates/wire/src/record.rs', rust: 'mod letter', says: 'Letters of fields' },
  {
    name: 'RecordFlag',
    file: 'crates/wire/src/record.rs',
    rust: 'mod flag',
    says: 'Flags of rows and failures, and where the transaction status begins',
  },
  {
    name: 'FailureClass',
    file: 'crates/wire/src/record.rs',
    rust: 'enum Class',
    says: 'The class a failure becomes',
  },
  {
    name: 'AttemptField',
    file: 'crates/node/src/connecting.rs',
    rust: 'mod field',
    says: "The driver's own fields of a failed attempt to connect",
  },
  { name: 'Codec', file: 'crates/wire/src/codec.rs', rust: 'enum Codec', says: 'What a cell holds' },
  { name: 'Figure', file: 'crates/wire/src/codec.rs', rust: 'enum Figure', says: 'Geometric types' },
  {
    name: 'ArrayFlag',
    file: 'crates/wire/src/cells/array.rs',
    rust: 'mod flag',
    says: 'What is told of an array besides its size',
  },
  {
    name: 'RangeFlag',
    file: 'crates/wire/src/cells/node.rs',
    rust: 'mod range_flag',
    says: 'What is told of a range besides its bounds',
  },
  {
    name: 'Leaf',
    file: 'crates/wire/src/cells/document.rs',
    rust: 'mod leaf',
    says: 'The high words of leaves of documents that are no doubles',
    signed: true,
  },
  {
    name: 'TypePlace',
    file: 'crates/wire/src/type_options.rs',
    rust: 'mod place',
    says: 'Where the choice of each type option begins in their packed number, in bits',
  },
  {
    name: 'Int8Choice',
    file: 'crates/wire/src/type_options.rs',
    rust: 'enum Int8',
    says: 'Choices of int8',
  },
  {
    name: 'MomentChoice',
    file: 'crates/wire/src/type_options.rs',
    rust: 'enum Moment',
    says: 'Choices of date and time types',
  },
]

/** The body of a Rust item, without comments and attributes. */
function bodyOf(file, rust) {
  const source = readFileSync(join(ROOT, file), 'utf8')
  const start = new RegExp(`^(?:pub(?:\\([^)]*\\))? )?${rust} \\{$`, 'm').exec(source)
  if (start === null) throw new Error(`${file} has no "${rust}"`)
  const from = start.index + start[0].length
  return source
    .slice(from, source.indexOf('\n}', from))
    .replace(/\/\/.*$/gm, '')
    .replace(/#\[[^\]]*\]/g, '')
}

/** @returns {[name: string, value: number][]} */
function members({ file, rust }) {
  const body = bodyOf(file, rust)
  const pattern = rust.startsWith('mod')
    ? /const (\w+): \w+ = (0x[\da-f_]+|[\d_]+|1 << \d+|b'\w');/g
    : /^\s*(\w+) = (\d+),$/gm
  const found = [...body.matchAll(pattern)].map(([, name, value]) => [pascal(name), number(value)])
  const expected = rust.startsWith('mod') ? body.match(/\bconst /g)?.length : body.match(/,$/gm)?.length
  if (found.length === 0 || found.length !== expected) {
    throw new Error(`${file}: "${rust}" has members whose number cannot be read`)
  }
  return found
}

/** A letter stays one. */
function number(text) {
  if (text.startsWith("b'")) return text.slice(1)
  const [base, shift] = text.replaceAll('_', '').split(' << ').map(Number)
  return shift === undefined ? base : base << shift
}

/** CONSTANT_CASE and PascalCase as PascalCase. */
const pascal = (name) =>
  /[a-z]/.test(name) ? name : name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase())

function declaration(shared) {
  const lines = members(shared).map(([name, value]) => `  ${name}: ${shared.signed ? value | 0 : value},`)
  return [
    `/** ${shared.says}: \`${shared.rust}\` of ${shared.file}. */`,
    `export const ${shared.name} = {`,
    ...lines,
    '} as const',
    `export type ${shared.name} = (typeof ${shared.name})[keyof typeof ${shared.name}]`,
  ].join('\n')
}

function version() {
  const [, number] = /^version = "(.+)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'))
  return `/** What the binary must have as its \`VERSION\` too. */\nexport const VERSION = '${number}'`
}

function main(args) {
  const head = '// Written by tools/generate-boundary.mjs from the Rust sources: change those, not this file.'
  const text = `${[head, version(), ...SHARED.map(declaration)].join('\n\n')}\n`
  if (!args.includes('--check')) {
    writeFileSync(TARGET, text)
    console.log(`src/boundary/generated.ts: ${SHARED.length} sets of numbers`)
  } else if (!existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== text) {
    throw new Error(
      'src/boundary/generated.ts is not what the Rust sources give: run node tools/generate-boundary.mjs and commit the result',
    )
  } else {
    console.log('src/boundary/generated.ts is up to date')
  }
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
