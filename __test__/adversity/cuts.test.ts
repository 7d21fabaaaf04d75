// Connections that break: at every boundary between messages, in the middle of them, in small pieces, silently. What
// was not received whole is never given out as if it were.

import test, { type ExecutionContext } from 'ava'
import { type Connection, connect, PostgresError, TimeoutError } from '../../index.ts'
import { type ChaosOptions, ChaosProxy } from '../support/chaos-proxy.ts'
import { randomFrom } from '../support/random.ts'
import { type TestDatabase, testDatabase } from '../support/server.ts'
import { eventually, GUARD_MS } from '../support/waiting.ts'
import { isLong, isLoss, type Outcome, openSockets, outcome, outcomes, shown } from './outcome.ts'

const { serial } = test
const PLAIN = { sslmode: 'disable' }

async function proxied(
  t: ExecutionContext,
  chaos: Omit<ChaosOptions, 'target'> = {},
  parameters: Record<string, string> = PLAIN,
): Promise<{ proxy: ChaosProxy; dsn: string; database: TestDatabase }> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, ...chaos })
  t.teardown(() => proxy.close())
  return { proxy, dsn: database.dsn({ host: proxy.host, port: proxy.port, parameters }), database }
}

/** One of everything, with results that show whether they are whole. */
const calls: readonly { call(connection: Connection): Promise<any>; whole(value: any): boolean }[] = [
  {
    call: (connection) =>
      connection.fetch('select n, repeat(chr(96 + n), n) t from generate_series(1, 20) n'),
    whole: (rows) =>
      rows.length === 20 && rows.every((row: any, i: number) => row.n === i + 1 && row.t.length === row.n),
  },
  { call: (connection) => connection.fetchValue('select $1::int + 1', [6]), whole: (value) => value === 7 },
  { call: (connection) => connection.execute('select 1; select 2, 3'), whole: (tag) => tag === 'SELECT 1' },
  {
    call: (connection) => connection.fetchRow('select n from generate_series(1, 9) n'),
    whole: (row) => row.n === 1,
  },
  { call: (connection) => connection.fetchValue('select $1::int + 1', [7]), whole: (value) => value === 8 },
  { call: (connection) => connection.fetch('select 1 / 0'), whole: () => false },
]

/** Plays the session; gives how many of its calls came whole. */
async function play(t: ExecutionContext, dsn: string, where: string): Promise<number> {
  const connected = await outcome(connect(dsn))
  if (connected.kind !== 'fulfilled') {
    // A failed login is an error of the connection's class, or what the server said of it.
    t.true(
      connected.kind === 'rejected' && connected.error instanceof PostgresError,
      `${where}: ${shown(connected)}`,
    )
    return 0
  }
  const connection = connected.value as Connection
  const results = await outcomes(calls.map(({ call }) => call(connection)))
  let whole = 0
  for (const [index, result] of results.entries()) {
    if (result.kind === 'fulfilled') {
      t.true(
        calls[index]?.whole(result.value),
        `${where}: call ${index} gave ${JSON.stringify(result.value)}`,
      )
      whole++
    } else if (result.kind === 'rejected' && result.error.sqlstate === '22012') whole++
    else t.true(isLoss(result), `${where}: call ${index}: ${shown(result)}`)
  }
  if (whole < calls.length) t.true(await eventually(() => connection.isClosed()), where)
  connection.terminate()
  return whole
}

/** Where each message of what a server sent ends. */
function boundaries(bytes: Buffer): number[] {
  const ends = [0]
  for (let at = 0; at + 5 <= bytes.length; ) {
    at += bytes.readInt32BE(at + 1) + 1
    ends.push(at)
  }
  return ends
}

serial(
  'RST and FIN at every boundary and in the midst of messages give no partial result as a whole one',
  async (t) => {
    t.timeout(isLong ? 1_200_000 : 600_000)
    const { proxy, dsn } = await proxied(t, { capture: true })
    t.is(await play(t, dsn, 'recording'), calls.length)
    const recorded = Buffer.concat(proxy.connections[0]?.captured.toClient ?? [])
    const ends = boundaries(recorded)
    const sockets = openSockets()
    const random = randomFrom(3)
    const inside = isLong
      ? Array.from({ length: recorded.length }, (_, i) => i)
      : Array.from({ length: 150 }, () => Math.floor(random() * recorded.length))
    const cuts = [
      ...ends.flatMap((after) => [
        { after, how: 'fin' },
        { after, how: 'reset' },
      ]),
      ...inside.map((after) => ({ after, how: random() < 0.5 ? 'fin' : 'reset' })),
    ]
    for (const { after, how } of cuts) {
      proxy.set({ cut: { after, how: how as 'fin' | 'reset', direction: 'toClient' } })
      await play(t, dsn, `${how} after ${after} of ${recorded.length} bytes`)
    }
    proxy.dropAll()
    t.true(
      await eventually(() => openSockets() <= sockets + 2),
      `${openSockets()} sockets, ${sockets} before`,
    )
    t.log(`${cuts.length} cuts, ${ends.length} boundaries of a session of ${recorded.length} bytes`)
  },
)

serial('cuts of what the driver sends tell whether a statement may have been executed', async (t) => {
  t.timeout(600_000)
  const { proxy, dsn, database } = await proxied(t)
  await database.admin('create table if not exists cut_ledger(tag int)')
  const random = randomFrom(5)
  let untrue = 0
  let lost = 0
  for (let tag = 0; tag < (isLong ? 1_000 : 120); tag++) {
    const connection = await connect(dsn)
    await connection.fetchValue('insert into cut_ledger values ($1) returning tag', [-1])
    const sent = proxy.connections.at(-1)?.bytesToServer ?? 0
    proxy.set({
      cut: {
        after: sent + Math.floor(random() * 700),
        how: random() < 0.5 ? 'fin' : 'reset',
        direction: 'toServer',
      },
    })
    const tags = Array.from({ length: 10 }, (_, i) => tag * 10 + i)
    const results = await outcomes(
      tags.map((each) => connection.fetchValue('insert into cut_ledger values ($1) returning tag', [each])),
    )
    // FIN towards the server lets the session end by itself.
    if (!connection.isClosed()) connection.terminate()
    proxy.set({ cut: { after: Number.POSITIVE_INFINITY, how: 'fin', direction: 'toServer' } })
    const rows = await database.admin(
      `select distinct tag from cut_ledger where tag between ${tag * 10} and ${tag * 10 + 9}`,
    )
    const there = new Set(rows.map((row) => Number(row.tag)))
    for (const [i, result] of results.entries()) {
      const isThere = there.has(tag * 10 + i)
      if (result.kind === 'fulfilled') t.true(isThere && result.value === tag * 10 + i)
      else {
        t.true(isLoss(result), shown(result))
        lost++
        if (result.kind === 'rejected' && result.error.maybeExecuted === false && isThere) untrue++
      }
    }
  }
  t.is(untrue, 0)
  t.true(lost > 100)
  t.log(`${lost} calls lost, none said wrongly not to have been executed`)
})

for (const [name, parameters] of [
  ['plain text', PLAIN],
  ['TLS as the server offers it', { sslmode: 'prefer' }],
] as const) {
  serial(`one byte at a time, and random pieces, change nothing: ${name}`, async (t) => {
    for (const slices of [1, { upTo: 7 }, { upTo: 1_500 }]) {
      const { dsn } = await proxied(t, { slices }, parameters)
      t.is(await play(t, dsn, JSON.stringify(slices)), calls.length)
    }
  })
}

serial(
  'a half-open connection is given up when a call times out and its cancel cannot be delivered',
  async (t) => {
    const { proxy, dsn } = await proxied(t)
    const connection = await connect(dsn)
    t.is(await connection.fetchValue('select 1'), 1)
    proxy.set({ stall: 'both' })
    const results = await outcomes([
      connection.fetchValue('select 2', [], { timeout: 300 }),
      connection.fetchValue('select 3'),
    ])
    const [timedOut, behind] = results as [Outcome, Outcome]
    t.true(timedOut.kind === 'rejected' && timedOut.error instanceof TimeoutError, shown(timedOut))
    t.true(isLoss(behind), shown(behind))
    t.true(connection.isClosed())
  },
)

serial('a slow drip makes progress, and a timeout still works', async (t) => {
  const { proxy, dsn } = await proxied(t, { drip: { bytes: 20_000, every: 10 } })
  const connection = await connect(dsn)
  t.is((await connection.fetchValue("select repeat('x', 1000000)")).length, 1_000_000)
  proxy.set({ drip: { bytes: 200, every: 10 } })
  const error = await t.throwsAsync(
    connection.fetchValue("select repeat('x', 1000000)", [], { timeout: 150 }),
  )
  t.true(error instanceof TimeoutError)
  proxy.set({ drip: { bytes: 1_000_000, every: 1 } })
  t.is(await connection.fetchValue('select 4'), 4)
  connection.terminate()
})

serial('a thousand pipelined statements take about one round trip', async (t) => {
  const { dsn } = await proxied(t, { latency: 100 })
  const connection = await connect(dsn)
  await connection.fetchValue('select $1::int', [0])
  const start = performance.now()
  const values = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => connection.fetchValue('select $1::int', [i])),
  )
  const took = performance.now() - start
  t.true(values.every((value, i) => value === i))
  // 200 ms there and back; one after the other they would take 200 s.
  t.true(took < GUARD_MS, `it took ${Math.round(took)} ms`)
  connection.terminate()
})
