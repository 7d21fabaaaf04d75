// The server's side of an ordinary conversation, cut at each point where a hostile server can go on with something else.

import type { ExecutionContext } from 'ava'
import { type Connection, connect } from '../../index.ts'
import {
  bindComplete,
  commandComplete,
  dataRow,
  parameterDescription,
  parseComplete,
  readyForQuery,
  rowDescription,
} from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'

export interface Point {
  readonly name: string
  /** The calls that are pending then: queries, a script, or none. */
  readonly asked: 'query' | 'script' | 'nothing'
  /** Types of messages that are in order without a body. */
  readonly legal: string
  /** Plays the conversation up to the point. */
  reach(session: ScriptedSession): Promise<void>
}

/** Answers Parse, Describe and Sync of a statement without parameters and with one column of type int4. */
export async function describe(session: ScriptedSession, column = 'a', type = 23): Promise<void> {
  await session.expectUntil('S')
  session.send(
    parseComplete(),
    parameterDescription(),
    rowDescription({ name: column, type }),
    readyForQuery(),
  )
}

/** One row of one int4 in binary. */
export const one: Buffer = dataRow(Buffer.from([0, 0, 0, 1]))

/** Answers Bind, Execute and Sync with rows. */
export async function answer(session: ScriptedSession, ...rows: readonly Buffer[]): Promise<void> {
  await session.expectUntil('S')
  session.send(bindComplete(), ...rows, commandComplete(`SELECT ${rows.length}`), readyForQuery())
}

/** A connection to a server that follows a script once it is logged in; both end with the test. */
export async function served(
  t: ExecutionContext,
  script: (session: ScriptedSession) => Promise<void>,
): Promise<Connection> {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await script(session)
  })
  const connection = await connect(server.dsn())
  t.teardown(async () => {
    connection.terminate()
    await server.close().catch(() => {})
  })
  return connection
}

/** The answer to a statement that is parsed, bound and run without a description. */
function ran(...rows: readonly Buffer[]): Buffer {
  return Buffer.concat([parseComplete(), bindComplete(), ...rows, commandComplete(`SELECT ${rows.length}`)])
}

/**
 * A connection to a server that answers the first query with one column `odd` of a type that holds these values, and the
 * next one as an honest server does. `types` is what it says when it is asked about the type; JIT compilation is turned off
 * and on again around that question.
 */
export function answered(
  t: ExecutionContext,
  type: number,
  values: readonly Uint8Array[],
  types?: readonly Buffer[],
): Promise<Connection> {
  return served(t, async (session) => {
    await describe(session, 'odd', type)
    if (types !== undefined) {
      await session.expectUntil('S')
      session.send(ran(dataRow('on'), dataRow('off')), ran(...types), ran(dataRow('on')), readyForQuery())
    }
    await answer(session, ...values.map((value) => dataRow(value)))
    await describe(session)
    await answer(session, one)
  })
}

const asked = (session: ScriptedSession): Promise<unknown> => session.expectUntil('S')

export const points: readonly Point[] = [
  { name: 'nothing was asked', asked: 'nothing', legal: '', async reach() {} },
  {
    name: 'a statement is to be parsed',
    asked: 'query',
    legal: '1',
    async reach(session) {
      await asked(session)
    },
  },
  {
    name: 'parameters are to be described',
    asked: 'query',
    legal: '',
    async reach(session) {
      await asked(session)
      session.send(parseComplete())
    },
  },
  {
    name: 'columns are to be described',
    asked: 'query',
    legal: 'n',
    async reach(session) {
      await asked(session)
      session.send(parseComplete(), parameterDescription())
    },
  },
  {
    name: 'a description is complete',
    asked: 'query',
    legal: '',
    async reach(session) {
      await asked(session)
      session.send(parseComplete(), parameterDescription(), rowDescription({ name: 'a', type: 23 }))
    },
  },
  {
    name: 'arguments are to be bound',
    asked: 'query',
    legal: '2',
    async reach(session) {
      await describe(session)
      await asked(session)
    },
  },
  {
    name: 'rows are due',
    asked: 'query',
    legal: 'I',
    async reach(session) {
      await describe(session)
      await asked(session)
      session.send(bindComplete())
    },
  },
  {
    name: 'more rows are due',
    asked: 'query',
    legal: 'I',
    async reach(session) {
      await describe(session)
      await asked(session)
      session.send(bindComplete(), one)
    },
  },
  {
    name: 'a command is complete',
    asked: 'query',
    legal: '',
    async reach(session) {
      await describe(session)
      await asked(session)
      session.send(bindComplete(), one, commandComplete('SELECT 1'))
    },
  },
  {
    name: 'a script is to be answered',
    asked: 'script',
    legal: 'I',
    async reach(session) {
      await session.expect('Q')
    },
  },
  {
    name: 'rows of a script are due',
    asked: 'script',
    // A script's rows are dropped unread.
    legal: 'D',
    async reach(session) {
      await session.expect('Q')
      session.send(rowDescription('a'), dataRow('1'))
    },
  },
]
