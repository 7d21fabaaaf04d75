// npm test: all tests, Rust and TypeScript. Arguments name the parts to run alone, see parts.mjs.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { announcement, selectParts } from './parts.mjs'
import { execute, installPackages, must, prepare } from './steps.mjs'

/** @param {string[]} args */
export async function run(args) {
  const selection = selectParts(args)
  console.log(announcement(selection))
  const { all, crates, paths, options } = selection
  const results = []
  if (all || paths.length > 0) await prepareTypescript(all || paths.some((path) => /\bruntime\b/.test(path)))
  if (all || crates.length > 0) results.push(await rust(crates))
  if (all || crates.includes('cornac-driver')) results.push(await realServers())
  if (all || paths.length > 0) results.push(await typescript([...paths, ...options]))
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function prepareTypescript(withPanics) {
  await prepare()
  // What the tests of panics load; with no time limit of a test on its first build.
  if (withPanics) await must(process.execPath, ['tools/build-native.mjs', '--panic-hooks'])
}

/** @param {readonly string[]} crates none for all */
function rust(crates) {
  const packages = crates.length === 0 ? ['--workspace'] : crates.flatMap((name) => ['--package', name])
  return cargoTest([...packages, '--no-fail-fast'])
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

async function typescript(args) {
  const { startPostgres } = await import('../postgres.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'cornac-tests-'))
  const leftOut = join(folder, 'left-out')
  writeFileSync(leftOut, '')
  const server =
    process.env.PGTEST_URL === undefined
      ? await startPostgres({ settings: { max_connections: '300' } })
      : undefined
  const { version, host, port, socketDirectory, user, password } = server ?? {}
  const address = { version, host, port, socketDirectory, user, password }
  let output = ''
  try {
    const code = await execute(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', ...args], {
      env: {
        CORNAC_TEST_LEFT_OUT: leftOut,
        ...(server === undefined ? {} : { [`CORNAC_TEST_SERVER_${version}`]: JSON.stringify(address) }),
      },
      tee: (text) => {
        output += text
      },
    })
    return verdict(code, counts(output))
  } finally {
    await server?.stop('immediate')
    report(readFileSync(leftOut, 'utf8'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What ava's lines tell: one for each test that passed, and closing ones with the numbers of what did not. */
function counts(output) {
  const sum = (pattern) => [...output.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0)
  return {
    passed: output.match(/^ {2}✔ /gm)?.length ?? 0,
    failed:
      sum(/^ {2}(\d+) tests? (?:failed|timed out)/gm) +
      sum(/^ {2}(\d+) (?:uncaught exceptions?|unhandled rejections?|tests? remained pending)/gm),
  }
}

/** A runner that fails without naming a test has failed as a whole. */
function verdict(code, { passed, failed }) {
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
}

/** What tests could not be run on this machine, and what they would need. */
function report(list) {
  const tests = list
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  if (tests.length === 0) return
  console.log(`\nleft out, for lack of something on this machine (CI installs it and leaves nothing out):`)
  for (const { title, name, remedy } of tests) console.log(`  ${title}: needs ${name} (${remedy})`)
}
