// The two buffers between JavaScript and the driver: what does not fit makes them grow, what is read is read in slices.

import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { loadBinding } from '#native'
import { type Connection, connect } from '../../index.ts'
import { VERSION } from '../../src/boundary/generated.ts'
import { barrier, open } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { until, untilBlocked, untilGone } from '../support/waiting.ts'

const { serial } = test
const MB = 2 ** 20

/** Bytes of the smallest Buffer that Node.js does not make in memory shared with others: 4 KiB, 32 KiB since 26. */
const SHARED_BELOW = Buffer.poolSize >>> 1

serial('a hundred megabytes of arguments in one tick arrive whole', async (t) => {
  const connection = await open(t)
  const blob = Buffer.alloc(10 * MB, 7)
  const calls = Array.from({ length: 10 }, (_, i) => {
    blob[0] = i
    return connection.fetchRow(
      'select length($1::bytea) as length, get_byte($1, 0) as first, $2::int as tag',
      [blob, i],
    )
  })
  const rows = await Promise.all(calls)
  t.deepEqual(
    rows,
    calls.map((_, i) => ({ length: 10 * MB, first: i, tag: i })),
  )
})

serial('one argument of thirty megabytes, and one record of as much', async (t) => {
  const connection = await open(t)
  const text = 'x'.repeat(30 * MB)
  t.is(await connection.fetchValue('select length($1::text)', [text]), text.length)
  const big = await connection.fetchValue<string>("select repeat('y', 30 * 1024 * 1024)")
  t.is(big?.length, text.length)
  const bytes = await connection.fetchValue<Buffer>("select convert_to(repeat('é', 5000000), 'UTF8')")
  t.is(bytes?.length, 10_000_000)
  t.is(await connection.fetchValue<string>("select repeat('é€', 3000000)"), 'é€'.repeat(3_000_000))
  t.is(await connection.fetchValue('select 1'), 1)
})

serial('the memory of a record too large for the buffer is given back as soon as it was read', async (t) => {
  const { prototype } = loadBinding(VERSION).Core
  const { take } = prototype
  const blocks: (Uint8Array | null)[] = []
  prototype.take = function () {
    const block = take.call(this)
    blocks.push(block)
    return block
  }
  t.teardown(() => {
    prototype.take = take
  })
  const connection = await open(t)
  const texts = ['x', 'y'].map((letter) => letter.repeat(2 * MB))
  for (const text of texts) t.is(await connection.fetchValue('select $1::text', [text]), text)
  t.deepEqual(
    blocks.map((block) => block?.length),
    [0, 0],
  )
})

serial('a hundred thousand calls in one tick are answered in order', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  await connection.fetchValue('select $1::int', [0])
  let last = -1
  let inOrder = true
  const values = await Promise.all(
    Array.from({ length: 100_000 }, async (_, i) => {
      const value = await connection.fetchValue<number>('select $1::int', [i])
      if (i !== last + 1) inOrder = false
      last = i
      return value
    }),
  )
  t.true(values.every((value, i) => value === i))
  t.true(inOrder)
})

serial('records of every size around that of the buffer', async (t) => {
  const connection = await open(t)
  const sizes = [64, 128, 256, 512].flatMap((k) =>
    [-65, -64, -49, -48, -9, -8, -1, 0, 1, 8, 48, 64].map((more) => k * 1024 + more),
  )
  const results = await Promise.all(
    sizes.map((size) =>
      connection.fetchRow<{ t: string; b: Buffer; n: number }>(
        "select repeat('x', $1) t, convert_to(repeat('y', $1), 'UTF8') b, $1::int n",
        [size],
      ),
    ),
  )
  for (const [i, size] of sizes.entries()) {
    t.is(results[i]?.t.length, size)
    t.is(results[i]?.b.length, size)
    t.is(results[i]?.n, size)
  }
})

serial(
  'what piled up while JavaScript was busy is read in slices, and other work gets its turns',
  async (t) => {
    const connection = await open(t)
    const blocked = await barrier(t)
    const sql = `select n, repeat('x', 50) t, n::float8 f, now() d
      from (select pg_advisory_lock_shared($2)) _, generate_series(1, $1::int) n`
    await connection.fetch(sql, [10, 0])
    const pending = connection.fetch(sql, [100_000, blocked.key])
    await untilBlocked(connection)
    const opened = blocked.open()
    // The server is asked for it at the end of the turn, and answers while nobody reads.
    await turn()
    const busyUntil = performance.now() + 500
    while (performance.now() < busyUntil);
    let turns = 0
    let reading = true
    const count = (): void => {
      turns++
      if (reading) setImmediate(count)
    }
    count()
    t.is((await pending).length, 100_000)
    await opened
    reading = false
    // Some ten megabytes in slices of a quarter of one at the most.
    t.true(turns > 20, `${turns} turns`)
  },
)

serial('answers that each say little do not keep other work from its turns', async (t) => {
  const connections = await Promise.all(Array.from({ length: 4 }, () => open(t)))
  let answers = 0
  let before = 0
  let most = 0
  const work = async (connection: Connection): Promise<void> => {
    while (answers < 4_000) {
      await connection.fetchValue('select $1::int', [answers++])
      // Longer than the next answer takes to come: there is always one to read.
      const end = performance.now() + 0.5
      while (performance.now() < end);
    }
  }
  const look = (): void => {
    most = Math.max(most, answers - before)
    before = answers
    if (answers < 4_000) setImmediate(look)
  }
  look()
  await Promise.all(connections.map(work))
  // Four answers a wake-up at the most, 16 wake-ups a turn; a thousand, were there no bound but the runtime's.
  t.true(most <= 64, `${most} answers between two turns`)
})

serial('bytes are memory of their own, whatever their size', async (t) => {
  const database = await testDatabase()
  for (const bytea of ['buffer', 'uint8array'] as const) {
    const connection = await connect(database.dsn(), { types: { bytea } })
    for (const size of [100, 5_000, 64 * 1024, 300_000, 2_000_000]) {
      const rows = await connection.fetch<{ b: Uint8Array; other: Uint8Array; list: Uint8Array[] }>(
        `select convert_to(repeat('a', $1), 'UTF8') b, convert_to(repeat('z', $1), 'UTF8') other,
          array[convert_to(repeat('c', $1), 'UTF8')] list, n from generate_series(1, 3) n`,
        [size],
      )
      for (const value of rows.flatMap(({ b, other, list }) => [b, other, ...list])) {
        t.is(value.length, size)
        if (bytea === 'buffer' && size < SHARED_BELOW) continue
        t.is(value.buffer.byteLength, size, `${bytea} of ${size}`)
        t.is(value.byteOffset, 0)
      }
      const [first, second] = rows
      const own = [first?.b.buffer as ArrayBuffer].filter((_) => size >= SHARED_BELOW)
      structuredClone(first, { transfer: own })
      t.is(second?.b[0], 97)
      t.is(first?.other[0], 122)
    }
    await connection.close()
  }
})

serial('a connection that nobody closed and nobody has any more is collected, with a warning', async (t) => {
  const database = await testDatabase()
  const warnings: (Error & { code?: string })[] = []
  const onWarning = (warning: Error): number => warnings.push(warning)
  process.on('warning', onWarning)
  const pids = await (async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => connect(database.dsn())))
    await Promise.all(made.map((connection) => connection.fetchValue('select 1')))
    return made.map((connection) => connection.getServerPid())
  })()
  await until('all are warned of', () => {
    globalThis.gc?.()
    return warnings.length >= pids.length
  })
  process.off('warning', onWarning)
  const codes = warnings.map(({ code }) => code)
  t.deepEqual(
    codes,
    pids.map(() => 'CORNAC_UNCLOSED_CONNECTION'),
  )
  for (const pid of pids) t.true(warnings.some(({ message }) => message.includes(String(pid))))
  for (const pid of pids) await untilGone(pid)
})

serial('a call in flight, and ref(), keep their connection from being collected', async (t) => {
  const database = await testDatabase()
  const blocked = await barrier(t)
  const text = 'select 3 from (select pg_advisory_lock_shared($1)) _'
  const pending = (await connect(database.dsn())).fetchValue(text, [blocked.key])
  const pid = await (async () => (await connect(database.dsn())).ref().getServerPid())()
  for (let i = 0; i < 10; i++) {
    globalThis.gc?.()
    // What is to be finalized has its turns.
    for (let n = 0; n < 10; n++) await turn()
  }
  await blocked.open()
  t.is(await pending, 3)
  const kept = await database.admin(`select pid from pg_stat_activity where pid = ${pid}`)
  t.is(kept.length, 1)
  await database.admin(`select pg_terminate_backend(${pid})`)
})
