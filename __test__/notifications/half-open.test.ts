// A line that is dead without a word: nothing of it is heard any more, and only TCP itself can tell.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { findProgram, type Requirement, requiring } from '../support/requirements.ts'

const network: Requirement = {
  name: 'a network of its own',
  remedy: 'Linux with unshare and ip, and the right to make a network namespace',
  available:
    process.platform === 'linux' &&
    findProgram('ip') !== undefined &&
    spawnSync('unshare', ['--map-root-user', '--net', 'true']).status === 0,
}

const program = fileURLToPath(new URL('./programs/half-open.ts', import.meta.url))

async function end(t: ExecutionContext, parameters: string): Promise<any> {
  const node = [process.execPath, '--import', '@oxc-node/core/register', program, parameters]
  const child = spawn('unshare', ['--map-root-user', '--net', ...node], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(child, 'close')
  return JSON.parse(output)
}

requiring(network)('keepalive ends an iteration on a half-open line, with its reason', async (t) => {
  const { elapsed, ...told } = await end(
    t,
    '?sslmode=disable&keepalives_idle=1&keepalives_interval=1&keepalives_count=2',
  )
  t.deepEqual(told, {
    name: 'ConnectionDoesNotExistError',
    code: 'ETIMEDOUT',
    maybeExecuted: false,
    closed: true,
    withoutKeepalive: 'it waits',
  })
  t.true(elapsed >= 1_000 && elapsed < 30_000, `${elapsed} ms`)
})
