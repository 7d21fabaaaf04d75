// Texts of every type that has them: all of Unicode, and what literals quote.

import fc from 'fast-check'
import { type Family, printed, type Sample, same } from './sample.ts'

/** What arrays, ranges and composites quote, and what looks as if they had to. */
const marked = fc.constantFrom(
  ...'{}()[],;"\'\\ \t\n\r\v\f:=<>|&!*',
  'NULL',
  'null',
  'é',
  'ÿ',
  'ж',
  '😀',
  '\u2028',
  '\uffff',
)
/** Any character but NUL, which PostgreSQL has not. */
const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0')
const characters = fc.oneof({ arbitrary: marked, weight: 3 }, any, fc.constantFrom(...'abcXYZ019'))
const short = fc.string({ unit: characters, maxLength: 12, size: 'max' })
/** In chunks of rows, and as pieces of them, texts are handled by their size. */
const long = fc
  .tuple(short, fc.constantFrom(47, 48, 49, 300, 33_000, 70_000))
  .map(([part, length]) => `${part}x`.repeat(length).slice(0, length).toWellFormed())
const text = fc.oneof({ arbitrary: short, weight: 30 }, { arbitrary: long, weight: 1 })

/** Content of XML with a text and an attribute of any characters that XML has. */
const xml = short.map((raw) => {
  const legal = raw.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
  const escaped = legal.replaceAll(/[&<>"]/g, (one) => `&#${one.codePointAt(0)};`)
  return printed(`<a b="${escaped}">${escaped}<c/></a>${escaped}`)
})

export const texts: readonly Family[] = [
  { type: 'text', samples: text.map(same) },
  { type: 'varchar', samples: text.map(same) },
  { type: 'varchar(7)', samples: text.map(printed) },
  { type: 'bpchar', samples: text.map(same) },
  { type: 'bpchar(5)', samples: short.map(printed) },
  // Cut to 63 bytes.
  { type: 'name', samples: text.map(printed) },
  { type: 'refcursor', samples: text.map(same) },
  { type: 'xml', samples: xml },
  {
    type: '"char"',
    from: 'x::int4::"char"',
    samples: fc.integer({ min: -128, max: 127 }).map((byte): Sample => {
      if (byte < 0) return { literal: `${byte}`, value: `\\${(byte + 256).toString(8)}` }
      return { literal: `${byte}`, value: byte === 0 ? '' : String.fromCharCode(byte) }
    }),
  },
]
