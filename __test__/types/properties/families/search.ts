// Types whose values are programs or indexes of texts: they come and go as the server prints them.

import fc from 'fast-check'
import { type Family, printed } from './sample.ts'

const word = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...'ab \'\\"{},:&|!()éж😀'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 8,
  })
  .map((text) => text.replaceAll('\0', '?'))
const quoted = word.map((text) => `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`)

const position = fc
  .tuple(fc.integer({ min: 1, max: 16_383 }), fc.constantFrom('', 'A', 'B', 'C', 'D'))
  .map((p) => p.join(''))
const lexeme = fc
  .tuple(quoted, fc.array(position, { maxLength: 4 }))
  .map(([text, all]) => (all.length === 0 ? text : `${text}:${all}`))

const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(quoted, fc.constantFrom('', ':*', ':A', ':*BC')).map((p) => p.join('')),
    fc
      .tuple(tie('query'), fc.constantFrom('&', '|', '<->', '<2>', '<0>'), tie('query'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('query').map((a) => `!(${a})`),
  ),
}))

const key = word.map((text) => JSON.stringify(text))
const { path } = fc.letrec<{ path: string }>((tie) => ({
  path: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('$', '$v', '$.*', '$[*]', '$.**{2 to last}', '$[0, 2 to last]', '1.5', 'null', 'true'),
    key,
    key.map((name) => `$.${name}`),
    fc
      .tuple(tie('path'), fc.constantFrom('+', '-', '*', '/', '%'), tie('path'))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(fc.constantFrom('$', '$.a'), tie('path'), fc.constantFrom('==', '<', '>=', '!='))
      .map(([a, b, o]) => `${a} ? (@ ${o} ${b} || exists (@.x))`),
    // Not of a number: PostgreSQL prints (1.5).type() within a sum as 1.5.type(), which it reads as another path.
    fc.constantFrom('$', '$.a', '$.*').map((a) => `${a}.type()`),
  ),
}))

export const search: readonly Family[] = [
  { type: 'tsvector', samples: fc.array(lexeme, { maxLength: 6 }).map((all) => printed(all.join(' '))) },
  { type: 'tsquery', samples: query.map(printed) },
  {
    type: 'jsonpath',
    samples: fc.tuple(fc.constantFrom('', 'strict '), path).map((p) => printed(p.join(''))),
  },
]
