// A panic on the native side, at every kind of place where it could get out: an export, a task, a finaliser. The
// process lives, what was pending is rejected, the connections concerned are closed, and new ones work.

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { findProgram, requiring } from '../support/requirements.ts'
import { testDatabase } from '../support/server.ts'
import { start } from './child.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`
const binary = process.env.CORNAC_PANIC_HOOKS ?? `${target}/panic-hooks.node`

const cargo = { name: 'cargo', available: findProgram('cargo') !== undefined, remedy: 'https://rustup.rs' }
const panicTest = requiring(cargo)

/** Sites whose panic leaves the boundary itself in doubt: everything of the environment fails. */
const boundary = ['submit', 'drain', 'take', 'giveBack', 'hold', 'release', 'abandonConnect']
/** Sites whose panic concerns one connection, or one attempt. */
const tasks = ['session', 'login', 'connect', 'cancel']

interface Report {
  site: string
  results: string[]
  closed: boolean[]
  ended: number
  cause: string
  after: number
  round: number
}

function newest(folder: string): number {
  const times = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    entry.name.endsWith('.rs') ? statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs : 0,
  )
  return Math.max(...times)
}

test.before(async (t) => {
  if (!cargo.available || process.env.CORNAC_PANIC_HOOKS !== undefined) return
  t.timeout(900_000, 'the binary with panic hooks is being built')
  if (existsSync(binary) && statSync(binary).mtimeMs > newest(`${root}/crates`)) return
  await promisify(execFile)(process.execPath, ['tools/build-native.mjs', '--panic-hooks'], { cwd: root })
})

panicTest('a panic at any boundary rejects what is pending and harms nothing that comes after', async (t) => {
  const database = await testDatabase()
  const rounds = isLong ? 1_000 : 5
  const sites = [...boundary, ...tasks]
  const child = start(t, 'panics', [database.dsn(), String(rounds), ...sites], {
    env: { CORNAC_NATIVE: binary, RUST_BACKTRACE: '0' },
  })
  const { code, signal, stdout, stderr } = await child.exited
  t.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
  t.true(stdout.endsWith('finished\n'))
  const reports = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Report)
  t.is(reports.length, rounds * sites.length)
  for (const report of reports) {
    const shown = JSON.stringify(report)
    t.is(report.after, report.round + 1, shown)
    t.false(report.results.includes('hung'), shown)
    if (boundary.includes(report.site)) {
      t.deepEqual(report.closed, [true, true], shown)
      t.is(report.ended, 2, shown)
      // There the first had been closed as it should be.
      t.is(report.cause, report.site === 'release' ? 'InterfaceError' : 'InternalClientError', shown)
    } else if (report.site === 'session') {
      t.is(report.closed.filter(Boolean).length, 1, shown)
      t.is(report.ended, 1, shown)
      t.true(report.results.includes('InternalClientError'), shown)
    } else if (report.site === 'cancel') {
      t.deepEqual(report.results, ['TimeoutError'], shown)
      // What cannot be cancelled cannot be waited for.
      t.deepEqual(report.closed, [true, false], shown)
    } else {
      t.deepEqual(report.results, ['InternalClientError'], shown)
      t.deepEqual(report.closed, [false, false], shown)
    }
  }
})
