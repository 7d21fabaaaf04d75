// Programs that a bundler makes one file of. Where the driver stays beside it, as a package, nothing else is needed; where
// the driver is within, the binary lies beside the file.

import { copyFileSync, cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { sharedServer } from '../support/server.ts'
import { root } from './support/packages.ts'
import { newProject, type Project } from './support/project.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const OUTPUT = '42 true UniqueViolationError\n'

/** The guide's table: the options of each bundler for either way. */
const rows = [
  ...readFileSync(join(root, 'docs', 'guide', 'deploying.md'), 'utf8').matchAll(
    /^\| ((?:esbuild|Roll\w+|webpack)\b[^|]*) \| `([^|]*)` \| `([^|]*)` \|$/gm,
  ),
].map(([, bundler = '', beside = '', within = '']) => ({ bundler, beside, within }))

let registry: Registry
let env: NodeJS.ProcessEnv
test.before(async () => {
  registry = await startRegistry()
  env = { TEST_DSN: (await sharedServer()).dsn() }
})

test('the guide tells the options of every bundler', (t) => {
  t.deepEqual(
    [...new Set(rows.map(({ bundler }) => bundler.split(',')[0]))],
    ['esbuild', 'Rollup', 'Rolldown', 'webpack'],
  )
})

/** Bundles the program; gives the project and the file of the bundle. */
async function bundle(bundler: string, options: string): Promise<{ project: Project; file: string }> {
  const project = newProject({ withTools: true }).take('bundled.mjs', 'bundle.mjs')
  await project.install(registry)
  await project.node('bundle.mjs', bundler, options)
  const file = readdirSync(join(project.folder, 'bundled')).find((name) => name.startsWith('app.')) ?? ''
  return { project, file }
}

for (const { bundler, beside, within } of rows) {
  test(`${bundler}: a program takes the driver that is installed beside it`, async (t) => {
    t.timeout(600_000)
    const { project, file } = await bundle(bundler, beside)
    t.is((await project.run(process.execPath, [join('bundled', file)], env)).stdout, OUTPUT)
  })

  test(`${bundler}: a program with the driver within runs where nothing is installed`, async (t) => {
    t.timeout(600_000)
    const { project, file } = await bundle(bundler, within)
    const elsewhere = newProject()
    cpSync(join(project.folder, 'bundled'), elsewhere.folder, { recursive: true })
    const isCopied = readdirSync(elsewhere.folder).some((name) => name.endsWith('.node'))
    t.is(isCopied, within.includes("'.node'"), 'whether the bundler has taken the binary itself')
    if (!isCopied) layBinary(project, elsewhere)
    t.is((await elsewhere.run(process.execPath, [file], env)).stdout, OUTPUT)
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
  t.timeout(600_000)
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
