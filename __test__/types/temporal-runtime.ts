// Temporal is new: where the runtime has it behind a flag only, it is taken from a context made with that flag.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'

const global = globalThis as { Temporal?: unknown }
if (global.Temporal === undefined) {
  setFlagsFromString('--harmony-temporal')
  global.Temporal = runInNewContext("typeof Temporal === 'undefined' ? undefined : Temporal")
}

/** Every choice that gives objects of Temporal. */
export const TEMPORAL = {
  timestamptz: 'temporal',
  timestamp: 'temporal',
  date: 'temporal',
  time: 'temporal',
  interval: 'temporal',
} as const

/** `test` where there is Temporal, else `test.skip`. */
export const temporalTest = global.Temporal === undefined ? test.skip : test
