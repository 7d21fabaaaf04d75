import { onAbort } from './abort.ts'
import { CALL_OPTIONS, type CallOptions, checkLimits, shown } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import { isOurs } from './errors/ours.ts'
import { setImmediate } from './timers.ts'
import type { Signal } from './types/platform.ts'

/** What NOTIFY has sent. */
export interface Notification {
  /** The process id of the server's backend that sent it: our own, too, if this session did. */
  readonly pid: number
  /** Its channel, in its exact case. */
  readonly channel: string
  /** `''` where none was given. */
  readonly payload: string
}

/** What `connection.notifications()` takes. */
export interface NotificationOptions extends Pick<CallOptions, 'signal'> {
  /**
   * How many notifications may wait to be read. One more ends the iteration with an InterfaceError. Those that come at
   * once count when the loop has had its turn. Default 10,000.
   */
  limit?: number | undefined
}

/** The limits of a {@link NotificationStream} that were checked. */
export interface StreamLimits {
  readonly signal: Signal | undefined
  readonly limit: number
}

const OPTIONS: ReadonlySet<string> = new Set([...CALL_OPTIONS, 'limit'].filter((name) => name !== 'timeout'))

const LIMIT = 10_000

/** @throws InterfaceError for options that cannot be. */
export function checkNotificationOptions(options: NotificationOptions | undefined): StreamLimits {
  const { signal } = checkLimits(options, OPTIONS)
  const limit = options?.limit ?? LIMIT
  if (Number.isSafeInteger(limit) && limit > 0) return { signal, limit }
  throw new InterfaceError(`invalid limit: expected a number of notifications from 1, got ${shown(limit)}`)
}

interface Waiter {
  resolve(result: IteratorResult<Notification, undefined>): void
  reject(error: unknown): void
}

let count: (stream: NotificationStream) => void

const DONE: IteratorResult<Notification, undefined> = { done: true, value: undefined }

/** The notifications of a channel in their order, from {@link NotificationStream.listening} on. */
export class NotificationStream implements AsyncIterableIterator<Notification, undefined>, AsyncDisposable {
  /** Is fulfilled when the server has heard of it, and rejects with why it could not. */
  readonly listening: Promise<void>
  readonly #channel: string
  readonly #limit: number
  readonly #leave: (stream: NotificationStream) => Promise<void>
  /** Notifications that wait: they are taken from the end of `#out`, which is refilled from `#in`. */
  #out: Notification[] = []
  #in: Notification[] = []
  #waiters: Waiter[] = []
  /** They are going to be counted. */
  #isCounted = false
  #isOver = false
  /** What is thrown once when all that wait were read. */
  #end: { readonly error: unknown } | undefined
  #unlisten: (() => void) | undefined

  /** @param leave takes it off its channel. */
  constructor(
    channel: string,
    listening: Promise<void>,
    { signal, limit }: StreamLimits,
    leave: (stream: NotificationStream) => Promise<void>,
  ) {
    this.#channel = channel
    this.#limit = limit
    this.#leave = leave
    this.listening = listening
    // Whoever iterates is told; it may be nobody.
    listening.catch((error) => this.end({ error }))
    if (signal !== undefined) this.#unlisten = onAbort(signal, () => this.#stop({ error: signal.reason }))
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next one. Rejects once with why the iteration has ended, if it was not the program that ended it. */
  next(): Promise<IteratorResult<Notification, undefined>> {
    const notification = this.#take()
    if (notification !== undefined) return Promise.resolve({ done: false, value: notification })
    if (!this.#isOver) return this.#wait()
    const end = this.#end
    this.#end = undefined
    return end === undefined ? Promise.resolve(DONE) : Promise.reject(end.error)
  }

  async #wait(): Promise<IteratorResult<Notification, undefined>> {
    try {
      return await new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
    } catch (error) {
      // Made where the session's end was noticed, which nobody called.
      if (isOurs(error)) Error.captureStackTrace(error, this.#wait)
      throw error
    }
  }

  /** Ends it: what waits is dropped, and the channel left. */
  async return(): Promise<IteratorResult<Notification, undefined>> {
    await this.#stop(undefined)
    return DONE
  }

  /** Ends it as `return()` does, and rejects with the error. */
  async throw(error: unknown): Promise<IteratorResult<Notification, undefined>> {
    await this.#stop(undefined)
    throw error
  }

  /** Ends it as `return()` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(undefined)
  }

  /** @internal */
  push(notification: Notification): void {
    if (this.#isOver) return
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) return waiter.resolve({ done: false, value: notification })
    this.#in.push(notification)
    if (this.#isCounted || this.#excess <= 0) return
    // Many may have come at once, before a loop that keeps up could read the first of them.
    this.#isCounted = true
    setImmediate(count, this)
  }

  get #excess(): number {
    return this.#in.length + this.#out.length - this.#limit
  }

  #count(): void {
    this.#isCounted = false
    if (this.#isOver || this.#excess <= 0) return
    // The last ones are lost.
    const waiting = [...this.#out.reverse(), ...this.#in].slice(0, this.#limit)
    this.#out = waiting.reverse()
    this.#in = []
    const error = new InterfaceError(
      `notifications of channel ${JSON.stringify(this.#channel)} were lost: ${this.#limit} were waiting to be read, the limit is ${this.#limit}`,
      { hint: 'read them faster, or give a higher limit' },
    )
    this.end({ error })
    void this.#unsubscribe()
  }

  /** Nothing comes any more. What waits can still be read. @internal */
  end(end: { readonly error: unknown } | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#unlisten?.()
    const [first, ...others] = this.#waiters
    this.#waiters = []
    if (first === undefined) this.#end = end
    else if (end === undefined) first.resolve(DONE)
    else first.reject(end.error)
    for (const waiter of others) waiter.resolve(DONE)
  }

  async #stop(end: { readonly error: unknown } | undefined): Promise<void> {
    this.#in = []
    this.#out = []
    this.end(end)
    await this.#unsubscribe()
  }

  /** Whoever stops to listen does not care whether the server hears of it. */
  #unsubscribe(): Promise<void> {
    return this.#leave(this).catch(() => {})
  }

  #take(): Notification | undefined {
    if (this.#out.length === 0) {
      this.#out = this.#in.reverse()
      this.#in = []
    }
    return this.#out.pop()
  }

  static {
    count = (stream) => stream.#count()
  }
}
