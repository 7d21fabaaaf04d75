#!/usr/bin/env node
// Writes index.d.ts, the whole public surface in one file, from index.ts.
//
//   node tools/generate-index-dts.mjs            write it
//   node tools/generate-index-dts.mjs --check    compare with the committed one, write nothing
//
// A member whose comment says `@internal` is left out.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { indexDeclarations } from './declarations/emit.mjs'

const TARGET = join(dirname(fileURLToPath(import.meta.url)), '..', 'index.d.ts')

function main(args) {
  const text = indexDeclarations()
  if (!args.includes('--check')) {
    writeFileSync(TARGET, text)
    console.log(`index.d.ts: ${text.split('\n').length} lines`)
  } else if (!existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== text) {
    throw new Error(
      'index.d.ts is not what index.ts gives: run node tools/generate-index-dts.mjs and commit the result',
    )
  } else {
    console.log('index.d.ts is up to date')
  }
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
