#!/usr/bin/env node
// Type-checks and runs the examples of the README and the guide.
//
//   DATABASE_URL=postgres://… node tools/run-examples.mjs [--types] [DOCUMENT…]
//
// Every fence that begins with ```ts is an example: a program of its own. ```ts no-run is type-checked only,
// and so is everything under --types. An example may leave out what goes without saying: names of this
// package are imported for it; if it uses `connection` or `pool` without making one, it gets one that is
// connected to DATABASE_URL and closed at the end. PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE say the
// same as DATABASE_URL, so that `connect()` works. An example ends by itself within 100 seconds: a busy
// machine takes long.
//
// `// => text` behind a statement, or below it, says what comes out: what console.log printed, else the value
// of the constant or expression as util.inspect shows it on one line. `…` stands for anything.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseInfo, program, valueNames } from './documents/example.mjs'
import { fences, filesBelow, readText } from './documents/markdown.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const SUPPORT = join(ROOT, 'tools/documents/expect.mjs')
const LIMIT_MS = 100_000

function examplesOf(document) {
  const root = existsSync(document) ? '' : ROOT
  return fences(root === '' ? readFileSync(document, 'utf8') : readText(ROOT, document)).flatMap(
    ({ info, code, line }) => {
      let kind
      try {
        kind = parseInfo(info)
      } catch (error) {
        throw new Error(`${document}:${line}: ${error.message}`)
      }
      return kind === undefined ? [] : [{ document, line, code, ...kind }]
    },
  )
}

/** `example-3.ts(7,1)` and the like become a place in the document. */
function placed(text, examples) {
  return text.replace(/\S*example-(\d+)\.m?ts(?:[(:](\d+)(?:[,:]\d+)?\)?)?/g, (_, index, line) => {
    const { document, line: fence } = examples[Number(index)]
    return `${document}:${fence + (line === undefined ? 0 : Number(line) - 1)}`
  })
}

function checkTypes(examples, folder) {
  for (const [index, { text }] of examples.entries())
    writeFileSync(join(folder, `example-${index}.ts`), text('cornac', SUPPORT))
  const options = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: true,
      rootDir: '/',
      allowImportingTsExtensions: true,
      isolatedDeclarations: false,
      declaration: false,
      noUnusedLocals: false,
      lib: ['es2023', 'esnext.disposable'],
      paths: { cornac: [join(ROOT, 'index.d.ts')] },
      typeRoots: [join(ROOT, 'node_modules/@types')],
      skipLibCheck: true,
    },
    include: ['example-*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(placed(stdout.trim(), examples))
}

function serverVariables(databaseUrl) {
  const url = new URL(databaseUrl)
  const variables = {
    DATABASE_URL: databaseUrl,
    PGHOST: url.searchParams.get('host') ?? decodeURIComponent(url.hostname),
    PGPORT: url.searchParams.get('port') ?? url.port,
    PGUSER: url.searchParams.get('user') ?? decodeURIComponent(url.username),
    PGPASSWORD: url.searchParams.get('password') ?? decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
  }
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}

function run(file, environment) {
  const loader = pathToFileURL(join(ROOT, 'node_modules/@oxc-node/core/register.mjs')).href
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', loader, file], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', () => {})
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    const limit = setTimeout(() => {
      output += `it did not end within ${LIMIT_MS / 1000} seconds\n`
      child.kill('SIGKILL')
    }, LIMIT_MS)
    child.on('close', (status) => {
      clearTimeout(limit)
      resolve({ status, output })
    })
  })
}

async function runAll(examples, folder) {
  const databaseUrl = process.env.DATABASE_URL
  if (!databaseUrl)
    throw new Error('DATABASE_URL must name the server to run the examples against (or use --types)')
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  const environment = { ...Object.fromEntries(inherited), ...serverVariables(databaseUrl) }
  const entry = pathToFileURL(join(ROOT, 'index.ts')).href
  const failures = []
  for (const [index, example] of examples.entries()) {
    if (!example.run) continue
    const file = join(folder, `example-${index}.ts`)
    writeFileSync(file, example.text(entry, pathToFileURL(SUPPORT).href))
    const { status, output } = await run(file, environment)
    if (status === 0) continue
    const line = /^EXAMPLE-LINE (\d+)$/m.exec(output)?.[1]
    const at = `${example.document}:${example.line + (line === undefined ? 0 : Number(line))}`
    failures.push(
      `${at}: the example failed\n${placed(output.replace(/^EXAMPLE-LINE \d+\n/m, ''), examples)}`,
    )
  }
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

async function main(args) {
  const given = args.filter((arg) => !arg.startsWith('--'))
  const all = filesBelow(ROOT).filter((file) => file === 'README.md' || /^docs\/guide\/.*\.md$/.test(file))
  const names = valueNames(readFileSync(join(ROOT, 'index.d.ts'), 'utf8'))
  const examples = (given.length > 0 ? given : all).flatMap(examplesOf).map((example) => ({
    ...example,
    text: (specifier, support) => program(example.code, { names, specifier, support }),
  }))
  if (examples.length === 0) return console.log('no examples')
  const folder = mkdtempSync(join(tmpdir(), 'cornac-examples-'))
  try {
    checkTypes(examples, folder)
    if (!args.includes('--types')) await runAll(examples, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const count = examples.filter((example) => example.run).length
  console.log(`${examples.length} examples are well-typed${args.includes('--types') ? '' : `, ${count} ran`}`)
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
