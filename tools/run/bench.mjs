// npm run bench: the driver and its peers side by side. Arguments go to benchmark/bench.mjs (`--help` tells them).

import { execute, prepare } from './steps.mjs'

/** @param {string[]} args */
export async function run(args) {
  // What is measured is what is shipped: the profile with whole-program optimisation.
  await prepare({ dist: true })
  return execute(process.execPath, ['benchmark/bench.mjs', ...args])
}
