// Projects in TypeScript, of the compilers and the module settings that are about, with declarations of the driver's
// packages checked too (`skipLibCheck` is off), with Node's types and without any.

import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from './support/packages.ts'
import { newProject, type Project, tools } from './support/project.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const USE = `import { connect, createPool, sql, UniqueViolationError, type Connection, type ConnectOptions } from 'cornac'

const options: ConnectOptions = { ssl: 'verify-full', timeout: null }

export async function use(): Promise<number> {
  const connection: Connection = await connect('postgresql://localhost', options)
  const rows = await connection.fetch<{ n: number }>('select 1 as n', [], { timeout: 10 })
  const [bytes] = await connection.fetch(sql<{ b: Uint8Array }>\`select 'x'::bytea as b\`)
  const pool = await createPool(options)
  await pool.transaction(async (tx) => tx.execute('select 1'))
  await connection.copyRecordsToTable('t', { records: [[1, bytes?.b.length]] })
  try {
    return rows[0]!.n
  } catch (error) {
    return error instanceof UniqueViolationError ? Number(error.sqlstate) : 2
  }
}

// @ts-expect-error: a mistake is one
connect(7)
`

const compilers = {
  'TypeScript 5.9': join(tools, 'typescript', 'bin', 'tsc'),
  'TypeScript 7': join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
}

/** Compiler options, and files that are ES modules, CommonJS ones, or what the options make of them. */
const settings: readonly (readonly [name: string, options: object, files: readonly string[]])[] = [
  ['nodenext', { module: 'nodenext' }, ['esm.mts', 'cjs.cts']],
  ['node16', { module: 'node16', moduleResolution: 'node16' }, ['esm.mts']],
  ['a bundler’s', { module: 'esnext', moduleResolution: 'bundler' }, ['esm.ts']],
  ['node10', { module: 'commonjs', moduleResolution: 'node10' }, ['esm.ts']],
  ['preserve', { module: 'preserve' }, ['esm.ts', 'cjs.cts']],
]

/** TypeScript 7 has left the resolution of long ago. */
const knows = (compiler: string, name: string): boolean => name !== 'node10' || compiler !== 'TypeScript 7'

const OPTIONS = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
}

let registry: Registry
test.before(async () => {
  registry = await startRegistry()
})

async function newTypeScriptProject(withNode: boolean): Promise<Project> {
  const project = await newProject().install(registry)
  if (withNode) {
    const modules = join(project.folder, 'node_modules')
    mkdirSync(join(modules, '@types'))
    for (const name of ['@types/node', 'undici-types']) symlinkSync(join(tools, name), join(modules, name))
  }
  return project
}

for (const withNode of [true, false]) {
  test(`TypeScript projects ${withNode ? 'with' : 'without'} Node’s types can use the declarations`, async (t) => {
    t.timeout(600_000)
    const project = await newTypeScriptProject(withNode)
    for (const [name, options, files] of settings) {
      project.write({
        ...Object.fromEntries(files.map((file) => [file, USE])),
        [`${name}.json`]: { compilerOptions: { ...OPTIONS, ...options }, files },
      })
      for (const [compiler, tsc] of Object.entries(compilers).filter(([compiler]) => knows(compiler, name)))
        await t.notThrowsAsync(project.node(tsc, '-p', `${name}.json`), `${compiler}, ${name}`)
    }
  })
}
