// What no honest server sends while data is copied: the session ends by name, source and output are told, and nothing
// hangs.

import test, { type ExecutionContext } from 'ava'
import { type Connection, ConnectionDoesNotExistError, connect, ProtocolError } from '../../index.ts'
import { reason } from '../query/open.ts'
import {
  bindComplete,
  commandComplete,
  copyBothResponse,
  copyData,
  copyInResponse,
  copyOutResponse,
  dataRow,
  message,
  noData,
  parseComplete,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'

/** Answers what is before the data. */
async function begin(session: ScriptedSession): Promise<void> {
  await session.expectUntil('H')
  session.send(parseComplete(), bindComplete(), noData())
}

/** Each goes on from the one before it. */
async function send(session: ScriptedSession): Promise<void> {
  await begin(session)
  session.send(copyOutResponse(), copyData('1\n'))
}

async function end(session: ScriptedSession): Promise<void> {
  await send(session)
  session.send(message('c'))
}

async function complete(session: ScriptedSession): Promise<void> {
  await end(session)
  session.send(commandComplete('COPY 1'))
  await session.expect('S')
}

async function ask(session: ScriptedSession): Promise<void> {
  await begin(session)
  session.send(copyInResponse())
  await session.expect('d')
}

async function take(session: ScriptedSession): Promise<void> {
  await ask(session)
  await session.expectUntil('S')
}

interface Point {
  readonly name: string
  readonly direction: 'out' | 'in'
  /** Types of messages that are in order without a body. */
  readonly legal: string
  reach(session: ScriptedSession): Promise<void>
}

const points: readonly Point[] = [
  { name: 'a COPY out is to begin', direction: 'out', legal: 'I', reach: begin },
  { name: 'data comes', direction: 'out', legal: 'dc', reach: send },
  { name: 'data has come to its end', direction: 'out', legal: '', reach: end },
  { name: 'a COPY out is complete', direction: 'out', legal: '', reach: complete },
  { name: 'a COPY in is to begin', direction: 'in', legal: 'I', reach: begin },
  { name: 'data is asked for', direction: 'in', legal: '', reach: ask },
  { name: 'all data was sent', direction: 'in', legal: '', reach: take },
]

/** Whether source or output was told of the end. */
interface Told {
  isTold: boolean
}

function copy(connection: Connection, { direction }: Point, told: Told): Promise<string> {
  if (direction === 'out') {
    const output = new WritableStream<Uint8Array>({
      abort: () => {
        told.isTold = true
      },
    })
    return connection.copyFromTable('t', { output })
  }
  const pieces = [Buffer.from('1\n'), Buffer.from('2\n')]
  const source: Iterable<Uint8Array> = {
    [Symbol.iterator]: () => ({
      next() {
        const value = pieces.shift()
        // One that was read to its end is told no more.
        if (value === undefined) told.isTold = true
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      return() {
        told.isTold = true
        return { done: true, value: undefined }
      },
    }),
  }
  return connection.copyToTable('t', { source })
}

async function play(t: ExecutionContext, point: Point, bytes: Buffer): Promise<{ error: any; told: Told }> {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await point.reach(session)
    session.send(bytes)
  })
  const connection = await connect(server.dsn())
  try {
    const told = { isTold: false }
    const [error, behind] = await Promise.all([
      reason(copy(connection, point, told)),
      reason(connection.fetchValue('select 1')),
    ])
    t.true(behind instanceof ConnectionDoesNotExistError, String(behind))
    t.true(connection.isClosed())
    return { error, told }
  } finally {
    connection.terminate()
    await server.close().catch(() => {})
  }
}

const TYPES = '123ACDEGHIKNRSTVWZcdnstv\0\xff'

for (const point of points) {
  test(`every type of message but the right ones ends the session while ${point.name}`, async (t) => {
    for (const type of TYPES) {
      if (point.legal.includes(type)) continue
      const { error, told } = await play(t, point, message(type))
      t.true(error instanceof ConnectionDoesNotExistError, `${JSON.stringify(type)}: ${error}`)
      t.true(error.cause instanceof ProtocolError, `${JSON.stringify(type)}: ${error.cause}`)
      t.true(told.isTold, `${JSON.stringify(type)}: nobody was told`)
    }
  })
}

const at = (name: string): Point => points.find((point) => point.name === name) as Point

const lies: readonly (readonly [name: string, point: Point, bytes: Buffer])[] = [
  ['the other direction, for data', at('a COPY in is to begin'), copyOutResponse()],
  ['both directions', at('a COPY out is to begin'), copyBothResponse()],
  [
    'a response that has fewer formats than columns',
    at('a COPY out is to begin'),
    message('H', Buffer.from([0, 0, 2, 0, 0])),
  ],
  ['a row', at('data comes'), dataRow('1')],
  ['a second response', at('data comes'), copyOutResponse()],
  ['the end without the end of the data', at('data comes'), readyForQuery()],
  ['data behind its end', at('data has come to its end'), copyData('2\n')],
  ['data that nobody asked for', at('data is asked for'), copyData('2\n')],
  ['readiness while it waits for data', at('data is asked for'), readyForQuery()],
  ['a tag without an end', at('all data was sent'), message('C', Buffer.from('COPY 1'))],
]

for (const [name, point, bytes] of lies) {
  test(`${name} ends the session while ${point.name}`, async (t) => {
    const { error, told } = await play(t, point, bytes)
    t.true(error instanceof ConnectionDoesNotExistError, String(error))
    t.true(error.cause instanceof ProtocolError, String(error.cause))
    t.true(told.isTold)
  })
}
