// Calls that move many rows and are given up at any byte of them: all rows are there or none, the calls behind and
// beside get their answers, and the connection goes on as if nothing had been.

import test, { type ExecutionContext } from 'ava'
import { TimeoutError } from '../../../index.ts'
import { testDatabase } from '../../support/server.ts'
import { readTrace } from '../../support/wire-trace.ts'
import { boundaries, everyByte, Line, type Place, type Session, untilThere } from '../line.ts'
import { isLong, isValue, type Outcome, outcome, shown } from '../outcome.ts'
import { Judge } from './judge.ts'
import { TABLE, type Work, works } from './works.ts'

const { serial } = test

test.before(async () => void (await (await testDatabase()).admin(TABLE)))
const STEP = isLong ? 1 : 23
/** Milliseconds; doubled where the call has not come to its place by then. */
const TIMEOUT = 50

interface Stand {
  readonly t: ExecutionContext
  readonly line: Line
  readonly judge: Judge
  readonly work: Work
}

/** Gives a call up at a place, and tells how it ended; undefined when it ended before the place. */
async function giveUp(
  { t, line, judge, work }: Stand,
  place: Place,
  how: 'signal' | number,
): Promise<Outcome | undefined> {
  const where = `${how}, after ${place.after} bytes ${place.direction}`
  const session = await line.open()
  const { connection } = session
  const tag = judge.nextTag()
  const witness = { open: 0 }
  line.hold(session, place)
  const controller = new AbortController()
  const options = how === 'signal' ? { signal: controller.signal } : { timeout: how }
  let hasEnded = false
  const { result, isThere, behind } = await judge.beside(where, async () => {
    const call = outcome(work.run(connection, tag, witness, options))
    void call.then(() => {
      hasEnded = true
    })
    const next = [10, 20].map((n) => outcome(connection.fetchValue('select $1::int4 + 1', [n])))
    await untilThere(session, place, () => hasEnded)
    const isThere = !hasEnded
    controller.abort('given up')
    const result = await call
    line.free()
    return { result, isThere, behind: await Promise.all(next) }
  })
  const [eleven, twentyOne] = behind
  t.true(isValue(eleven, 11), `${where}: behind: ${shown(eleven)}`)
  t.true(isValue(twentyOne, 21), `${where}: behind: ${shown(twentyOne)}`)
  t.false(connection.isInTransaction(), where)
  t.is(witness.open, 0, `${where}: its source or output was not told`)
  await judge.isWhole(where, work, tag, result)
  const again = judge.nextTag()
  await judge.isWhole(where, work, again, await outcome(work.run(connection, again, witness)))
  t.true(isInOrder(session), `${where}: data outside of a COPY`)
  connection.terminate()
  return isThere || result.kind === 'fulfilled' ? result : undefined
}

/** Whether what the driver sent has data of a COPY, its end and its failure in their places alone, and at most once. */
function isInOrder({ link, begin }: Session): boolean {
  const types = readTrace(link.captured.toServer, 1).filter(({ at }) => at >= begin.toServer)
  return /^(?:[^dcfH]|Hd*[cf]?S)*$/.test(types.map(({ type }) => type).join(''))
}

for (const work of works) {
  if (!work.isOneCall) continue

  serial(`${work.name} that is aborted at any byte is whole or not there, and harms nothing`, async (t) => {
    t.timeout(isLong ? 1_200_000 : 600_000)
    const line = await Line.start(t)
    const judge = await Judge.start(t)
    const exchange = await line.record((connection) => work.run(connection, judge.nextTag(), { open: 0 }))
    let given = 0
    const places = everyByte(exchange, STEP)
    for (const place of places) {
      const result = await giveUp({ t, line, judge, work }, place, 'signal')
      if (result?.kind !== 'rejected') continue
      t.is(result.error, 'given up')
      given++
    }
    t.true(given > places.length / 2, `${given} of ${places.length}`)
    await judge.leftNothing()
    t.log(`given up at ${given} of ${places.length} places`)
  })

  serial(`${work.name} whose time is up between any two messages is whole or not there`, async (t) => {
    t.timeout(isLong ? 1_200_000 : 600_000)
    const line = await Line.start(t)
    const judge = await Judge.start(t)
    const exchange = await line.record((connection) => work.run(connection, judge.nextTag(), { open: 0 }))
    let given = 0
    for (const place of boundaries(exchange)) {
      let result: Outcome | undefined
      for (let timeout = TIMEOUT; result === undefined; timeout *= 2) {
        result = await giveUp({ t, line, judge, work }, place, timeout)
      }
      if (result.kind !== 'rejected') continue
      t.true(result.error instanceof TimeoutError, shown(result))
      t.is(typeof result.error.maybeExecuted, 'boolean')
      given++
    }
    t.true(given > 0)
    await judge.leftNothing()
    t.log(`given up at ${given} places`)
  })
}
