// Projects of users: empty folders outside of this repository, into which the driver is installed from a registry.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './packages.ts'
import type { Registry } from './registry.ts'

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** The tools of users that tests use: test runners, compilers, bundlers. */
export const tools = join(root, 'tools', 'ecosystem', 'node_modules')

export class Project {
  readonly folder: string
  readonly #home: string

  constructor(folder: string) {
    this.folder = join(folder, 'project')
    this.#home = join(folder, 'home')
    mkdirSync(this.folder)
    mkdirSync(this.#home)
  }

  /** Writes files, by their paths; what is no text is written as JSON. */
  write(files: { readonly [path: string]: unknown }): this {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    }
    return this
  }

  /** Copies programs of the tests, which find the driver as any file of the project does. */
  take(...names: readonly string[]): this {
    for (const name of names) {
      const program = fileURLToPath(new URL(`../programs/${name}`, import.meta.url))
      copyFileSync(program, join(this.folder, name))
    }
    return this
  }

  /** Runs a program in the project's folder, as somebody with a home of their own and no settings of this run's. */
  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Output> {
    return new Promise((resolve, reject) => {
      execFile(
        program,
        args,
        { cwd: this.folder, env: this.#environment(env), maxBuffer: 2 ** 26, timeout: 300_000 },
        (error, stdout, stderr) => {
          if (error === null) resolve({ stdout, stderr })
          else reject(new Error(`${program} ${args.join(' ')}: ${error.code}\n${stdout}\n${stderr}`))
        },
      )
    })
  }

  /** Runs a file of the project, or options and a file, by Node.js. */
  node(...args: readonly string[]): Promise<Output> {
    return this.run(process.execPath, args)
  }

  /** Installs the driver by npm. */
  async install({ url }: Registry): Promise<this> {
    await this.run('npm', ['install', '--no-audit', '--no-fund', `--registry=${url}`, 'cornac'])
    return this
  }

  #environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|AVA_|CI$|PG)/i.test(name))
    return { ...Object.fromEntries(inherited), HOME: this.#home, USERPROFILE: this.#home, ...more }
  }
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An empty project; `withTools` in a folder from which those of users are found. */
export function newProject({ withTools = false } = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-project-'))
  folders.push(folder)
  if (withTools) symlinkSync(tools, join(folder, 'node_modules'))
  return new Project(folder).write({ 'package.json': { name: 'user', version: '1.0.0', private: true } })
}
