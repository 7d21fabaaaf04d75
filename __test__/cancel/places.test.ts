// How many cancel connections to one server a process has open.

import test from 'ava'
import { connect, TimeoutError } from '../../index.ts'
import { reason } from '../query/open.ts'
import { authOk, greeting } from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { eventually } from '../support/waiting.ts'

const MOST_TO_ONE = 3

test('a server that keeps cancel connections open gets three of them at a time', async (t) => {
  const sessions = 12
  const held: ScriptedSession[] = []
  let most = 0
  let seen = 0
  await using server = await ScriptedServer.start(async (session) => {
    const { kind } = await session.startup()
    if (kind === 'cancel') {
      seen++
      held.push(session)
      most = Math.max(most, held.length)
    } else {
      // It never answers a query.
      session.send(authOk(), greeting({}))
    }
  })
  const connections = await Promise.all(
    Array.from({ length: sessions }, () => connect(server.dsn('?sslmode=disable'))),
  )
  const calls = connections.map((connection) => reason(connection.fetch('select 1', [], { timeout: 20 })))
  for (const call of calls) t.true((await call) instanceof TimeoutError)
  t.true(await eventually(async () => held.length === MOST_TO_ONE))
  // Each that ends makes room for the next in line, until everybody had a turn.
  while (seen < sessions) {
    const before = seen
    held.shift()?.end()
    t.true(await eventually(async () => seen > before))
  }
  t.is(most, MOST_TO_ONE)
  for (const connection of connections) connection.terminate()
})
