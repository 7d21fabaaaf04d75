import { spawnSync } from 'node:child_process'
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
import test, { type ExecutionContext } from 'ava'

const LOADER = fileURLToPath(new URL('../../src/boundary/native.cjs', import.meta.url))
const BOUNDARY = fileURLToPath(new URL('../../src/boundary', import.meta.url))
const BINARY = readdirSync(BOUNDARY).find((name) => /^cornac\..*\.node$/.test(name)) as string
const PLATFORM = BINARY.replace(/^cornac\.(.*)\.node$/, '$1')
const PLATFORMS = readdirSync(new URL('../../npm', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

const onLinux = process.platform === 'linux' ? test : test.skip

/** A project with the loader alone in its package, as an installation without the platform's package has it. */
function project(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-loader-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const dist = join(folder, 'node_modules', 'cornac', 'dist')
  mkdirSync(dist, { recursive: true })
  copyFileSync(LOADER, join(dist, 'native.cjs'))
  return folder
}

/** A platform's package that has this file as its binary, or none. */
function install(folder: string, platform: string, binary?: { text: string } | { link: string }): void {
  const own = join(folder, 'node_modules', `cornac-${platform}`)
  mkdirSync(own)
  const main = `cornac.${platform}.node`
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: `cornac-${platform}`, main }))
  if (binary === undefined) return
  if ('text' in binary) writeFileSync(join(own, main), binary.text)
  else symlinkSync(binary.link, join(own, main))
}

/** Loads it and prints the type of what it exports, or why not. */
function load(folder: string, { before = '', env = {} }: { before?: string; env?: NodeJS.ProcessEnv } = {}) {
  const code = `
    ${before}
    try { console.log(typeof require('cornac/dist/native.cjs').loadBinding().Core) }
    catch (error) { console.log(error.message) }`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=commonjs', '-e', code], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CORNAC_NATIVE: '', ...env },
  })
  return stdout.trim() || stderr
}

/** As if this program were linked with musl's loader: the file that tells it is another one. */
function linkedWith(folder: string, interpreter: string): string {
  const file = join(folder, 'program')
  const elf = Buffer.alloc(64 + 56 + 64)
  elf.writeBigUInt64LE(64n, 32)
  elf.writeUInt16LE(56, 54)
  elf.writeUInt16LE(1, 56)
  elf.writeUInt32LE(3, 64)
  elf.writeBigUInt64LE(120n, 64 + 8)
  elf.writeBigUInt64LE(BigInt(interpreter.length), 64 + 32)
  elf.write(interpreter, 120)
  writeFileSync(file, elf)
  return `process.execPath = ${JSON.stringify(file)};`
}

test('loading asks for no report of the process, which looks up the names of all peers', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const before = `process.report.getReport = () => { throw new Error('a report was asked for') }`
  t.is(load(folder, { before }), 'function')
})

test('a package that is not installed is named with the usual reasons and what to do', (t) => {
  const message = load(project(t))
  t.regex(
    message,
    new RegExp(
      `^cornac could not find its binary for ${PLATFORM}: the package cornac-${PLATFORM} is not installed; `,
    ),
  )
  t.regex(message, /omit optional dependencies.*the lock file was made on another platform.*install again/)
})

test('the package of another platform that was installed instead is named', (t) => {
  const folder = project(t)
  const other = PLATFORMS.find((name) => name !== PLATFORM) as string
  install(folder, other)
  t.regex(load(folder), new RegExp(`cornac-${PLATFORM} is not installed, but cornac-${other} is;`))
})

test('a binary that is there and does not load says why', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { text: 'no library at all' })
  const message = load(folder)
  t.regex(message, new RegExp(`^cornac could not load its binary for ${PLATFORM}: `))
  t.true(message.includes(`cornac.${PLATFORM}.node`), message)
  t.false(message.includes('is not installed'))
})

test('a package that has lost its binary is not said to be missing', (t) => {
  const folder = project(t)
  install(folder, PLATFORM)
  const message = load(folder)
  t.regex(message, new RegExp(`^cornac could not load its binary for ${PLATFORM}: .*cornac-${PLATFORM}`))
  t.false(message.includes('is not installed'))
})

test('a platform without a binary is told which there are', (t) => {
  const before = `Object.defineProperty(process, 'arch', { value: 'mips' })`
  const message = load(project(t), { before })
  t.regex(message, /^cornac has no binary for \w+-mips: there are binaries for darwin-arm64, /)
  for (const platform of PLATFORMS) t.true(message.includes(platform), platform)
})

test('each platform package is one literal require inside a try, which bundlers and file tracers understand', (t) => {
  const tried = [...readFileSync(LOADER, 'utf8').matchAll(/^ {2}try \{\n(.*?)^ {2}\} catch/gms)].map(
    ([block]) => block,
  )
  const required = tried.flatMap((block) => [...block.matchAll(/require\('cornac-([\w-]+)'\)/g)])
  t.deepEqual(required.map(([, name]) => name).sort(), PLATFORMS)
})

onLinux('a program that musl links asks for the binary for musl, also where both are installed', (t) => {
  const folder = project(t)
  const musl = PLATFORM.replace('-gnu', '-musl')
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const before = linkedWith(folder, '/lib/ld-musl-x86_64.so.1')
  t.regex(load(folder, { before }), new RegExp(`for ${musl}: the package cornac-${musl} is not installed`))
  t.is(load(folder), 'function')
})

onLinux('where the C library cannot be told, the binary that loads is taken', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { text: 'for the other library' })
  const other = PLATFORM.endsWith('-musl')
    ? PLATFORM.replace('-musl', '-gnu')
    : PLATFORM.replace('-gnu', '-musl')
  install(folder, other, { link: join(BOUNDARY, BINARY) })
  const before = `process.execPath = '/nowhere';`
  t.is(load(folder, { before }), 'function')
})

test('CORNAC_NATIVE names the binary, relative to the working directory, and no other is taken instead', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const missing = load(folder, { env: { CORNAC_NATIVE: 'missing.node' } })
  t.regex(missing, /^cornac could not load ".*missing\.node", which CORNAC_NATIVE names: /)
  symlinkSync(join(BOUNDARY, BINARY), join(folder, 'own.node'))
  rmSync(join(folder, 'node_modules', `cornac-${PLATFORM}`), { recursive: true })
  t.is(load(folder, { env: { CORNAC_NATIVE: 'own.node' } }), 'function')
})

test('a binary that lies beside the file of a program is taken', (t) => {
  const folder = project(t)
  symlinkSync(join(BOUNDARY, BINARY), join(folder, 'node_modules', 'cornac', 'dist', BINARY))
  t.is(load(folder), 'function')
})

test('an environment whose variables may not be read has none', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const before = `
    const env = process.env
    process.env = new Proxy(env, { get(_, name) { if (name === 'CORNAC_NATIVE') throw new Error('no'); return env[name] } })`
  t.is(load(folder, { before }), 'function')
})
