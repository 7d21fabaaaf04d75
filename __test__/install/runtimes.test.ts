// The same program on every runtime: each of its steps is done, and the process ends by itself.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { runtimeBinary } from '../../tools/run/runtime-binaries.mjs'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { newProject, type Project } from './support/project.ts'
import { startRegistry } from './support/registry.ts'

const STEPS = [
  'connect',
  'query',
  'error',
  'transaction',
  'cursor',
  'copy',
  'notifications',
  'cancel',
  'pool',
  'tls',
  'refused',
  'worker',
  'close',
]

let project: Project
let server: OwnServer
let authority: CertificateAuthority

/** What the guide tells users of Deno to allow; the program itself reads its worker's file. */
function denoOptions(): string[] {
  const folder =
    readdirSync(join(project.folder, 'node_modules')).find((name) => name.startsWith('cornac-')) ?? ''
  const binary = `node_modules/${folder}/${folder.replace('-', '.')}.node`
  return [
    'run',
    '--no-prompt',
    `--allow-ffi=${binary}`,
    '--allow-env=PG*,SSLKEYLOGFILE',
    '--allow-net=localhost',
    '--allow-read=worker.mjs',
  ]
}

const none = (): string[] => []

const runtimes: readonly (readonly [
  name: string,
  program: () => string,
  options: () => readonly string[],
])[] = [
  ['the Node.js of this run', () => process.execPath, none],
  ['Node.js 22', () => runtimeBinary('node22'), none],
  ['Node.js 24', () => runtimeBinary('node24'), none],
  ['Node.js 26', () => runtimeBinary('node26'), none],
  ['Bun', () => runtimeBinary('bun'), none],
  ['Deno', () => runtimeBinary('deno'), denoOptions],
]

test.before(async () => {
  authority = await CertificateAuthority.create()
  server = await startServer({ tls: serverTls(await authority.server()) })
  project = await newProject()
    .take('smoke.mjs', 'worker.mjs', 'leave.mjs')
    .install(await startRegistry())
})

for (const [name, program, options] of runtimes) {
  test(`${name}: everything that a user does works`, async (t) => {
    t.timeout(600_000)
    const args = [...options(), 'smoke.mjs', server.dsn({ host: 'localhost' }), authority.pem]
    const { stdout } = await project.run(program(), args)
    t.deepEqual(stdout.trim().split('\n'), [...STEPS.map((step) => `done: ${step}`), 'finished'])
  })

  test(`${name}: process.exit with a query in flight ends with its code`, async (t) => {
    t.timeout(600_000)
    const args = [...options(), 'leave.mjs', server.dsn()]
    await t.throwsAsync(project.run(program(), args), { message: /: 3\nleaving\n/ })
  })
}
