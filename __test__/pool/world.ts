// The members of a pool without a server: connections that are only open or not, and a clock that is moved by hand.

import type { Connection } from '../../src/connection.ts'
import type { Member } from '../../src/pool/member.ts'
import { Members } from '../../src/pool/members.ts'
import { checkPoolOptions, type PoolOptions } from '../../src/pool/pool-options.ts'
import { Waiter } from '../../src/pool/waiter.ts'

/** As much of a connection as the members of a pool use. */
export class Stand {
  readonly #ended: () => void
  isOpen = true

  constructor(ended: () => void) {
    this.#ended = ended
  }

  async close(): Promise<void> {
    await null
    this.terminate()
  }

  terminate(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#ended()
  }
}

/** Why no connection can be opened; `passes` when nobody need change anything. */
export class Outage extends Error {
  passes = true
}

/** The same numbers in every run. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

export interface World {
  readonly members: Members
  /** Those that are open. */
  readonly open: Set<Stand>
  most: number
  opened: number
  /** What each opening waits for. */
  begins: () => unknown
  fails: () => unknown
  fits: () => boolean
  answers: () => boolean
  checked: number
  /** Milliseconds that have passed without this process, by either clock. */
  readonly clock: { ahead: number; slept: number }
}

export function world(options: PoolOptions, random: () => number): World {
  const { settings } = checkPoolOptions(options, undefined)
  const open = new Set<Stand>()
  const clock = { ahead: 0, slept: 0 }
  const made: World = {
    members: new Members(settings, {
      async open(_signal, _reference, ended) {
        await made.begins()
        made.opened++
        const error = made.fails()
        if (error !== undefined) throw error
        const stand = new Stand(() => {
          open.delete(stand)
          ended()
        })
        open.add(stand)
        made.most = Math.max(made.most, open.size)
        return stand as unknown as Connection
      },
      fits: () => made.fits(),
      isBlind: () => false,
      isEnding: () => false,
      async check(connection) {
        await null
        made.checked++
        const isAlive = made.answers()
        if (!isAlive) connection.terminate()
        return isAlive
      },
      isOutage: (error) => error instanceof Outage,
      mayPass: (error) => error instanceof Outage && error.passes,
      reason: (error) => error,
      dropped: () => undefined,
      now: () => performance.now() + clock.ahead,
      date: () => Date.now() + clock.slept,
      random,
    }),
    open,
    most: 0,
    opened: 0,
    begins: () => undefined,
    fails: () => undefined,
    fits: () => true,
    answers: () => true,
    checked: 0,
    clock,
  }
  return made
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Waits for a connection alone, or to share, without limits unless some are given. */
export async function waitFor(
  { members }: World,
  isWhole: boolean,
  signal?: AbortSignal,
  timeout: number | null = null,
): Promise<Member> {
  const member = await new Waiter(members, isWhole, { timeout, signal }).promise
  if (member === undefined) throw new Error('late')
  return member
}
