// Values that no honest server sends, and values that are larger than they look: the call is refused with its column's
// name, and the connection goes on.

import test from 'ava'
import { ConnectionDoesNotExistError, connect, DataError, ProtocolError } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { int32, message } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { eventually } from '../support/waiting.ts'
import { answered, points } from './conversation.ts'

const words = (...numbers: number[]): Buffer => Buffer.concat(numbers.map(int32))
const text = (value: string): Buffer => Buffer.from(value)
const jsonb = (value: string): Buffer => Buffer.from(`\x01${value}`)
const array = (element: number, ...values: Buffer[]): Buffer =>
  Buffer.concat([
    words(1, 0, element, values.length, 1),
    ...values.flatMap((value) => [int32(value.length), value]),
  ])

const [JSON_TYPE, JSONB, JSON_ARRAY, JSONB_ARRAY, INT4_ARRAY, INT4RANGE, INTERVAL, REGCLASS_ARRAY] = [
  114, 3802, 199, 3807, 1007, 3904, 1186, 2210,
]

const malformed: [name: string, type: number, value: Buffer][] = [
  ['json that is none', JSON_TYPE, text('tru')],
  ['json that ends too early', JSON_TYPE, text('{"a": [1, ')],
  ['json with something behind it', JSON_TYPE, text('{} x')],
  ['empty json', JSON_TYPE, text('')],
  ['a control character within json', JSON_TYPE, text('"\n"')],
  ['jsonb that is none', JSONB, jsonb('{a: 1}')],
  ['jsonb of another version', JSONB, text('\x02{}')],
  ['json of an array that is none', JSON_ARRAY, array(114, text('1'), text('nul'))],
  ['jsonb of an array that is none', JSONB_ARRAY, array(3802, jsonb('{"a"}'))],
  ['json that is no UTF-8', JSON_TYPE, Buffer.from([0x22, 0xff, 0x22])],
  ['an array of another type than its column', INT4_ARRAY, array(25, text('abcd'))],
  ['an empty array of another type', INT4_ARRAY, words(0, 0, 25)],
  ['a range whose bounds are cut', INT4RANGE, Buffer.from([2, 0, 0, 0, 4, 0])],
  ['an interval of 15 bytes', INTERVAL, Buffer.alloc(15)],
  ['a text that is no array', REGCLASS_ARRAY, text('{a,b')],
]

for (const [name, type, value] of malformed) {
  test(`${name} is a ProtocolError that names the column`, async (t) => {
    const connection = await answered(t, type, [value])
    const error = await reason(connection.fetch('odd'))
    t.true(error instanceof ProtocolError, String(error))
    t.regex(error.message, /^column "odd" holds a value that cannot be read/)
    t.is(error.query, 'odd')
    t.deepEqual(await connection.fetch('a'), [{ a: 1 }])
  })
}

test('a json that is none among good ones refuses the call, not the ones around it', async (t) => {
  const connection = await answered(t, JSON_TYPE, [text('{"a": 1}'), text('{"a": }'), text('2')])
  const [first, second] = await Promise.allSettled([connection.fetch('odd'), connection.fetch('a')])
  t.is(first.status === 'rejected' && first.reason.constructor, ProtocolError)
  t.deepEqual(second.status === 'fulfilled' && second.value, [{ a: 1 }])
})

test('a message that cannot be so long is refused at its header', async (t) => {
  for (const type of 'ZSACKt1TRIs23nVxG') {
    for (const point of points) {
      const server = await ScriptedServer.start(async (session) => {
        await session.login()
        await point.reach(session)
        session.send(message(type, Buffer.alloc(0), 900_000_000))
      })
      t.teardown(() => server.close().catch(() => {}))
      const connection = await connect(server.dsn())
      const call = reason(point.asked === 'script' ? connection.execute('script') : connection.fetch('first'))
      // The rest of the message never comes: who waits for it waits for ever.
      t.true(await eventually(() => connection.isClosed()), `${type} while ${point.name}`)
      const error = await call
      t.true(error instanceof ConnectionDoesNotExistError, String(error))
      t.regex(
        String(error.cause),
        /server sent message '.' of 899999996 bytes, the limit is \d+$/,
        `${type} while ${point.name}`,
      )
      await server.close()
    }
  }
})

test('digits of numbers are not written out without bound', async (t) => {
  const connection = await open(t)
  const sql = (count: number): string =>
    `select array_agg(1e131071::numeric) as powers from generate_series(1, ${count})`
  const error = await reason(connection.fetch(sql(4000)))
  t.true(error instanceof DataError, String(error))
  t.regex(error.message, /^column "powers" holds a value of type numeric\[\] whose row is too long/)
  t.truthy(error.hint)
  const { powers }: any = await connection.fetchRow(sql(400))
  t.is(powers.length, 400)
  t.true(powers.every((power: string) => power.length === 131_072))
  // Each row has the limit for itself.
  const rows: any[] = await connection.fetch(
    `select array_agg(1e131071::numeric) as powers from generate_series(1, 1000) i group by i % 5`,
  )
  t.is(rows.flatMap((row) => row.powers).length, 1000)
})

// Serial: it takes a gigabyte for a while.
test.serial('two texts of a row may together be longer than one string can be', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  const row: any = await connection.fetchRow(
    "select repeat('x', 280000000) || 'y' as a, repeat('z', 280000000) as b",
  )
  t.deepEqual([row.a.length, row.a.at(-1), row.b.length, row.b[0]], [280_000_001, 'y', 280_000_000, 'z'])
})

test.serial('a text that is longer than a string can be names its column', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  const error = await reason(connection.fetch("select 1 as a, repeat('x', 536870889) as b"))
  t.true(error instanceof DataError, String(error))
  t.regex(
    error.message,
    /^column "b" holds a value of type text that is longer than the 536870888 characters/,
  )
  t.is(await connection.fetchValue('select 1'), 1)
})
