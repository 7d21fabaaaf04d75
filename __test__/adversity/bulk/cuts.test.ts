// Calls that move many rows on a connection that is cut at every byte of them: all rows are there or none, and what is
// said of that is true.

import test from 'ava'
import { testDatabase } from '../../support/server.ts'
import { everyByte, Line } from '../line.ts'
import { isLong, isLoss, isValue, outcome, shown } from '../outcome.ts'
import { Judge } from './judge.ts'
import { TABLE, works } from './works.ts'

const { serial } = test

test.before(async () => void (await (await testDatabase()).admin(TABLE)))
const STEP = isLong ? 1 : 11

for (const work of works) {
  serial(`${work.name} on a connection that is cut at any byte is whole or not there`, async (t) => {
    t.timeout(isLong ? 1_200_000 : 600_000)
    const line = await Line.start(t)
    const judge = await Judge.start(t)
    const exchange = await line.record((connection) => work.run(connection, judge.nextTag(), { open: 0 }))
    const places = everyByte(exchange, STEP)
    const counts = { fulfilled: 0, rejected: 0, hung: 0 }
    for (const [number, place] of places.entries()) {
      const how = number % 2 === 0 ? 'fin' : 'reset'
      const where = `${how} after ${place.after} of ${exchange.length[place.direction]} bytes ${place.direction}`
      const session = await line.open()
      const pid = session.connection.getServerPid()
      const tag = judge.nextTag()
      const witness = { open: 0 }
      line.cut(session, place, how)
      const [result, behind] = await judge.beside(where, async () => {
        const call = outcome(work.run(session.connection, tag, witness))
        const next = work.isOneCall
          ? outcome(session.connection.fetchValue('select $1::int', [8]))
          : undefined
        return [await call, await next] as const
      })
      counts[result.kind]++
      if (result.kind === 'fulfilled') {
        // The cut is at its end, or comes with the next call.
        t.true(!behind || isValue(behind, 8) || isLoss(behind), `${where}: behind: ${shown(behind)}`)
        session.connection.terminate()
      } else {
        t.true(isLoss(result), `${where}: ${shown(result)}`)
        t.true(!behind || isLoss(behind), `${where}: behind: ${shown(behind)}`)
        const isUnsent = behind?.kind === 'rejected' && behind.error.maybeExecuted === false
        if (work.isAlone) t.true(isUnsent, `${where}: it was not sent`)
        await judge.isLost(where, session, witness)
      }
      await judge.untilGone(pid)
      await judge.isWhole(where, work, tag, result)
    }
    t.true(counts.rejected > 0)
    await judge.leftNothing()
    t.log(`${places.length} cuts: ${JSON.stringify(counts)}`)
  })
}
