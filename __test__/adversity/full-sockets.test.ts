// A peer that takes nothing: what it was sent lies in the buffers of two sockets, the rest with the driver.

import test, { type ExecutionContext } from 'ava'
import { type Connection, ConnectionDoesNotExistError, connect, TimeoutError } from '../../index.ts'
import { noData, parameterDescription, parseComplete, readyForQuery } from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { until } from '../support/waiting.ts'
import { type Outcome, outcome, outcomes } from './outcome.ts'

/** More than the buffers of two sockets hold. */
const LARGE = 'x'.repeat(32 * 1024 * 1024)

interface Stuck {
  readonly connection: Connection
  readonly peer: ScriptedSession
  /** A call of which some has arrived at the peer, and the rest never will. */
  readonly large: Promise<Outcome>
}

async function stuck(t: ExecutionContext): Promise<Stuck> {
  let isDeaf = false
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await session.expectUntil('S')
    session.socket.pause()
    isDeaf = true
    session.send(parseComplete(), parameterDescription(25), noData(), readyForQuery())
    await session.clientEnded
  })
  t.teardown(() => server.close())
  const connection = await connect(server.dsn())
  t.teardown(() => connection.terminate())
  const peer = await server.session(0)
  const large = outcome(connection.execute('first', [LARGE]))
  await until('some of the call arrives', () => isDeaf && peer.socket.readableLength > 0)
  return { connection, peer, large }
}

const errorOf = (result: Outcome | undefined): any => (result as { error?: unknown } | undefined)?.error

test('calls on a socket that takes nothing time out, and those that never went out say so when it is lost', async (t) => {
  const { connection, peer, large } = await stuck(t)
  const limited = await outcomes([
    connection.execute('second', [], { timeout: 100 }),
    connection.fetch('third', [], { timeout: 100 }),
  ])
  for (const result of limited) t.true(errorOf(result) instanceof TimeoutError)
  const waiting = outcome(connection.fetch('fourth'))
  peer.reset()
  // Half of the arguments of the first are there, and no message that would have them executed.
  for (const result of [await large, await waiting]) {
    t.true(errorOf(result) instanceof ConnectionDoesNotExistError, String(errorOf(result)))
    t.false(errorOf(result).maybeExecuted)
  }
  t.true(connection.isClosed())
})

test('a socket that fails under much unwritten ends its connection and holds up no other', async (t) => {
  const { connection, peer, large } = await stuck(t)
  const waiting = Array.from({ length: 100 }, () => outcome(connection.fetch('another')))
  peer.reset()
  await Promise.all([large, ...waiting])
  const other = await stuck(t)
  t.false(other.connection.isClosed())
})

test('close() with a limit ends a connection whose socket takes nothing', async (t) => {
  const { connection, large } = await stuck(t)
  const error = errorOf(await outcome(connection.close({ timeout: 300 })))
  t.true(error instanceof TimeoutError, String(error))
  t.true(connection.isClosed())
  t.is((await large).kind, 'rejected')
})
