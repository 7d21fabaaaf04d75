// Five queries on one connection at the same time, one of them cancelled.

import { performance } from 'node:perf_hooks'

/** @param {import('../index.d.ts').Connection} connection */
export async function cancelOne(connection) {
  const abort = new AbortController()
  const began = performance.now()
  const calls = [
    connection.fetchValue("select 'first'"),
    connection.fetchValue("select 'second'"),
    connection.fetchValue('select pg_sleep(60)', [], { signal: abort.signal }),
    connection.fetchValue("select 'fourth'"),
    connection.fetchValue("select 'fifth'"),
  ]
  await Promise.all(calls.slice(0, 2))
  abort.abort(new Error('nobody waits for it any more'))
  const ends = await Promise.allSettled(calls)
  return {
    took: performance.now() - began,
    ends: ends.map((end) =>
      end.status === 'fulfilled' ? `"${end.value}"` : `rejected: ${end.reason.message}`,
    ),
  }
}
