// npm run check: formatting, lints, types, and that what is generated is as committed.

import { buildNative, execute, installPackages } from './steps.mjs'

const node = process.execPath

/** @type {readonly (readonly [name: string, program: string, args: string[]])[]} */
const checks = [
  ['rust format', 'cargo', ['fmt', '--all', '--check']],
  [
    'rust lints',
    'cargo',
    ['clippy', '--workspace', '--all-targets', '--locked', '--quiet', '--', '-D', 'warnings'],
  ],
  [
    'typescript format and lints',
    node,
    ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ],
  ['typescript types', node, ['node_modules/typescript/bin/tsc', '-p', '.', '--noEmit']],
  ['types of the tests', node, ['node_modules/typescript/bin/tsc', '-p', '__test__']],
  ['errors as generated', node, ['tools/generate-errors.mjs', '--check']],
  ['shared numbers as generated', node, ['tools/generate-boundary.mjs', '--check']],
  ['parameter reference as generated', node, ['tools/generate-parameters.mjs', '--check']],
  ['type reference as generated', node, ['tools/generate-types-reference.mjs', '--check']],
  ['platforms as generated', node, ['tools/generate-platforms.mjs', '--check']],
  [
    'declarations of the binding as generated',
    'git',
    ['diff', '--exit-code', '--', 'src/boundary/binding.d.cts'],
  ],
  ['index.d.ts as generated', node, ['tools/generate-index-dts.mjs', '--check']],
  ['index.d.ts against the agreed surface', node, ['tools/check-typings.mjs', '--check']],
  ['files of src use each other one way', node, ['tools/check-layers.mjs']],
  ['no circle of modules in a crate', node, ['tools/check-crate-layers.mjs']],
  ['lock files name all packages', node, ['tools/check-lock.mjs']],
  ['paths and links in documents', node, ['tools/check-docs.mjs']],
  ['names in messages and documents', node, ['tools/check-names.mjs']],
  ['nothing unused', node, ['node_modules/knip/bin/knip.js', '--no-progress']],
  [
    'the package as its users get it',
    node,
    ['tools/run.mjs', 'pack', '--as-built', '--lint', '--to', 'target/linted'],
  ],
]

export async function run() {
  await installPackages()
  await buildNative()
  const failed = []
  for (const [name, program, args] of checks) {
    const code = await execute(program, args)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    if (code !== 0) failed.push(name)
  }
  if (failed.length > 0) console.error(`checks failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}
