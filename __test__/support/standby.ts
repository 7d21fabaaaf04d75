// A primary with a hot standby, and their changes of role.

import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresOptions } from './provisioner.ts'
import { type OwnServer, startServer } from './server.ts'

const POLL_MS = 5
const CATCH_UP_MS = 10_000

export interface ReplicationPair {
  readonly primary: OwnServer
  readonly standby: OwnServer
  /** Resolves when the standby has replayed what the primary has written until now. */
  caughtUp(): Promise<void>
  /** Makes the standby a primary of its own; the old primary goes on too (or not, when it was killed before). */
  promote(): Promise<void>
  /** Both swap roles without losing anything: `primary` and `standby` are then each other's former. */
  switchOver(): Promise<void>
  stop(): Promise<void>
}

/** Both servers start with the same options. */
export async function startReplicationPair(options: PostgresOptions = {}): Promise<ReplicationPair> {
  // A standby that does not find its primary asks again after five seconds by default.
  const settings = { wal_retrieve_retry_interval: '50ms', ...options.settings }
  const first = await startServer({ ...options, settings })
  // A copy of files is only consistent while nobody writes to them.
  await first.halt()
  const second = await startServer({
    ...options,
    settings,
    copyOf: first.dataDirectory,
    standbyOf: conninfo(first),
  })
  await first.restart()
  return new Pair(first, second)
}

class Pair implements ReplicationPair {
  primary: OwnServer
  standby: OwnServer

  constructor(primary: OwnServer, standby: OwnServer) {
    this.primary = primary
    this.standby = standby
  }

  async caughtUp(): Promise<void> {
    const [written] = await this.primary.admin('select pg_current_wal_lsn() as lsn')
    const question = `select coalesce(pg_last_wal_replay_lsn() >= '${written?.lsn}', false) as done`
    const deadline = Date.now() + CATCH_UP_MS
    for (;;) {
      const [row] = await this.standby.admin(question)
      if (row?.done === 't') return
      if (Date.now() > deadline)
        throw new Error(`the standby did not reach ${written?.lsn} in ${CATCH_UP_MS} ms`)
      await delay(POLL_MS)
    }
  }

  async promote(): Promise<void> {
    const [row] = await this.standby.admin('select pg_promote() as promoted')
    if (row?.promoted !== 't') throw new Error('the standby could not be promoted')
  }

  /** A clean shutdown waits until the standby has everything, so the old primary can follow without being rewound. */
  async switchOver(): Promise<void> {
    await this.primary.halt()
    await this.promote()
    await this.primary.follow(conninfo(this.standby))
    await this.primary.restart()
    const former = this.primary
    this.primary = this.standby
    this.standby = former
  }

  async stop(): Promise<void> {
    await this.standby.stop()
    await this.primary.stop()
  }
}

function conninfo({ socketDirectory, port }: OwnServer): string {
  return `host=${socketDirectory} port=${port} user=postgres application_name=standby`
}
