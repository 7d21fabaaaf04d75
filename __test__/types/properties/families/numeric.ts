// numeric and money: exact to the last digit, up to the most that PostgreSQL holds.

import fc from 'fast-check'
import { type Family, printed, type Sample } from './sample.ts'

/** What numeric holds: digits before the point, and after it. */
const MOST_WHOLE = 131_072
const MOST_FRACTION = 16_383

/** Digits, seldom as many as there can be. */
function digits(most: number): fc.Arbitrary<string> {
  const some = (max: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'00123456789'), maxLength: max, size: 'max' })
  const many = fc
    .tuple(some(60), fc.constantFrom(most, most - 1, most - 3, most - 4, 10_000))
    .map(([part, length]) => `${part}7`.repeat(length).slice(0, length))
  return fc.oneof(
    { arbitrary: some(9), weight: 20 },
    { arbitrary: some(90), weight: 20 },
    { arbitrary: many, weight: 1 },
  )
}

/** The text that PostgreSQL has for it: no zeros in front, those behind stay, no sign of zero. */
const exact = fc
  .record({ minus: fc.boolean(), whole: digits(MOST_WHOLE), fraction: digits(MOST_FRACTION) })
  .filter(({ whole, fraction }) => whole !== '' || fraction !== '')
  .map(({ minus, whole, fraction }): Sample => {
    const point = fraction === '' ? '' : '.'
    const isZero = !/[1-9]/.test(whole + fraction)
    return {
      literal: `${minus ? '-' : ''}${whole}${point}${fraction}`,
      value: `${minus && !isZero ? '-' : ''}${whole.replace(/^0+/, '') || '0'}${point}${fraction}`,
    }
  })

const special = fc.constantFrom<Sample>(
  { literal: 'NaN', value: 'NaN' },
  { literal: 'inf', value: 'Infinity' },
  { literal: '-infinity', value: '-Infinity' },
)

/** PostgreSQL's other ways to write one. */
const powers = fc
  .record({ mantissa: fc.integer(), exponent: fc.integer({ min: -300, max: 300 }) })
  .map(({ mantissa, exponent }) => printed(` ${mantissa}e${exponent} `))

const anyWay = fc.oneof({ arbitrary: exact, weight: 8 }, { arbitrary: powers, weight: 2 }, special)

/** Large numbers, among which many lie halfway between two decimals that name them. */
const halfway = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
  .map(([whole, power]) => whole / 2 ** power)
/** A number is the shortest decimal that names it, as JavaScript prints it. */
const doubles = fc
  .oneof(fc.double(), halfway)
  .map((n): Sample => ({ literal: String(n), value: (text: string) => text, sent: n }))
const integers = fc
  .tuple(fc.bigInt(), fc.nat({ max: 400 }))
  .map(([n, power]) => n * 10n ** BigInt(power))
  .map((n): Sample => ({ literal: String(n), value: String(n), sent: n }))

const MOST_CENTS = 2n ** 63n
const cents = fc.oneof(
  fc.bigInt({ min: -MOST_CENTS, max: MOST_CENTS - 1n }),
  fc.constantFrom(-MOST_CENTS, MOST_CENTS - 1n, 0n, 99n, -1n),
  fc.integer().map(BigInt),
)
/** In a session whose lc_monetary is C. */
const money = cents.map((all): Sample => {
  const size = all < 0n ? -all : all
  const [whole, rest] = [String(size / 100n), String(size % 100n).padStart(2, '0')]
  const sign = all < 0n ? '-' : ''
  return {
    literal: `${sign}${whole}.${rest}`,
    value: `${sign}$${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}.${rest}`,
  }
})

export const numerics: readonly Family[] = [
  { type: 'numeric', samples: anyWay },
  { type: 'numeric', note: 'of numbers and bigints', samples: fc.oneof(doubles, integers) },
  {
    type: 'numeric',
    samples: anyWay.map(({ literal }): Sample => ({ literal, value: Number, sent: literal })),
    options: { numeric: 'number' },
  },
  { type: 'money', samples: money },
]
