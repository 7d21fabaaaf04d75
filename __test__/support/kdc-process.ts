// The KDC's process. A shell stands between it and us that ends with our end of its pipe, in whatever way we end, and
// takes the KDC with it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { findProgram } from './programs.ts'

const START_TIMEOUT_MS = 10_000

/** $1: the realm's folder, removed when nobody is left to want it; the rest: the KDC and its parameters. */
const KEEPER = `
trap '' HUP INT TERM
folder=$1
shift
"$@" </dev/null &
pid=$!
word=
read -r word
kill "$pid" 2>/dev/null
wait "$pid"
[ "$word" = keep ] || rm -rf -- "$folder"
`

export class KdcProcess {
  readonly port: number
  readonly #folder: string
  #keeper: ChildProcess | undefined

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  /** Chooses a free port; the KDC starts later, since its files name it. */
  static async reserve(folder: string): Promise<KdcProcess> {
    const probe = createServer().listen({ port: 0, host: '127.0.0.1' })
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    return new KdcProcess(folder, port)
  }

  async start(env: Record<string, string>): Promise<void> {
    if (this.#keeper !== undefined) return
    const program = findProgram('krb5kdc') ?? 'krb5kdc'
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'cornac-kdc', this.#folder, program, '-n'], {
      env,
      cwd: '/',
      // A session of its own, so that Ctrl-C does not end it before its work is done.
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#keeper = keeper
    let words = ''
    keeper.stderr?.on('data', (chunk) => (words += chunk))
    keeper.on('error', (error) => (words += `error: ${error.message}`))
    keeper.stdin?.on('error', () => {})
    keeper.unref()
    for (const stream of [keeper.stdin, keeper.stderr]) if (stream instanceof Socket) stream.unref()
    const deadline = Date.now() + START_TIMEOUT_MS
    while (!(await accepts(this.port))) {
      if (Date.now() < deadline && !words.includes('error')) {
        await delay(10)
        continue
      }
      await this.stop()
      throw new Error(`the KDC did not start on port ${this.port}: ${words || 'no answer'}`)
    }
  }

  async stop(): Promise<void> {
    const keeper = this.#keeper
    if (keeper === undefined) return
    this.#keeper = undefined
    keeper.ref()
    keeper.stdin?.end('keep\n')
    if (keeper.exitCode === null) await once(keeper, 'exit')
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
