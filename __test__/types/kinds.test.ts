// Which kinds of JavaScript's values each type takes: all others are refused by their argument's number, unsent.

import test from 'ava'
import { BitString, DataError, Interval, json, Range } from '../../index.ts'
import { GROUPS } from '../../tools/types-reference/facts.mjs'
import { open, openWatched, reason, type Watched } from '../query/open.ts'
import { messageTypes, readTrace } from '../support/wire-trace.ts'

/** A value of each kind, and one more where a kind has values of several types. */
const VALUES = {
  boolean: true,
  number: 1,
  fraction: 1.5,
  bigint: 1n,
  Date: new Date(0),
  bytes: Buffer.of(1),
  list: [1, 2],
  ranges: [new Range(1, 2)],
  object: { some: 'thing' },
  Range: new Range(1, 2),
  Interval: new Interval({ days: 1 }),
  BitString: new BitString('1'),
  Json: json('1'),
  point: { x: 1, y: 2 },
  line: { a: 1, b: 2, c: 3 },
  lseg: { p1: { x: 1, y: 2 }, p2: { x: 3, y: 4 } },
  box: { high: { x: 3, y: 4 }, low: { x: 1, y: 2 } },
  path: { points: [{ x: 1, y: 2 }], isClosed: true },
  polygon: { points: [{ x: 1, y: 2 }] },
  circle: { center: { x: 1, y: 2 }, radius: 3 },
  snapshot: { xmin: 1n, xmax: 2n, xip: [] },
  // JSON has no form for these.
  bigintObject: { some: 1n },
  bigintPoint: { x: 1n, y: 2 },
  mapObject: { some: new Map([[1, 2]]) },
} as const

type ValueKind = keyof typeof VALUES

/** Never sent, whatever the type. */
const NEVER: readonly unknown[] = [
  undefined,
  Symbol('s'),
  () => 1,
  new Map(),
  new Set(),
  Promise.resolve(1),
  'a\0b',
  'a\ud800',
  '\udfff',
]

const DOCUMENT: readonly ValueKind[] = [
  'boolean',
  'number',
  'fraction',
  'Date',
  'list',
  'object',
  'Range',
  'ranges',
  'BitString',
  'Json',
  'point',
  'line',
  'lseg',
  'box',
  'path',
  'polygon',
  'circle',
]

/** Types that documents are values of. */
const DOCUMENTS: readonly string[] = ['json', 'jsonb']

/** The value of a kind; bounds of dates and times are such. */
function sampleOf(type: string, kind: ValueKind): unknown {
  if (!/^(date|ts|tstz)(multi)?range$/.test(type)) return VALUES[kind]
  const range = new Range(new Date(0), null)
  if (kind === 'list') return [new Date(0), null]
  return kind === 'ranges' ? [range] : range
}

/** What the reference of types calls them. */
const KINDS: { readonly [kind: string]: readonly ValueKind[] } = {
  boolean: ['boolean'],
  integer: ['number', 'bigint'],
  safe: ['number', 'bigint'],
  double: ['number', 'fraction', 'bigint'],
  exact: ['number', 'fraction', 'bigint'],
  byte: ['bytes'],
  bytes: ['bytes'],
  BitString: ['BitString', 'bytes'],
  Date: ['Date'],
  day: ['Date'],
  Interval: ['Interval'],
  document: DOCUMENT,
  Range: ['Range', 'list'],
  ranges: ['ranges'],
  point: ['point', 'list'],
  line: ['line'],
  lseg: ['lseg'],
  box: ['box'],
  path: ['path'],
  polygon: ['polygon'],
  circle: ['circle'],
  tid: ['list'],
  snapshot: ['snapshot'],
  // Those of Temporal have tests of their own, for runtimes that have it.
  instant: [],
  dateTime: [],
  plainDate: [],
  plainTime: [],
  duration: [],
}

/** Without an input of their own, or no types of parameters, or arrays under another name. */
const OTHERS =
  /^(unknown|cstring|void|record|gtsvector|pg_node_tree|pg_ndistinct|pg_dependencies|pg_mcv_list|pg_brin.*|.*vector)$/

/** By the type, what it takes besides its text and null, as docs/reference/types.md has it. */
const TAKES = GROUPS.flatMap(({ types }) => types)
  .filter(({ name }) => name === 'tsvector' || !OTHERS.test(name))
  .map(
    ({ name, takes }) => [name === 'char' ? '"char"' : name, takes.flatMap((kind) => KINDS[kind]!)] as const,
  )

/** The letters of the messages that the server got. */
function messages(link: Watched['link']): string {
  return messageTypes(readTrace(link.captured.toServer, 1))
}

for (const [type, kinds] of TAKES) {
  test(`${type} takes ${['its text', ...kinds].join(', ')}`, async (t) => {
    const { connection, link } = await openWatched(t)
    const name = type.replaceAll('"', '')
    for (const [sql, wrap] of [
      [`select 0 = $1::int4, $2::${type}`, (value: unknown) => value],
      [`select 0 = $1::int4, $2::${type}[]`, (value: unknown) => [null, value]],
    ] as const) {
      const isArray = sql.endsWith('[]')
      // Twice: the second time the types are known when the arguments are written.
      for (const kind of ['described', 'known']) {
        await connection.fetch(sql, [1, null])
        const before = messages(link).length
        const wrong = (Object.keys(VALUES) as ValueKind[]).filter((one) => !kinds.includes(one))
        for (const [label, value] of [
          ...wrong.map((one) => [one, VALUES[one]] as const),
          ...NEVER.map((value) => [String(value), value] as const),
        ]) {
          // A list is a dimension there.
          if (isArray && Array.isArray(value)) continue
          const error = await reason(connection.fetch(sql, [1, wrap(value)]))
          const told = `${type} ${kind}: ${label}: ${error}`
          t.true(error instanceof DataError, told)
          t.is(error.argument, 2, told)
          t.regex(error.message, /^invalid input for query argument \$2: /, told)
          // Of a document it is told what JSON has no form for, in place of the type's name.
          const expected = DOCUMENTS.includes(type) ? `${name}|JSON has no ` : name
          if (label in VALUES) t.regex(error.message, new RegExp(expected), told)
          if (isArray && label in VALUES) t.regex(error.message, /index 1: /, told)
        }
        // The statement may be described anew: the type of its parameter may be another one by now.
        t.regex(messages(link).slice(before), /^(PDS)*$/, `no value is sent for ${type}`)
        if (isArray && DOCUMENTS.includes(type)) continue
        for (const one of kinds) {
          if (type === 'bit') continue
          t.is((await connection.fetch(sql, [1, wrap(sampleOf(type, one))])).length, 1, `${type} ${one}`)
        }
      }
    }
  })
}

/** Values that are nearly ones of a type, and what is told to pass. */
const NEARLY: readonly (readonly [type: string, remedy: string, ...values: unknown[]])[] = [
  ['point', 'pass { x, y } or [x, y], both of them numbers', { x: 1n, y: 2 }, { x: '1', y: 2 }, { x: 1 }, 1n],
  ['line', 'pass { a, b, c } or [a, b, c], all of them numbers', { a: 1n, b: 2, c: 3 }, { a: 1 }, 1],
  [
    'lseg',
    'pass { p1, p2 }, each { x, y } of numbers, or [x1, y1, x2, y2]',
    { p1: { x: 1n, y: 2 }, p2: [1, 2] },
    { p1: [1, 2] },
  ],
  [
    'box',
    'pass { high, low }, each { x, y } of numbers, or [x1, y1, x2, y2]',
    { high: { x: 1n, y: 2 }, low: { x: 0, y: 0 } },
    { x: 1, y: 2 },
  ],
  [
    'path',
    'pass { points, isClosed }, each point { x, y } of numbers',
    { points: [{ x: 1n, y: 2 }], isClosed: true },
    { points: [] },
  ],
  [
    'polygon',
    'pass { points } or a list of points, each { x, y } of numbers',
    { points: [{ x: 1n, y: 2 }] },
    { points: 1 },
  ],
  [
    'circle',
    'pass { center, radius }, a point { x, y } and a number, or [x, y, radius]',
    { center: [1, 2], radius: 1n },
    { center: { x: 1n, y: 1 }, radius: 1 },
  ],
  ['tid', 'pass [block, row], both of them numbers', { block: 1n }, 1n],
  [
    'pg_snapshot',
    'pass { xmin, xmax, xip }, all of them bigint',
    { xmin: 1n, xmax: 2n, xip: [1] },
    { xmin: 1 },
  ],
  ['int4range', 'pass new Range(lower, upper), or [lower, upper]', { lower: 1n, upper: 2n }],
  ['int4multirange', 'pass a list of ranges, such as [new Range(1, 5)]', new Range(1, 5)],
  [
    'interval',
    "pass whole numbers of months, days and microseconds, or a string such as '1 hour'",
    { days: 1n },
    { months: 0.5 },
  ],
]

test('what is nearly a value of a type is refused with what the type takes', async (t) => {
  const connection = await open(t)
  await connection.execute(`create type pg_temp.holder as (${NEARLY.map(([type]) => `"${type}" ${type}`)})`)
  for (const [type, remedy, ...values] of NEARLY) {
    for (const value of values) {
      for (const [sql, argument] of [
        [`select $1::${type}`, value],
        [`select $1::${type}[]`, [value]],
        ['select $1::pg_temp.holder', { [type]: value }],
      ] as const) {
        // Twice: the second time the types are known when the arguments are written.
        for (const kind of ['described', 'known']) {
          const error = await reason(connection.fetch(sql, [argument]))
          const told = `${sql}, ${kind}: ${error}`
          t.true(error instanceof DataError, told)
          t.regex(error.message, new RegExp(` for ${type}, got (object|bigint|number|Range)\\)$`), told)
          t.is(error.hint, remedy, told)
        }
      }
    }
  }
})
