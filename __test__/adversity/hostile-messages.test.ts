// A server that, logged in, says what the protocol does not allow: the session ends at once with a cause that says
// so, everything pending is rejected, and nothing of what the server said becomes a result.

import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  ConnectionDoesNotExistError,
  connect,
  InternalServerError,
  ProtocolError,
} from '../../index.ts'
import {
  bindComplete,
  commandComplete,
  copyBothResponse,
  copyData,
  copyInResponse,
  copyOutResponse,
  dataRow,
  int16,
  int32,
  message,
  parameterDescription,
  parameterStatus,
  parseComplete,
  readyForQuery,
  rowDescription,
} from '../support/protocol-messages.ts'
import { type Script, ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { AT_ONCE_MS, eventually } from '../support/waiting.ts'
import { answer, describe, one, type Point, points } from './conversation.ts'
import { outcomes } from './outcome.ts'

function begin(connection: Connection, point: Point): Promise<unknown>[] {
  if (point.asked === 'nothing') return []
  if (point.asked === 'script') return [connection.execute('script'), connection.fetch('queued')]
  return [connection.fetch('first'), connection.fetch('second'), connection.execute('third')]
}

/** Connects to a server that plays `script`, makes calls, and checks that the session ends as it must. */
async function endsBadly(
  t: ExecutionContext,
  server: ScriptedServer,
  point: Point,
  where: string,
  cause: RegExp = /^server sent /,
): Promise<void> {
  const connection = await connect(server.dsn())
  let ended = 0
  // Where nothing is asked, the end may come with the login.
  if (connection.isClosed()) ended = 1
  else connection.addTerminationListener(() => ended++)
  const calls = outcomes(begin(connection, point))
  t.true(await eventually(() => connection.isClosed(), AT_ONCE_MS), `${where}: the session goes on`)
  for (const result of await calls) {
    if (result.kind !== 'rejected') {
      t.fail(`${where}: a call was ${result.kind} with ${JSON.stringify(result)}`)
      continue
    }
    const { error } = result
    // What the server said of the call that ran stands.
    if (error instanceof InternalServerError) continue
    t.true(error instanceof ConnectionDoesNotExistError, `${where}: ${error?.stack}`)
    t.true(error.cause instanceof ProtocolError, `${where}: ${error.cause}`)
    t.regex(error.cause.message, cause, where)
  }
  const error = await connection.fetch('select 1').catch((reason: unknown) => reason as Error)
  t.true(error instanceof ConnectionDoesNotExistError && error.cause instanceof ProtocolError, where)
  t.is(await eventually(() => ended > 0).then(() => ended), 1, `${where}: termination listeners`)
  connection.terminate()
}

async function hostile(t: ExecutionContext, script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script)
  t.teardown(() => server.close().catch(() => {}))
  return server
}

for (const point of points) {
  test(`every type of message but the right ones ends the session while ${point.name}`, async (t) => {
    let type = 0
    const server = await hostile(t, async (session) => {
      const letter = String.fromCharCode(type)
      await session.login()
      await point.reach(session)
      session.send(message(letter))
    })
    for (type = 0; type < 256; type++) {
      if (point.legal.includes(String.fromCharCode(type))) continue
      await endsBadly(t, server, point, `0x${type.toString(16)}`)
    }
  })
}

const lengths: readonly (readonly [name: string, length: number])[] = [
  ['0', 0],
  ['1', 1],
  ['3', 3],
  ['-1', 0xffff_ffff],
  ['-2^31', 0x8000_0000],
  ['2^31 - 1', 0x7fff_ffff],
]

test('a length that cannot be ends the session at the header, whatever the message', async (t) => {
  for (const [name, length] of lengths) {
    for (const point of points) {
      for (const type of 'DTZE') {
        const server = await ScriptedServer.start(async (session) => {
          await session.login()
          await point.reach(session)
          session.send(message(type, Buffer.alloc(0), length))
        })
        await endsBadly(t, server, point, `${type} of length ${name} while ${point.name}`)
        await server.close()
      }
    }
  }
})

/** A point by its beginning, since the texts are for people. */
const at = (name: string): Point => points.find((point) => point.name.startsWith(name)) as Point

const lies: readonly (readonly [name: string, point: Point, bytes: readonly Buffer[]])[] = [
  ['a RowDescription that counts too many', at('columns'), [message('T', int16(0xffff))]],
  [
    'a RowDescription with a byte too much',
    at('columns'),
    [message('T', Buffer.concat([int16(0), Buffer.from('x')]))],
  ],
  [
    'a RowDescription with a name without an end',
    at('columns'),
    [message('T', Buffer.concat([int16(1), Buffer.alloc(40, 65)]))],
  ],
  [
    'a RowDescription with a name that is not UTF-8',
    at('columns'),
    [message('T', Buffer.concat([int16(1), Buffer.from([0xff, 0xfe, 0]), Buffer.alloc(18)]))],
  ],
  ['a ParameterDescription that counts too many', at('parameters'), [message('t', int16(0xffff))]],
  [
    'a ParameterDescription that counts too few',
    at('parameters'),
    [message('t', Buffer.concat([int16(0), int32(23)]))],
  ],
  ['a DataRow with too many fields', at('rows are'), [dataRow(Buffer.alloc(4), Buffer.alloc(4))]],
  ['a DataRow with too few fields', at('rows are'), [dataRow()]],
  ['a DataRow that counts -1', at('rows are'), [message('D', int16(0xffff))]],
  ['a field of length -2', at('rows are'), [message('D', Buffer.concat([int16(1), int32(-2)]))]],
  [
    'a field that overruns its row',
    at('rows are'),
    [message('D', Buffer.concat([int16(1), int32(400), Buffer.alloc(4)]))],
  ],
  [
    'a field of length 2^31 - 1',
    at('rows are'),
    [message('D', Buffer.concat([int16(1), int32(0x7fff_ffff), Buffer.alloc(4)]))],
  ],
  [
    'a row with bytes behind its last field',
    at('rows are'),
    [message('D', Buffer.concat([int16(1), int32(4), Buffer.alloc(9)]))],
  ],
  ['a CommandComplete without an end', at('rows are'), [message('C', Buffer.from('SELECT 1'))]],
  ['a ReadyForQuery of an unknown status', at('a command'), [readyForQuery('X')]],
  ['a ReadyForQuery of two bytes', at('a command'), [readyForQuery('II')]],
  ['an error without an end', at('rows are'), [message('E', Buffer.from('SERROR'))]],
  ['a notice without an end', at('rows are'), [message('N', Buffer.from('SNOTICE'))]],
  ['a ParameterStatus without an end', at('rows are'), [message('S', Buffer.from('a\0b'))]],
  ['a notification without an end', at('rows are'), [message('A', Buffer.from('\0\0\0\x01a\0b'))]],
  ['BindComplete twice', at('rows are'), [bindComplete()]],
  ['ParseComplete twice', at('parameters'), [parseComplete()]],
  ['a second CommandComplete', at('a command'), [commandComplete('SELECT 1')]],
  ['a row behind CommandComplete', at('a command'), [one]],
  [
    'a ReadyForQuery too much',
    at('a command'),
    [readyForQuery(), readyForQuery(), readyForQuery(), readyForQuery()],
  ],
  ['an answer that nobody asked for', at('nothing'), [parseComplete(), bindComplete(), one]],
  ['CopyInResponse to a query', at('rows are'), [copyInResponse()]],
  ['CopyOutResponse to a query', at('rows are'), [copyOutResponse()]],
  ['CopyBothResponse to a query', at('rows are'), [copyBothResponse()]],
  ['CopyData to a query', at('rows are'), [copyData('1\n')]],
  ['CopyBothResponse to a script', at('a script'), [copyBothResponse()]],
  ['a description of the parameters twice', at('columns'), [parameterDescription()]],
  ['a description of the columns twice', at('a description'), [rowDescription('a')]],
]

for (const [name, point, bytes] of lies) {
  test(`${name} ends the session`, async (t) => {
    const server = await hostile(t, async (session) => {
      await session.login()
      await point.reach(session)
      session.send(...bytes)
    })
    // What was answered in full before the lie stands: only the sentence about the end is checked there.
    if (name === 'a ReadyForQuery too much') {
      const connection = await connect(server.dsn())
      const results = await outcomes(begin(connection, point))
      t.deepEqual(results[0], { kind: 'fulfilled', value: [{ a: 1 }] })
      t.deepEqual(
        results.slice(1).map(({ kind }) => kind),
        ['rejected', 'rejected'],
      )
      return t.true(await eventually(() => connection.isClosed(), AT_ONCE_MS))
    }
    await endsBadly(t, server, point, name)
  })
}

test('a change of client_encoding ends the session and says why', async (t) => {
  for (const point of points) {
    const server = await ScriptedServer.start(async (session) => {
      await session.login()
      await point.reach(session)
      session.send(parameterStatus('client_encoding', 'LATIN1'))
    })
    await endsBadly(t, server, point, point.name, /^client_encoding was changed to "LATIN1"/)
    await server.close()
  }
})

test('no answer of a pipeline reaches another call', async (t) => {
  const pipeline = async (session: ScriptedSession, swap: boolean): Promise<void> => {
    await session.login()
    await describe(session)
    await answer(session, one)
    for (let i = 0; i < 10; i++) await session.expectUntil('S')
    const whole = (n: number): Buffer =>
      Buffer.concat([
        bindComplete(),
        dataRow(Buffer.from([0, 0, 0, n])),
        commandComplete('SELECT 1'),
        readyForQuery(),
      ])
    for (let n = 0; n < 5; n++) session.send(whole(n))
    // The sixth answer comes with the seventh inside.
    if (swap) session.send(bindComplete(), dataRow(Buffer.from([0, 0, 0, 5])), bindComplete())
    for (let n = 5; n < 10; n++) session.send(whole(n))
  }
  for (const swap of [false, true]) {
    const server = await ScriptedServer.start((session) => pipeline(session, swap))
    const connection = await connect(server.dsn())
    await connection.fetch('same')
    const results = await outcomes(Array.from({ length: 10 }, () => connection.fetchValue('same')))
    for (const [n, result] of results.entries()) {
      if (n < 5 || !swap) t.deepEqual(result, { kind: 'fulfilled', value: n })
      else t.is(result.kind === 'rejected' && result.error.cause.constructor, ProtocolError)
    }
    connection.terminate()
    await server.close()
  }
})
