import { readFileSync } from 'node:fs'
import { verify } from '../canonical.mjs'
import { argumentsOf } from '../workloads.mjs'

/**
 * Compares what a session answers with what the server's own text says: a driver is timed only when its answers are right.
 *
 * @param {import('./adapter.mjs').Session} session
 * @param {import('../workloads.mjs').Workload} workload
 * @param {number} workers
 * @param {string} expectedPath
 * @returns {() => Promise<void>}
 */
export function answerCheck(session, workload, workers, expectedPath) {
  const expected = JSON.parse(readFileSync(expectedPath, 'utf8'))
  return async () => verify(workload, await callAll(session, workload, workers, expected.calls), expected)
}

/** Makes the calls to be verified the way the mode makes its own: one after another, or all at once. */
async function callAll(session, workload, workers, calls) {
  const fetch = (n) => session.fetch(n % workers, argumentsOf(workload, n))
  if (workers > 1) return Promise.all(Array.from({ length: calls }, (_, n) => fetch(n)))
  const results = []
  for (let n = 0; n < calls; n += 1) results.push(await fetch(n))
  return results
}
