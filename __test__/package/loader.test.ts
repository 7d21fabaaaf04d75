import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const LOADER = fileURLToPath(new URL('../../src/boundary/native.js', import.meta.url))

/** A folder with the loader alone in it, as an installation without its binary has it. */
function alone(t: { teardown(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-loader-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  copyFileSync(LOADER, join(folder, 'native.js'))
  return folder
}

function run(folder: string, code: string, env: NodeJS.ProcessEnv = {}): { stdout: string; stderr: string } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CORNAC_NATIVE: '', ...env },
  })
  return { stdout, stderr }
}

const failure = `
  try { await import('./native.js'); console.log('loaded') }
  catch (error) { console.log(JSON.stringify({ message: error.message, tried: error.cause.errors.length })) }
`

test('loading asks for no report of the process, which looks up the names of all peers', (t) => {
  const code = `
    process.report.getReport = () => { throw new Error('a report was asked for') }
    console.log(typeof (await import(${JSON.stringify(LOADER)})).Core)
  `
  const { stdout, stderr } = run(tmpdir(), code)
  t.is(stdout.trim(), 'function', stderr)
})

test('a binary that is not installed is named with its package and the usual reasons', (t) => {
  const { stdout, stderr } = run(alone(t), failure)
  const { message, tried } = JSON.parse(stdout || stderr)
  t.regex(message, new RegExp(`cornac-${process.platform}-${process.arch}\\S* is not installed`))
  t.regex(message, /install again on this one$/)
  t.true(tried >= 2)
})

test('a binary that is there and does not load says why', (t) => {
  const folder = alone(t)
  const { platform, arch } = process
  const suffix = platform === 'linux' ? '-gnu' : platform === 'win32' ? '-msvc' : ''
  const own = join(folder, 'node_modules', `cornac-${platform}-${arch}${suffix}`)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'package.json'), '{ "main": "x.node" }')
  writeFileSync(join(own, 'x.node'), 'no library at all')
  const { message } = JSON.parse(run(folder, failure).stdout)
  t.regex(message, /^cornac could not load its binary for \S+: /)
  t.false(message.includes('is not installed'))
})

test('a platform without a binary is told which there are', (t) => {
  const code = `Object.defineProperty(process, 'arch', { value: 'mips' }); ${failure}`
  const { message } = JSON.parse(run(alone(t), code).stdout)
  t.regex(message, /^cornac has no binary for \w+-mips: there are binaries for darwin-arm64, /)
})

test('each platform package is one literal require inside a try, which bundlers and file tracers understand', (t) => {
  const tried = [...readFileSync(LOADER, 'utf8').matchAll(/^ {2}try \{\n(.*?)^ {2}\} catch/gms)].map(
    ([block]) => block,
  )
  const required = tried.flatMap((block) => [...block.matchAll(/require\('cornac-([\w-]+)'\)/g)])
  const packages = readdirSync(new URL('../../npm', import.meta.url), { withFileTypes: true })
  t.deepEqual(
    required.map(([, name]) => name).sort(),
    packages
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  )
})

test('a binary that loads is taken, whatever was tried before it', (t) => {
  const folder = alone(t)
  writeFileSync(join(folder, 'own.cjs'), 'module.exports = { Core: class {} }')
  const missing = run(folder, failure, { CORNAC_NATIVE: './missing.cjs' })
  t.is(JSON.parse(missing.stdout).tried, process.platform === 'linux' ? 5 : 3)
  t.is(run(folder, failure, { CORNAC_NATIVE: './own.cjs' }).stdout.trim(), 'loaded')
})
