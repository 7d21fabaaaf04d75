// Many callers on few connections whose backends are killed at random: no query is lost, run twice, answered with the
// answer of another one, or left without an end, and what an error says of its fate is true.

import { inspect } from 'node:util'
import test from 'ava'
import { type Connection, connect } from '../../index.ts'
import { AdminSession } from '../support/admin.ts'
import { randomFrom } from '../support/random.ts'
import { testDatabase } from '../support/server.ts'
import { isLong, outcome } from './outcome.ts'

const { serial } = test

const QUERIES = isLong ? 100_000 : 10_000
const CALLERS = 64
const CONNECTIONS = 8
/** Queries between two kills, on average. */
const PACE = 150

serial(`${QUERIES} tagged queries from ${CALLERS} callers survive random kills`, async (t) => {
  t.timeout(isLong ? 1_200_000 : 600_000)
  const database = await testDatabase()
  await database.admin('create table tagged (tag int)')
  const admin = await AdminSession.open({ ...database.server, database: database.name })
  t.teardown(() => admin.close())
  const random = randomFrom(64)
  const open: Promise<Connection>[] = Array.from({ length: CONNECTIONS }, () => connect(database.dsn()))
  const lane = async (number: number): Promise<Connection> => {
    for (;;) {
      const seen = open[number] as Promise<Connection>
      const connection = await seen
      if (!connection.isClosed()) return connection
      // Who comes first opens the next one for all.
      if (open[number] === seen) open[number] = connect(database.dsn())
    }
  }
  const wrong: unknown[] = []
  /** Tags of inserts by what is known of them. */
  const known = { done: [] as number[], never: [] as number[], maybe: [] as number[] }
  let [next, kills, answered] = [0, 0, 0]
  let due = PACE
  let killing: Promise<unknown> = Promise.resolve()

  const caller = async (number: number): Promise<void> => {
    while (next < QUERIES) {
      const tag = ++next
      const connection = await lane(number % CONNECTIONS)
      const writes = random() < 0.5
      const call = writes
        ? connection.fetchValue('insert into tagged values ($1) returning tag', [tag])
        : connection.fetchValue('select $1::int', [tag])
      const result = await outcome(call)
      answered++
      if (result.kind === 'fulfilled') {
        if (result.value !== tag) wrong.push({ tag, result })
        if (writes) known.done.push(tag)
      } else if (result.kind === 'hung') {
        wrong.push({ tag, result })
      } else {
        const { maybeExecuted, sqlstate } = result.error
        const isLoss = sqlstate === '57P01' || sqlstate === '08003'
        if (!isLoss || typeof maybeExecuted !== 'boolean') wrong.push({ tag, result })
        if (writes) (maybeExecuted === false ? known.never : known.maybe).push(tag)
      }
      if (answered < due) continue
      due += PACE * (0.5 + random())
      const victim = (await (open[Math.floor(random() * CONNECTIONS)] as Promise<Connection>)).getServerPid()
      killing = killing.then(() => admin.run(`select pg_terminate_backend(${victim})`))
      kills++
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, number) => caller(number)))
  await killing
  for (const connection of await Promise.all(open)) connection.terminate()
  t.deepEqual(wrong.slice(0, 1), [], `${wrong.length} are wrong: ${inspect(wrong[0])}`)

  const check = await connect(database.dsn())
  const rows = await check.fetch<{ tag: number; n: number }>(
    'select tag, count(*) n from tagged group by tag',
  )
  await check.close()
  const ran = new Map(rows.map(({ tag, n }) => [tag, n]))
  t.is(known.done.filter((tag) => ran.get(tag) !== 1).length, 0, 'what was fulfilled ran once')
  t.is(known.never.filter((tag) => ran.has(tag)).length, 0, 'what was never executed did not run')
  t.is(known.maybe.filter((tag) => (ran.get(tag) ?? 0) > 1).length, 0, 'nothing ran twice')
  t.is(
    known.done.length + known.maybe.filter((tag) => ran.has(tag)).length,
    ran.size,
    'nothing ran that nobody asked for',
  )
  t.true(kills > QUERIES / PACE / 2)
  t.log(
    `${kills} kills, ${known.done.length} inserts done, ${known.never.length} never executed, ${known.maybe.length} in doubt`,
  )
})
