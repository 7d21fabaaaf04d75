// Values of a real server with bytes changed, cut and mixed, for every type that has a binary form and for those that come as
// text: each is a value, or refuses its call with its column's name. CORNAC_SEED plays a failure again, CORNAC_TEST_LONG=1
// makes many more.

import test from 'ava'
import fc from 'fast-check'
import { type Connection, connect, DataError, ProtocolError } from '../../index.ts'
import { open } from '../query/open.ts'
import { dataRow } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { builtin } from '../types/properties/families/builtin.ts'
import { type Family, same, titleOf } from '../types/properties/families/sample.ts'
import { answer, describe } from './conversation.ts'
import { isLong } from './outcome.ts'

const COUNT = isLong ? 20_000 : 150
const seed = Number(process.env.CORNAC_SEED ?? Math.trunc(Math.random() * 2 ** 31))

const of = (type: string, ...literals: string[]): Family => ({
  type,
  samples: fc.constantFrom(...literals.map(same)),
})

const containers: Family[] = [
  of('int4range', '[1,5)', 'empty', '(,)', '(,7)'),
  of('numrange', '[1.50,2]', '(,)', '[-Infinity,NaN]'),
  of('tstzrange', '[2024-01-31,infinity)', 'empty'),
  of('int4multirange', '{}', '{[1,5),[7,9)}', '{(,)}'),
  of('datemultirange', '{[2024-02-29,2024-03-02)}'),
  of('int4[]', '{1,NULL,3}', '{{1,2},{3,4}}', '{}', '[0:1]={1,2}'),
  of('text[]', '{a,"",NULL,"x y"}', '{{é},{ж}}'),
  of('numeric[]', '{1.5,NaN,NULL}'),
  of('jsonb[]', '{"{\\"a\\": [1]}",NULL,"null"}'),
  of('int4range[]', '{"[1,5)",NULL,empty}'),
  of('point[]', '{"(1,2)",NULL}'),
  of('interval[]', '{1 day,NULL}'),
  of('int2vector', '1 2 3'),
  of('regclass[]', '{pg_class,NULL}'),
  of('box[]', '{(1,2),(0,0);(3,4),(1,1)}'),
  of('aclitem[]', '{"=r/postgres",NULL}'),
]

const families = [...builtin, ...containers]

/** Types that come as text. */
const AS_TEXT = /^(money|tsvector|tsquery|refcursor|reg.*|aclitem.*)$/

/** The bytes of values as the server sends them, and the type's OID. */
async function real(connection: Connection, { type, samples, from }: Family): Promise<[number, Buffer[]]> {
  const literals = fc.sample(samples, { numRuns: 40, seed }).map(({ literal }) => literal)
  const row: any = await connection.fetchRow(
    'select oid, typsend::text as send from pg_type where oid = $1::regtype',
    [type.replace(/\(\d+\)/, '')],
  )
  const bytes = AS_TEXT.test(type) ? "convert_to(format('%s', v), 'UTF8')" : `${row.send}(v)`
  const rows = await connection.fetch(
    `select ${bytes} as bytes from (select ${from ?? `x::${type}`} as v from unnest($1::text[]) x) s`,
    [literals],
  )
  return [row.oid, rows.map(({ bytes }) => bytes)]
}

const place = fc.nat({ max: 80 })
const edits: fc.Arbitrary<(value: Buffer, other: Buffer) => Buffer> = fc.oneof(
  fc
    .tuple(place, fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })))
    .map(([at, byte]) => {
      return (value: Buffer) => edited(value, at, Buffer.of(byte))
    }),
  fc.tuple(place, fc.constantFrom(-1, 0, 1, 6, 2 ** 31 - 1, -(2 ** 31), 65_536)).map(([at, word]) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(word)
    return (value: Buffer) => edited(value, at, bytes)
  }),
  place.map((at) => (value: Buffer) => value.subarray(0, at % (value.length + 1))),
  fc.uint8Array({ maxLength: 9 }).map((more) => (value: Buffer) => Buffer.concat([value, more])),
  place.map((at) => (value: Buffer, other: Buffer) => Buffer.concat([value.subarray(0, at), other])),
  fc.uint8Array({ maxLength: 40 }).map((all) => () => Buffer.from(all)),
)

function edited(value: Buffer, at: number, bytes: Buffer): Buffer {
  if (value.length < bytes.length) return bytes
  const copy = Buffer.from(value)
  bytes.copy(copy, at % (value.length - bytes.length + 1))
  return copy
}

for (const family of families) {
  test(`${titleOf(family)}: changed bytes are a value or an error of the column`, async (t) => {
    const [oid, values] = await real(await open(t), family)
    const pick = fc.constantFrom(...values)
    const changed = fc
      .tuple(pick, pick, fc.array(edits, { minLength: 1, maxLength: 3 }))
      .map(([value, other, all]) => all.reduce((changed, edit) => edit(changed, other), value))
    const rows = fc.sample(changed, { numRuns: COUNT, seed })
    const server = await ScriptedServer.start(async (session) => {
      await session.login()
      await describe(session, 'odd', oid)
      for (const value of [...rows, values[0] as Buffer]) await answer(session, dataRow(value))
    })
    t.teardown(() => server.close().catch(() => {}))
    const connection = await connect(server.dsn(), { types: family.options })
    t.teardown(() => connection.terminate())
    for (const [i, value] of rows.entries()) {
      const error = await connection.fetch('odd').then(
        () => undefined,
        (error: unknown) => error as Error,
      )
      if (error === undefined) continue
      const told = `${value.toString('hex')} (value ${i}, CORNAC_SEED=${seed}): ${error}`
      t.true(error instanceof ProtocolError || error instanceof DataError, told)
      t.regex(error.message, /^column "odd" holds a value /, told)
    }
    // The last one is as the server sent it.
    t.is((await connection.fetch('odd')).length, 1, `CORNAC_SEED=${seed}`)
  })
}
