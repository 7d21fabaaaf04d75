// How many cancel connections a process has open, and how servers share them.

import test, { type ExecutionContext } from 'ava'
import { type Connection, connect } from '../../index.ts'
import { reason } from '../query/open.ts'
import { authOk, greeting } from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { eventually, until, untilSleeping } from '../support/waiting.ts'

/** One server may have two of the four open; a further one has one more. */
const MOST_TO_ONE = 2

interface Stuck {
  readonly connections: readonly Connection[]
  /** Its cancel connections that are open now. */
  readonly held: ScriptedSession[]
  /** How many were ever made. */
  readonly seen: () => number
  /** How many the driver has given up. */
  readonly gone: () => number
}

/** A server that answers no query and keeps every cancel connection open, with calls that were all given up. */
async function stuck(t: ExecutionContext, sessions: number): Promise<Stuck> {
  const held: ScriptedSession[] = []
  let [asked, seen, gone] = [0, 0, 0]
  const server = await ScriptedServer.start(async (session) => {
    const { kind } = await session.startup()
    if (kind === 'cancel') {
      seen++
      held.push(session)
      void session.clientEnded.then(() => gone++)
    } else {
      session.send(authOk(), greeting({}))
      await session.expectUntil('S')
      asked++
    }
  })
  const connections = await Promise.all(
    Array.from({ length: sessions }, () => connect(server.dsn('?sslmode=disable'))),
  )
  t.teardown(async () => {
    for (const connection of connections) connection.terminate()
    await server.close()
  })
  const { signal, abort } = aborting()
  const calls = connections.map((connection) => reason(connection.fetch('select 1', [], { signal })))
  await until('every call is sent', () => asked === sessions)
  abort()
  for (const call of calls) t.is(await call, signal.reason)
  return { connections, held, seen: () => seen, gone: () => gone }
}

test.serial('a server that keeps cancel connections open gets two of them at a time', async (t) => {
  const sessions = 12
  const { held, seen } = await stuck(t, sessions)
  t.true(await eventually(() => held.length === MOST_TO_ONE))
  let most = held.length
  // Each that ends makes room for the next in line, until everybody had a turn.
  while (seen() < sessions) {
    const before = seen()
    held.shift()?.end()
    t.true(await eventually(() => seen() > before))
    most = Math.max(most, held.length)
  }
  t.is(most, MOST_TO_ONE)
})

test.serial(
  'sessions of a stuck server end two by two, and none of their cancel connections stays',
  async (t) => {
    const { connections, seen, gone } = await stuck(t, 4)
    t.true(await eventually(() => connections.every((connection) => connection.isClosed())))
    t.is(seen(), connections.length)
    t.true(await eventually(() => gone() === seen()))
  },
)

test.serial('two servers that keep their cancel connections open leave room for a third', async (t) => {
  const database = await testDatabase()
  const connection = await connect(database.dsn())
  t.teardown(() => connection.terminate())
  const { signal, abort } = aborting()
  const sleeper = reason(connection.fetch('select pg_sleep(600)', [], { signal }))
  await untilSleeping(connection)
  const one = await stuck(t, 6)
  await until('the places of the first', () => one.seen() === 2)
  const other = await stuck(t, 6)
  await until('the place of the second', () => other.seen() === 1)
  abort()
  t.is(await sleeper, signal.reason)
  // It runs when the server has ended the sleep.
  t.is(await connection.fetchValue('select 1'), 1)
  t.is(one.gone() + other.gone(), 0, 'it waited until the driver gave one of theirs up')
})

function aborting(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
