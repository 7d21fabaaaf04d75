// Calls that move many rows, ended from outside while they stand still: by the death of their backend, by a signal, by
// their time.

import test, { type ExecutionContext } from 'ava'
import { type CallOptions, TimeoutError } from '../../../index.ts'
import { AdminSession } from '../../support/admin.ts'
import { Gate } from '../../support/gate.ts'
import { testDatabase } from '../../support/server.ts'
import { eventually } from '../../support/waiting.ts'
import { Line, type Session } from '../line.ts'
import { isLoss, isValue, type Outcome, outcome, shown } from '../outcome.ts'
import { Judge } from './judge.ts'
import { LOCK, type Stage, type Standing, stages, TRIGGERS } from './stages.ts'
import { TABLE } from './works.ts'

const { serial } = test
/** Milliseconds; doubled where the call does not stand by then. */
const TIMEOUT = 200

interface Stood {
  readonly line: Line
  readonly judge: Judge
}

async function stand(t: ExecutionContext): Promise<Stood> {
  const database = await testDatabase()
  await database.admin(`drop table if exists bulk; drop function if exists wait; ${TABLE}; ${TRIGGERS}`)
  const holder = await AdminSession.open({ ...database.server, database: database.name })
  t.teardown(() => holder.close())
  await holder.run(`select pg_advisory_lock(${LOCK})`)
  const line = await Line.start(t)
  return { line, judge: await Judge.start(t) }
}

interface Stopped {
  readonly session: Session
  readonly standing: Standing
  readonly call: Promise<Outcome>
  /** It stands; it may have ended before. */
  readonly isThere: boolean
}

async function begin({ line, judge }: Stood, stage: Stage, options: CallOptions = {}): Promise<Stopped> {
  const session = await line.open()
  const { connection } = session
  const standing = { connection, tag: judge.nextTag(), witness: { open: 0 }, gate: new Gate(), options }
  const call = outcome(stage.begin(standing))
  let hasEnded = false
  const end = call.then(() => {
    hasEnded = true
  })
  if (stage.waits !== 'lock') await Promise.race([standing.gate.reached, end])
  if (stage.waits === 'lock') await judge.untilWaits(session, 'advisory', () => hasEnded)
  if (stage.waits === 'gate and server') await judge.untilWaits(session, 'ClientRead', () => hasEnded)
  return { session, standing, call, isThere: !hasEnded }
}

/** How it ended, of itself where it can. */
async function ended(stage: Stage, { standing, call }: Stopped): Promise<Outcome> {
  if (!stage.endsAtGate) standing.gate.open()
  const result = await call
  standing.gate.open()
  return result
}

function saysTrue(t: ExecutionContext, { maybeExecuted }: Stage, result: Outcome): void {
  const said = result.kind === 'rejected' && result.error.maybeExecuted
  if (maybeExecuted !== 'any') t.is(said, maybeExecuted, shown(result))
}

for (const stage of stages) {
  serial(`${stage.name}: its backend is killed`, async (t) => {
    const stood = await stand(t)
    const { judge } = stood
    const stopped = await begin(stood, stage)
    const { session, standing } = stopped
    t.true(stopped.isThere, shown(stopped.isThere ? undefined : await stopped.call))
    // The others have turns between their calls.
    const behind = stage.isOneCall ? outcome(session.connection.execute('select 1; select 2')) : undefined
    const result = await judge.beside(stage.name, async () => {
      await judge.kill(session)
      // What is called from now on is not sent.
      if (!stage.isOneCall) t.true(await eventually(() => session.connection.isClosed()))
      return ended(stage, stopped)
    })
    t.true(isLoss(result), shown(result))
    saysTrue(t, stage, result)
    const next = await behind
    t.true(!next || isLoss(next), shown(next))
    await judge.isLost(stage.name, session, standing.witness)
    t.is(await judge.rows(standing.tag), 0)
    await judge.leftNothing()
  })

  if (!stage.isOneCall) continue

  const isUsable = async (t: ExecutionContext, { judge }: Stood, { session, standing }: Stopped) => {
    const { connection } = session
    const values = await Promise.all(
      [10, 20].map((n) => outcome(connection.fetchValue('select $1::int', [n]))),
    )
    t.true(isValue(values[0], 10) && isValue(values[1], 20), `${shown(values[0])}, ${shown(values[1])}`)
    t.false(connection.isInTransaction())
    t.true(await eventually(() => standing.witness.open === 0), 'its source or output was not told')
    t.is(await judge.rows(standing.tag), 0)
    const tag = judge.nextTag()
    t.is(await connection.copyRecordsToTable('bulk', { records: [[tag, 1]] }), 'COPY 1')
    t.is(await judge.rows(tag), 1)
    connection.terminate()
    await judge.leftNothing()
  }

  serial(`${stage.name}: it is aborted`, async (t) => {
    const stood = await stand(t)
    const controller = new AbortController()
    const stopped = await begin(stood, stage, { signal: controller.signal })
    t.true(stopped.isThere, shown(stopped.isThere ? undefined : await stopped.call))
    const behind = outcome(stopped.session.connection.fetchValue('select 7'))
    const reason = new Error('given up')
    const result = await stood.judge.beside(stage.name, () => {
      controller.abort(reason)
      return ended(stage, stopped)
    })
    t.true(result.kind === 'rejected' && result.error === reason, shown(result))
    const value = await behind
    t.true(isValue(value, 7), shown(value))
    await isUsable(t, stood, stopped)
  })

  serial(`${stage.name}: its time is up`, async (t) => {
    const stood = await stand(t)
    for (let timeout = TIMEOUT; ; timeout *= 2) {
      const stopped = await begin(stood, stage, { timeout })
      const result = await stood.judge.beside(stage.name, () => ended(stage, stopped))
      if (!stopped.isThere) {
        await stood.judge.kill(stopped.session)
        continue
      }
      t.true(result.kind === 'rejected' && result.error instanceof TimeoutError, shown(result))
      saysTrue(t, stage, result)
      return isUsable(t, stood, stopped)
    }
  })
}
