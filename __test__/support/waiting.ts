// Tests wait for what they mean: a state of a backend, a byte at the proxy, an event. None waits for a time and hopes.

import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from '../../index.ts'
import type { AdminRow } from './admin.ts'
import type { ChaosConnection } from './chaos-proxy.ts'
import { sharedServer, type TestServer } from './server.ts'
import { readTrace } from './wire-trace.ts'

/** What has not come after so many milliseconds will not come. A guard against waiting for ever, no measure of speed. */
export const GUARD_MS = 45_000

/**
 * "At once" in milliseconds: longer than a busy machine pauses a process, shorter than each time limit of the driver's
 * own, so that what took less did not wait for one of them.
 */
export const AT_ONCE_MS = 4_000

/** Waits until a condition holds; gives whether it did within the guard. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  guard: number = GUARD_MS,
): Promise<boolean> {
  for (const end = performance.now() + guard; performance.now() < end; await delay(5)) {
    if (await holds()) return true
  }
  return holds()
}

/** The same, for what a test builds upon: it throws when the condition does not come to hold. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await eventually(holds))) throw new Error(`${what}: waited ${GUARD_MS} ms in vain`)
}

/** A server that can be asked in a session of its own. */
export type Asked = Pick<TestServer, 'admin'>

/** The row of a session in pg_stat_activity; undefined when it has ended. */
export async function activityOf(pid: number, server?: Asked): Promise<AdminRow | undefined> {
  const asked = server ?? (await sharedServer())
  const [row] = await asked.admin(`select * from pg_stat_activity where pid = ${pid}`)
  return row
}

/**
 * A statement that ignores cancels, and sleeps. One that comes just when another was caught is met outside of the innermost
 * block, so there is more than one.
 */
export const DEAF_SLEEP = `do $$ begin ${'loop begin '.repeat(4)} perform pg_sleep(10);
  ${'exception when query_canceled then end; end loop; '.repeat(4)} end $$`

/** Waits until the server executes `pg_sleep` for this connection. */
export function untilSleeping(connection: Connection, server?: Asked): Promise<void> {
  return untilWaiting(connection.getServerPid(), 'PgSleep', server)
}

/** Waits until the server has this connection wait for an advisory lock, see `barrier`. */
export function untilBlocked(connection: Connection, server?: Asked): Promise<void> {
  return untilWaiting(connection.getServerPid(), 'advisory', server)
}

/** Waits until the server has this connection wait for a table that another one has locked. */
export function untilLocked(connection: Connection, server?: Asked): Promise<void> {
  return untilWaiting(connection.getServerPid(), 'relation', server)
}

/** Waits until the server waits for this connection to say something. */
export function untilIdle(connection: Connection, server?: Asked): Promise<void> {
  return untilWaiting(connection.getServerPid(), 'ClientRead', server)
}

/** Waits until the server executes a statement of this connection, whatever it does in it. */
export function untilActive(connection: Connection, server?: Asked): Promise<void> {
  const pid = connection.getServerPid()
  return until(`backend ${pid} is active`, async () => (await activityOf(pid, server))?.state === 'active')
}

function untilWaiting(pid: number, event: string, server?: Asked): Promise<void> {
  return until(`backend ${pid} waits for ${event}`, async () => {
    const row = await activityOf(pid, server)
    return row?.wait_event === event
  })
}

/** Waits until a session has ended on the server. */
export function untilGone(pid: number, server?: Asked): Promise<void> {
  return until(`backend ${pid} has ended`, async () => (await activityOf(pid, server)) === undefined)
}

/** Waits until so many Sync messages, one for each call, have gone from the driver through a capturing proxy. */
export function untilSent(link: ChaosConnection, syncs: number): Promise<void> {
  return until(`${syncs} calls are sent`, () => syncsSent(link) >= syncs)
}

/** How many Sync messages the driver has sent through a capturing proxy, in the clear. */
export function syncsSent({ captured }: ChaosConnection): number {
  return readTrace(captured.toServer, 1).filter(({ type }) => type === 'S').length
}
