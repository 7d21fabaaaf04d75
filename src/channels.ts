import { InFailedSQLTransactionError, InterfaceError } from './errors/index.ts'
import { Callbacks } from './listeners.ts'
import { NotificationStream, type StreamLimits } from './notifications.ts'

/** What a listener is called with. */
type Heard = [connection: any, pid: number, channel: string, payload: string]

/** What the channels of a connection need of it. */
export interface ChannelsOwner {
  /** Runs a statement. `told` is called when it succeeded, before anything later of the session is read. */
  run(sql: string, told: () => void): Promise<unknown>
  /** The server's view at its last answer. */
  isInTransaction(): boolean
  /** There is a listener now, or none any more. */
  changed(isListening: boolean): void
  /** A listener threw, or the server refused to listen again. */
  failed(error: unknown): void
}

interface Channel {
  readonly callbacks: Callbacks<Heard>
  readonly streams: Set<NotificationStream>
  /** The answer to LISTEN. */
  readonly opened: Promise<void>
}

/** Bytes of a name that PostgreSQL takes; of a longer one it cuts the end, and it would never be heard. */
const LONGEST_NAME = 63

/**
 * The channels that a connection listens to. LISTEN is sent for the first listener of a channel and UNLISTEN when the
 * last one has gone; calls are pipelined, so that the server meets them in this order.
 */
export class Channels {
  readonly #owner: ChannelsOwner
  readonly #channels = new Map<string, Channel>()
  /** The channels whose LISTEN or UNLISTEN ran in a transaction: a rollback undoes it. */
  readonly #unsure = new Set<string>()

  constructor(owner: ChannelsOwner) {
    this.#owner = owner
  }

  /** Rejects with an InterfaceError for a name or a callback that cannot be, or with what LISTEN was answered. */
  async add(name: string, callback: (...heard: Heard) => unknown): Promise<void> {
    checkChannel(name)
    Callbacks.check(callback)
    const channel = this.#open(name)
    channel.callbacks.add(callback)
    await channel.opened
  }

  async remove(name: string, callback: unknown): Promise<void> {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.callbacks.delete(callback)
    await this.#leave(name, channel)
  }

  /** @throws InterfaceError for a name that cannot be. */
  stream(name: string, limits: StreamLimits): NotificationStream {
    checkChannel(name)
    if (limits.signal?.aborted) {
      const stopped = new NotificationStream(name, Promise.resolve(), limits, async () => {})
      stopped.end({ error: limits.signal.reason })
      return stopped
    }
    const channel = this.#open(name)
    const stream = new NotificationStream(name, channel.opened, limits, async (stream) => {
      if (channel.streams.delete(stream)) await this.#leave(name, channel)
    })
    channel.streams.add(stream)
    return stream
  }

  deliver(connection: object, pid: number, name: string, payload: string): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.callbacks.notify(connection, pid, name, payload)
    for (const stream of channel.streams) stream.push({ pid, channel: name, payload })
  }

  /** Forgets all listeners; the server is told by whoever calls this. Iterations end with the error, if there is one. */
  clear(reason?: () => Error | undefined): void {
    if (this.#channels.size === 0) return
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    this.#changed()
    for (const { streams } of channels) {
      for (const stream of streams) {
        // One for each: its stack is that of who iterates.
        const error = reason?.()
        stream.end(error && { error })
      }
    }
  }

  /** A transaction has ended: what ran in it may have been undone, so it is said again. */
  transactionEnded(): void {
    for (const name of this.#unsure) {
      this.#unsure.delete(name)
      const verb = this.#channels.has(name) ? 'LISTEN' : 'UNLISTEN'
      this.#tell(verb, name).catch((error) => {
        if (!this.#channels.has(name)) return
        // It came into the next transaction.
        if (error instanceof InFailedSQLTransactionError) this.#tellLater(name)
        else this.#owner.failed(error)
      })
    }
  }

  /** In a failed transaction the server has not even looked at it: it is told once that has ended, as it may have. */
  #tellLater(name: string): void {
    this.#unsure.add(name)
    if (!this.#owner.isInTransaction()) this.transactionEnded()
  }

  get isListening(): boolean {
    return this.#channels.size > 0
  }

  /** Callbacks and iterations of all channels. */
  get listeners(): number {
    let count = 0
    for (const { callbacks, streams } of this.#channels.values()) count += callbacks.size + streams.size
    return count
  }

  get hasUnsure(): boolean {
    return this.#unsure.size > 0
  }

  #open(name: string): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel: Channel = {
      callbacks: new Callbacks((error) => this.#owner.failed(error)),
      streams: new Set(),
      opened: this.#tell('LISTEN', name),
    }
    this.#channels.set(name, channel)
    this.#changed()
    channel.opened.catch(() => {
      // All who wait for it are told.
      if (this.#channels.get(name) !== channel) return
      this.#channels.delete(name)
      this.#changed()
    })
    return channel
  }

  /** Leaves a channel when nobody listens any more. */
  async #leave(name: string, channel: Channel): Promise<void> {
    if (channel.callbacks.size > 0 || channel.streams.size > 0) return
    if (this.#channels.get(name) !== channel) return
    this.#channels.delete(name)
    this.#changed()
    await this.#tell('UNLISTEN', name)
  }

  async #tell(verb: 'LISTEN' | 'UNLISTEN', name: string): Promise<void> {
    const settled = (): void => {
      if (this.#owner.isInTransaction()) this.#unsure.add(name)
    }
    try {
      await this.#owner.run(`${verb} ${quoted(name)}`, settled)
    } catch (error) {
      const isSkipped = error instanceof InFailedSQLTransactionError || this.#owner.isInTransaction()
      if (verb === 'LISTEN' || !isSkipped) throw error
      this.#tellLater(name)
    }
  }

  #changed(): void {
    this.#owner.changed(this.#channels.size > 0)
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function checkChannel(name: unknown): asserts name is string {
  if (typeof name !== 'string') {
    throw new InterfaceError(`a channel must be a string, got ${name === null ? 'null' : typeof name}`)
  }
  if (name === '') throw new InterfaceError('a channel needs a name, got an empty string')
  if (name.includes('\0')) {
    throw new InterfaceError('the channel contains a NUL character, which PostgreSQL cannot take')
  }
  if (!name.isWellFormed()) {
    throw new InterfaceError('the channel contains a lone surrogate, which has no UTF-8 form')
  }
  const length = Buffer.byteLength(name)
  if (length > LONGEST_NAME) {
    throw new InterfaceError(
      `channel ${JSON.stringify(name)} is too long: it has ${length} bytes, the most PostgreSQL takes is ${LONGEST_NAME}`,
    )
  }
}
