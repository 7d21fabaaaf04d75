// Which kinds of JavaScript's values each type takes: all others are refused by their argument's number, unsent.

import test from 'ava'
import { BitString, DataError, Interval, json, Range } from '../../index.ts'
import { GROUPS } from '../../tools/types-reference/facts.mjs'
import { openWatched, reason, type Watched } from '../query/open.ts'
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
} as const

type Kind = keyof typeof VALUES

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

const DOCUMENT: readonly Kind[] = [
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

/** The value of a kind; bounds of dates and times are such. */
function sampleOf(type: string, kind: Kind): unknown {
  if (!/^(date|ts|tstz)(multi)?range$/.test(type)) return VALUES[kind]
  const range = new Range(new Date(0), null)
  if (kind === 'list') return [new Date(0), null]
  return kind === 'ranges' ? [range] : range
}

/** What the reference of types calls them. */
const KINDS: { readonly [kind: string]: readonly Kind[] } = {
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
        const wrong = (Object.keys(VALUES) as Kind[]).filter((one) => !kinds.includes(one))
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
          // What JSON has no form for is told without the type's name.
          if (label in VALUES) t.regex(error.message, new RegExp(`${name}|JSON has no bigint`), told)
          if (isArray && label in VALUES) t.regex(error.message, /index 1: /, told)
        }
        // The statement may be described anew: the type of its parameter may be another one by now.
        t.regex(messages(link).slice(before), /^(PDS)*$/, `no value is sent for ${type}`)
        if (isArray && (type === 'json' || type === 'jsonb')) continue
        for (const one of kinds) {
          if (type === 'bit') continue
          t.is((await connection.fetch(sql, [1, wrap(sampleOf(type, one))])).length, 1, `${type} ${one}`)
        }
      }
    }
  })
}
