// Keeps a few large results for a moment, reads many more one after another, and tells how many full collections that
// took.

import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { connect } from '../../../index.ts'

const KEPT = 12

const [dsn, sql = '', results = '0'] = process.argv.slice(2)
let full = 0
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { detail } = entry as unknown as { detail: { kind: number } }
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full += 1
  }
})
observer.observe({ entryTypes: ['gc'] })

const connection = await connect(dsn)
let rows = 0
{
  const kept = []
  for (let i = 0; i < KEPT; i += 1) kept.push(await connection.fetch(sql))
  rows += kept.flat().length
}
for (let i = 0; i < Number(results); i += 1) rows += (await connection.fetch(sql)).length
await connection.close()
await turn()
await turn()
console.log(JSON.stringify({ rows, full }))
