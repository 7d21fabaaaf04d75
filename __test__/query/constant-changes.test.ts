// A table that is changed again and again, faster than a call is prepared anew: the one second try is used up, and the
// error says so.

import test from 'ava'
import { connect, InvalidCachedStatementError } from '../../index.ts'
import { answer, describe, one } from '../adversity/conversation.ts'
import {
  errorResponse,
  message,
  parameterDescription,
  parseComplete,
  readyForQuery,
  rowDescription,
} from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { reason } from './open.ts'

const CHANGED = {
  S: 'ERROR',
  V: 'ERROR',
  C: '0A000',
  M: 'cached plan must not change result type',
  R: 'RevalidateCachedQuery',
}

/** The plan does not fit any more when it is bound. */
async function changed(session: ScriptedSession): Promise<void> {
  await session.expectUntil('S')
  session.send(errorResponse(CHANGED), readyForQuery())
}

/** The statement that went stale is closed, and prepared anew. */
async function describeAnew(session: ScriptedSession): Promise<void> {
  const asked = await session.expectUntil('S')
  const closes = asked.filter(({ type }) => type === 'C').map(() => message('3'))
  session.send(
    ...closes,
    parseComplete(),
    parameterDescription(),
    rowDescription({ name: 'a', type: 23 }),
    readyForQuery(),
  )
}

test('a call whose table has changed twice fails as one that can be made again, and then works', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session)
    await changed(session)
    await describeAnew(session)
    await changed(session)
    await describeAnew(session)
    await answer(session, one)
    await session.expect('X')
  })
  t.teardown(() => server.close().catch(() => {}))
  const connection = await connect(server.dsn())
  const error = await reason(connection.fetchValue('select a from t'))
  t.true(error instanceof InvalidCachedStatementError)
  t.true(error.isTransient)
  t.regex(error.hint, /changed since the statement was prepared.*call again/)
  t.is(error.query, 'select a from t')
  t.is(await connection.fetchValue('select a from t'), 1)
  await connection.close({ timeout: 1_000 }).catch(() => {})
})

test('a table that changes once is no error', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session)
    await changed(session)
    await describeAnew(session)
    await answer(session, one)
  })
  t.teardown(() => server.close().catch(() => {}))
  const connection = await connect(server.dsn())
  t.teardown(() => connection.terminate())
  t.is(await connection.fetchValue('select a from t'), 1)
})
