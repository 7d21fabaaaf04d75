// Writes docs/reference/parameters.md from the tables that the code itself reads:
//   node tools/generate-parameters.mjs
// With --check nothing is written, and a file that is not up to date is an error.
import '@oxc-node/core/register'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// Imported when the line above has taught Node to read TypeScript.
const { parametersReference } = await import('./parameters/reference.ts')

const path = fileURLToPath(new URL('../docs/reference/parameters.md', import.meta.url))
const text = parametersReference()
if (process.argv.includes('--check')) {
  const existing = await readFile(path, 'utf8').catch(() => '')
  if (existing !== text) {
    console.error('docs/reference/parameters.md is not up to date: run tools/generate-parameters.mjs')
    process.exitCode = 1
  }
} else {
  await writeFile(path, text)
}
