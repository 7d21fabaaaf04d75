// Bytes, bits and addresses.

import fc from 'fast-check'
import { BitString } from '../../../../index.ts'
import { type Family, printed, type Sample } from './sample.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })

/** Every kind that bytes may be given as, some of them parts of larger ones. */
const given = fc.constantFrom<(bytes: Uint8Array) => unknown>(
  (all) => Buffer.from(all),
  (all) => all,
  (all) => all.slice().buffer,
  (all) => new DataView(all.slice().buffer),
  (all) => Buffer.concat([Buffer.of(1, 2), all, Buffer.of(3)]).subarray(2, 2 + all.length),
  (all) => new Uint8ClampedArray(all),
)

const anyBytes = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 40, size: 'max' }), weight: 20 },
  {
    arbitrary: fc
      .uint8Array({ maxLength: 40 })
      .map((part) => Buffer.alloc(40_000, Buffer.from([...part, 0]))),
    weight: 1,
  },
)

const bits = fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 70, size: 'max' })
const bitSample = (digits: string): Sample => ({ literal: digits, value: new BitString(digits) })

/** The ways in which PostgreSQL reads a UUID. */
const uuids = fc.tuple(bytes(16), fc.nat({ max: 4 })).map(([all, way]): Sample => {
  const digits = hex(all)
  const value = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const literals = [value, value.toUpperCase(), `{${value}}`, digits, digits.replaceAll(/....(?!$)/g, '$&-')]
  return { literal: literals[way] as string, value }
})

function macaddr(size: number): fc.Arbitrary<Sample> {
  return fc.tuple(bytes(size), fc.constantFrom(':', '-')).map(([all, separator]) => {
    const pairs = hex(all).match(/../g) as string[]
    return { literal: pairs.join(separator).toUpperCase(), value: pairs.join(':') }
  })
}

/** Addresses with runs of zeros, which IPv6 leaves out when they are printed. */
const address = fc.oneof(
  bytes(4).map((all) => ({ bits: 32, text: all.join('.') })),
  fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }), fc.constantFrom(1, 0xffff)), {
      minLength: 8,
      maxLength: 8,
    })
    .map((groups) => ({ bits: 128, text: groups.map((group) => group.toString(16)).join(':') })),
  fc.tuple(bytes(4), fc.constantFrom('::', '::ffff:')).map(([all, prefix]) => ({
    bits: 128,
    text: prefix + all.join('.'),
  })),
)
const inet = fc
  .tuple(address, fc.nat({ max: 128 }))
  .map(([{ bits, text }, length]) => printed(length > bits ? text : `${text}/${length}`))

export const bytesAndAddresses: readonly Family[] = [
  {
    type: 'bytea',
    samples: fc
      .tuple(anyBytes, given)
      .map(([all, as]): Sample => ({ literal: `\\x${hex(all)}`, value: Buffer.from(all), sent: as(all) })),
  },
  { type: 'varbit', samples: bits.map(bitSample) },
  {
    type: 'bit(13)',
    samples: fc.string({ unit: fc.constantFrom('0', '1'), minLength: 13, maxLength: 13 }).map(bitSample),
  },
  { type: 'uuid', samples: uuids },
  { type: 'macaddr', samples: macaddr(6) },
  { type: 'macaddr8', samples: macaddr(8) },
  { type: 'inet', samples: inet },
  { type: 'cidr', samples: inet, from: 'network(x::inet)' },
  {
    type: 'bytea',
    samples: anyBytes.map((all): Sample => ({ literal: `\\x${hex(all)}`, value: Uint8Array.from(all) })),
    options: { bytea: 'uint8array' },
  },
  {
    type: 'varbit',
    note: 'of bytes',
    samples: fc.uint8Array({ maxLength: 20 }).map((all): Sample => {
      const digits = [...all].map((byte) => byte.toString(2).padStart(8, '0')).join('')
      return { literal: digits, value: new BitString(digits), sent: all }
    }),
  },
]
