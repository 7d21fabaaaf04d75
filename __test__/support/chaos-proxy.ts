// A TCP proxy between the driver and a real server that delays, slices, stalls and cuts what passes.

import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net'
import { ChaosFlow, type Cut } from './chaos-flow.ts'
import { randomFrom } from './random.ts'
import { resetSocket } from './reset-socket.ts'

export type Direction = 'toServer' | 'toClient'

export interface Chaos {
  /** Milliseconds that each byte is on its way. Bytes do not overtake each other and may be on their way together. */
  latency?: number
  /** Up to so many milliseconds more or less, at random. */
  jitter?: number
  /** At most so many bytes per so many milliseconds. */
  drip?: { bytes: number; every: number }
  /** Slices of exactly so many bytes, or of random size up to a limit, each in a packet of its own. */
  slices?: number | { upTo: number }
  /** Ends each connection after so many bytes of one direction. */
  cut?: Cut & { direction: Direction }
  /** Half-open: what these directions carry, FIN included, is swallowed from now on. */
  stall?: Direction | 'both' | undefined
  /** Last word on every chunk: duplicate it, change it, drop it. */
  transform?: (chunk: Buffer, direction: Direction) => Buffer
}

export interface ChaosOptions extends Chaos {
  /** The server behind the proxy. `path` is a Unix socket file. */
  target: { host: string; port: number } | { path: string }
  /** Keeps what was passed on, for `ChaosConnection.captured`. */
  capture?: boolean
  /** For random sizes and times. Default 1: every run is the same. */
  seed?: number
}

export class ChaosProxy {
  readonly host = '127.0.0.1'
  readonly port: number
  /** One for each connection, in order, kept after its end. */
  readonly connections: ChaosConnection[] = []
  readonly #listener: Server
  #chaos: ChaosOptions
  #random: () => number

  private constructor(listener: Server, options: ChaosOptions) {
    this.#listener = listener
    this.#chaos = options
    this.#random = randomFrom(options.seed ?? 1)
    this.port = (listener.address() as AddressInfo).port
  }

  static async start(options: ChaosOptions): Promise<ChaosProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    listener.listen({ host: '127.0.0.1', port: 0 })
    await once(listener, 'listening')
    const proxy = new ChaosProxy(listener, options)
    listener.on('connection', (socket) => {
      const upstream = dial({ ...options.target, allowHalfOpen: true, noDelay: true })
      const settings = (): Chaos => proxy.#chaos
      proxy.connections.push(
        new ChaosConnection(socket, upstream, settings, proxy.#random, options.capture === true),
      )
    })
    return proxy
  }

  /** Changes what happens, to open connections too. Absent members stay. */
  set(chaos: Chaos): void {
    this.#chaos = { ...this.#chaos, ...chaos }
    for (const connection of this.connections) connection.poke()
  }

  get open(): number {
    return this.connections.filter((connection) => connection.isOpen).length
  }

  get bytesToServer(): number {
    return this.connections.reduce((sum, connection) => sum + connection.bytesToServer, 0)
  }

  get bytesToClient(): number {
    return this.connections.reduce((sum, connection) => sum + connection.bytesToClient, 0)
  }

  /** Ends every open connection: with RST to the client, or FIN. */
  dropAll(how: 'fin' | 'reset' = 'reset'): void {
    for (const connection of this.connections) connection.drop(how)
  }

  /** No new connections; those open go on. */
  async refuse(): Promise<void> {
    if (!this.#listener.listening) return
    this.#listener.close()
    await new Promise(setImmediate)
  }

  async close(): Promise<void> {
    const closed = this.#listener.listening ? once(this.#listener, 'close') : undefined
    this.#listener.close()
    for (const connection of this.connections) connection.drop('reset')
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

export class ChaosConnection {
  /** How the client's side ended: the server's own observation, taken at the proxy. */
  clientEnded: 'not yet' | 'fin' | 'reset' = 'not yet'
  serverEnded: 'not yet' | 'fin' | 'reset' = 'not yet'
  /** Empty unless the proxy captures. */
  readonly captured: { readonly toServer: Buffer[]; readonly toClient: Buffer[] } = {
    toServer: [],
    toClient: [],
  }
  readonly #client: Socket
  readonly #server: Socket
  readonly #up: ChaosFlow
  readonly #down: ChaosFlow

  constructor(client: Socket, server: Socket, chaos: () => Chaos, random: () => number, capture: boolean) {
    this.#client = client
    this.#server = server
    const flow = (from: Socket, to: Socket, direction: Direction): ChaosFlow =>
      new ChaosFlow(from, to, {
        chaos: () => settingsFor(chaos(), direction),
        random,
        cut: (how) => this.drop(how),
        passed: (bytes) => void (capture && this.captured[direction].push(bytes)),
      })
    this.#up = flow(client, server, 'toServer')
    this.#down = flow(server, client, 'toClient')
    client.on('end', () => this.#clientLeft('fin'))
    client.on('error', () => this.#clientLeft('reset'))
    client.on('close', () => this.#afterReset(this.clientEnded, server))
    server.on('end', () => this.#serverLeft('fin'))
    server.on('error', () => this.#serverLeft('reset'))
    server.on('close', () => this.#afterReset(this.serverEnded, client))
  }

  get isOpen(): boolean {
    return !this.#client.destroyed
  }

  get bytesToServer(): number {
    return this.#up.passed
  }

  get bytesToClient(): number {
    return this.#down.passed
  }

  /** Ends this connection, with RST or FIN to the client; the server's side is reset in both cases. */
  drop(how: 'fin' | 'reset'): void {
    this.#up.stop()
    this.#down.stop()
    if (how === 'reset') resetSocket(this.#client)
    else this.#client.destroySoon()
    this.#server.destroy()
  }

  /** The settings have changed. */
  poke(): void {
    this.#up.poke()
    this.#down.poke()
  }

  #clientLeft(how: 'fin' | 'reset'): void {
    if (this.clientEnded === 'not yet') this.clientEnded = how
  }

  #serverLeft(how: 'fin' | 'reset'): void {
    if (this.serverEnded === 'not yet') this.serverEnded = how
  }

  /** A reset on one side is a reset on the other, unless the direction that would carry it is swallowed. */
  #afterReset(how: 'not yet' | 'fin' | 'reset', other: Socket): void {
    const flow = other === this.#server ? this.#up : this.#down
    if (how === 'reset' && !flow.stalled && !other.destroyed) resetSocket(other)
  }
}

function settingsFor(
  chaos: Chaos,
  direction: Direction,
): Omit<Chaos, 'cut' | 'stall' | 'transform'> & {
  cut: Cut | undefined
  stalled: boolean
  transform: (chunk: Buffer) => Buffer
} {
  const { cut, stall, transform = (chunk) => chunk, ...rest } = chaos
  return {
    ...rest,
    cut: cut?.direction === direction ? cut : undefined,
    stalled: stall === 'both' || stall === direction,
    transform: (chunk) => transform(chunk, direction),
  }
}
