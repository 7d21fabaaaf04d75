// Tests that need something which not every machine has. At home such a test is left out and said so at the end; in
// CI (`CI=true`) a missing thing is a failure, so that nothing is skipped there unseen.

import { appendFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import type { Requirement } from './programs.ts'

export { findProgram, type Requirement } from './programs.ts'

type Body = (t: ExecutionContext) => unknown

export interface RequiringTest {
  (title: string, body: Body): void
  serial(title: string, body: Body): void
}

/**
 * `test`, for what needs a thing.
 *
 * @example
 * const bouncerTest = requiring(pgbouncer)
 * bouncerTest('a statement that vanished behind a pooler is prepared again', async (t) => { … })
 */
export function requiring(...requirements: readonly Requirement[]): RequiringTest {
  const missing = requirements.find(({ available }) => !available)
  return Object.assign((title: string, body: Body) => declare(test, title, body, missing), {
    serial: (title: string, body: Body) => declare(test.serial, title, body, missing),
  })
}

function declare(
  declareTest: typeof test | typeof test.serial,
  title: string,
  body: Body,
  missing: Requirement | undefined,
): void {
  if (missing === undefined) declareTest(title, async (t) => void (await body(t)))
  else if (process.env.CI === 'true')
    declareTest(title, (t) => t.fail(`${missing.name} is missing: ${missing.remedy}`))
  else {
    declareTest.skip(title, body)
    leaveOut(title, missing)
  }
}

const leftOut = new Map<string, number>()

/** The runner collects what all files left out in the file it names; a file run alone says so itself. */
function leaveOut(title: string, { name, remedy }: Requirement): void {
  const list = process.env.CORNAC_TEST_LEFT_OUT
  if (list !== undefined) appendFileSync(list, `${JSON.stringify({ title, name, remedy })}\n`)
  else leftOut.set(`${name} (${remedy})`, (leftOut.get(`${name} (${remedy})`) ?? 0) + 1)
}

process.once('exit', () => {
  for (const [what, count] of leftOut) process.stderr.write(`left out: ${count} test(s) that need ${what}\n`)
})
