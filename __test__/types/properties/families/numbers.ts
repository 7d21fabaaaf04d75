// Numbers of every type: all that the type has, with its bounds more often than chance would have them.

import fc from 'fast-check'
import { type Family, type Sample, same } from './sample.ts'

/** Integers between two bounds, their neighbours often. */
function between(min: bigint, max: bigint): fc.Arbitrary<bigint> {
  const near = fc.constantFrom(min, max, 0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, -(2n ** 53n), -(2n ** 31n))
  return fc.oneof(
    fc.bigInt({ min, max }),
    fc
      .tuple(near, fc.bigInt({ min: -2n, max: 2n }))
      .map(([n, by]) => n + by)
      .filter((n) => n >= min && n <= max),
    fc
      .integer({ min: -100, max: 100 })
      .map(BigInt)
      .filter((n) => n >= min),
  )
}

const signed = (bits: bigint): fc.Arbitrary<bigint> => between(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
const unsigned = (bits: bigint): fc.Arbitrary<bigint> => between(0n, 2n ** bits - 1n)

const asNumber = (n: bigint): Sample => ({ literal: `${n}`, value: Number(n) })
const asBigInt = (n: bigint): Sample => ({ literal: `${n}`, value: n })
const auto = (n: bigint): Sample => ({
  literal: `${n}`,
  value: Number.isSafeInteger(Number(n)) ? Number(n) : n,
})

/** A double as PostgreSQL reads it. */
const doubleText = (n: number): string => (Object.is(n, -0) ? '-0' : String(n))

const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, 2.2250738585072014e-308, Number.MAX_VALUE),
  fc.constantFrom(NaN, Infinity, -Infinity, 1e21, 1e-7, 0.1, 2 ** 53, 1e23),
  fc.integer(),
)

export const numbers: readonly Family[] = [
  { type: 'bool', samples: fc.boolean().map((value) => ({ literal: `${value}`, value })) },
  { type: 'int2', samples: signed(16n).map(asNumber) },
  { type: 'int4', samples: signed(32n).map(asNumber) },
  { type: 'int8', samples: signed(64n).map(auto) },
  { type: 'int8', samples: signed(64n).map(asBigInt), options: { int8: 'bigint' } },
  { type: 'int8', samples: signed(64n).map((n) => same(`${n}`)), options: { int8: 'string' } },
  { type: 'oid', samples: unsigned(32n).map(asNumber) },
  { type: 'xid', samples: unsigned(32n).map(asNumber) },
  { type: 'cid', samples: unsigned(32n).map(asNumber) },
  { type: 'xid8', samples: unsigned(64n).map(asBigInt) },
  {
    type: 'pg_lsn',
    samples: unsigned(64n).map((n) => ({
      literal: `${(n >> 32n).toString(16)}/${BigInt.asUintN(32, n).toString(16)}`,
      value: n,
    })),
  },
  { type: 'float8', samples: doubles.map((value) => ({ literal: doubleText(value), value })) },
  {
    type: 'float4',
    samples: fc
      .oneof(fc.float(), doubles.map(Math.fround))
      .map((float) => ({ literal: doubleText(float), value: Number })),
  },
]
