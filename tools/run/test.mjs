// npm test: all tests, Rust and TypeScript. Arguments name the parts to run alone, see parts.mjs.

import { dirname } from 'node:path'
import { announcement, selectParts } from './parts.mjs'
import { execute, installPackages } from './steps.mjs'
import { prepareSuite, typescript, verdict } from './suite.mjs'

/** @param {string[]} args */
export async function run(args) {
  const selection = selectParts(args)
  console.log(announcement(selection))
  const { crates, paths, options } = selection
  const results = []
  if (paths.length > 0) await prepareSuite(paths)
  if (crates.length > 0) results.push(await rust(crates))
  if (crates.includes('cornac-driver')) results.push(await realServers())
  if (paths.length > 0) results.push(await typescript([...paths, ...options]))
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** @param {readonly string[]} crates */
function rust(crates) {
  return cargoTest([...crates.flatMap((name) => ['--package', name]), '--no-fail-fast'])
}

/** The core's own test against a PostgreSQL that it starts itself. */
async function realServers() {
  const { findBinaries } = await import('../postgres/binaries.mjs')
  await installPackages()
  const { postgres } = await findBinaries({})
  return cargoTest(['--package', 'cornac-driver', '--test', 'real_server', '--', '--ignored'], {
    PGTEST_BIN: dirname(postgres),
  })
}

async function cargoTest(args, env = {}) {
  let output = ''
  const code = await execute('cargo', ['test', '--locked', '--quiet', ...args], {
    env,
    tee: (text) => {
      output += text
    },
  })
  const sum = (pattern) => [...output.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0)
  return verdict(code, {
    passed: sum(/^test result: .*? (\d+) passed;/gm),
    failed: sum(/^test result: .*? (\d+) failed;/gm),
  })
}
