// A server that says what a script tells it to: for what no honest PostgreSQL would say. It knows frames and
// start-up packets, nothing else; where a real server can be brought to do the same, use that.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Writable } from 'node:stream'
import { type SecureContextOptions, TLSSocket, type TLSSocketOptions } from 'node:tls'
import { authOk, CANCEL_REQUEST, GSSENC_REQUEST, greeting, SSL_REQUEST } from './protocol-messages.ts'
import { resetSocket } from './reset-socket.ts'

/** The conversation with one client. What it throws is a failed test: see `ScriptedServer.close`. */
export type Script = (session: ScriptedSession) => unknown

export interface ClientMessage {
  /** One letter. */
  type: string
  body: Buffer
}

export interface StartupPacket {
  kind: 'startup' | 'ssl' | 'gss' | 'cancel'
  /** The protocol version, as in 0x0003_0000, or the request code. */
  code: number
  parameters: Record<string, string>
  body: Buffer
}

export interface ScriptedServerOptions {
  /** Default 127.0.0.1. */
  host?: string
  /** A Unix socket file instead. */
  path?: string
}

export class ScriptedServer {
  readonly host: string
  readonly port: number
  /** One for each connection, in order, kept after its end. */
  readonly sessions: ScriptedSession[] = []
  readonly #listener: Server
  readonly #running = new Set<Promise<void>>()
  readonly #failures: unknown[] = []

  private constructor(listener: Server, host: string, port: number) {
    this.#listener = listener
    this.host = host
    this.port = port
  }

  /** Runs `script` for each connection; further scripts are for the second, third … the last one for all further. */
  static async start(
    scripts: Script | readonly Script[],
    { host = '127.0.0.1', path }: ScriptedServerOptions = {},
  ): Promise<ScriptedServer> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    listener.listen(path === undefined ? { host, port: 0 } : { path })
    await once(listener, 'listening')
    const address = listener.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const server = new ScriptedServer(listener, path ?? host, port)
    const all = [scripts].flat()
    listener.on('connection', (socket) => {
      const script = all[Math.min(server.sessions.length, all.length - 1)]
      if (script !== undefined) server.#converse(socket, script)
    })
    return server
  }

  dsn(parameters = ''): string {
    return `postgresql://someone:a-password@${this.host}:${this.port}/somewhere${parameters}`
  }

  /** The n-th connection's session, waiting for it if need be. */
  async session(index: number): Promise<ScriptedSession> {
    while (this.sessions.length <= index) await once(this.#listener, 'connection')
    const session = this.sessions[index]
    if (session === undefined) throw new Error(`there is no session ${index}`)
    return session
  }

  /** Resolves when every script that was begun has ended; rejects with the first failure of one. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  /** Drops all connections and stops listening. Rejects with the first failure of a script that was not our doing. */
  async close(): Promise<void> {
    const failed = this.#failures.at(0)
    for (const session of this.sessions) session.destroy()
    await new Promise((resolve) => this.#listener.close(resolve))
    await Promise.all(this.#running)
    if (failed !== undefined) throw failed
  }

  /** `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #converse(socket: Socket, script: Script): void {
    const session = new ScriptedSession(socket)
    this.sessions.push(session)
    const run = Promise.resolve()
      .then(() => script(session))
      .catch((error: unknown) => {
        if (!(error instanceof ClientLeft)) this.#failures.push(error)
        session.destroy()
      })
      .then(() => session.leaveWithClient())
      .then(() => void this.#running.delete(run))
    this.#running.add(run)
  }
}

/** The client ended the connection while the script waited for it to speak. Ends the script, is no failure. */
export class ClientLeft extends Error {}

export class ScriptedSession {
  /** Everything the client sent, decrypted where TLS was on. */
  received: Buffer = Buffer.alloc(0)
  /** What the client sent before or without TLS. */
  receivedInTheClear: Buffer = Buffer.alloc(0)
  readonly messages: ClientMessage[] = []
  /** Why the TLS handshake failed, in OpenSSL's words: the alert that a client sends when it rejects our certificate. */
  tlsFailure: string | undefined
  /** Resolves when the client has ended its side: by FIN, or by a reset. */
  readonly clientEnded: Promise<'fin' | 'reset'>
  readonly #raw: Socket
  #socket: Socket
  #pending: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => {}
  #reportEnd: (how: 'fin' | 'reset') => void = () => {}

  constructor(socket: Socket) {
    this.#raw = socket
    this.#socket = socket
    this.clientEnded = new Promise((resolve) => {
      this.#reportEnd = resolve
    })
    this.#listen(socket)
  }

  /** The socket, for what has no method here. */
  get socket(): Socket {
    return this.#socket
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(bytes))
  }

  /** Sends in pieces of `size` bytes, each in a packet of its own. */
  async sendInPieces(bytes: Uint8Array, size = 1): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      this.#socket.write(bytes.subarray(at, at + size))
      await new Promise(setImmediate)
    }
  }

  /** The packet without a type that starts a connection, whichever it is. */
  async packet(): Promise<StartupPacket> {
    const body = await this.bytes((await this.bytes(4)).readInt32BE(0) - 4)
    const code = body.readInt32BE(0)
    const kinds = new Map<number, StartupPacket['kind']>([
      [SSL_REQUEST, 'ssl'],
      [GSSENC_REQUEST, 'gss'],
      [CANCEL_REQUEST, 'cancel'],
    ])
    const kind = kinds.get(code) ?? 'startup'
    const words = kind === 'startup' ? body.toString('utf8', 4).split('\0') : []
    const parameters: Record<string, string> = {}
    for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2)
      parameters[words[at] ?? ''] = words[at + 1] ?? ''
    return { kind, code, parameters, body }
  }

  /** The StartupMessage; requests for encryption before it are refused with `N`. */
  async startup(): Promise<StartupPacket> {
    for (;;) {
      const packet = await this.packet()
      if (packet.kind !== 'ssl' && packet.kind !== 'gss') return packet
      this.send(Buffer.from('N'))
    }
  }

  /** Lets the client in without a password: `startup`, AuthenticationOk, parameters, ReadyForQuery. */
  async login(parameters: Record<string, string> = {}): Promise<StartupPacket> {
    const packet = await this.startup()
    this.send(authOk(), greeting(parameters))
    return packet
  }

  /**
   * Answers an SSLRequest with `S`, shakes hands, and speaks TLS from then on.
   * @returns the socket, which knows the client's certificate, SNI (`servername`) and protocol (`alpnProtocol`)
   */
  async acceptTls(options: TLSSocketOptions & SecureContextOptions): Promise<TLSSocket> {
    const { kind } = await this.packet()
    if (kind !== 'ssl') throw new Error(`expected an SSLRequest, got "${kind}"`)
    this.send(Buffer.from('S'))
    return this.secure(options)
  }

  /** Shakes hands at once (direct TLS). */
  async secure(options: TLSSocketOptions & SecureContextOptions): Promise<TLSSocket> {
    const raw = this.#raw
    raw.removeAllListeners('data')
    raw.removeAllListeners('end')
    if (this.#pending.length > 0) raw.unshift(this.#pending)
    this.#pending = Buffer.alloc(0)
    const secured = new TLSSocket(raw, { ...options, isServer: true })
    this.#socket = secured
    this.#listen(secured)
    await new Promise<void>((resolve, reject) => {
      secured.once('secure', resolve)
      secured.once('error', (error: NodeJS.ErrnoException) => {
        this.tlsFailure = error.code ?? error.message
        reject(new ClientLeft('the TLS handshake failed', { cause: error }))
      })
      const left = () => reject(new ClientLeft('the client left during the TLS handshake'))
      secured.once('end', left)
      secured.once('close', left)
    })
    return secured
  }

  /** The next message, which must be of this type (or of one of these letters, or any). */
  async expect(types?: string): Promise<ClientMessage> {
    const head = await this.bytes(5)
    const body = await this.bytes(head.readInt32BE(1) - 4)
    const got: ClientMessage = { type: head.toString('latin1', 0, 1), body }
    this.messages.push(got)
    if (types !== undefined && !types.includes(got.type)) {
      throw new Error(
        `expected message "${types}", got "${got.type}": ${JSON.stringify(body.toString('latin1'))}`,
      )
    }
    return got
  }

  /** Messages up to and with one of this type. */
  async expectUntil(type: string): Promise<ClientMessage[]> {
    const messages: ClientMessage[] = []
    do messages.push(await this.expect())
    while (messages.at(-1)?.type !== type)
    return messages
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#pending.length < count) {
      if (this.#ended) throw new ClientLeft('the client ended the connection')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const bytes = this.#pending.subarray(0, count)
    this.#pending = this.#pending.subarray(count)
    return bytes
  }

  /** Hands what the client has sent beyond what the script read, and all that it will send, to another stream. */
  forward(to: Writable): void {
    to.write(this.#pending)
    this.#pending = Buffer.alloc(0)
    this.#socket.pipe(to)
  }

  /** Ends our side. */
  end(...bytes: readonly Uint8Array[]): void {
    this.#socket.end(Buffer.concat(bytes))
  }

  /** For when the script is over: the connection stays open until the client ends it, then our side ends too. */
  leaveWithClient(): void {
    void this.clientEnded.then(() => this.#socket.end())
  }

  /** Ends the connection with RST. */
  reset(): void {
    resetSocket(this.#raw)
    this.#socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      if (!(socket instanceof TLSSocket))
        this.receivedInTheClear = Buffer.concat([this.receivedInTheClear, chunk])
      this.#pending = Buffer.concat([this.#pending, chunk])
      this.#wake()
    })
    const ended = (how: 'fin' | 'reset') => {
      this.#ended = true
      this.#reportEnd(how)
      this.#wake()
    }
    socket.on('end', () => ended('fin'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => ended(code === 'ECONNRESET' ? 'reset' : 'fin'))
    socket.on('close', () => ended('fin'))
  }
}

/** An address of this machine that is not loopback, where rules for remote peers apply; undefined where there is none. */
export function remoteLookingAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address
}
