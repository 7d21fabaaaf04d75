// Documents: what comes out is what JSON.parse makes of the server's text, what goes in is the document.

import fc from 'fast-check'
import { Json, json } from '../../../../index.ts'
import { type Family, printed, type Sample } from './sample.ts'

/** Names that objects of JavaScript have by themselves, that are indexes, that are nothing. */
const hostile = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'then',
  'toJSON',
  '0',
  '-1',
  '',
  ' ',
  'é',
  '😀',
)
const character = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0'),
  fc.constantFrom(...'ab"\\/\b\f\n\r\t\u007f\u2028é'),
)
const string = fc.string({ unit: character, maxLength: 10, size: 'max' })
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
)
const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    string,
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(hostile, string), tie('document'), { maxKeys: 5 }),
    // Rows of a table, as documents often are: the same keys again and again.
    fc.array(fc.record({ id: number, name: string, tags: fc.array(string, { maxLength: 2 }) }), {
      maxLength: 4,
    }),
  ),
}))

const parse = (text: string): unknown => JSON.parse(text)

/** A document as an argument: a string and null need json(), and a number that is all of it keeps the sign of -0. */
const samples = document.map((value): Sample => {
  const isSpecial = typeof value === 'string' || value === null
  const literal = Object.is(value, -0) ? '-0' : JSON.stringify(value)
  return { literal, value: parse, sent: isSpecial ? json(value) : value }
})

/** Everything that JSON allows and JSON.stringify does not write: blanks, escapes, numbers of any length, double keys. */
const blank = fc.constantFrom('', ' ', '\n\t ', '\r')
const escaped = string.map((text) =>
  [
    ...JSON.stringify(text)
      .slice(1, -1)
      .matchAll(/\\u....|\\.|[^\\]/gsu),
  ]
    .map(([one], i) => (i % 3 === 0 && !one.startsWith('\\') ? one.split('').map(unitEscape).join('') : one))
    .join(''),
)
const unitEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
const longNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.nat(),
    fc.integer({ min: -320, max: 320 }),
  )
  .map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}e${exponent}`)
const { written } = fc.letrec<{ written: string }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('null', 'true', 'false', '-0', '0.0', '1E5', '1e-7'),
    longNumber,
    escaped.map((text) => `"${text}"`),
    fc
      .tuple(blank, fc.array(tie('written'), { maxLength: 3 }))
      .map(([b, all]) => `[${b}${all.join(`${b},${b}`)}${b}]`),
    fc
      .tuple(
        blank,
        fc.array(fc.tuple(fc.oneof(escaped, fc.constantFrom('a', '__proto__')), tie('written')), {
          maxLength: 4,
        }),
      )
      .map(([b, all]) => `{${b}${all.map(([key, value]) => `"${key}"${b}:${b}${value}`).join(`${b},`)}${b}}`),
  ),
}))
const asText = written.map((text): Sample => ({ literal: text, value: parse, sent: new Json(text) }))
const asString = written.map((text): Sample => ({ literal: text, value: parse, sent: text }))

export const documents: readonly Family[] = ['json', 'jsonb'].flatMap((type) => [
  { type, note: 'of any document', samples, isFlat: true },
  { type, note: 'of any text that is JSON', samples: fc.oneof(asText, asString), isFlat: true },
  { type, samples: written.map(printed), isFlat: true, options: { json: 'text' } },
])
