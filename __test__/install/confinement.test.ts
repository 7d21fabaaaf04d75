// The driver in processes that may do little: by Node's permissions, on file systems that nobody may write, under
// accounts that the system does not know.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { runtimeBinary } from '../../tools/run/runtime-binaries.mjs'
import { type Requirement, requiring } from '../support/requirements.ts'
import { sharedServer } from '../support/server.ts'
import { newProject, type Project } from './support/project.ts'
import { startRegistry } from './support/registry.ts'

let project: Project
let dsn: string
let named: string
test.before(async () => {
  const server = await sharedServer()
  dsn = server.dsn()
  named = server.dsn({ host: 'localhost' })
  project = await newProject()
    .take('use.mjs')
    .install(await startRegistry())
})

/** Node's permissions, by its version: their name, and whether looking up the name of a host is one of them. */
const lines: readonly (readonly [name: string, program: () => string, flag: string, net: boolean])[] = [
  ['Node.js 22', () => runtimeBinary('node22'), '--permission', false],
  ['Node.js 24', () => runtimeBinary('node24'), '--permission', false],
  ['Node.js 26', () => runtimeBinary('node26'), '--permission', true],
]

for (const [name, program, flag, net] of lines) {
  test(`${name}: the permissions to load it and to read the program are enough`, async (t) => {
    const options = [flag, '--allow-addons', `--allow-fs-read=${project.folder}`]
    const { stdout } = await project.run(program(), [...options, 'use.mjs', dsn])
    t.is(stdout, '42\n')
    const lookUp = [...options, ...(net ? ['--allow-net'] : []), 'use.mjs', named]
    t.is((await project.run(program(), lookUp)).stdout, '42\n')
    const forbidden = project.run(program(), [...options, 'use.mjs', named])
    if (net) await t.throwsAsync(forbidden, { message: /run it with --allow-net/ })
    else t.is((await forbidden).stdout, '42\n')
    const without = project.run(program(), [flag, `--allow-fs-read=${project.folder}`, 'use.mjs', dsn])
    await t.throwsAsync(without, { message: /addons/ })
  })
}

test('code generation that is switched off does not stop it', async (t) => {
  const { stdout } = await project.node('--disallow-code-generation-from-strings', 'use.mjs', dsn)
  t.is(stdout, '42\n')
})

/** Mounts are changed in a name space of their own, which takes root; who is not may become it in CI without a word. */
const becomingRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
const mayBeRoot = becomingRoot.length === 0 || process.env.CI === 'true'

function succeeds(...command: readonly string[]): boolean {
  const [program = '', ...args] = [...becomingRoot, ...command]
  return spawnSync(program, args).status === 0
}

const nameSpaces: Requirement = {
  name: 'a mount name space of one’s own',
  remedy: 'run the tests as root on Linux, with the right to mount',
  available: mayBeRoot && succeeds('unshare', '--mount', 'setpriv', '--reuid=54321', 'true'),
}
const asRoot = requiring(nameSpaces)

function runAsRoot(...command: readonly string[]): Promise<{ stdout: string }> {
  const [program = '', ...args] = [...becomingRoot, ...command]
  return project.run(program, args)
}

/** The program with nothing in its environment, on a root that is mounted read-only. */
function readOnly(...before: readonly string[]): Promise<{ stdout: string }> {
  const command = ['mount -o remount,bind,ro / && exec "$@"', 'sh', ...before, 'env', '-i', process.execPath]
  return runAsRoot('unshare', '--mount', 'sh', '-c', ...command, 'use.mjs', dsn)
}

asRoot('a root that is read-only, and no HOME, do not stop it', async (t) => {
  t.is((await readOnly()).stdout, '42\n')
})

asRoot('an account without a name or a home does not stop it', async (t) => {
  for (const folder of [project.folder, dirname(project.folder)]) chmodSync(folder, 0o755)
  const account = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups']
  t.is((await readOnly(...account)).stdout, '42\n')
})

asRoot('a root with nothing but Node.js, its libraries and the program is enough', async (t) => {
  const root = newProject().folder
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const file of [process.execPath, ...libraries]) {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    cpSync(file, join(root, file), { dereference: true })
  }
  cpSync(project.folder, join(root, 'app'), { recursive: true })
  const { stdout } = await runAsRoot('chroot', root, process.execPath, '/app/use.mjs', dsn)
  t.is(stdout, '42\n')
})
