import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'

const TOOL = fileURLToPath(new URL('../../tools/check-lock.mjs', import.meta.url))
const NONE = { packages: { '': {} } }

/** Runs the tool on these lock files and gives what it prints and what it leaves of the first. */
function check(t: ExecutionContext, lock: object, ...options: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'cornac-locks-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const file = join(root, 'package-lock.json')
  writeFileSync(file, JSON.stringify(lock))
  mkdirSync(join(root, 'tools', 'runtimes'), { recursive: true })
  writeFileSync(join(root, 'tools', 'runtimes', 'package-lock.json'), JSON.stringify(NONE))
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...options], {
    encoding: 'utf8',
    env: { ...process.env, CORNAC_LOCKS_ROOT: root },
  })
  return { status, output: stdout + stderr, packages: JSON.parse(readFileSync(file, 'utf8')).packages }
}

const INCOMPLETE = {
  packages: {
    '': { devDependencies: { tool: '1.2.3' } },
    'node_modules/tool': {
      version: '1.2.3',
      dev: true,
      optionalDependencies: { 'tool-linux-arm64-musl': '1.2.3', 'tool-win32-x64': '1.2.3' },
    },
    'node_modules/tool/node_modules/tool-win32-x64': { version: '1.2.3', optional: true },
  },
}

test('a lock file without the package of another platform is refused, by the name of the package', (t) => {
  const { status, output } = check(t, INCOMPLETE)
  t.is(status, 1)
  t.regex(output, /^package-lock\.json: node_modules\/tool-linux-arm64-musl \(1\.2\.3\) is asked for/)
  t.false(output.includes('win32'), 'what lies below the package that asks for it is found')
})

test('such a package is added for the platform that its name tells', (t) => {
  const { status, packages } = check(t, INCOMPLETE, '--write')
  t.is(status, 0)
  t.deepEqual(packages['node_modules/tool-linux-arm64-musl'], {
    version: '1.2.3',
    cpu: ['arm64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  })
})

test('a package that is needed everywhere is not made up', (t) => {
  const lock = { packages: { '': { dependencies: { 'tool-linux-x64': '1.2.3' } } } }
  const { status, packages } = check(t, lock, '--write')
  t.is(status, 1)
  t.deepEqual(packages, lock.packages)
})

test('a lock file that names a registry is refused', (t) => {
  const resolved = 'https://registry.example/tool.tgz'
  const lock = {
    packages: { '': { dependencies: { tool: '1' } }, 'node_modules/tool': { version: '1.0.0', resolved } },
  }
  const { status, output } = check(t, lock)
  t.is(status, 1)
  t.regex(output, /node_modules\/tool names where it was fetched from/)
})
