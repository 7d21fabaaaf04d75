// A web application of Next.js, built to stand alone: what it copies of the driver is all that it needs.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'ava'
import { sharedServer } from '../support/server.ts'
import { newProject, type Project, tools } from './support/project.ts'
import { startRegistry } from './support/registry.ts'

const APPLICATION = {
  'next.config.mjs': `export default {
  output: 'standalone',
  serverExternalPackages: ['cornac'],
  outputFileTracingRoot: import.meta.dirname,
}
`,
  'app/layout.js': `export default function Layout({ children }) {
  return <html><body>{children}</body></html>
}
`,
  'app/page.js': `export default function Page() {
  return <p>hello</p>
}
`,
  'app/answer/route.js': `import { connect } from 'cornac'
export const dynamic = 'force-dynamic'
export async function GET() {
  const connection = await connect(process.env.TEST_DSN)
  const answer = await connection.fetchValue('select 6 * 7')
  await connection.close()
  return Response.json(answer)
}
`,
}

/** Next.js takes no packages from outside of the project: they are linked into it, file by file where that goes. */
function layTools(project: Project): void {
  const modules = join(project.folder, 'node_modules')
  for (const name of readdirSync(tools).filter((name) => name !== '.package-lock.json')) {
    try {
      execFileSync('cp', ['-al', join(tools, name), modules], { stdio: 'ignore' })
    } catch {
      cpSync(join(tools, name), join(modules, name), { recursive: true })
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test('an application of Next.js that stands alone answers from the database', async (t) => {
  t.timeout(600_000)
  const { folder } = await build()
  const port = await freePort()
  const env = {
    ...process.env,
    PORT: String(port),
    HOSTNAME: '127.0.0.1',
    TEST_DSN: (await sharedServer()).dsn(),
  }
  const server = spawn(process.execPath, ['server.js'], { cwd: join(folder, '.next', 'standalone'), env })
  t.teardown(() => server.kill('SIGKILL'))
  for await (const line of createInterface(server.stdout)) if (line.includes('Ready')) break
  const answer = await fetch(`http://127.0.0.1:${port}/answer`)
  t.is(await answer.json(), 42)
})

async function build(): Promise<Project> {
  const project = await newProject()
    .write(APPLICATION)
    .install(await startRegistry())
  layTools(project)
  const next = join('node_modules', 'next', 'dist', 'bin', 'next')
  await project.run(process.execPath, [next, 'build'], { NEXT_TELEMETRY_DISABLED: '1' })
  return project
}
