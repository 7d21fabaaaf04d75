// The TypeScript tests: one run of them, with a server that its test files share.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { installRuntimes, WITHOUT_SCRIPTS } from './runtime-binaries.mjs'
import { execute, installPackages, must, prepare, root } from './steps.mjs'

/**
 * Builds what they load.
 *
 * @param {readonly string[]} paths test files and folders
 */
export async function prepareSuite(paths) {
  await prepare()
  // What the tests of panics load; with no time limit of a test on its first build.
  if (paths.some((path) => /\bruntime\b/.test(path)))
    await must(process.execPath, ['tools/build-native.mjs', '--panic-hooks'])
  if (paths.some((path) => /\binstall\b/.test(path))) await prepareInstallations()
}

/** What the tests of installations install, and by which programs: packages of their own, for they are many and large. */
async function prepareInstallations() {
  await must(process.execPath, ['tools/run.mjs', 'pack', '--as-built'])
  await installRuntimes()
  await installPackages(join(root, 'tools', 'ecosystem'), WITHOUT_SCRIPTS)
}

/**
 * Runs them and gives how many passed and failed.
 *
 * @param {readonly string[]} args test files, folders and options of the runner
 * @param {string} [node] the Node.js that runs them and is first in the PATH of the programs they start
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function typescript(args, node = process.execPath) {
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
    const code = await execute(node, ['node_modules/ava/entrypoints/cli.mjs', ...args], {
      env: {
        PATH: [dirname(node), process.env.PATH].join(delimiter),
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

/**
 * A runner that fails without naming a test has failed as a whole.
 *
 * @param {number} code
 * @param {{ passed: number, failed: number }} result
 */
export function verdict(code, { passed, failed }) {
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
