// A batch whose connection is cut, at every place: all of it is there or nothing, and what the error says of that is true.

import test from 'ava'
import { connect } from '../../index.ts'
import { isLong, outcome } from '../adversity/outcome.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'

const { serial } = test
const SETS = 5

for (const [name, wait] of [
  ['together', undefined],
  ['one after the other', () => new Promise(setImmediate)],
] as const) {
  serial(`a batch that is cut at every place is whole or not there: its sets come ${name}`, async (t) => {
    t.timeout(isLong ? 1_200_000 : 100_000)
    const database = await testDatabase()
    await database.admin('create table if not exists batch(call int, n int)')
    const { host, port } = database.server
    const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
    t.teardown(() => proxy.close())
    const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })

    /** Plays a session with a batch; gives how the batch ended, and where it began in each direction. */
    const play = async (call: number) => {
      const connected = await outcome(connect(dsn))
      if (connected.kind !== 'fulfilled') return undefined
      const connection = connected.value as Awaited<ReturnType<typeof connect>>
      const link = proxy.connections.at(-1)!
      const begins = [link.bytesToServer, link.bytesToClient]
      const sets = async function* () {
        for (let n = 0; n < SETS; n++) {
          await wait?.()
          yield [call, n]
        }
      }
      const batch = await outcome(connection.executeMany('insert into batch values ($1, $2)', sets()))
      connection.terminate()
      return { batch, begins, ends: [link.bytesToServer, link.bytesToClient] }
    }
    /** A session that is cut may go on on the server for a moment: its row locks tell. */
    const there = async (call: number): Promise<number> => {
      await database.admin('do $$ begin lock table batch in exclusive mode; end $$')
      const [row] = await database.admin(`select count(*) as n from batch where call = ${call}`)
      return Number(row?.n)
    }

    let call = name === 'together' ? 1 : 100_000
    const whole = await play(call)
    t.is(whole?.batch.kind, 'fulfilled')
    t.is(await there(call), SETS)
    let cuts = 0
    for (const [place, direction] of (['toServer', 'toClient'] as const).entries()) {
      const step = isLong ? 1 : 7
      for (let after = whole!.begins[place]!; after <= whole!.ends[place]!; after += step) {
        proxy.set({ cut: { after, how: cuts++ % 2 === 0 ? 'fin' : 'reset', direction } })
        const played = await play(++call)
        if (played === undefined) continue
        const { batch } = played
        const rows = await there(call)
        const where = `${direction} after ${after} bytes: ${rows} rows, ${JSON.stringify(batch)}`
        t.true(rows === 0 || rows === SETS, where)
        if (batch.kind === 'fulfilled') t.is(rows, SETS, where)
        else if (batch.kind === 'rejected' && rows > 0) t.true(batch.error.maybeExecuted, where)
        t.not(batch.kind, 'hung', where)
      }
      proxy.set({ cut: { after: Number.POSITIVE_INFINITY, how: 'fin', direction } })
    }
    t.log(`${cuts} cuts`)
  })
}
