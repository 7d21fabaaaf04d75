// A script in a process of its own, for what concerns a whole process.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ExecutionContext } from 'ava'
import { sharedServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = new URL('../../index.ts', import.meta.url).href
/** What a thread of such a script needs under `--import`. */
export const loader: string = pathToFileURL(join(root, 'node_modules/@oxc-node/core/register.mjs')).href

export interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
  readonly errors: string
  readonly elapsed: number
}

export interface RunOptions {
  readonly env?: Record<string, string>
  /** Milliseconds, then it is killed. */
  readonly limit?: number
  /** How many open files the process may have. */
  readonly descriptors?: number
}

/** Runs a script that has `connect`, `createPool` and the server's `dsn`; a process that does not end in time is a failure. */
export async function run(
  t: ExecutionContext,
  body: string,
  { env = {}, limit = 90_000, descriptors }: RunOptions = {},
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-process-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'script.mjs')
  const server = await sharedServer()
  writeFileSync(
    file,
    `import { setTimeout as delay } from 'node:timers/promises'
     import { connect, createPool } from ${JSON.stringify(entry)}
     const dsn = ${JSON.stringify(server.dsn())}
     ${body}`,
  )
  const started = performance.now()
  const words = [process.execPath, '--expose-gc', '--import', loader, file]
  const command =
    descriptors === undefined ? words : ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', ...words]
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const kill = setTimeout(() => child.kill('SIGKILL'), limit)
  const [code, signal] = await once(child, 'close')
  clearTimeout(kill)
  return { code, signal, output, errors, elapsed: performance.now() - started }
}
