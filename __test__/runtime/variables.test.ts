// Who asks the environment: the C library lets nobody do so while somebody sets a variable, which JavaScript's thread does.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { findProgram } from '../support/programs.ts'
import { requiring } from '../support/requirements.ts'
import { startServer } from '../support/server.ts'
import { start } from './child.ts'

const compiler = {
  name: 'a C compiler for glibc on Linux',
  remedy: 'apt-get install gcc',
  available: process.platform === 'linux' && isGlibc() && findProgram('cc') !== undefined,
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime !== undefined
}

const compilerTest = requiring(compiler)

compilerTest('no thread but JavaScript’s asks for environment variables', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-variables-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const source = fileURLToPath(new URL('./programs/told-getenv.c', import.meta.url))
  const library = join(folder, 'told-getenv.so')
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'])
  const root = await CertificateAuthority.create()
  const server = await startServer({ tls: serverTls(await root.server()) })
  t.teardown(() => server.stop())
  const plain = server.dsn({ parameters: { sslmode: 'disable' } })
  const { user, password, socketDirectory, port } = server
  // Under root the servers run as nobody.
  const account = process.getuid?.() === 0 ? 'nobody' : userInfo().username
  const host = encodeURIComponent(socketDirectory)
  const socket = `postgresql://${user}:${password}@/postgres?host=${host}&port=${port}&requirepeer=${account}`
  const env = { LD_PRELOAD: library }
  const { code, stdout, stderr } = await start(t, 'many-threads', [plain, server.dsn(), root.pem, socket], {
    env,
  }).exited
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'done\n', stderr: '' })
})
