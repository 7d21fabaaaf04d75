// Backends that are killed between any two messages of calls that move many rows: each call has its result, or the
// right error, and nothing else is hit.

import test from 'ava'
import { testDatabase } from '../../support/server.ts'
import { boundaries, everyByte, Line, untilThere } from '../line.ts'
import { isLong, isLoss, isValue, outcome, shown } from '../outcome.ts'
import { Judge } from './judge.ts'
import { TABLE, works } from './works.ts'

const { serial } = test

test.before(async () => void (await (await testDatabase()).admin(TABLE)))

for (const work of works) {
  serial(`${work.name} whose backend is killed between any two messages is whole or not there`, async (t) => {
    t.timeout(isLong ? 1_200_000 : 600_000)
    const line = await Line.start(t)
    const judge = await Judge.start(t)
    const exchange = await line.record((connection) => work.run(connection, judge.nextTag(), { open: 0 }))
    const { length } = exchange
    const places = isLong ? everyByte(exchange, 1) : boundaries(exchange)
    const counts = { fulfilled: 0, rejected: 0, hung: 0, told: 0 }
    for (const place of places) {
      const where = `after ${place.after} of ${length[place.direction]} bytes ${place.direction}`
      const session = await line.open()
      const tag = judge.nextTag()
      const witness = { open: 0 }
      line.hold(session, place)
      let hasEnded = false
      const [result, behind] = await judge.beside(where, async () => {
        const call = outcome(work.run(session.connection, tag, witness))
        void call.then(() => {
          hasEnded = true
        })
        const next = work.isOneCall
          ? outcome(session.connection.fetchValue('select $1::int', [8]))
          : undefined
        await untilThere(session, place, () => hasEnded)
        await judge.untilWaits(session, 'ClientRead')
        await judge.kill(session)
        line.free()
        return [await call, await next] as const
      })
      counts[result.kind]++
      if (result.kind === 'rejected' && result.error.sqlstate === '57P01') counts.told++
      if (result.kind !== 'fulfilled') t.true(isLoss(result), `${where}: ${shown(result)}`)
      // Before the last of it has come, the server cannot have ended it.
      const isShort = place.direction === 'toServer' && place.after < length.toServer
      if (isShort) t.is(result.kind, 'rejected', where)
      if (behind !== undefined) {
        t.true(isValue(behind, 8) || isLoss(behind), `${where}: behind: ${shown(behind)}`)
        const isUnsent = isLoss(behind) && behind.error.maybeExecuted === false
        if (work.isAlone && result.kind === 'rejected') t.true(isUnsent, `${where}: it was not sent`)
      }
      await judge.isLost(where, session, witness)
      await judge.isWhole(where, work, tag, result)
    }
    t.true(counts.told > 0 && counts.rejected > counts.fulfilled)
    await judge.leftNothing()
    t.log(`${places.length} kills: ${JSON.stringify(counts)}`)
  })
}
