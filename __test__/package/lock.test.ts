import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'

const TOOL = fileURLToPath(new URL('../../tools/check-lock.mjs', import.meta.url))
const NONE = { packages: { '': {} } }
const FOLDERS = ['', 'benchmark', 'tools/ecosystem', 'tools/runtimes']
const integrity = 'sha512-AA=='

/** Runs the tool where one folder has this lock file, the root or another, and gives what it prints and what it leaves. */
function check(t: ExecutionContext, lock: object, { folder = '', options = [] as string[] } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'cornac-locks-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  for (const each of FOLDERS) {
    mkdirSync(join(root, each), { recursive: true })
    writeFileSync(join(root, each, 'package-lock.json'), JSON.stringify(each === folder ? lock : NONE))
  }
  const file = join(root, folder, 'package-lock.json')
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
      integrity,
      dev: true,
      optionalDependencies: { 'tool-linux-arm64-musl': '1.2.3', 'tool-win32-x64': '1.2.3' },
    },
    'node_modules/tool/node_modules/tool-win32-x64': { version: '1.2.3', integrity, optional: true },
  },
}

test('a lock file without the package of another platform is refused, by the name of the package', (t) => {
  const { status, output } = check(t, INCOMPLETE)
  t.is(status, 1)
  t.regex(output, /^package-lock\.json: node_modules\/tool-linux-arm64-musl \(1\.2\.3\) is asked for/)
  t.false(output.includes('win32'), 'what lies below the package that asks for it is found')
})

test('such a package is added for the platform that its name tells', (t) => {
  const { status, output, packages } = check(t, INCOMPLETE, { options: ['--write'] })
  t.is(status, 1)
  t.is(
    output,
    'package-lock.json: node_modules/tool-linux-arm64-musl has no hash: npm would install whatever it is given\n',
  )
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
  const { status, packages } = check(t, lock, { options: ['--write'] })
  t.is(status, 1)
  t.deepEqual(packages, lock.packages)
})

test('a package without a hash is refused in every lock file, and what another one’s tarball has needs none', (t) => {
  const lock = {
    packages: {
      '': { dependencies: { tool: '1' } },
      'node_modules/tool': { version: '1.0.0' },
      'node_modules/tool/node_modules/within': { version: '1.0.0', inBundle: true },
    },
  }
  for (const folder of FOLDERS) {
    const { status, output } = check(t, lock, { folder })
    t.is(status, 1, folder)
    t.is(
      output,
      `${join(folder, 'package-lock.json')}: node_modules/tool has no hash: npm would install whatever it is given\n`,
    )
  }
})

test('a lock file with all packages and their hashes passes', (t) => {
  const lock = {
    packages: { '': { dependencies: { tool: '1' } }, 'node_modules/tool': { version: '1.0.0', integrity } },
  }
  t.is(check(t, lock).output, 'the lock files are complete\n')
})

test('a lock file that names a registry is refused', (t) => {
  const resolved = 'https://registry.example/tool.tgz'
  const lock = {
    packages: {
      '': { dependencies: { tool: '1' } },
      'node_modules/tool': { version: '1.0.0', integrity, resolved },
    },
  }
  const { status, output } = check(t, lock)
  t.is(status, 1)
  t.regex(output, /node_modules\/tool names where it was fetched from/)
})
