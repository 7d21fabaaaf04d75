// Types of a database's own: enums, domains, composites within composites, ranges, and those of extensions.

import fc from 'fast-check'
import { Range } from '../../../../index.ts'
import { type Family, printed, type Sample, same } from './sample.ts'

/** Makes the types. */
export const OWN_TYPES = `
  create extension hstore;
  create extension citext;
  create extension ltree;
  create type mood as enum ('sad', 'so so', '{}', 'it''s "fine", \\', 'NULL');
  create domain positive as int check (value > 0);
  create domain small as positive check (value < 1000);
  create domain label as text;
  create type pair as (a int, b text);
  create type "Odd "" {}" as ("__proto__" int8, "0" numeric, "a b" float8, " " bool, constructor label);
  create type nest as (first pair, others pair[], list int4[], mood mood, at timestamp, size numeric, odd "Odd "" {}");
  create type floats as range (subtype = float8);
  create type acls as (acl aclitem, name text)`

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'ab "\\(){},\'\n\té😀', 'NULL'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 6,
})
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 5 })

/** An attribute's text within the literal of a row. */
const quoted = (part: string | null): string =>
  part === null ? '' : `"${part.replaceAll(/["\\]/g, '$&$&')}"`
const rowOf = (...parts: (string | null)[]): string => `(${parts.map(quoted).join()})`
/** An element's text within the literal of an array. */
const arrayOf = (parts: (string | null)[]): string =>
  `{${parts.map((part) => (part === null ? 'NULL' : `"${part.replaceAll(/["\\]/g, '\\$&')}"`)).join()}}`
const literalOf = (sample: Sample | null): string | null => sample?.literal ?? null
const valueIn = (sample: Sample | null): unknown => sample?.value ?? null

const integer = orNull(fc.integer())
const pair = fc
  .tuple(integer, orNull(text))
  .map(([a, b]): Sample => ({ literal: rowOf(a === null ? null : String(a), b), value: { a, b } }))

const double = fc.double({ noNaN: true })
const odd = fc
  .tuple(integer, integer, orNull(double), orNull(fc.boolean()), orNull(text))
  .map(([proto, index, space, flag, name]): Sample => {
    const value: { [name: string]: unknown } = {}
    const set = (key: string, member: unknown): void => {
      Object.defineProperty(value, key, {
        value: member,
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    const size = index === null ? null : `${index}.50`
    set('__proto__', proto)
    set('0', size)
    set('a b', space)
    set(' ', flag)
    set('constructor', name)
    const number = space === null ? null : Object.is(space, -0) ? '-0' : String(space)
    return {
      literal: rowOf(
        proto === null ? null : String(proto),
        size,
        number,
        flag === null ? null : String(flag),
        name,
      ),
      value,
    }
  })

const moods = fc.constantFrom('sad', 'so so', '{}', 'it\'s "fine", \\', 'NULL')
const moment = fc.integer().map((seconds) => new Date(seconds * 1000))
const nest = fc
  .tuple(
    orNull(pair),
    orNull(fc.array(orNull(pair), { maxLength: 3 })),
    orNull(fc.array(integer, { maxLength: 3 })),
    orNull(moods),
    orNull(moment),
    orNull(fc.integer().map((n) => `${n}.5`)),
    orNull(odd),
  )
  .map(
    ([first, others, list, mood, at, size, last]): Sample => ({
      literal: rowOf(
        literalOf(first),
        others === null ? null : arrayOf(others.map(literalOf)),
        list === null ? null : arrayOf(list.map((n) => (n === null ? null : String(n)))),
        mood,
        at === null ? null : at.toISOString(),
        size,
        literalOf(last),
      ),
      value: {
        first: valueIn(first),
        others: others === null ? null : others.map(valueIn),
        list,
        mood,
        at,
        size,
        odd: valueIn(last),
      },
    }),
  )

const acls = fc
  .tuple(fc.constantFrom('=r/postgres', 'postgres=arw/postgres', null), orNull(text))
  .map(([acl, name]): Sample => ({ literal: rowOf(acl, name), value: { acl, name } }))

const hstore = fc
  .uniqueArray(fc.tuple(text, orNull(text)), { selector: ([key]) => key, maxLength: 4 })
  .map((pairs): Sample => {
    const marked = (part: string): string => `"${part.replaceAll(/["\\]/g, '\\$&')}"`
    const value = Object.assign(Object.create(null), Object.fromEntries(pairs))
    return {
      literal: pairs
        .map(([key, member]) => `${marked(key)}=>${member === null ? 'NULL' : marked(member)}`)
        .join(),
      value,
    }
  })

const floats = fc
  .tuple(orNull(double), orNull(double), fc.constantFrom('[)', '[]', '()', '(]'))
  .filter(([a, b]) => a === null || b === null || a < b)
  .map(([lower, upper, kind]): Sample => {
    const value = new Range(lower, upper, { lowerInc: kind[0] === '[', upperInc: kind[1] === ']' })
    return { literal: String(value), value }
  })

const whole = (max: number): fc.Arbitrary<Sample> =>
  fc.integer({ min: 1, max }).map((value) => ({ literal: String(value), value }))

export const own: readonly Family[] = [
  { type: 'mood', samples: moods.map(same) },
  { type: 'positive', samples: whole(2 ** 31 - 1) },
  { type: 'small', samples: whole(999) },
  { type: 'label', samples: text.map(same) },
  { type: 'pair', samples: pair, isRow: true },
  {
    type: 'pair',
    note: 'as a list',
    samples: pair.map((sample): Sample => ({ ...sample, sent: Object.values(sample.value as object) })),
    isFlat: true,
  },
  { type: '"Odd "" {}"', samples: odd, isRow: true },
  // Its first attribute is a list or an object itself: only the outermost list is an array's.
  { type: 'nest', samples: nest, isFlat: true },
  { type: 'acls', samples: acls, isRow: true },
  { type: 'floats', samples: floats },
  { type: 'hstore', samples: hstore },
  {
    type: 'hstore',
    note: 'as a Map',
    samples: hstore.map(
      (sample): Sample => ({ ...sample, sent: new Map(Object.entries(sample.value as object)) }),
    ),
  },
  { type: 'citext', samples: text.map(same) },
  {
    type: 'ltree',
    samples: fc
      .array(fc.constantFrom('Top', 'a_1', 'b'), { maxLength: 4 })
      .map((all) => printed(all.join('.'))),
  },
]
