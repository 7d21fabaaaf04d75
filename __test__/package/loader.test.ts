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

const BOUNDARY = fileURLToPath(new URL('../../src/boundary', import.meta.url))
const LOADER = join(BOUNDARY, 'native.cjs')
const BINARY = readdirSync(BOUNDARY).find((name) => /^cornac\..*\.node$/.test(name)) as string
const PLATFORM = BINARY.replace(/^cornac\.(.*)\.node$/, '$1')
const PLATFORMS = readdirSync(new URL('../../npm', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

/** Node 20 calls it by its name of an experiment. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission'

const onLinux = process.platform === 'linux' ? test : test.skip

/** A project with the loader alone in its package, as an installation without the platform's package has it. */
function project(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-loader-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const dist = join(folder, 'node_modules', 'cornac', 'dist')
  mkdirSync(dist, { recursive: true })
  for (const name of ['native.cjs', 'c-library.cjs']) copyFileSync(join(BOUNDARY, name), join(dist, name))
  return folder
}

/** This platform, with the other C library. */
function otherLibrary(): string {
  return PLATFORM.endsWith('-musl') ? PLATFORM.replace('-musl', '-gnu') : PLATFORM.replace('-gnu', '-musl')
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

interface Circumstances {
  before?: string
  /** Of the JavaScript that loads it. */
  version?: string
  env?: NodeJS.ProcessEnv
  options?: readonly string[]
}

const { version: VERSION } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** Loads it and prints the type of what it exports, or why not. */
function load(
  folder: string,
  { before = '', version = VERSION, env = {}, options = [] }: Circumstances = {},
) {
  const code = `
    ${before}
    try { console.log(typeof require('cornac/dist/native.cjs').loadBinding('${version}').Core) }
    catch (error) { console.log(error.message) }`
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '--input-type=commonjs', '-e', code], {
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
  elf.write('\x7fELF', 0, 'latin1')
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
  // One that throws would be taken for a runtime that has none.
  const before = `process.report.getReport = () => console.log('a report was asked for')`
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
  t.regex(
    message,
    new RegExp(
      `^cornac could not load its binary for ${PLATFORM}: the package of ".*cornac-${PLATFORM}.*" lacks its file; remove`,
    ),
  )
  t.false(message.includes('is not installed'))
})

test('a binary of another version is refused wherever it lies, and what to do is said', (t) => {
  const folder = project(t)
  const other = `is of version ${VERSION}, and this is cornac 999.0.0; install again, and copy the binary anew`
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const packaged = load(folder, { version: '999.0.0' })
  t.true(
    packaged.startsWith(`cornac could not load its binary for ${PLATFORM}: "cornac-${PLATFORM}" ${other}`),
    packaged,
  )
  const copy = join(folder, 'node_modules', 'cornac', 'dist', BINARY)
  symlinkSync(join(BOUNDARY, BINARY), copy)
  const beside = load(folder, { version: '999.0.0' })
  t.true(beside.includes(`"${copy}" ${other}`), beside)
  const named = load(folder, { version: '999.0.0', env: { CORNAC_NATIVE: copy } })
  t.regex(named, /^cornac could not load ".*", which CORNAC_NATIVE names: /)
  t.true(named.includes(other), named)
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

onLinux('where the file of the program cannot be read, the process itself tells its C library', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  install(folder, otherLibrary(), { text: 'for the other library' })
  const before = `
    process.execPath = '/nowhere'
    const { report } = process
    const getReport = report.getReport.bind(report)
    report.getReport = () => {
      if (!report.excludeNetwork) console.log('names of peers would be looked up')
      return getReport()
    }`
  t.is(load(folder, { before }), 'function')
  const musl = `${before}
    const own = report.getReport
    report.getReport = () => { const { header } = own(); delete header.glibcVersionRuntime; return { header } }`
  t.regex(load(folder, { before: musl }), /^cornac could not load its binary for linux-\w+-musl: /)
})

onLinux('a report is left to look up names if it was to do so', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  for (const wanted of [true, false]) {
    const before = `
      process.execPath = '/nowhere'
      process.report.excludeNetwork = ${wanted}
      process.on('exit', () => console.log(process.report.excludeNetwork))`
    t.is(load(folder, { before }), `function\n${wanted}`)
  }
})

onLinux('where nothing tells the C library, the binary that loads is taken', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { text: 'for the other library' })
  install(folder, otherLibrary(), { link: join(BOUNDARY, BINARY) })
  const before = `
    process.execPath = '/nowhere'
    Object.defineProperty(process, 'report', { value: undefined })`
  t.is(load(folder, { before }), 'function')
})

test('a process that may not load addons is told how it may', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const told = new RegExp(
    `^cornac could not load its binary for ${PLATFORM}: this process may not load native addons; .*--allow-addons`,
  )
  t.regex(load(folder, { options: ['--no-addons'] }), told)
  t.regex(load(folder, { options: [PERMISSION, '--allow-fs-read=*'] }), told)
  const named = load(folder, { options: ['--no-addons'], env: { CORNAC_NATIVE: BINARY } })
  t.regex(named, /which CORNAC_NATIVE names: this process may not load native addons; .*--allow-addons/)
})

test('a process that may not read the binary is told which file', (t) => {
  const folder = project(t)
  install(folder, PLATFORM, { link: join(BOUNDARY, BINARY) })
  const packages = join(folder, 'node_modules', 'cornac')
  const message = load(folder, { options: [PERMISSION, '--allow-addons', `--allow-fs-read=${packages}`] })
  t.true(message.includes(`this process may not read "${join(folder, 'node_modules')}`), message)
  t.regex(message, /start Node\.js with --allow-fs-read/)
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
