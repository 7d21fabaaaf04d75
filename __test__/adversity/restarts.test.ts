// A server that crashes, is stopped or starts again, with calls in flight.

import test, { type ExecutionContext } from 'ava'
import {
  AdminShutdownError,
  type Connection,
  ConnectionDoesNotExistError,
  CrashShutdownError,
  connect,
} from '../../index.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { eventually, untilActive, untilIdle, untilSleeping } from '../support/waiting.ts'
import { type Outcome, outcomes } from './outcome.ts'

const { serial } = test

let server: OwnServer
test.before(async () => {
  server = await startServer()
})

interface Scene {
  readonly connection: Connection
  readonly results: Promise<Outcome[]>
  ended: number
}

/** A connection that does what `begin` says, and one that does nothing. */
async function scene(begin: (connection: Connection) => Promise<unknown>[]): Promise<Scene> {
  const connection = await connect(server.dsn())
  const made: Scene = { connection, results: outcomes(begin(connection)), ended: 0 }
  connection.addTerminationListener(() => made.ended++)
  return made
}

/** In the midst of what they do. */
async function scenes(): Promise<Scene[]> {
  const asleep = await Promise.all([
    scene((connection) => [connection.fetchValue('select pg_sleep(60)')]),
    scene((connection) =>
      Array.from({ length: 10 }, (_, i) => connection.fetchValue('select $1::int from pg_sleep(60)', [i])),
    ),
    scene((connection) => [
      connection.execute('select pg_sleep(60); select 1'),
      connection.fetch('select 1'),
    ]),
  ])
  for (const { connection } of asleep) await untilSleeping(connection, server)
  const receiving = await scene((connection) => [
    connection.fetch("select n, repeat('x', 1000) from generate_series(1, 3000000) n"),
  ])
  await untilActive(receiving.connection, server)
  const idle = await scene(() => [])
  // A backend that is still sending its answer has no last words (PqCommBusy in PostgreSQL's pqcomm.c).
  await untilIdle(idle.connection, server)
  return [...asleep, receiving, idle]
}

async function allEnd(
  t: ExecutionContext,
  made: readonly Scene[],
  last: (error: unknown) => boolean,
): Promise<void> {
  for (const [index, each] of made.entries()) {
    t.true(await eventually(() => each.connection.isClosed()), `scene ${index} goes on`)
    for (const result of await each.results) {
      t.is(result.kind, 'rejected', `scene ${index}`)
      if (result.kind !== 'rejected') continue
      const { error } = result
      const isTyped =
        last(error) ||
        (error instanceof ConnectionDoesNotExistError && typeof error.maybeExecuted === 'boolean')
      t.true(isTyped, `scene ${index}: ${error?.stack}`)
    }
    const after = await each.connection.fetch('select 1').catch((error: unknown) => error as Error)
    t.true(after instanceof ConnectionDoesNotExistError)
    const { cause } = after as Error
    t.true(
      last(cause) || (cause instanceof Error && /closed the connection|was lost/.test(cause.message)),
      `scene ${index}: ${cause}`,
    )
    t.is(await eventually(() => each.ended > 0).then(() => each.ended), 1)
  }
}

const isShutdown = (error: unknown): boolean => error instanceof AdminShutdownError
const isCrash = (error: unknown): boolean => error instanceof CrashShutdownError || isShutdown(error)

for (const mode of ['fast', 'immediate'] as const) {
  serial(`a server that is stopped, ${mode}, and started again`, async (t) => {
    const made = await scenes()
    const restarted = server.restart(mode)
    await allEnd(t, made, isShutdown)
    const [first] = made as [Scene]
    const [told] = await first.results
    t.true(told?.kind === 'rejected' && isShutdown(told.error), 'the running call is told why')
    const [, , , , idle] = made as [Scene, Scene, Scene, Scene, Scene]
    const after = await idle.connection.fetch('select 1').catch((error: unknown) => error as Error)
    t.true(isShutdown((after as Error).cause), 'the last words are the cause')
    await restarted
    const again = await connect(server.dsn())
    t.is(await again.fetchValue('select 1'), 1)
    await again.close()
  })
}

serial('a backend that is killed takes the others with it, and the server recovers', async (t) => {
  for (let round = 0; round < 3; round++) {
    const made = await scenes()
    const [victim] = made as [Scene]
    process.kill(victim.connection.getServerPid(), 'SIGKILL')
    await allEnd(t, made, isCrash)
    let again: Connection | undefined
    const isBack = await eventually(async () => {
      again = await connect(server.dsn(), { timeout: 1_000 }).catch(() => undefined)
      return again !== undefined
    }, 60_000)
    t.true(isBack)
    t.is(await again?.fetchValue('select 1'), 1)
    await again?.close()
  }
})

serial('a postmaster that is killed', async (t) => {
  const made = await scenes()
  const pids = made.map(({ connection }) => connection.getServerPid())
  await server.kill()
  // Its backends notice by themselves when they are idle; the others are helped.
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  await allEnd(t, made, isCrash)
  await server.restart()
  const again = await connect(server.dsn())
  t.is(await again.fetchValue('select 1'), 1)
  await again.close()
})
