// The runtime's timers and clock as they were when the driver was loaded: test libraries replace them with fakes,
// whose time stands still until a test moves it, and what the driver does must not wait for that.

export const nextTick: typeof process.nextTick = process.nextTick
export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout
export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate

const clock = globalThis.performance
const read = clock.now

/** Milliseconds of a clock that only goes forward. */
export function now(): number {
  return read.call(clock)
}

const readDate = Date.now

/** Milliseconds of the clock on the wall, which goes on while the machine sleeps. */
export function date(): number {
  return readDate()
}
