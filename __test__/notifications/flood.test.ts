// Many notifications: in order, none twice, and none lost without a word.

import test from 'ava'
import { InterfaceError } from '../../index.ts'
import { isLong } from '../adversity/outcome.ts'
import { open, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

const MANY = isLong ? 1_000_000 : 100_000

/** Characters of each notification that nobody reads: 200 MB of them, of which the limit holds a tenth at the most. */
const LENGTH = 200_000_000 / MANY

test.serial(`${MANY} notifications come in order and once, beside calls`, async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  const sender = await open(t)
  const stream = connection.notifications('many', { limit: MANY })
  await stream.listening
  let calls = 0
  let isOver = false
  const beside = (async () => {
    for (; !isOver; calls++) t.is(await connection.fetchValue('select $1::int', [calls]), calls)
  })()
  await sender.execute(`select pg_notify('many', n::text) from generate_series(1, ${MANY}) n`)
  let last = 0
  for await (const { payload } of stream) {
    if (payload !== String(++last)) t.is(payload, String(last))
    if (last === MANY) break
  }
  isOver = true
  await beside
  t.is(last, MANY)
  t.log(`${calls} calls beside`)
})

test.serial('an iteration that is not read holds its limit and no more, and overflows loudly', async (t) => {
  t.timeout(600_000)
  const connection = await open(t)
  const sender = await open(t)
  const stream = connection.notifications('unread')
  await stream.listening
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  await sender.execute(
    `select pg_notify('unread', repeat('x', ${LENGTH}) || n) from generate_series(1, ${MANY}) n`,
  )
  t.true(
    await eventually(async () => (await connection.fetch('select pg_listening_channels()')).length === 0),
  )
  globalThis.gc?.()
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  // Half of what came: what was let go of is not all given back.
  t.true(grown < 100, `${Math.round(grown)} MiB`)
  t.is(await connection.fetchValue('select 1'), 1)
  let read = 0
  const error = await reason(
    (async () => {
      for await (const _ of stream) read++
    })(),
  )
  t.is(read, 10_000)
  t.true(error instanceof InterfaceError)
  t.log(`${Math.round(grown)} MiB more`)
})
