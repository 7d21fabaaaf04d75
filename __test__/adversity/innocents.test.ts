// Calls that end just when they are given up, beside calls that nobody gives up: no cancel may hit those.

import { inspect } from 'node:util'
import test from 'ava'
import { type Connection, connect } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { isLong, type Outcome, outcome, outcomes } from './outcome.ts'

const { serial } = test

/** Seconds that a call sleeps which is given up after 5 ms: it ends about then, or soon after. */
const sleeps = [0.005, 0.0055, 0.01]

serial('short sleeps are given up by the thousand, and no call beside them fails', async (t) => {
  const aborts = isLong ? 15_000 : 3_000
  t.timeout(isLong ? 900_000 : 600_000)
  const database = await testDatabase()
  const setup = await connect(database.dsn())
  await setup.execute('create table innocent(lane int, n int, primary key (lane, n))')
  const victims: Outcome[] = []
  let [given, read, written] = [0, 0, 0]
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      const connection = await connect(database.dsn())
      let round = 0
      const giveUp = async (): Promise<void> => {
        const controller = new AbortController()
        const { signal } = controller
        const seconds = sleeps[round++ % sleeps.length]
        const call = outcome(connection.fetch('select pg_sleep($1)', [seconds], { signal }))
        const timer = setTimeout(() => controller.abort(), 5)
        const result = await call
        clearTimeout(timer)
        if (result.kind === 'rejected' && result.error === signal.reason) given++
        else if (result.kind !== 'fulfilled') victims.push(result)
      }
      const reader = async (): Promise<void> => {
        while (given < aborts) {
          await giveUp()
          const result = await outcome(connection.fetchValue('select $1::int', [lane]))
          if (result.kind === 'fulfilled' && result.value === lane) read++
          else victims.push(result)
        }
      }
      const writer = async (): Promise<void> => {
        for (let n = 0; given < aborts; n++) {
          await giveUp()
          const result = await outcome(connection.execute('insert into innocent values ($1, $2)', [lane, n]))
          if (result.kind === 'fulfilled' && result.value === 'INSERT 0 1') written++
          else victims.push(result)
        }
      }
      await Promise.all([reader(), writer(), reader()])
      await connection.close()
    }),
  )
  t.is(victims.length, 0, `the first: ${inspect(victims[0])}`)
  // Each was run once and no more.
  t.is(await setup.fetchValue('select count(*) from innocent'), written)
  await setup.close()
  t.log(`${given} calls given up, ${read} reads and ${written} writes beside them, no victim`)
})

/** Calls that may be given up. Each sleeps for so many seconds. */
const sleepers: readonly ((on: Connection, seconds: number, signal: AbortSignal) => Promise<unknown>)[] = [
  (on, seconds, signal) => on.fetch('select pg_sleep($1)', [seconds], { signal }),
  (on, seconds, signal) => on.execute(`select 1; select pg_sleep(${seconds})`, undefined, { signal }),
  (on, seconds, signal) => on.executeMany('select pg_sleep($1)', [[seconds / 2], [seconds / 2]], { signal }),
  (on, seconds, signal) => on.fetchMany('select pg_sleep($1)', [[seconds / 2], [seconds / 2]], { signal }),
  (on, seconds, signal) =>
    on.copyFromQuery(`select pg_sleep(${seconds})`, undefined, { output: () => {}, signal }),
]

/** Calls that are not run a second time, so that each hit of a cancel is seen. Most take a moment in which one could hit. */
const unrepeatable: readonly ((on: Connection, lane: number) => Promise<unknown>)[] = [
  (on, lane) => on.execute('call note($1)', [lane]),
  (on, lane) => on.execute(`do $$ begin insert into noted values (${lane}); perform pg_sleep(0.002); end $$`),
  (on, lane) => on.execute(`insert into noted values (${lane}); select pg_sleep(0.002)`),
  (on, lane) => on.copyRecordsToTable('noted', { records: [[lane]] }),
  (on, lane) => on.executeMany('insert into noted select $1 from pg_sleep(0.002)', [[lane]]),
]

serial('nor does one that cannot be run again, whatever is given up beside it', async (t) => {
  const aborts = isLong ? 15_000 : 2_000
  t.timeout(isLong ? 900_000 : 600_000)
  const database = await testDatabase()
  const setup = await connect(database.dsn())
  await setup.execute(`create table noted(lane int);
    create procedure note(lane int) language sql as 'insert into noted select lane from pg_sleep(0.002)'`)
  const victims: Outcome[] = []
  let [given, noted, turns] = [0, 0, 0]
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      const connection = await connect(database.dsn())
      while (given < aborts) {
        const turn = turns++
        const controller = new AbortController()
        const { signal } = controller
        const sleep = sleepers[turn % sleepers.length]!
        const note = unrepeatable[(turn * 7 + lane) % unrepeatable.length]!
        // Sent behind it, where the wire can be shared, and in reach of its cancel when that comes as it ends.
        const calls = [sleep(connection, 0.005 + (turn % 41) / 10_000, signal), note(connection, lane)]
        const timer = setTimeout(() => controller.abort(), 5)
        const [slept, beside] = await outcomes(calls)
        clearTimeout(timer)
        if (slept!.kind === 'rejected' && slept!.error === signal.reason) given++
        else if (slept!.kind !== 'fulfilled') victims.push(slept!)
        if (beside!.kind === 'fulfilled') noted++
        else victims.push(beside!)
      }
      await connection.close()
    }),
  )
  t.is(victims.length, 0, `the first: ${inspect(victims[0])}`)
  t.is(await setup.fetchValue('select count(*) from noted'), noted)
  await setup.close()
  t.log(`${given} calls given up, ${noted} beside them, no victim`)
})
