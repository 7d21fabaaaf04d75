#!/usr/bin/env node
// Writes index.d.ts, the whole public surface in one file, from index.ts.
//
//   node tools/generate-index-dts.mjs            write it
//   node tools/generate-index-dts.mjs --check    compare with the committed one, write nothing
//
// A member whose comment says `@internal` is left out.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { rollup } from './declarations/rollup.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const TARGET = join(ROOT, 'index.d.ts')
// The types of Node and of disposables are wanted by it, whatever the settings of the project that uses it.
const FIRST_LINES = `// Written by tools/generate-index-dts.mjs from index.ts: change the source, not this file.
/// <reference types="node" />
/// <reference lib="esnext.disposable" />`

function emitDeclarations(folder) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const options = [
    '-p',
    ROOT,
    '--emitDeclarationOnly',
    '--declaration',
    '--stripInternal',
    '--noCheck',
    '--outDir',
    folder,
  ]
  try {
    execFileSync(process.execPath, [tsc, ...options], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    throw new Error(`tsc could not emit the declarations:\n${error.stdout}${error.stderr}`)
  }
}

function main(args) {
  if (!existsSync(join(ROOT, 'index.ts'))) throw new Error('there is no index.ts to make index.d.ts from')
  const folder = mkdtempSync(join(tmpdir(), 'cornac-declarations-'))
  let text
  try {
    emitDeclarations(folder)
    text = rollup(join(folder, 'index.d.ts'), FIRST_LINES)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
