// The driver in processes that may do little: by Node's permissions, on file systems that nobody may write, under
// accounts that the system does not know.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { startPostgres } from '../../tools/postgres.mjs'
import { runtimeBinary } from '../../tools/run/runtime-binaries.mjs'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
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

/** A root with nothing but Node.js, its libraries, and the project in a folder. */
function bareRoot(folder: string): string {
  const root = newProject().folder
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const file of [process.execPath, ...libraries]) {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    cpSync(file, join(root, file), { dereference: true })
  }
  cpSync(project.folder, join(root, folder), { recursive: true })
  return root
}

asRoot('a root with nothing but Node.js, its libraries and the program is enough', async (t) => {
  const { stdout } = await runAsRoot('chroot', bareRoot('app'), process.execPath, '/app/use.mjs', dsn)
  t.is(stdout, '42\n')
})

/** Where images look for programs; `chroot` itself is found by it. */
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** In such a root, mounted read-only, as an account that is a number, with nothing but that in its environment. */
function runIn(root: string, account: number, env: readonly string[], ...args: readonly string[]) {
  const command = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
  const within = ['chroot', `--userspec=${account}:${account}`, root, process.execPath, ...args]
  return runAsRoot(
    'unshare',
    '--mount',
    'sh',
    '-c',
    command,
    'sh',
    root,
    'env',
    '-i',
    PATH,
    ...env,
    ...within,
  )
}

asRoot('a root without a shell, read-only, has certificates of the system and no account', async (t) => {
  const authority = await CertificateAuthority.create()
  const server = await startPostgres({
    tls: serverTls(await authority.server({ ipAddresses: ['127.0.0.1'] })),
  })
  t.teardown(() => server.stop('immediate'))
  const root = bareRoot('app')
  const certificates = join(root, 'etc', 'ssl', 'certs')
  mkdirSync(certificates, { recursive: true })
  const verified = ['/app/use.mjs', server.dsn({ host: '127.0.0.1' })]
  const env = ['PGSSLMODE=verify-full', 'PGSSLROOTCERT=system']
  // As in an image that lacks them.
  await t.throwsAsync(runIn(root, 65532, env, ...verified), { message: /certificate/ })
  writeFileSync(join(certificates, 'ca-certificates.crt'), authority.certificate.pem)
  t.is((await runIn(root, 65532, env, ...verified)).stdout, '42\n')
})

asRoot('the root and the environment of a function do not stop it', async (t) => {
  const env = [
    'AWS_LAMBDA_FUNCTION_NAME=test',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128',
    'AWS_EXECUTION_ENV=AWS_Lambda_nodejs24.x',
    'LAMBDA_TASK_ROOT=/var/task',
    'LAMBDA_RUNTIME_DIR=/var/runtime',
    'LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/task:/opt/lib',
    'NODE_PATH=/opt/nodejs/node_modules:/var/runtime/node_modules:/var/task',
    'TZ=:UTC',
  ]
  const { stdout } = await runIn(bareRoot('var/task'), 993, env, '/var/task/use.mjs', dsn)
  t.is(stdout, '42\n')
})
