// The commands of package.json: what their arguments choose, and where they run.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

interface Selection {
  all: boolean
  crates: string[]
  paths: string[]
  options: string[]
}

async function evaluate<T>(expression: string): Promise<T> {
  const script = `
    import * as parts from './tools/run/parts.mjs'
    import * as steps from './tools/run/steps.mjs'
    console.log(JSON.stringify(${expression} ?? null))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
  return JSON.parse(stdout) as T
}

test('parts are named by folder, by path, by file and by crate', async (t) => {
  const none = { all: false, crates: [], paths: [], options: [] }
  const cases: [string[], Partial<Selection>][] = [
    [['query', 'cancel'], { paths: ['__test__/query', '__test__/cancel'] }],
    [['__test__/query', '--match=*x*'], { paths: ['__test__/query'], options: ['--match=*x*'] }],
    [
      ['runner', 'chaos-proxy.test.ts'],
      { paths: ['__test__/support/runner.test.ts', '__test__/support/chaos-proxy.test.ts'] },
    ],
    [['wire', 'cornac-driver'], { crates: ['cornac-wire', 'cornac-driver'] }],
  ]
  for (const [args, chosen] of cases) {
    const selection = await evaluate<Selection>(`parts.selectParts(${JSON.stringify(args)})`)
    t.deepEqual(selection, { ...none, ...chosen }, args.join(' '))
  }
})

test('without a name everything runs, but for what installs packages of others', async (t) => {
  const { all, crates, paths } = await evaluate<Selection>('parts.selectParts([])')
  t.true(all)
  t.true(crates.includes('cornac-wire') && paths.includes('__test__/query'))
  t.true(paths.includes('__test__/kerberos-realm.test.ts'))
  t.false(paths.includes('__test__/install'))
})

test('what runs and for how long is said at once', async (t) => {
  const said = (args: string[]): Promise<string> =>
    evaluate(`parts.announcement(parts.selectParts(${JSON.stringify(args)}))`)
  t.regex(await said([]), /^all tests: about \d+ minutes, .*\n.*npm test -- query .*cornac-wire/)
  t.regex(await said(['query']), /^__test__\/query: about \d+ seconds/)
})

test('the npm of a Node.js for Windows is found beside it, and elsewhere the PATH tells', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cornac Program Files '))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const npmBeside = (): Promise<unknown> =>
    evaluate(`steps.npmBeside(${JSON.stringify(join(folder, 'node.exe'))})`)
  t.is(await npmBeside(), null)
  const bin = join(folder, 'node_modules', 'npm', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npm-cli.js'), '')
  t.is(await npmBeside(), join(bin, 'npm-cli.js'))
})

test('a command runs in a folder whose name has blanks, and says which parts there are', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cornac with blanks '))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const filter = (path: string): boolean => basename(path) !== 'node_modules'
  cpSync(join(root, 'tools'), join(folder, 'tools'), { recursive: true, filter })
  for (const each of ['__test__', 'crates']) mkdirSync(join(folder, each))
  const failing = run(process.execPath, [join(folder, 'tools', 'run.mjs'), 'test', 'no-such'])
  const { code, stderr } = await t.throwsAsync<Error & { code: number; stderr: string }>(failing)
  t.is(code, 1)
  t.regex(stderr, /^no tests are called "no-such": there are /)
})
