// What is true of every work that was disturbed, whatever disturbed it.

import type { ExecutionContext } from 'ava'
import { type Connection, connect } from '../../../index.ts'
import { AdminSession } from '../../support/admin.ts'
import { testDatabase } from '../../support/server.ts'
import { eventually, until } from '../../support/waiting.ts'
import type { Session } from '../line.ts'
import { isLoss, type Outcome, openSockets, outcome, shown } from '../outcome.ts'
import { ROWS, type Witness, type Work } from './works.ts'

let lastTag = 100_000

export class Judge {
  readonly #t: ExecutionContext
  readonly #admin: AdminSession
  /** Nobody disturbs it. */
  readonly #bystander: Connection
  readonly #sockets: number

  private constructor(t: ExecutionContext, admin: AdminSession, bystander: Connection) {
    this.#t = t
    this.#admin = admin
    this.#bystander = bystander
    this.#sockets = openSockets()
  }

  static async start(t: ExecutionContext): Promise<Judge> {
    const database = await testDatabase()
    const admin = await AdminSession.open({ ...database.server, database: database.name })
    t.teardown(() => admin.close())
    const bystander = await connect(database.dsn())
    t.teardown(() => bystander.terminate())
    return new Judge(t, admin, bystander)
  }

  /** A fresh tag; all have the same number of digits, so that all exchanges have the same length. */
  nextTag(): number {
    return ++lastTag
  }

  /** Ends a backend, and waits until it is gone with all that it did. */
  async kill({ connection }: Session): Promise<void> {
    await this.#admin.run(`select pg_terminate_backend(${connection.getServerPid()})`)
    await this.untilGone(connection.getServerPid())
  }

  /** Waits until a backend that has lost its client is gone with all that it did. */
  untilGone(pid: number): Promise<void> {
    return until(`backend ${pid} has ended`, async () => (await this.#activity(pid)) === undefined)
  }

  /** Waits until a backend waits for something (`ClientRead` is more of what it is told), or a call has ended. */
  untilWaits(
    { connection }: Session,
    event: 'ClientRead' | 'advisory',
    hasEnded: () => boolean = () => false,
  ): Promise<void> {
    const pid = connection.getServerPid()
    return until(
      `backend ${pid} waits for ${event}`,
      async () => hasEnded() || (await this.#activity(pid))?.wait_event === event,
    )
  }

  async #activity(pid: number): Promise<{ wait_event?: string | null } | undefined> {
    return (await this.#admin.run(`select wait_event from pg_stat_activity where pid = ${pid}`))[0]
  }

  async rows(tag: number): Promise<number> {
    const [row] = await this.#admin.run(`select count(*) n from bulk where tag = ${tag}`)
    return Number(row?.n)
  }

  /** A call on another connection during what is done; it has to get its answer. */
  async beside<T>(where: string, during: () => Promise<T>): Promise<T> {
    const call = outcome(this.#bystander.fetchValue('select $1::int', [7]))
    const result = await during()
    const value = await call
    this.#t.true(value.kind === 'fulfilled' && value.value === 7, `${where}: a bystander: ${shown(value)}`)
    return result
  }

  /** A call that has its result has all of it, and one that has an error has left nothing that the error denies. */
  async isWhole(where: string, work: Work, tag: number, result: Outcome): Promise<void> {
    const t = this.#t
    t.not(result.kind, 'hung', where)
    const rows = await this.rows(tag)
    t.true(rows === 0 || rows === ROWS, `${where}: ${rows} rows`)
    if (result.kind === 'fulfilled') {
      t.deepEqual(result.value, work.value(tag), where)
      t.is(rows, work.writes ? ROWS : 0, where)
    } else if (result.kind === 'rejected' && result.error?.maybeExecuted === false) {
      t.is(rows, 0, `${where}: it is said not to have been executed`)
    }
  }

  /** Its connection was lost: what was on it is told so, and nothing is left of it. */
  async isLost(where: string, { connection, link }: Session, witness: Witness): Promise<void> {
    const t = this.#t
    t.true(await eventually(() => connection.isClosed()), `${where}: not closed`)
    t.true(
      await eventually(() => link.clientEnded !== 'not yet' || !link.isOpen),
      `${where}: a socket is left`,
    )
    t.true(await eventually(() => witness.open === 0), `${where}: its source or output was not told`)
    const after = await outcome(connection.fetchValue('select 1'))
    t.true(isLoss(after) && after.error.maybeExecuted === false, `${where}: afterwards: ${shown(after)}`)
  }

  /** No socket is left of all that was tried. */
  async leftNothing(): Promise<void> {
    const { left, before } = { left: () => openSockets() - this.#sockets, before: this.#sockets }
    this.#t.true(await eventually(() => left() <= 0), `${left()} sockets more than ${before}`)
  }
}
