// A backend that is killed in the middle of whatever it does: every promise settles with what is known, the
// connection knows that it is closed, and what it says of a statement's fate is true.

import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { AdminShutdownError, type Connection, ConnectionDoesNotExistError, connect } from '../../index.ts'
import { type AdminRow, AdminSession } from '../support/admin.ts'
import { randomFrom } from '../support/random.ts'
import { type TestDatabase, testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { isLong, type Outcome, openSockets, outcomes } from './outcome.ts'

/** All works together. */
const KILLS = isLong ? 10_000 : 1_000
const AT_ONCE = 6

interface Work {
  readonly name: string
  /** Its answer is larger than the socket's buffers. */
  readonly fillsSocket?: true
  /** Begins; what it gives is in flight when the kill comes. Rows of `ledger` carry `tag`. */
  begin(connection: Connection, tag: number): Promise<unknown>[] | Promise<Promise<unknown>[]>
  /** Checks a result that came in spite of the kill. */
  isRight(value: unknown, index: number, tag: number): boolean
}

const series = (rows: number): unknown[] =>
  Array.from({ length: rows }, (_, i) => ({ n: i + 1, t: 'x'.repeat(200) }))

const works: readonly Work[] = [
  {
    name: 'a single query',
    begin: (connection) => [connection.fetchValue('select 7 from pg_sleep(0.01)')],
    isRight: (value) => value === 7,
  },
  {
    name: 'a pipeline of ten that write',
    begin: (connection, tag) =>
      Array.from({ length: 10 }, (_, i) =>
        connection.fetchValue('insert into ledger select $1, $2 from pg_sleep(0.001) returning part', [
          tag,
          i,
        ]),
      ),
    isRight: (value, index) => value === index,
  },
  {
    name: 'a transaction',
    async begin(connection, tag) {
      await connection.execute('begin')
      const insert = connection.execute('insert into ledger values ($1, $2)', [tag, 0])
      const commit = connection.execute('select pg_sleep(0.005); commit')
      return [insert, commit]
    },
    isRight: (value) => value === 'INSERT 0 1' || value === 'COMMIT',
  },
  {
    name: 'a script',
    begin: (connection, tag) => [
      connection.execute(
        `insert into ledger values (${tag}, 0); select pg_sleep(0.005); insert into ledger values (${tag}, 1)`,
      ),
    ],
    isRight: (value) => value === 'INSERT 0 1',
  },
  {
    name: 'a large result',
    fillsSocket: true,
    begin: (connection) => [
      connection.fetch("select n, repeat('x', 200) t from generate_series(1, $1::int) n", [20_000]),
    ],
    isRight: (value) => {
      const rows = value as { n: number; t: string }[]
      const expected = series(1)[0] as { t: string }
      return rows.length === 20_000 && rows.every(({ n, t }, i) => n === i + 1 && t === expected.t)
    },
  },
  {
    name: 'the preparation of statements',
    begin: (connection, tag) =>
      Array.from({ length: 10 }, (_, i) =>
        connection.fetchValue(`select ${i} + $1::int as "column ${tag} ${i}"`, [1]),
      ),
    isRight: (value, index) => value === index + 1,
  },
  { name: 'nothing', begin: () => [], isRight: () => true },
]

interface Seen {
  fulfilled: number
  shutdown: number
  lost: number
  lostForSure: number
}

let admin: AdminSession
let adminQueue: Promise<unknown> = Promise.resolve()
let database: TestDatabase

test.before(async () => {
  database = await testDatabase()
  await database.admin('create table ledger(tag int, part int)')
  admin = await AdminSession.open({ ...database.server, database: database.name })
})

test.after.always(() => admin?.close())

/** The session that kills takes one script at a time. */
function administer(sql: string): Promise<AdminRow[]> {
  const turn = adminQueue.then(() => admin.run(sql))
  adminQueue = turn.catch(() => {})
  return turn
}

async function kill(t: ExecutionContext, work: Work, tag: number, wait: number, seen: Seen): Promise<void> {
  const where = `${work.name}, kill ${tag}`
  const connection = await connect(database.dsn(), { commandTimeout: 10_000 })
  let ended = 0
  connection.addTerminationListener(() => {
    ended++
  })
  const began = await work.begin(connection, tag)
  const settling = outcomes(began)
  await delay(wait)
  const pid = connection.getServerPid()
  await administer(`select pg_terminate_backend(${pid})`)
  t.true(await eventually(() => connection.isClosed()), `${where}: not closed`)
  const results = await settling
  for (const [index, result] of results.entries()) check(t, where, work, result, index, tag, seen)

  const error = await connection.fetchValue('select 1').then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )
  t.true(error instanceof ConnectionDoesNotExistError && !error.maybeExecuted, where)
  t.is(error?.message, 'connection is closed', where)
  // A backend that waits for room in the socket ends without a word: it may have sent half a message
  // (ProcessClientWriteInterrupt in PostgreSQL's postgres.c).
  const isMute = work.fillsSocket === true && /closed the connection/.test(String(error?.cause))
  t.true(error?.cause instanceof AdminShutdownError || isMute, `${where}: the last words are ${error?.cause}`)
  t.is(await eventually(() => ended > 0).then(() => ended), 1, `${where}: termination listener`)
  if (results.length > 0) await checkLedger(t, where, results, tag)
}

function check(
  t: ExecutionContext,
  where: string,
  work: Work,
  result: Outcome,
  index: number,
  tag: number,
  seen: Seen,
): void {
  if (result.kind === 'hung') return t.fail(`${where}: call ${index} never settled`)
  if (result.kind === 'fulfilled') {
    seen.fulfilled++
    return void t.true(work.isRight(result.value, index, tag), `${where}: call ${index} gave a wrong result`)
  }
  const { error } = result
  if (error instanceof AdminShutdownError) seen.shutdown++
  else if (error instanceof ConnectionDoesNotExistError) {
    t.is(typeof error.maybeExecuted, 'boolean', where)
    if (error.maybeExecuted) seen.lost++
    else seen.lostForSure++
  } else t.fail(`${where}: call ${index} rejected with ${error?.stack ?? error}`)
}

/** What was confirmed is there; what is said not to have been executed is not. */
async function checkLedger(
  t: ExecutionContext,
  where: string,
  results: readonly Outcome[],
  tag: number,
): Promise<void> {
  const rows = await administer(`select part from ledger where tag = ${tag}`)
  const parts = new Set(rows.map(({ part }) => Number(part)))
  if (!where.startsWith('a pipeline')) return
  for (const [index, result] of results.entries()) {
    if (result.kind === 'fulfilled') t.true(parts.has(index), `${where}: a confirmed row is missing`)
    const unsent = result.kind === 'rejected' && result.error.maybeExecuted === false
    if (unsent) t.false(parts.has(index), `${where}: "not executed" is untrue`)
  }
}

test(`${KILLS} kills leave every promise settled with the right error`, async (t) => {
  t.timeout(600_000)
  const random = randomFrom(7)
  const sockets = openSockets()
  const seen: Seen = { fulfilled: 0, shutdown: 0, lost: 0, lostForSure: 0 }
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < KILLS) {
      const tag = next++
      await kill(t, works[tag % works.length] as Work, tag, random() * 12, seen)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  t.log(
    `calls: ${seen.fulfilled} fulfilled, ${seen.shutdown} told 57P01, ${seen.lost} lost, ${seen.lostForSure} not sent`,
  )
  t.true(seen.shutdown > 0)
  t.true(seen.lost > 0)
  t.true(await eventually(() => openSockets() <= sockets), `${openSockets()} sockets, ${sockets} before`)
})
