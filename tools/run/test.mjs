// npm test: all tests, Rust and TypeScript. Arguments are test files or folders of __test__ to run alone.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, must, prepare } from './steps.mjs'

/** @param {string[]} files */
export async function run(files) {
  await prepare()
  // What the tests of panics load; with no time limit of a test on its first build.
  await must(process.execPath, ['tools/build-native.mjs', '--panic-hooks'])
  const counts = { passed: 0, failed: 0 }
  const codes = []
  if (files.length === 0) codes.push(await rust(counts))
  codes.push(await typescript(files, counts))
  // A runner that fails without naming a test has failed as a whole.
  if (codes.some((code) => code !== 0) && counts.failed === 0) counts.failed = 1
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed === 0 ? 0 : 1
}

async function rust(counts) {
  let output = ''
  const code = await execute('cargo', ['test', '--workspace', '--locked', '--quiet', '--no-fail-fast'], {
    tee: (text) => {
      output += text
    },
  })
  for (const [, passed, failed] of output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed;/gm)) {
    counts.passed += Number(passed)
    counts.failed += Number(failed)
  }
  return code
}

async function typescript(files, counts) {
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
    return await execute(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', ...files], {
      env: {
        CORNAC_TEST_LEFT_OUT: leftOut,
        ...(server === undefined ? {} : { [`CORNAC_TEST_SERVER_${version}`]: JSON.stringify(address) }),
      },
      tee: (text) => {
        output += text
      },
    })
  } finally {
    await server?.stop('immediate')
    count(output, counts)
    report(readFileSync(leftOut, 'utf8'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The closing lines of ava. */
function count(output, counts) {
  const sum = (pattern) => [...output.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0)
  // A run with failures closes with their number alone.
  counts.passed += output.match(/^ {2}✔ /gm)?.length ?? 0
  counts.failed += sum(/^ {2}(\d+) tests? (?:failed|timed out)/gm)
  counts.failed += sum(/^ {2}(\d+) (?:uncaught exceptions?|unhandled rejections?|tests? remained pending)/gm)
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
