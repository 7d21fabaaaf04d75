// The package as its users get it: packed, unpacked into another project, with the platform's package beside it.

import { execFile } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { sharedServer } from '../support/server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'cornac-package-'))
const installed = join(project, 'node_modules', 'cornac')
let packed: string[] = []

test.before('the package is packed and laid into a project of its own', async (t) => {
  t.timeout(60_000)
  await run('node', ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: root })
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root })
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]
  packed = files.map(({ path }) => path)
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', join(project, filename), '--strip-components=1', '-C', installed])

  const boundary = join(root, 'src', 'boundary')
  const binary = readdirSync(boundary).find((name) => /^cornac\..*\.node$/.test(name)) as string
  const platform = binary.replace(/^cornac\.(.*)\.node$/, '$1')
  const beside = join(project, 'node_modules', `cornac-${platform}`)
  mkdirSync(beside)
  copyFileSync(join(root, 'npm', platform, 'package.json'), join(beside, 'package.json'))
  copyFileSync(join(boundary, binary), join(beside, binary))
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true }')
  // Who uses the declarations has Node's types, to which they refer.
  for (const name of ['@types', 'undici-types']) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
  }
})

test.after.always(() => rmSync(project, { recursive: true, force: true }))

test('what is packed is the code, its sources and its papers, and no binary', (t) => {
  for (const file of [
    'dist/index.js',
    'index.ts',
    'index.d.ts',
    'src/boundary/native.js',
    'README.md',
    'LICENSE',
  ]) {
    t.true(packed.includes(file), file)
  }
  t.deepEqual(
    packed.filter((path) => /\.node$|^(?:__test__|crates|benchmark|tools|target|docs|demo)\//.test(path)),
    [],
  )
})

test('the package runs nothing when it is installed', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) t.false(name in scripts, name)
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
  t.timeout(60_000)
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

test('a platform without a binary is told what there is and how to build', async (t) => {
  const elsewhere = `Object.defineProperty(process, 'arch', { value: 'mips' })
    import('cornac').catch((error) => console.log(error.message))`
  const { stdout } = await run('node', ['-e', elsewhere], { cwd: project })
  t.regex(stdout, /^cornac has no binary for \w+-mips: there are binaries for .*build it from its sources/)
})
