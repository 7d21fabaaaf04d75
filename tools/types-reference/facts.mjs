// What the reference of types says besides what the code's own tables say: the groups, what goes in, the limits.
// __test__/types/kinds.test.ts proves what goes in.

/**
 * @typedef {object} Fact
 * @property {string} name as in the catalog
 * @property {readonly string[]} takes what goes in besides a string: names of KINDS
 * @property {string} limits
 */

/** What stands for a kind of values that go in. @type {Readonly<Record<string, string>>} */
export const KINDS = {
  boolean: '`boolean`',
  integer: 'integer `number`, `bigint`',
  safe: 'safe integer `number`, `bigint`',
  double: '`number`, safe integer `bigint`',
  exact: '`number`, `bigint`',
  byte: 'one byte, as `Uint8Array` or another kind of bytes',
  bytes: '`Buffer`, `Uint8Array`, `Uint8ClampedArray`, `DataView`, `ArrayBuffer`',
  BitString: '`BitString`, bytes',
  Date: '`Date`, ±`Infinity`',
  day: '`Date` (its day in UTC), ±`Infinity`',
  Interval: '`Interval`, ±`Infinity` (17)',
  document: 'whatever JSON has; `json()` and `Json` for strings and null',
  Range: '`Range`, `[lower, upper]` with both in the range',
  ranges: 'list of `Range`, `[lower, upper]` and strings',
  point: '`{ x, y }`, `[x, y]`',
  line: '`{ a, b, c }`, `[a, b, c]`',
  lseg: '`{ p1, p2 }`, `[x1, y1, x2, y2]`, list of two points',
  box: '`{ high, low }`, `[x1, y1, x2, y2]`, list of two points',
  path: '`{ points, isClosed }`',
  polygon: '`{ points }`, list of points',
  circle: '`{ center, radius }`, `[x, y, radius]`, `[center, radius]`',
  tid: '`[block, row]`',
  snapshot: '`{ xmin, xmax, xip }` of `bigint`',
  numbers: 'list of `number`',
  anything: 'anything',
  instant: '`Temporal.Instant`, `Temporal.ZonedDateTime`',
  dateTime: '`Temporal.PlainDateTime`',
  plainDate: '`Temporal.PlainDate`',
  plainTime: '`Temporal.PlainTime`',
  duration: '`Temporal.Duration`',
}

const fact = (/** @type {string} */ name, /** @type {readonly string[]} */ takes, limits = '') => ({
  name,
  takes,
  limits,
})
const texts = (/** @type {string[]} */ ...names) => names.map((name) => fact(name, []))

const YEARS = '4713 BC to'
const RANGE = 'bounds as those of its subtype'

/** @type {readonly { title: string, types: readonly Fact[] }[]} */
export const GROUPS = [
  {
    title: 'Numbers',
    types: [
      fact('bool', ['boolean']),
      fact('int2', ['integer'], '-32768 to 32767'),
      fact('int4', ['integer'], '-2147483648 to 2147483647'),
      fact('int8', ['safe'], '-2^63 to 2^63 - 1'),
      fact('float4', ['double'], 'the decimal that PostgreSQL prints comes out: 0.1'),
      fact('float8', ['double'], 'NaN, infinities and -0 included'),
      fact('numeric', ['exact'], '131,072 digits before the point, 16,383 after it; NaN, infinities'),
      fact('money', [], '-2^63 to 2^63 - 1 of its smallest unit, in the form of `lc_monetary`'),
      fact('oid', ['integer'], '0 to 2^32 - 1'),
      fact('xid', ['integer'], '0 to 2^32 - 1'),
      fact('cid', ['integer'], '0 to 2^32 - 1'),
      fact('xid8', ['safe'], '0 to 2^64 - 1'),
      fact('pg_lsn', ['safe'], '0 to 2^64 - 1'),
    ],
  },
  {
    title: 'Texts',
    types: [
      fact('text', [], 'no NUL, no lone surrogate'),
      fact('varchar', [], 'as text'),
      fact('bpchar', [], 'as text; char(n) comes with its blanks'),
      fact('name', [], '63 bytes, longer ones are cut by the server'),
      fact('char', ['byte'], "`''` for the zero byte, `'\\377'` for a byte above 127"),
      fact('xml', [], 'as text'),
      ...texts('refcursor', 'unknown', 'cstring'),
    ],
  },
  {
    title: 'Bytes, bits and addresses',
    types: [
      fact('bytea', ['bytes'], '1 GiB less the message around it'),
      fact('bit', ['BitString'], 'bytes have eight bits each'),
      fact('varbit', ['BitString'], 'bytes have eight bits each'),
      fact('uuid', [], 'comes out in lower case with hyphens'),
      fact('inet', [], 'a prefix of the whole length is left out'),
      fact('cidr', [], 'always with its prefix'),
      ...texts('macaddr', 'macaddr8'),
    ],
  },
  {
    title: 'Dates and times',
    types: [
      fact('date', ['day', 'plainDate'], `${YEARS} 5874897, infinities; \`Date\` ends in 275760`),
      fact('time', ['plainTime'], '00:00:00 to 24:00:00, microseconds'),
      fact('timetz', [], 'offsets of ±15:59:59'),
      fact(
        'timestamp',
        ['Date', 'dateTime'],
        `${YEARS} 294276, infinities; \`Date\` ends in 275760 and has milliseconds`,
      ),
      fact('timestamptz', ['Date', 'instant'], 'as timestamp; texts come out in UTC'),
      fact(
        'interval',
        ['Interval', 'duration'],
        'months and days of 32 bits, microseconds of 64; infinities from 17 on',
      ),
    ],
  },
  {
    title: 'Documents and search',
    types: [
      fact('json', ['document'], 'no bigint goes in; numbers come out as `JSON.parse` reads them'),
      fact('jsonb', ['document'], 'as json; no `\\u0000`'),
      ...texts('jsonpath', 'tsvector', 'tsquery', 'gtsvector'),
    ],
  },
  {
    title: 'Ranges and multiranges',
    types: [
      ...['int4range', 'int8range', 'numrange', 'daterange', 'tsrange', 'tstzrange'].map((name) =>
        fact(name, ['Range'], RANGE),
      ),
      ...[
        'int4multirange',
        'int8multirange',
        'nummultirange',
        'datemultirange',
        'tsmultirange',
        'tstzmultirange',
      ].map((name) => fact(name, ['ranges'], RANGE)),
    ],
  },
  {
    title: 'Geometry',
    types: ['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'].map((name) =>
      fact(name, [name], name === 'box' ? 'the server orders the corners' : ''),
    ),
  },
  {
    title: "The system's own",
    types: [
      fact('tid', ['tid'], 'a block below 2^32, a row below 2^16'),
      fact('pg_snapshot', ['snapshot']),
      fact('txid_snapshot', ['snapshot']),
      ...texts('regclass', 'regtype', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regconfig'),
      ...texts('regdictionary', 'regnamespace', 'regrole', 'regcollation', 'aclitem', 'pg_node_tree'),
      ...texts('pg_ndistinct', 'pg_dependencies', 'pg_mcv_list'),
      ...texts('pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary'),
      fact('int2vector', ['numbers']),
      fact('oidvector', ['numbers']),
      fact('void', ['anything']),
      fact('record', [], 'does not go in: PostgreSQL has no input for it'),
    ],
  },
]
