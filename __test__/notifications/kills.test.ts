// Sessions that listen are killed at random: what one session hears has no gap and nothing twice, and its end is told.

import test from 'ava'
import { connect } from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { open } from '../query/open.ts'
import { randomFrom } from '../support/random.ts'
import { testDatabase } from '../support/server.ts'

const KILLS = isLong ? 500 : 40

test.serial(`${KILLS} kills of a session that listens leave no silent gap`, async (t) => {
  t.timeout(600_000)
  const database = await testDatabase()
  const sender = await open(t)
  const random = randomFrom(7)
  let isOver = false
  let sent = 0
  const sending = (async () => {
    while (!isOver) await sender.execute('select pg_notify($1, $2)', ['counted', String(++sent)])
  })()
  let [heard, told, quiet] = [0, 0, 0]
  for (let kill = 0; kill < KILLS; kill++) {
    const connection = await connect(database.dsn())
    const stream = connection.notifications('counted')
    await stream.listening
    const until = Math.floor(random() * 50)
    let last: number | undefined
    let since = 0
    try {
      for await (const { payload } of stream) {
        const n = Number(payload)
        t.true(last === undefined || n === last + 1, `${last} ${n}`)
        last = n
        heard++
        if (since++ === until) {
          void sender.execute('select pg_terminate_backend($1)', [connection.getServerPid()])
        }
      }
      quiet++
    } catch (error) {
      if ((error as { cause?: { sqlstate?: string } }).cause?.sqlstate === '57P01') told++
      else throw error
    }
    t.true(connection.isClosed())
  }
  isOver = true
  await sending
  t.is(quiet, 0)
  t.is(told, KILLS)
  t.log(`${heard} of ${sent} notifications heard`)
})
