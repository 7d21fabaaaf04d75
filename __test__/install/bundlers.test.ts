// Programs that a bundler makes one file of. Where the driver stays beside it, as a package, nothing else is needed; where
// the driver is within, the binary lies beside the file.

import { copyFileSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { sharedServer } from '../support/server.ts'
import { newProject, type Project } from './support/project.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const OUTPUT = '42 true UniqueViolationError\n'

const beside = ['esbuild', 'rollup', 'rolldown', 'webpack']
const within = [
  'esbuild within',
  'esbuild within, ES module',
  'rollup within',
  'rolldown within',
  'rolldown within, ES module',
  'webpack within',
]

let registry: Registry
let env: NodeJS.ProcessEnv
test.before(async () => {
  registry = await startRegistry()
  env = { TEST_DSN: (await sharedServer()).dsn() }
})

/** Bundles the program; gives the folder that it is in, and its file. */
async function bundle(way: string): Promise<{ project: Project; file: string }> {
  const project = newProject({ withTools: true }).take('bundled.mjs', 'bundle.mjs')
  await project.install(registry)
  await project.node('bundle.mjs', way)
  const file = readdirSync(join(project.folder, 'bundled')).find((name) => name.startsWith('app.')) ?? ''
  return { project, file }
}

for (const bundler of beside) {
  test(`a program bundled by ${bundler} takes the driver that is installed`, async (t) => {
    t.timeout(300_000)
    const { project, file } = await bundle(`${bundler} beside`)
    const { stdout } = await project.run(process.execPath, [join('bundled', file)], env)
    t.is(stdout, OUTPUT)
  })
}

for (const way of within) {
  test(`a program bundled by ${way} runs where nothing is installed`, async (t) => {
    t.timeout(300_000)
    const { project, file } = await bundle(way)
    const elsewhere = newProject()
    cpSync(join(project.folder, 'bundled'), elsewhere.folder, { recursive: true })
    const copied = readdirSync(elsewhere.folder).some((name) => name.endsWith('.node'))
    t.is(copied, way === 'esbuild within', 'whether the bundler itself has taken the binary')
    if (!copied) layBinary(project, elsewhere)
    const { stdout } = await elsewhere.run(process.execPath, [file], env)
    t.is(stdout, OUTPUT)
  })
}

/** The binary of this platform, into the folder of the program. */
function layBinary(from: Project, to: Project): void {
  const modules = join(from.folder, 'node_modules')
  for (const name of readdirSync(modules).filter((name) => name.startsWith('cornac-'))) {
    for (const file of readdirSync(join(modules, name)).filter((file) => file.endsWith('.node')))
      copyFileSync(join(modules, name, file), join(to.folder, file))
  }
}

test('what a file tracer copies of a project is all that the program needs', async (t) => {
  t.timeout(300_000)
  const project = await newProject({ withTools: true }).take('bundled.mjs').install(registry)
  project.write({
    'trace.mjs': `import { nodeFileTrace } from '@vercel/nft'
      const { fileList } = await nodeFileTrace(['bundled.mjs'])
      console.log(JSON.stringify([...fileList]))`,
  })
  const files = JSON.parse((await project.node('trace.mjs')).stdout) as string[]
  t.is(files.filter((file) => file.endsWith('.node')).length, 1)
  t.false(files.some((file) => file.endsWith('.map')))
  const elsewhere = newProject()
  for (const file of files) cpSync(join(project.folder, file), join(elsewhere.folder, file))
  t.is((await elsewhere.run(process.execPath, ['bundled.mjs'], env)).stdout, OUTPUT)
})
