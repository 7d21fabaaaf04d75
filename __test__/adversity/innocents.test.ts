// Calls that end just when they are given up, beside calls that nobody gives up: no cancel may hit those.

import { inspect } from 'node:util'
import test from 'ava'
import { connect } from '../../index.ts'
import { testDatabase } from '../support/server.ts'
import { isLong, type Outcome, outcome } from './outcome.ts'

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
