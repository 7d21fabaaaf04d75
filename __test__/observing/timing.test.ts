// How long each part of a call took: its caller's event loop, its way, and the server are told apart.

import { tracingChannel } from 'node:diagnostics_channel'
import test, { type ExecutionContext } from 'ava'
import type { CallTiming, QueryLogRecord, TraceMessage } from '../../index.ts'
import { InterfaceError } from '../../index.ts'
import { barrier, open, reason } from '../query/open.ts'
import { eventually, untilBlocked } from '../support/waiting.ts'

function inOrder(t: ExecutionContext, timing: CallTiming | undefined): void {
  const { queued, sent, firstByte, complete, decoded } = timing as CallTiming
  const moments = [0, queued, sent, firstByte, complete]
  t.deepEqual(
    moments,
    [...moments].sort((a, b) => a - b),
  )
  // The two sides read the clock for themselves.
  t.true(decoded >= complete - 1, `${complete} ${decoded}`)
}

/** Holds the event loop up. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('a result has its times when they were asked for, and else has not', async (t) => {
  const connection = await open(t)
  const { timing, rows } = await connection.query('select 1 as a', [], { timing: true })
  t.deepEqual(rows, [{ a: 1 }])
  inOrder(t, timing)
  t.true(Object.isFrozen(timing))
  t.false('timing' in (await connection.query('select 1')))
  t.false('timing' in (await connection.query('select 1', [], { timing: false, rows: 'array' })))
  inOrder(t, (await connection.query('select 1', [], { timing: true, rows: 'array' })).timing)
  for (const wrong of [1, 'x', null] as any[]) {
    t.true((await reason(connection.query('select 1', [], { timing: wrong }))) instanceof InterfaceError)
  }
})

test('a slow server shows between sent and complete', async (t) => {
  const connection = await open(t)
  const { timing } = await connection.query('select pg_sleep(0.2)', [], { timing: true })
  inOrder(t, timing)
  t.true(timing!.complete - timing!.sent >= 150, JSON.stringify(timing))
})

test('an event loop that is busy before shows in queued, one that is busy behind in decoded', async (t) => {
  const connection = await open(t)
  await connection.query('select 1')
  const before = connection.query('select 1', [], { timing: true })
  block(200)
  const early = (await before).timing!
  inOrder(t, early)
  t.true(early.queued >= 200, JSON.stringify(early))

  // A machine that pauses meanwhile, and reads the answer as late, is given other chances.
  let shows = false
  for (let round = 0; round < 20 && !shows; round++) {
    const behind = connection.query('select 1', [], { timing: true })
    await null
    await new Promise<void>((resolve) => process.nextTick(resolve))
    block(300)
    const late = (await behind).timing!
    inOrder(t, late)
    shows = late.queued < 200 && late.decoded - late.complete >= 100
  }
  t.true(shows)
})

test('a call that waits for its turn was sent late', async (t) => {
  const connection = await open(t)
  await connection.fetchValue('select 1')
  // A machine that is busy may hold up the answer as well: once it is told what waited.
  let shows = false
  for (let round = 0; round < 10 && !shows; round++) {
    const held = await barrier(t)
    // A script has the wire alone.
    const script = connection.execute(`select pg_advisory_lock_shared(${held.key}); select 1`)
    const waiting = connection.query('select 1', [], { timing: true })
    await untilBlocked(connection)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await held.open()
    await script
    const { timing } = await waiting
    inOrder(t, timing)
    t.true(timing!.sent - timing!.queued >= 40, JSON.stringify(timing))
    shows = timing!.complete - timing!.sent < timing!.sent
  }
  t.true(shows)
})

test.serial('query loggers and the subscribers of cornac:query are told the times', async (t) => {
  const connection = await open(t)
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  const messages: TraceMessage[] = []
  const note = (message: unknown) => void messages.push(message as TraceMessage)
  const run = async () => {
    await connection.fetch('select $1::int', [1])
    await connection.execute('select 1; select 2')
    await reason(connection.fetch('select 1/0'))
    await reason(connection.fetch('select 1', [], { timeout: 0 }))
  }
  await run()
  t.true(await eventually(() => records.length === 4))
  for (const { timing } of records.slice(0, 3)) inOrder(t, timing)
  // Nothing of it was sent.
  t.is(records[3]?.timing, undefined)

  tracingChannel('cornac:query').asyncEnd.subscribe(note)
  t.teardown(() => tracingChannel('cornac:query').asyncEnd.unsubscribe(note))
  await run()
  t.true(await eventually(() => records.length === 8))
  for (const { timing } of records.slice(4, 7)) inOrder(t, timing)
  t.deepEqual(
    messages.map(({ timing }) => timing),
    records.slice(4, 4 + messages.length).map(({ timing }) => timing),
  )
})

test('so are those of batches, COPY, prepared statements and cursors', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table t (a int)')
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  async function* one(): AsyncGenerator<[number]> {
    yield [1]
  }
  await connection.executeMany('insert into t values ($1)', [[1], [2]])
  await connection.fetchMany('insert into t values ($1) returning a', one())
  await connection.copyToTable('t', { source: { text: '3\n' } })
  await connection.copyRecordsToTable('t', { records: one() })
  await connection.copyFromQuery('select $1::int', [1], { output: () => {} })
  await connection.copyFromTable('t', { output: () => {} })
  await reason(connection.copyToTable('t', { source: { text: 'no number' } }))
  const statement = await connection.prepare('select a from t')
  await statement.fetch()
  await connection.transaction(async () => {
    for await (const _ of statement.cursor([], { prefetch: 2 }));
  })
  t.true(await eventually(() => records.at(-1)?.query === 'COMMIT'))
  const told = records.filter(({ query }) => query !== 'BEGIN')
  t.deepEqual(
    told.map(({ kind }) => kind),
    ['batch', 'batch', 'copy', 'copy', 'copy', 'copy', 'copy', 'prepare', 'query', 'query', 'query'],
  )
  for (const { timing, elapsed } of told) {
    inOrder(t, timing)
    t.true(timing!.decoded <= elapsed + 1, JSON.stringify({ timing, elapsed }))
  }
})

test('the times of a COPY begin with its call, whatever is asked of the server before it', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table t (a int)')
  const records: QueryLogRecord[] = []
  connection.addQueryLogger((record) => void records.push(record))
  async function* late(): AsyncGenerator<[number]> {
    await new Promise((resolve) => setTimeout(resolve, 50))
    yield [1]
  }
  await connection.copyRecordsToTable('t', { records: late() })
  t.true(await eventually(() => records.length === 1))
  const [{ timing }] = records as [QueryLogRecord]
  inOrder(t, timing)
  t.true(timing!.queued >= 40, JSON.stringify(timing))
})
