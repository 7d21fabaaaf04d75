// The declarations that tsc makes of the sources, rolled up into the files that users read.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { rollup } from './rollup.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..')
// The types of disposables are wanted, whatever the settings of the project that uses them; Node's are not.
const REFERENCES = '/// <reference lib="esnext.disposable" />'

/** index.d.ts: the text of all that index.ts exports. */
export function indexDeclarations() {
  const line = '// Written by tools/generate-index-dts.mjs from index.ts: change the source, not this file.'
  return withDeclarations((folder) => rollup(join(folder, 'index.d.ts'), `${line}\n${REFERENCES}`))
}

/** The declarations of the entry for OpenTelemetry; what index.ts exports comes from `index`, as a specifier. */
export function telemetryDeclarations(index) {
  return withDeclarations((folder) =>
    rollup(join(folder, 'src/opentelemetry.d.ts'), REFERENCES, {
      entry: join(folder, 'index.d.ts'),
      from: index,
    }),
  )
}

/** A member whose comment says `@internal` is left out. */
function withDeclarations(use) {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-declarations-'))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--stripInternal', '--noCheck']
  try {
    execFileSync(process.execPath, [tsc, '-p', ROOT, ...options, '--outDir', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return use(folder)
  } catch (error) {
    if (error.stdout === undefined) throw error
    throw new Error(`tsc could not emit the declarations:\n${error.stdout}${error.stderr}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
