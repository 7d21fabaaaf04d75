// An empty project into which a package manager installs the driver: it gets the binary of this platform, of no other,
// and nothing else, and an ES module and a CommonJS module of it run a query.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { runtimeBinary } from '../../tools/run/runtime-binaries.mjs'
import { sharedServer } from '../support/server.ts'
import { newProject, type Output, type Project, tools } from './support/project.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const here = `cornac-${process.platform}-${process.arch}`

type Files = { readonly [path: string]: unknown }

interface Manager {
  /** Files that tell it what its users would leave to its defaults: where the registry is. */
  readonly settings?: (url: string) => Files
  readonly add: (project: Project, url: string) => Promise<unknown>
  /** Runs a file of the project. */
  readonly run?: (project: Project, args: readonly string[]) => Promise<Output>
  /** Where packages are, if they are in a folder of the project. */
  readonly packages?: string
  /** Whether it takes the binaries for every C library. */
  readonly bothLibraries?: boolean
}

const byNode = (program: string) => (project: Project, args: readonly string[]) =>
  project.node(join(tools, program), ...args)
const pnpm = byNode('pnpm/bin/pnpm.cjs')
const yarnClassic = byNode('yarn/bin/yarn.js')
const yarn = byNode('@yarnpkg/cli-dist/bin/yarn.js')

const npmrc = (url: string): Files => ({ '.npmrc': `registry=${url}\n` })
const yarnrc =
  (linker: string) =>
  (url: string): Files => ({
    '.yarnrc.yml': `nodeLinker: ${linker}
npmRegistryServer: "${url}"
unsafeHttpWhitelist: ["127.0.0.1"]
enableTelemetry: false
`,
  })

const managers: { readonly [name: string]: Manager } = {
  npm: {
    add: (project, url) => project.run('npm', ['install', '--no-audit', `--registry=${url}`, 'cornac']),
    packages: 'node_modules',
  },
  pnpm: {
    settings: npmrc,
    add: (project) => pnpm(project, ['add', 'cornac']),
    packages: 'node_modules/.pnpm/node_modules',
  },
  'pnpm with a flat folder': {
    settings: (url) => ({ '.npmrc': `registry=${url}\nnode-linker=hoisted\n` }),
    add: (project) => pnpm(project, ['add', 'cornac']),
    packages: 'node_modules',
  },
  'Yarn 1': {
    settings: npmrc,
    add: (project) => yarnClassic(project, ['add', '--non-interactive', 'cornac']),
    packages: 'node_modules',
    bothLibraries: process.platform === 'linux',
  },
  Yarn: {
    settings: yarnrc('node-modules'),
    add: (project) => yarn(project, ['add', 'cornac']),
    packages: 'node_modules',
  },
  'Yarn with Plug’n’Play': {
    settings: yarnrc('pnp'),
    add: (project) => yarn(project, ['add', 'cornac']),
    run: (project, args) => yarn(project, ['node', ...args]),
  },
  Bun: {
    settings: npmrc,
    add: (project) => project.run(runtimeBinary('bun'), ['add', 'cornac']),
    packages: 'node_modules',
  },
}

let registry: Registry
test.before(async () => {
  registry = await startRegistry()
})

for (const [name, manager] of Object.entries(managers)) {
  const { settings = () => ({}), add, run = byNodeItself, packages, bothLibraries = false } = manager
  test(`installed by ${name}, the driver runs a query`, async (t) => {
    t.timeout(600_000)
    const server = await sharedServer()
    const project = newProject().write(settings(registry.url)).take('use.mjs', 'use.cjs')
    await add(project, registry.url)
    t.is((await run(project, ['use.mjs', server.dsn()])).stdout, '42\n')
    t.is((await run(project, ['use.cjs', server.dsn()])).stdout, '42\ntrue\n')
    if (packages !== undefined) onlyHere(t, join(project.folder, packages), bothLibraries ? 2 : 1)
  })
}

test('npm lays the binary of another platform where it is told to', async (t) => {
  t.timeout(600_000)
  const project = newProject()
  const other = ['--os=linux', '--cpu=arm64', '--libc=musl']
  await project.run('npm', ['install', '--no-audit', `--registry=${registry.url}`, ...other, 'cornac'])
  const installed = readdirSync(join(project.folder, 'node_modules')).filter((name) =>
    name.startsWith('cornac-'),
  )
  t.deepEqual(installed, ['cornac-linux-arm64-musl'])
})

test('without optional packages the driver can be imported, and the first connect says what to do', async (t) => {
  t.timeout(600_000)
  const project = newProject().write({
    'tell.mjs': `import { connect } from 'cornac'
      await connect('postgresql://127.0.0.1:1').catch(({ message }) => console.log(message))`,
  })
  const options = ['--no-audit', `--registry=${registry.url}`, '--omit=optional']
  await project.run('npm', ['install', ...options, 'cornac'])
  const { stdout } = await project.node('tell.mjs')
  t.regex(stdout, new RegExp(`the package ${here}[\\w-]* is not installed; .*omit optional dependencies`))
  t.regex(stdout, /install again/)
})

test('two copies in one program each have their own classes and sessions', async (t) => {
  t.timeout(600_000)
  const project = newProject().write({
    'two.mjs': `import * as one from 'cornac'
      import * as other from './library/use.mjs'
      const answers = []
      for (const { connect, DivisionByZeroError } of [one, other]) {
        const connection = await connect(process.argv[2])
        answers.push(await connection.fetchValue('select 42'))
        const error = await connection.fetch('select 1 / 0').catch((error) => error)
        answers.push(error instanceof DivisionByZeroError)
        await connection.close()
      }
      console.log(...answers, one.Connection === other.Connection)`,
    'library/package.json': { name: 'library', version: '1.0.0', private: true },
    'library/use.mjs': "export * from 'cornac'",
  })
  await project.install(registry)
  await project.run('npm', [
    'install',
    '--no-audit',
    `--registry=${registry.url}`,
    '--prefix=library',
    'cornac',
  ])
  const { stdout } = await project.node('two.mjs', (await sharedServer()).dsn())
  t.is(stdout, '42 true 42 true false\n')
})

function byNodeItself(project: Project, args: readonly string[]): Promise<Output> {
  return project.node(...args)
}

/** The platform's own packages are there, beside the driver, and nothing else. */
function onlyHere(t: ExecutionContext, folder: string, count: number): void {
  const installed = readdirSync(folder).filter((name) => !name.startsWith('.') && name !== 'cornac')
  t.is(installed.length, count, installed.join(', '))
  t.true(installed.every((name) => name.startsWith(here)))
}
