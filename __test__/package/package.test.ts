// The package as its users get it: packed, unpacked into another project, with the platform's package beside it.

import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { sharedServer } from '../support/server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'cornac-package-'))
const modules = join(project, 'node_modules')
const installed = join(modules, 'cornac')
/** The files of each tarball, by its package's name. */
const packed = new Map<string, string[]>()

test.before('the package is packed and laid into a project of its own', async (t) => {
  t.timeout(600_000)
  const { stdout } = await run(
    'node',
    ['tools/run.mjs', 'pack', '--as-built', '--to', join(project, 'packed')],
    // As a hosted workflow has it.
    {
      cwd: root,
      env: {
        ...process.env,
        GITHUB_SERVER_URL: 'https://forge.example',
        GITHUB_REPOSITORY: 'someone/driver',
      },
    },
  )
  for (const tarball of stdout.trim().split('\n')) {
    const name = basename(tarball).replace(/-\d+\.\d+\.\d+.*\.tgz$/, '')
    const folder = join(modules, name)
    mkdirSync(folder, { recursive: true })
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder])
    packed.set(name, filesOf(folder))
  }
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true }')
  // Who uses the declarations has Node's types, to which they refer.
  for (const name of ['@types', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
})

test.after.always(() => rmSync(project, { recursive: true, force: true }))

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

test('what is packed is the code of each entry and of a session, source maps, declarations and papers', (t) => {
  const entry = (name: string) =>
    ['.cjs', '.cjs.map', '.d.cts', '.d.ts', '.js'].map((ending) => `dist/${name}${ending}`)
  t.deepEqual(
    packed.get('cornac'),
    [
      ...entry('index'),
      ...entry('opentelemetry'),
      'dist/session.cjs',
      'dist/session.cjs.map',
      'dist/shared.cjs',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ].sort(),
  )
})

test('a platform has its binary and its papers, and the package names it as optional', (t) => {
  const { optionalDependencies, version } = manifest('cornac')
  const platforms = [...packed.keys()].filter((name) => name !== 'cornac')
  t.true(platforms.length >= 1)
  t.deepEqual(optionalDependencies, Object.fromEntries(platforms.map((name) => [name, version])))
  for (const name of platforms) {
    const binary = `cornac.${name.replace('cornac-', '')}.node`
    t.deepEqual(packed.get(name), ['LICENSE', 'README.md', binary, 'package.json'].sort())
    t.is(manifest(name).version, version)
  }
})

function manifest(name: string) {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
}

test('each package names the repository of the workflow that packs it, which its provenance must confirm', (t) => {
  for (const name of packed.keys())
    t.deepEqual(manifest(name).repository, {
      type: 'git',
      url: 'git+https://forge.example/someone/driver.git',
    })
})

test('package.json has nothing of the work on the package', (t) => {
  for (const key of ['scripts', 'devDependencies', 'dependencies', 'imports', 'ava', 'napi']) {
    t.false(key in manifest('cornac'), key)
  }
})

test('the source map leads to the sources, whose text it has', (t) => {
  const map = JSON.parse(readFileSync(join(installed, 'dist', 'index.cjs.map'), 'utf8'))
  const at = map.sources.indexOf('../src/pool/pool.ts')
  t.is(map.sourcesContent[at], readFileSync(join(root, 'src', 'pool', 'pool.ts'), 'utf8'))
})

test('the source maps lead to the lines that the code comes from', (t) => {
  const places = { index: 'records cannot be made by hand', session: 'could not find its binary' }
  for (const [name, text] of Object.entries(places)) {
    const file = join(installed, 'dist', `${name}.cjs`)
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
    const lines = readFileSync(file, 'utf8').split('\n')
    const line = lines.findIndex((code) => code.includes(text))
    const entry = map.findEntry(line, 4)
    if (!('originalSource' in entry)) return t.fail(`line ${line} of "${name}.cjs" comes from nowhere`)
    const source = readFileSync(join(root, 'dist', entry.originalSource), 'utf8').split('\n')
    const around = source.slice(entry.originalLine, entry.originalLine + 2).join('\n')
    t.true(around.includes(text), `"${around}" lacks "${text}"`)
  }
})

test('with source maps on, the stack of an error tells the driver’s lines by its sources', async (t) => {
  const refused = `import { connect } from 'cornac'
    await connect('postgresql://localhost:none').catch((error) => console.log(error.stack))`
  const { stdout } = await run('node', ['--enable-source-maps', '--input-type=module', '-e', refused], {
    cwd: project,
  })
  const places = [...stdout.matchAll(/node_modules[\\/]cornac[\\/](.+?):(\d+):\d+/g)]
  t.true(places.length > 0, stdout)
  for (const [, file = '', line] of places) {
    t.regex(file, /^src[\\/].*\.ts$/)
    t.true(Number(line) <= readFileSync(join(root, file), 'utf8').split('\n').length, `${file}:${line}`)
  }
})

test('what a session needs is read at the first connect, and not at import', async (t) => {
  const count = `const read = () => Object.keys(require.cache).map((path) => require('node:path').basename(path)).sort()
    const { connect } = require('cornac')
    console.log(read().join())
    connect('postgresql://localhost:none').catch((error) => console.log(read().join(), error.name))`
  const { stdout } = await run('node', ['-e', count], { cwd: project })
  t.is(stdout, 'index.cjs\nindex.cjs,session.cjs ClientConfigurationError\n')
})

test('modules that are forgotten before the first connect leave one set of classes', async (t) => {
  const forget = `const { connect, ClientConfigurationError } = require('cornac')
    for (const path of Object.keys(require.cache)) delete require.cache[path]
    connect('postgresql://localhost:none').catch((error) => console.log(error instanceof ClientConfigurationError))`
  const { stdout } = await run('node', ['-e', forget], { cwd: project })
  t.is(stdout, 'true\n')
})

test('an ES module imports it and connects', async (t) => {
  const server = await sharedServer()
  writeFileSync(
    join(project, 'user.mjs'),
    `import { connect } from 'cornac'
     const connection = await connect(process.argv[2])
     console.log(await connection.fetchValue('select 6 * 7'))
     await connection.close()`,
  )
  const { stdout } = await run('node', ['user.mjs', server.dsn()], { cwd: project })
  t.is(stdout, '42\n')
})

test('a CommonJS module requires it and gets the same classes', async (t) => {
  writeFileSync(
    join(project, 'user.cjs'),
    `const cornac = require('cornac')
     import('cornac').then((module) => console.log(module.Connection === cornac.Connection, typeof cornac.connect))`,
  )
  const { stdout } = await run('node', ['user.cjs'], { cwd: project })
  t.is(stdout, 'true function\n')
})

test('both kinds of modules have the names that index.ts exports, and no default', async (t) => {
  const expected = Object.keys(await import('../../index.ts')).sort()
  const { stdout } = await run(
    'node',
    [
      '-e',
      `import('cornac').then((module) => console.log(JSON.stringify([Object.keys(module), Object.keys(require('cornac'))])))`,
    ],
    { cwd: project },
  )
  const [imported, required] = JSON.parse(stdout)
  t.deepEqual(imported.sort(), expected)
  t.deepEqual(required.sort(), expected)
})

test('the entry point for OpenTelemetry is there for those who have its API', async (t) => {
  const use = `import { instrument, type Instrumentation } from 'cornac/opentelemetry'
    const instrumentation: Instrumentation = instrument({ requireParentSpan: true, queryText: 'none' })
    instrumentation.stop()
    console.log('stopped')`
  writeFileSync(join(project, 'telemetry.mts'), use)
  writeFileSync(
    join(project, 'telemetry.mjs'),
    use.replace(', type Instrumentation', '').replace(': Instrumentation', ''),
  )
  await t.throwsAsync(run('node', ['telemetry.mjs'], { cwd: project }), { message: /@opentelemetry\/api/ })
  symlinkSync(join(root, 'node_modules', '@opentelemetry'), join(project, 'node_modules', '@opentelemetry'))
  const { stdout } = await run('node', ['telemetry.mjs'], { cwd: project })
  t.is(stdout, 'stopped\n')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,esnext.disposable,dom',
  ]
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await t.notThrowsAsync(run('node', [tsc, ...options, 'telemetry.mts'], { cwd: project }))
})

test('TypeScript finds its types from both kinds of modules', async (t) => {
  t.timeout(600_000)
  const use = `import { connect, UniqueViolationError, type Connection } from 'cornac'
    export async function use(): Promise<number> {
      const connection: Connection = await connect('postgresql://localhost', { ssl: 'verify-full', timeout: null })
      const rows = await connection.fetch<{ n: number }>('select 1 as n', [], { timeout: 10 })
      try { return rows[0]!.n } catch (error) { return error instanceof UniqueViolationError ? 1 : 2 }
    }`
  writeFileSync(join(project, 'esm.mts'), use)
  writeFileSync(join(project, 'cjs.cts'), use)
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,esnext.disposable,dom',
  ]
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await t.notThrowsAsync(run('node', [tsc, ...options, 'esm.mts', 'cjs.cts'], { cwd: project }))
})

test('without a binary the package can be imported, and connecting says what there is', async (t) => {
  const elsewhere = `Object.defineProperty(process, 'arch', { value: 'mips' })
    const { connect, createPool, UniqueViolationError } = await import('cornac')
    console.log(UniqueViolationError.name)
    for (const start of [connect, createPool]) {
      await start('postgresql://localhost:1').catch((error) => console.log(error.message))
    }`
  const { stdout } = await run('node', ['--input-type=module', '-e', elsewhere], { cwd: project })
  const reason = 'cornac has no binary for \\w+-mips: there are binaries for .*build it from its sources.*'
  t.regex(stdout, new RegExp(`^UniqueViolationError\\n${reason}\\n${reason}\\n$`))
})
