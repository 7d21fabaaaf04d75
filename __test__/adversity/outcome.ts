// How calls end when the world goes wrong: each must settle, soon, and with an error that says what is known.

import { readdirSync, readlinkSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { AdminShutdownError, ConnectionDoesNotExistError } from '../../index.ts'
import { GUARD_MS } from '../support/waiting.ts'

export type Outcome =
  | { readonly kind: 'fulfilled'; readonly value: any }
  | { readonly kind: 'rejected'; readonly error: any }
  | { readonly kind: 'hung' }

/** Tests of a long form run this many times as much. */
export const isLong: boolean = process.env.CORNAC_TEST_LONG === '1'

/** How a promise settles within `limit` milliseconds; never throws. */
export async function outcome(promise: Promise<unknown>, limit: number = GUARD_MS): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'hung' }), limit)
  })
  const settled = promise.then(
    (value): Outcome => ({ kind: 'fulfilled', value }),
    (error: unknown): Outcome => ({ kind: 'rejected', error }),
  )
  try {
    return await Promise.race([settled, hung])
  } finally {
    clearTimeout(timer)
  }
}

export function outcomes(
  promises: readonly Promise<unknown>[],
  limit: number = GUARD_MS,
): Promise<Outcome[]> {
  return Promise.all(promises.map((promise) => outcome(promise, limit)))
}

/** Sockets that this process has open; Linux only, elsewhere always 0. */
export function openSockets(): number {
  if (process.platform !== 'linux') return 0
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length
}

/** Its connection was lost, and it says whether it may have been executed. */
export function isLoss(result: Outcome): result is Extract<Outcome, { kind: 'rejected' }> {
  if (result.kind !== 'rejected') return false
  const { error } = result
  const isKnown = error instanceof ConnectionDoesNotExistError || error instanceof AdminShutdownError
  return isKnown && typeof error.maybeExecuted === 'boolean'
}

/** It was fulfilled with this. */
export function isValue(result: Outcome | undefined, value: unknown): boolean {
  return result?.kind === 'fulfilled' && isDeepStrictEqual(result.value, value)
}

/** In words, for the message of an assertion. */
export function shown(result: Outcome | undefined): string {
  if (result?.kind === 'rejected') return `${result.error?.stack}, caused by ${result.error?.cause}`
  return result?.kind === 'fulfilled' ? `fulfilled with ${JSON.stringify(result.value)}` : `${result?.kind}`
}
