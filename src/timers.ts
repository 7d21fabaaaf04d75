// The runtime's timers and clocks as they were when the driver was loaded: test libraries replace them with fakes,
// whose time stands still until a test moves it, and what the driver does must not wait for that. Some replace them
// before they load anything: the runtime's modules, and the fakes themselves, have the real ones then.

import { performance as clock } from 'node:perf_hooks'

const timers: typeof import('node:timers') = process.getBuiltinModule('node:timers')

/** What sinon's fakes, which Jest and Vitest use too, have beside what they do: what they stand for, as `_setTimeout`. */
interface Fake {
  readonly clock?: { readonly [name: string]: unknown }
}

function real<T>(name: string, found: T): T {
  return ((found as Fake).clock?.[`_${name}`] as T | undefined) ?? found
}

export const nextTick: typeof process.nextTick = real('nextTick', process.nextTick)
export const setTimeout: typeof timers.setTimeout = real('setTimeout', timers.setTimeout)
export const clearTimeout: typeof timers.clearTimeout = real('clearTimeout', timers.clearTimeout)
export const setImmediate: typeof timers.setImmediate = real('setImmediate', timers.setImmediate)

const read = clock.now

/** Milliseconds of a clock that only goes forward. */
export function now(): number {
  return read.call(clock)
}

const readDate = real('Date', Date).now

/** Milliseconds of the clock on the wall, which goes on while the machine sleeps. */
export function date(): number {
  return readDate()
}
