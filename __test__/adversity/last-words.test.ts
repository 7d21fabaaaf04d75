// What a server says right before it closes the connection, in whatever form, is why the session ended: the cause of
// every error that follows from it.

import test, { type ExecutionContext } from 'ava'
import { ConnectionDoesNotExistError, connect, PostgresError } from '../../index.ts'
import { bindComplete, errorResponse } from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { eventually } from '../support/waiting.ts'
import { answer, describe } from './conversation.ts'
import { outcome, outcomes } from './outcome.ts'

const words = (severity: string): Buffer =>
  errorResponse({ S: severity, V: severity, C: '08P01', M: 'server conn crashed?' })

async function talking(
  t: ExecutionContext,
  script: (session: ScriptedSession) => Promise<void>,
): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await script(session)
    session.end()
  })
  t.teardown(() => server.close())
  return server
}

for (const severity of ['ERROR', 'FATAL']) {
  test(`${severity} while nothing runs is the cause of "connection is closed"`, async (t) => {
    const server = await talking(t, async (session) => {
      await describe(session)
      await answer(session)
      session.send(words(severity))
    })
    const connection = await connect(server.dsn())
    t.deepEqual(await connection.fetch('first'), [])
    t.true(await eventually(() => connection.isClosed()))
    const result = await outcome(connection.fetch('second'))
    t.is(result.kind, 'rejected')
    const { error } = result as { error: any }
    t.true(error.cause instanceof PostgresError, String(error.cause))
    t.is(error.cause.message, 'server conn crashed?')
  })

  test(`${severity} that answers the call that runs, and then the end, is the cause of the others`, async (t) => {
    const server = await talking(t, async (session) => {
      await describe(session)
      await session.expectUntil('S')
      session.send(bindComplete(), words(severity))
    })
    const connection = await connect(server.dsn())
    const [first, ...behind] = await outcomes(
      ['first', 'first', 'second'].map((sql) => connection.fetch(sql)),
    )
    t.is((first as any).error?.message, 'server conn crashed?')
    t.is((first as any).error.sqlstate, '08P01')
    for (const result of behind as any[]) {
      t.true(result.error instanceof ConnectionDoesNotExistError, String(result.error))
      t.is(result.error.cause?.message, 'server conn crashed?')
    }
  })
}
