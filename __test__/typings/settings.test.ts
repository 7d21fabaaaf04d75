import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiler settings of projects that use this package. */
const SETTINGS: { readonly [title: string]: object } = {
  'names neither Node nor disposables': {
    module: 'nodenext',
    lib: ['es2022'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
  },
  'is for a bundler': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], strict: true },
}

for (const [title, settings] of Object.entries(SETTINGS)) {
  test(`a project whose compiler settings ${title} can use the declarations`, async (t) => {
    const project = mkdtempSync(join(tmpdir(), 'cornac-settings-'))
    t.teardown(() => rmSync(project, { recursive: true, force: true }))
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, 'cornac'), { recursive: true })
    for (const file of ['package.json', 'index.d.ts'])
      copyFileSync(join(root, file), join(modules, 'cornac', file))
    for (const name of ['@types', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    copyFileSync(join(root, '__test__', 'typings', 'usage.ts'), join(project, 'usage.ts'))
    const compilerOptions = { ...settings, target: 'es2022', noEmit: true, skipLibCheck: false }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['usage.ts'] }))
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    await t.notThrowsAsync(
      run(process.execPath, [tsc, '-p', project]).catch((error) => Promise.reject(new Error(error.stdout))),
    )
  })
}
