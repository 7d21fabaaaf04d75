// Values of types that are made of others, as no honest server sends them: the call is refused with its column's name,
// and the connection goes on.

import test, { type ExecutionContext } from 'ava'
import { type Connection, connect, DataError, ProtocolError, type TypeCodec } from '../../index.ts'
import { reason } from '../query/open.ts'
import { dataRow, int32 } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { answer, answered, describe, one } from './conversation.ts'

const words = (...numbers: number[]): Buffer => Buffer.concat(numbers.map(int32))
const text = (value: string): Buffer => Buffer.from(value)
const framed = (value: Buffer | null): Buffer =>
  value === null ? int32(-1) : Buffer.concat([int32(value.length), value])
const fields = (...all: [type: number, value: Buffer | null][]): Buffer =>
  Buffer.concat([
    int32(all.length),
    ...all.map(([type, value]) => Buffer.concat([int32(type), framed(value)])),
  ])
const array = (element: number, ...values: (Buffer | null)[]): Buffer =>
  Buffer.concat([words(1, 1, element, values.length, 1), ...values.map(framed)])

const [INT4, TEXT, OID, NAME, ACLITEM, RECORD, RECORD_ARRAY] = [23, 25, 26, 19, 1033, 2249, 2287]
const [INT4_ARRAY, TEXT_ARRAY, INT4RANGE, INT4MULTIRANGE, DATERANGE] = [1007, 1009, 3904, 4451, 3912]
const [PAIR, PAIRS, LISTED, SPAN, SPANS, HSTORE, VECTOR] = [
  20_000, 20_001, 20_002, 20_003, 20_004, 20_005, 20_006,
]

/** A row of the answer about types: OID, name, schema, kind, delimiter, part, send, extension, names, types. */
const told = (
  oid: number,
  kind: string,
  { part, extension, attributes }: { part?: number; extension?: string; attributes?: [string, number][] },
): Buffer =>
  dataRow(
    int32(oid),
    text(extension ?? `type_${oid}`),
    text('public'),
    text(kind),
    text(','),
    part === undefined ? null : int32(part),
    null,
    extension === undefined ? null : text(extension),
    attributes === undefined ? null : array(NAME, ...attributes.map(([name]) => text(name))),
    attributes === undefined ? null : array(OID, ...attributes.map(([, type]) => int32(type))),
  )

const TYPES: { readonly [oid: number]: readonly Buffer[] } = {
  [PAIR]: [
    told(PAIR, 'c', {
      attributes: [
        ['a', INT4],
        ['b', TEXT],
      ],
    }),
  ],
  [LISTED]: [
    told(LISTED, 'c', {
      attributes: [
        ['acl', ACLITEM],
        ['n', INT4],
        ['list', INT4_ARRAY],
      ],
    }),
  ],
  [SPAN]: [told(SPAN, 'r', { part: ACLITEM })],
  [HSTORE]: [told(HSTORE, 'b', { extension: 'hstore' })],
  [VECTOR]: [told(VECTOR, 'b', { extension: 'vector' })],
}
const OWN: { readonly [oid: number]: readonly Buffer[] } = {
  ...TYPES,
  [PAIRS]: [told(PAIRS, 'a', { part: PAIR }), ...(TYPES[PAIR] as readonly Buffer[])],
  [SPANS]: [told(SPANS, 'm', { part: SPAN }), ...(TYPES[SPAN] as readonly Buffer[])],
}

const reading = (t: ExecutionContext, type: number, value: Buffer): Promise<Connection> =>
  answered(t, type, [value], OWN[type])

const pair = fields([INT4, int32(1)], [TEXT, text('x')])

const good: [name: string, type: number, value: Buffer, comes: unknown][] = [
  ['a composite', PAIR, pair, { a: 1, b: 'x' }],
  ['an array of composites', PAIRS, array(PAIR, pair, null), [{ a: 1, b: 'x' }, null]],
  ['a composite that comes as text', LISTED, text('(=r/a,1,"{1,2}")'), { acl: '=r/a', n: 1, list: [1, 2] }],
  ['a row of no type', RECORD, fields([INT4, int32(1)], [TEXT, null], [RECORD, pair]), [1, null, [1, 'x']]],
  ['a vector', VECTOR, Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.from([0x3f, 0x80, 0, 0])]), [1]],
]

for (const [name, type, value, comes] of good) {
  test(`${name} is read as this server tells it`, async (t) => {
    const connection = await reading(t, type, value)
    t.deepEqual(await connection.fetchValue('odd'), comes)
    t.deepEqual(await connection.fetch('a'), [{ a: 1 }])
  })
}

const malformed: [name: string, type: number, value: Buffer][] = [
  ['a composite without a count', PAIR, Buffer.alloc(0)],
  ['a composite with a negative count', PAIR, int32(-1)],
  ['a composite that is cut', PAIR, pair.subarray(0, pair.length - 1)],
  ['a composite with something behind it', PAIR, Buffer.concat([pair, Buffer.from([0])])],
  [
    'an attribute of a length that is negative',
    PAIR,
    Buffer.concat([words(2, INT4, -2, TEXT, -1), words(0)]),
  ],
  ['an attribute that is longer than its composite', PAIR, words(2, INT4, 1_000_000, 1, TEXT, -1)],
  ['an int4 of three bytes in a composite', PAIR, fields([INT4, Buffer.alloc(3)], [TEXT, null])],
  ['a text that is no UTF-8 in a composite', PAIR, fields([INT4, null], [TEXT, Buffer.from([0xff])])],
  ['a composite that is none in an array', PAIRS, array(PAIR, pair, int32(2))],
  ['an array of seven dimensions', INT4_ARRAY, words(7, 0, INT4, ...Array(14).fill(1), 4, 1)],
  ['an array of a negative dimension', INT4_ARRAY, words(1, 0, INT4, -1, 1)],
  ['an array with more elements than it has', INT4_ARRAY, words(2, 0, INT4, 65_536, 1, 65_536, 1)],
  [
    'an array with something behind it',
    TEXT_ARRAY,
    Buffer.concat([array(TEXT, text('a')), Buffer.from([0])]),
  ],
  ['a NULL that the array denies', INT4_ARRAY, words(1, 0, INT4, 1, 1, -1)],
  ['a range of unknown flags', INT4RANGE, Buffer.from([0x80])],
  ['an empty range with a bound', INT4RANGE, Buffer.concat([Buffer.from([1]), words(4, 1)])],
  ['a range with a bound that is NULL', DATERANGE, Buffer.concat([Buffer.from([2]), words(-1, -1)])],
  ['a multirange of ranges that are not there', INT4MULTIRANGE, int32(1_000_000_000)],
  ['a multirange with a NULL', INT4MULTIRANGE, Buffer.concat([words(1, -1), Buffer.alloc(8)])],
  ['a row that claims too many fields', RECORD, int32(1_000_000)],
  ['a row that is cut', RECORD, fields([INT4, int32(1)]).subarray(0, 14)],
  ['a row in a row that is none', RECORD, fields([RECORD, Buffer.from([1])])],
  ['an array of rows that are none', RECORD_ARRAY, array(RECORD, Buffer.from([0, 0, 0]))],
  ['a composite whose text is none', LISTED, text('(=r/a,1,"{1,2}"')],
  ['a composite whose text has an int4 that is none', LISTED, text('(,one,)')],
  ['a composite whose text has an array that is none', LISTED, text('(,1,"{1,")')],
  ['a range whose text is none', SPAN, text('[=r/a,=w/a')],
  ['a multirange whose text is none', SPANS, text('{[=r/a,=w/a),}')],
  ['an hstore with a key that is NULL', HSTORE, words(1, -1, -1)],
  ['an hstore that claims too many pairs', HSTORE, int32(100_000_000)],
  ['a vector of fewer numbers than it says', VECTOR, Buffer.from([0, 2, 0, 0, 0, 0, 0, 0])],
]

for (const [name, type, value] of malformed) {
  test(`${name} is a ProtocolError that names the column`, async (t) => {
    const connection = await reading(t, type, value)
    const error = await reason(connection.fetch('odd'))
    t.true(error instanceof ProtocolError, String(error))
    t.regex(error.message, /^column "odd" holds a value that cannot be read/)
    t.is(error.query, 'odd')
    t.false(connection.isClosed())
    t.deepEqual(await connection.fetch('a'), [{ a: 1 }])
  })
}

test('rows that are nested without end are refused by their limit', async (t) => {
  let row = fields()
  for (let depth = 0; depth < 10_000; depth++) row = fields([RECORD as number, row])
  const connection = await reading(t, RECORD as number, row)
  const error = await reason(connection.fetch('odd'))
  t.true(error instanceof DataError, String(error))
  t.regex(error.message, /^column "odd" holds a value .*nested more than 64 deep/)
  t.deepEqual(await connection.fetch('a'), [{ a: 1 }])
})

test('a tuple codec whose bytes are too few is told as what it is', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session, 'odd', 1186)
    await answer(session, dataRow(Buffer.alloc(3)))
    await describe(session)
    await answer(session, one)
  })
  t.teardown(() => server.close().catch(() => {}))
  const same = (value: unknown): unknown => value
  const codec: TypeCodec = {
    type: 'interval',
    schema: 'pg_catalog',
    format: 'tuple',
    encode: same,
    decode: same,
  }
  const connection = await connect(server.dsn(), { types: { codecs: [codec] } })
  t.teardown(() => connection.terminate())
  const error = await reason(connection.fetch('odd'))
  t.true(error instanceof ProtocolError, String(error))
  t.regex(error.message, /^column "odd" holds a value that cannot be read/)
  t.deepEqual(await connection.fetch('a'), [{ a: 1 }])
})
