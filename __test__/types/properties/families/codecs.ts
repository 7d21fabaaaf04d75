// Types with codecs of the program's, and what is made of them.

import fc from 'fast-check'
import { Range, type TypeCodec } from '../../../../index.ts'
import type { Family, Sample } from './sample.ts'

/** Makes the types. */
export const CODEC_TYPES = `
  create type mood as enum ('sad', 'so so', '{}', 'it''s "fine", \\', 'NULL');
  create domain price as numeric check (value > -1e30);
  create type item as (name text, price price, prices numeric[], mood mood, span numrange);
  create type key as (id uuid, n int4);
  create type ids as range (subtype = uuid)`

const catalog = 'pg_catalog'

/** Holds what a codec was given. */
class Boxed {
  readonly held: string
  constructor(held: string) {
    this.held = held
  }
}

const text = (type: string, schema = catalog): TypeCodec => ({
  type,
  schema,
  encode: ({ held }: Boxed) => held,
  decode: (held) => new Boxed(held),
})

const bytes = (type: string): TypeCodec => ({
  type,
  schema: catalog,
  format: 'binary',
  encode: ({ held }: Boxed) => Buffer.from(held, 'hex'),
  decode: (held: Buffer) => new Boxed(held.toString('hex')),
})

const tuple = (type: string): TypeCodec => ({
  type,
  schema: catalog,
  format: 'tuple',
  encode: (parts) => parts,
  decode: (parts) => parts,
})

const boxed = (literal: string): Sample => ({ literal, value: (printed: string) => new Boxed(printed) })

const decimals = fc.tuple(fc.integer(), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`)
const uuids = fc.uuid()
const hex = (uuid: string): Boxed => new Boxed(uuid.replaceAll('-', ''))
const moods = fc.constantFrom('sad', 'so so', '{}', 'it\'s "fine", \\', 'NULL')
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 5 })
const kinds = fc.constantFrom('[)', '[]', '()', '(]')

/** A range of two values of which the first is the smaller one. */
const rangeOf = (
  bounds: fc.Arbitrary<string>,
  box: (bound: string) => unknown,
  isLess: (a: string, b: string) => boolean,
) =>
  fc
    .tuple(orNull(bounds), orNull(bounds), kinds)
    .filter(([a, b]) => a === null || b === null || isLess(a, b))
    .map(([lower, upper, kind]): Sample => {
      const flags = { lowerInc: kind[0] === '[', upperInc: kind[1] === ']' }
      const held = (bound: string | null): unknown => (bound === null ? null : box(bound))
      return {
        literal: String(new Range(lower, upper, flags)),
        value: new Range(held(lower), held(upper), flags),
      }
    })

const numbers = rangeOf(
  decimals,
  (bound) => new Boxed(bound),
  (a, b) => Number(a) < Number(b),
)
const ids = rangeOf(uuids, hex, (a, b) => a < b)

const quoted = (part: string | null): string =>
  part === null ? '' : `"${part.replaceAll(/["\\]/g, '$&$&')}"`
const held = (part: string | null): Boxed | null => (part === null ? null : new Boxed(part))

const items = fc
  .tuple(
    orNull(fc.string()),
    orNull(decimals),
    orNull(fc.array(orNull(decimals))),
    orNull(moods),
    orNull(numbers),
  )
  .filter(([name]) => name === null || !name.includes('\0'))
  .map(([name, price, prices, mood, span]): Sample => {
    const list = prices && `{${prices.map((one) => one ?? 'NULL').join()}}`
    const parts = [name, price, list, mood, span?.literal ?? null]
    return {
      literal: `(${parts.map(quoted).join()})`,
      value: {
        name,
        price: held(price),
        prices: prices?.map(held) ?? null,
        mood: held(mood),
        span: span === null ? null : span.value,
      },
    }
  })

const keys = fc.tuple(orNull(uuids), orNull(fc.integer())).map(
  ([id, n]): Sample => ({
    literal: `(${quoted(id)},${n ?? ''})`,
    value: { id: id && hex(id), n },
  }),
)

const note = (what: string): string => `by a codec of ${what}`
const decimal = { codecs: [text('numeric'), text('mood', 'public')] }
const byBytes = { codecs: [bytes('uuid'), bytes('int8'), bytes('float8')] }

export const codecs: readonly Family[] = [
  { type: 'numeric', note: note('text'), samples: decimals.map(boxed), options: decimal },
  { type: 'price', note: note('text'), samples: decimals.map(boxed), options: decimal },
  { type: 'mood', note: note('text'), samples: moods.map(boxed), options: decimal },
  { type: 'numrange', note: note('text'), samples: numbers, options: decimal },
  {
    type: 'nummultirange',
    note: note('text'),
    samples: numbers
      .filter(({ literal }) => !/^[[(],[)\]]$/.test(literal))
      .map(({ literal, value }) => ({ literal: `{${literal}}`, value: [value] })),
    options: decimal,
  },
  { type: 'item', note: note('text'), samples: items, options: decimal, isRow: true },
  {
    type: 'uuid',
    note: note('bytes'),
    samples: uuids.map((uuid) => ({ literal: uuid, value: hex(uuid) })),
    options: byBytes,
  },
  {
    type: 'int8',
    note: note('bytes'),
    samples: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => ({
      literal: String(number),
      value: new Boxed(BigInt.asUintN(64, number).toString(16).padStart(16, '0')),
    })),
    options: byBytes,
  },
  { type: 'ids', note: note('bytes'), samples: ids, options: byBytes },
  // A value of a codec may be anything, so that a list in a list of these is one by position.
  { type: 'key', note: note('bytes'), samples: keys, options: byBytes, isFlat: true },
  {
    type: 'date',
    note: note('tuples'),
    from: "date '2000-01-01' + x::int4",
    samples: fc
      .integer({ min: -700_000, max: 2_000_000 })
      .map((days) => ({ literal: String(days), value: [days] })),
    options: { codecs: [tuple('date')] },
    isFlat: true,
  },
  {
    type: 'interval',
    note: note('tuples'),
    from: "make_interval(months => split_part(x, ' ', 1)::int4, days => split_part(x, ' ', 2)::int4) + split_part(x, ' ', 3)::int8 * interval '1 microsecond'",
    samples: fc
      .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }), fc.integer())
      .map(([months, days, micros]) => ({
        literal: `${months} ${days} ${micros}`,
        value: [months, days, BigInt(micros)],
      })),
    options: { codecs: [tuple('interval')] },
    isFlat: true,
  },
]
