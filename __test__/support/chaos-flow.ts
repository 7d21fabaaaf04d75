// One direction of a connection through the chaos proxy.

import type { Socket } from 'node:net'

const QUEUE_LIMIT = 1 << 20

export interface Cut {
  /** Passes exactly so many bytes of the connection, counted from its start. */
  after: number
  /** `stall` makes the direction half-open from there; `hold` keeps what follows until this cut is taken away. */
  how: 'fin' | 'reset' | 'stall' | 'hold'
}

export interface FlowChaos {
  latency?: number
  jitter?: number
  drip?: { bytes: number; every: number }
  slices?: number | { upTo: number }
  cut: Cut | undefined
  stalled: boolean
  transform: (chunk: Buffer) => Buffer
}

export interface FlowOwner {
  /** Asked anew for each chunk, so that changes count at once. */
  chaos: () => FlowChaos
  random: () => number
  cut: (how: 'fin' | 'reset') => void
  passed: (bytes: Buffer) => void
}

interface Arrival {
  /** null is FIN. */
  bytes: Buffer | null
  due: number
}

export class ChaosFlow {
  passed = 0
  readonly #from: Socket
  readonly #to: Socket
  readonly #owner: FlowOwner
  readonly #queue: Arrival[] = []
  #queued = 0
  #stopped = false
  #cutOff = false
  #wake: () => void = () => {}

  constructor(from: Socket, to: Socket, owner: FlowOwner) {
    this.#from = from
    this.#to = to
    this.#owner = owner
    from.on('data', (bytes: Buffer) => this.#arrive(bytes))
    from.on('end', () => this.#arrive(null))
    from.on('close', () => this.poke())
    to.on('close', () => this.stop())
    void this.#pump()
  }

  /** Whether bytes of this direction are swallowed at present. */
  get stalled(): boolean {
    return this.#cutOff || this.#owner.chaos().stalled
  }

  /** Nothing passes any more. What comes still is read, so that its end is noticed. */
  stop(): void {
    this.#stopped = true
    this.#queue.length = 0
    this.#from.resume()
    this.#wake()
  }

  poke(): void {
    this.#wake()
  }

  #arrive(bytes: Buffer | null): void {
    if (this.#stopped) return
    const { latency = 0, jitter = 0 } = this.#owner.chaos()
    const delay = latency + (this.#owner.random() * 2 - 1) * jitter
    const before = this.#queue.at(-1)?.due ?? 0
    this.#queue.push({ bytes, due: Math.max(before, performance.now() + delay) })
    this.#queued += bytes?.length ?? 0
    if (this.#queued > QUEUE_LIMIT) this.#from.pause()
    this.#wake()
  }

  #poked(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  async #pump(): Promise<void> {
    while (!this.#stopped) {
      const arrival = this.#queue.shift()
      if (arrival === undefined) {
        await this.#poked()
        continue
      }
      const wait = arrival.due - performance.now()
      if (wait > 0) await sleep(wait)
      this.#queued -= arrival.bytes?.length ?? 0
      if (this.#queued <= QUEUE_LIMIT && this.#from.isPaused()) this.#from.resume()
      if (this.stalled || this.#stopped) continue
      if (arrival.bytes === null) this.#to.end()
      else await this.#pass(this.#owner.chaos().transform(arrival.bytes))
    }
  }

  async #pass(bytes: Buffer): Promise<void> {
    let left = bytes
    while (left.length > 0 && !this.#stopped) {
      const { drip, slices, cut, stalled } = this.#owner.chaos()
      if (stalled || this.#cutOff) return
      const room = cut === undefined ? left.length : cut.after - this.passed
      if (cut?.how === 'hold' && room <= 0) {
        await this.#poked()
        continue
      }
      if (cut !== undefined && room <= 0) return this.#cut(cut)
      const slice = left.subarray(0, Math.min(room, this.#size(slices), drip?.bytes ?? left.length))
      left = left.subarray(slice.length)
      await this.#write(slice)
      if (cut !== undefined && cut.how !== 'hold' && this.passed >= cut.after) return this.#cut(cut)
      if (drip !== undefined) await sleep(drip.every)
      else if (slices !== undefined) await new Promise(setImmediate)
    }
  }

  #size(slices: FlowChaos['slices']): number {
    if (slices === undefined) return Number.POSITIVE_INFINITY
    if (typeof slices === 'number') return slices
    return 1 + Math.floor(this.#owner.random() * slices.upTo)
  }

  /** Resolves when the kernel has taken the bytes; that is the back pressure. */
  async #write(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve) => void this.#to.write(bytes, () => resolve()))
    this.passed += bytes.length
    this.#owner.passed(bytes)
  }

  #cut({ how }: Cut): void {
    if (how === 'stall') this.#cutOff = true
    else if (how !== 'hold') this.#owner.cut(how)
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds))
}
