// npm run test:soak: what takes long to show. All that a pool does under kills, for ten minutes or as many as the argument
// says; then the long forms of the pool's tests: a million calls under kills, 50,000 callers, a server that stays away for
// half a minute, a process that stood still for more than one.

import { Failed } from './steps.mjs'
import { prepareSuite, typescript } from './suite.mjs'

const TESTS = ['soak', 'chaos', 'waiters', 'outage', 'frozen'].map((name) => `__test__/pool/${name}.test.ts`)

/** @param {string[]} args */
export async function run([minutes = '10', ...rest]) {
  if (!(Number(minutes) > 0) || rest.length > 0) {
    throw new Failed(
      `npm run test:soak takes a number of minutes, not "${[minutes, ...rest].join(' ')}": npm run test:soak -- 30`,
    )
  }
  console.log(`a pool under kills for ${minutes} minutes, then about five more`)
  await prepareSuite(TESTS)
  process.env.CORNAC_SOAK_MINUTES = minutes
  process.env.CORNAC_TEST_LONG = '1'
  // One file after another, so that none starves the other; ava's own limit is for silence.
  const silence = `${Math.ceil(Number(minutes)) + 30}m`
  const { passed, failed } = await typescript([
    ...TESTS,
    '--serial',
    '--concurrency=1',
    `--timeout=${silence}`,
  ])
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
