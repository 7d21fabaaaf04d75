// Types of the system's own that literals can be made for.

import fc from 'fast-check'
import type { Family, Sample } from './sample.ts'

const xid = fc.oneof(fc.bigInt({ min: 1n, max: 2n ** 63n - 2n }), fc.integer({ min: 1, max: 60 }).map(BigInt))
const snapshot = fc.tuple(fc.array(xid, { maxLength: 5 }), xid, xid).map(([all, ...ends]): Sample => {
  const [xmin, last] = ends.sort((one, other) => (one < other ? -1 : 1)) as [bigint, bigint]
  const xmax = last + 1n
  const running = [...new Set(all)].filter((one) => one >= xmin && one < xmax)
  const xip = running.sort((one, other) => (one < other ? -1 : 1))
  return { literal: `${xmin}:${xmax}:${xip}`, value: { xmin, xmax, xip } }
})

const block = fc.oneof(fc.nat({ max: 2 ** 31 - 1 }), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 31))
const tid = fc
  .tuple(block, fc.oneof(fc.nat({ max: 65_535 }), fc.constantFrom(0, 65_535)))
  .map((value): Sample => ({ literal: `(${value})`, value }))

export const system: readonly Family[] = [
  { type: 'pg_snapshot', samples: snapshot },
  { type: 'txid_snapshot', samples: snapshot },
  { type: 'tid', samples: tid },
]
