// Writes docs/reference/types.md from the tables that the code itself reads:
//   node tools/generate-types-reference.mjs
// With --check nothing is written, and a file that is not up to date is an error.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { typesReference } from './types-reference/document.mjs'

const path = fileURLToPath(new URL('../docs/reference/types.md', import.meta.url))
const text = typesReference()
if (process.argv.includes('--check')) {
  const existing = await readFile(path, 'utf8').catch(() => '')
  if (existing !== text) {
    console.error('docs/reference/types.md is not up to date: run tools/generate-types-reference.mjs')
    process.exitCode = 1
  }
} else {
  await writeFile(path, text)
}
