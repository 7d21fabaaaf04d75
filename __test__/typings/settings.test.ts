import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a project that uses this package may be like. */
interface Like {
  /** Compiler settings. */
  readonly settings: object
  /** Whether Node's types are installed. */
  readonly withNode: boolean
  readonly usage: 'usage.ts' | 'usage-anywhere.ts'
}

const strict = { strict: true, exactOptionalPropertyTypes: true }

const PROJECTS: { readonly [title: string]: Like } = {
  'whose settings name no disposables': {
    settings: { ...strict, module: 'nodenext', lib: ['es2022'], types: ['node'] },
    withNode: true,
    usage: 'usage.ts',
  },
  'for a bundler': {
    settings: { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'] },
    withNode: true,
    usage: 'usage.ts',
  },
  'without Node’s types': {
    settings: { ...strict, module: 'nodenext', lib: ['es2022'] },
    withNode: false,
    usage: 'usage-anywhere.ts',
  },
  'without Node’s types, with the DOM’s': {
    settings: { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'] },
    withNode: false,
    usage: 'usage-anywhere.ts',
  },
}

for (const [title, { settings, withNode, usage }] of Object.entries(PROJECTS)) {
  test(`a project ${title} can use the declarations`, async (t) => {
    const project = mkdtempSync(join(tmpdir(), 'cornac-settings-'))
    t.teardown(() => rmSync(project, { recursive: true, force: true }))
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, 'cornac'), { recursive: true })
    copyFileSync(join(root, 'index.d.ts'), join(modules, 'cornac', 'index.d.ts'))
    writeFileSync(join(modules, 'cornac', 'package.json'), '{ "type": "module", "exports": "./index.js" }')
    for (const name of withNode ? ['@types', 'undici-types'] : [])
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    copyFileSync(join(root, '__test__', 'typings', usage), join(project, usage))
    const compilerOptions = { ...settings, target: 'es2022', noEmit: true, skipLibCheck: false }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: [usage] }))
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    await t.notThrowsAsync(
      run(process.execPath, [tsc, '-p', project]).catch((error) => Promise.reject(new Error(error.stdout))),
    )
  })
}
