// The text of docs/reference/types.md.

import { GROUPS, KINDS } from './facts.mjs'
import { comings, types } from './sources.mjs'

/** What a cell of a codec becomes. @type {Readonly<Record<string, string>>} */
const OUT = {
  Int: '`number`',
  Bool: '`boolean`',
  Number: '`number`',
  Date: '`Date`',
  Int8: '`number` when it is a safe integer, else `bigint`',
  BigInt: '`bigint`',
  BigUint: '`bigint`',
  Text: '`string`',
  Json: 'the parsed document',
  Buffer: '`Buffer`',
  Bytes: '`Uint8Array`',
  TemporalInstant: '`Temporal.Instant`',
  TemporalDateTime: '`Temporal.PlainDateTime`',
  TemporalDate: '`Temporal.PlainDate`',
  TemporalTime: '`Temporal.PlainTime`',
  TemporalDuration: '`Temporal.Duration`, or `Interval` where the signs of the parts differ',
  Void: '`null`',
  Interval: '`Interval`',
  Bits: '`BitString`',
  Tid: '`[block, row]`',
  Snapshot: '`{ xmin, xmax, xip }` of `bigint`',
  Record: 'list of its fields',
}
const FIGURES = {
  Point: 'point',
  Line: 'line',
  Segment: 'lseg',
  Box: 'box',
  OpenPath: 'path',
  Polygon: 'polygon',
  Circle: 'circle',
}

/** Pseudo-types that are values nevertheless. */
const VALUES = new Set(['void', 'record', 'unknown', 'cstring'])

export function typesReference() {
  const all = types()
  const named = new Map(all.map((type) => [type.name, type]))
  const known = comings()
  const told = GROUPS.flatMap(({ types }) => types)
  const forgotten = all.filter(
    ({ name, kind, element }) =>
      !told.some((fact) => fact.name === name) && ('brm'.includes(kind) ? element === 0 : VALUES.has(name)),
  )
  if (forgotten.length > 0) {
    throw new Error(
      `tools/types-reference/facts.mjs has nothing of ${forgotten.map(({ name }) => name).join(', ')}`,
    )
  }
  const sections = GROUPS.map(({ title, types }) => {
    const rows = types.map((fact) => row(fact, named.get(fact.name), known, all))
    return [
      `## ${title}`,
      '',
      '| type | comes out as | goes in as, besides a string | wire | limits |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n')
  })
  return `${HEAD}\n${sections.join('\n\n')}\n${TAIL}`
}

function row(fact, type, known, all) {
  if (type === undefined) throw new Error(`there is no type ${fact.name} in crates/wire/src/types/table.rs`)
  const array = all.find(({ oid }) => oid === type.array)
  const oids = `${type.oid}${array === undefined ? '' : `, its array ${array.oid}`}`
  const { out, wire } = comes(type, known, all)
  const takes = fact.takes.map((kind) => {
    if (KINDS[kind] === undefined) throw new Error(`tools/types-reference/facts.mjs has no kind ${kind}`)
    return KINDS[kind]
  })
  const name = type.name === 'char' ? '"char"' : type.name
  return `| ${name} (${oids}) | ${out} | ${takes.join(', ')} | ${wire} | ${fact.limits} |`
}

/** What comes of values of the type, by each option, and how they travel. */
function comes(type, known, all) {
  if (type.kind === 'r') {
    const subtype = all.find(({ oid }) => oid === type.subtype)
    return { out: `\`Range\` of what ${subtype?.name} comes out as`, wire: 'binary' }
  }
  if (type.kind === 'm') return { out: 'list of `Range`', wire: 'binary' }
  if (type.element !== 0 && type.name.endsWith('vector')) return { out: 'list of `number`', wire: 'binary' }
  const forms = known.get(type.send)
  if (forms === undefined) return { out: '`string`', wire: 'text' }
  const outs = forms.map(({ codec, figure, option }) => {
    const out = figure === undefined ? OUT[codec] : KINDS[FIGURES[figure]]?.split(', `[')[0]
    if (out === undefined) throw new Error(`tools/types-reference/document.mjs has no words for ${codec}`)
    return option === undefined ? out : `\`${option}\`: ${out}`
  })
  return { out: outs.join('; '), wire: 'binary' }
}

const HEAD = `<!-- Written by tools/generate-types-reference.mjs from crates/wire/src/types/table.rs, crates/wire/src/form/scalars.rs and tools/types-reference: change those, not this file. -->
# Types

What a value of each of PostgreSQL's own types comes out as, and what goes in for it. The [guide](../guide/values.md) tells
how to use them, [another page](differences.md) how they compare with Python's drivers.

- Every type takes a string, which is PostgreSQL's own input for it, and \`null\`. What is not in the table's third column is a
  \`DataError\`, and nothing is sent.
- "Comes out as" begins with the default; what follows holds under that choice of the option \`types\`. It holds in arrays,
  ranges and composites too.
- An array of a type is nested lists of it, of six dimensions at the most, with \`null\` for NULL; lower bounds are dropped. Lists
  and typed arrays go in. The OID of an array stands beside that of its elements.
- "Wire" is the form that values are asked for in. Arrays of types that come as text come as text. A string goes in as text.
- An infinity of a date or timestamp is the number ±\`Infinity\` where a \`Date\` or an object of \`Temporal\` would come out, and
  the text \`infinity\` in a string.
`

const TAIL = `
## Types of a database

A type that is not in these tables is looked up once, for all sessions with the database.

| type | comes out as | goes in as, besides a string |
|---|---|---|
| enum | \`string\` | |
| domain | as the type that it is over | as that type |
| composite, row of a table | plain object by attribute | object by attribute name, list by position |
| range, multirange | \`Range\`, list of \`Range\` | the same, \`[lower, upper]\` for a \`Range\` |
| array of any of these | nested lists | nested lists |
| hstore | object without prototype, values \`string\` or \`null\` | object, \`Map\` |
| citext, ltree, lquery, ltxtquery | \`string\` | |
| vector, halfvec | list of \`number\` | list or typed array of numbers |
| every other type | its text as \`string\` | |
`
