import type { SessionLimits } from '../types/session-limits.ts'
import { Ask, CallFlag } from './generated.ts'
import { SessionCall } from './session-call.ts'
import type { Terms } from './terms.ts'

const OUT: Terms = { ask: Ask.Statement, flags: CallFlag.Tag | CallFlag.Data, rows: 0, portal: 0 }
const IN: Terms = { ask: Ask.CopyIn, flags: CallFlag.Tag, rows: 0, portal: 0 }

/** Stands for a COPY that has ended while something else was waited for. */
export const ENDED: unique symbol = Symbol('ended')

/** A COPY on its way: its data goes up or down while it runs, and its end is the call's. */
export abstract class CopyCall extends SessionCall<string> {
  #ended: (() => void) | undefined

  /** Submits it. */
  protected begin(direction: 'out' | 'in', limits: SessionLimits): void {
    this.send(this.sql, undefined, direction === 'out' ? OUT : IN, limits)
    // What it rejects with is told when its data was dealt with.
    this.promise.catch(() => {})
  }

  /**
   * What a promise gives, or {@link ENDED} when the COPY ends first. One is waited for at a time; nothing of it is
   * remembered afterwards, so that millions can be.
   */
  orEnd<T>(promise: PromiseLike<T>): Promise<T | typeof ENDED> {
    return new Promise((resolve, reject) => {
      const end = (): void => resolve(ENDED)
      this.#ended = end
      if (this.isSettled) end()
      promise.then(resolve, reject)
    })
  }

  /** Gives it up: it rejects with this, and the server is asked to stop. */
  giveUp(error: unknown): void {
    this.abandon(error)
  }

  override complete(tag: string, status: number): void {
    this.answered(status)
    this.resolve(tag)
  }

  protected override settled(): void {
    this.#ended?.()
  }
}
