// Programs that live and die as users' programs do, each in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Child {
  readonly process: ChildProcess
  readonly exited: Promise<Exit>
  /** Waits for a line that begins so, and gives its rest. */
  line(beginning: string): Promise<string>
}

export interface ChildOptions {
  env?: Record<string, string>
  node?: readonly string[]
}

/** Starts `programs/<name>.ts`; it is killed when the test ends. */
export function start(
  t: ExecutionContext,
  name: string,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Child {
  const program = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))
  const child = spawn(
    process.execPath,
    ['--import', '@oxc-node/core/register', ...(options.node ?? []), program, ...args],
    { env: { ...process.env, NODE_OPTIONS: '', ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  t.teardown(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  child.stderr.on('data', (bytes) => {
    stderr += bytes
  })
  createInterface(child.stdout).on('line', (line) => {
    stdout += `${line}\n`
    lines.push(line)
    wake()
  })
  let ended = false
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true
      wake()
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    process: child,
    exited,
    async line(beginning) {
      for (;;) {
        const found = lines.find((line) => line.startsWith(beginning))
        if (found !== undefined) return found.slice(beginning.length).trim()
        if (ended) throw new Error(`the program ended without "${beginning}"\n${stdout}\n${stderr}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}
