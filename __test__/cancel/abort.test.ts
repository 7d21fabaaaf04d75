import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { InFailedSQLTransactionError, InterfaceError } from '../../index.ts'
import { barrier, call, open, openWatched, reason } from '../query/open.ts'
import { GUARD_MS, syncsSent, untilBlocked, untilSent, untilSleeping } from '../support/waiting.ts'

const calls = ['execute', 'fetch', 'fetchRow', 'fetchValue'] as const

test('a signal that was aborted before rejects with its reason and nothing is sent', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table unsent(a int)')
  const why = { because: 'of this' }
  for (const name of calls) {
    t.is(
      await reason(
        call(connection, name, 'insert into unsent values (1)', [], { signal: AbortSignal.abort(why) }),
      ),
      why,
    )
  }
  const error = await reason(connection.fetch('select 1', [], { signal: AbortSignal.abort() }))
  t.is(error.name, 'AbortError')
  t.is(await connection.fetchValue('select count(*) from unsent'), 0)
})

test('a signal that aborts afterwards changes nothing', async (t) => {
  const connection = await open(t)
  const controller = new AbortController()
  t.is(await connection.fetchValue('select 1', [], { signal: controller.signal }), 1)
  controller.abort()
  t.is(await connection.fetchValue('select 2'), 2)
})

test('a running call is cancelled on the server, and the connection goes on', async (t) => {
  const connection = await open(t)
  for (const name of calls) {
    const controller = new AbortController()
    const running = reason(call(connection, name, 'select pg_sleep(60)', [], { signal: controller.signal }))
    await untilSleeping(connection)
    const why = new Error('no longer wanted')
    const begin = performance.now()
    controller.abort(why)
    t.is(await running, why)
    t.is(await connection.fetchValue('select 1'), 1)
    t.true(performance.now() - begin < GUARD_MS)
  }
})

test('a call that was not sent yet is withdrawn', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table withdrawn(a int)')
  const controller = new AbortController()
  const { signal } = controller
  const blocked = await barrier(t)
  const script = connection.execute(`select pg_advisory_lock_shared(${blocked.key})`)
  const waiting = [
    reason(connection.execute('insert into withdrawn values (1)', [], { signal })),
    reason(connection.fetch('insert into withdrawn values ($1)', [2], { signal })),
  ]
  const last = connection.fetchValue('select count(*) from withdrawn')
  await untilBlocked(connection)
  controller.abort()
  for (const call of waiting) t.is((await call).name, 'AbortError')
  await blocked.open()
  t.is(await script, 'SELECT 1')
  t.is(await last, 0)
})

test('a call in the same tick is withdrawn as well', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table same_tick(a int)')
  const controller = new AbortController()
  const call = reason(
    connection.execute('insert into same_tick values (1)', [], { signal: controller.signal }),
  )
  controller.abort()
  t.is((await call).name, 'AbortError')
  t.is(await connection.fetchValue('select count(*) from same_tick'), 0)
})

test('aborting a call behind another does not disturb the one that runs', async (t) => {
  const { connection, link } = await openWatched(t)
  await connection.fetch('select 1 from pg_sleep($1)', [0])
  await connection.fetch('select 1 from pg_advisory_lock_shared($1)', [0])
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController()
    const { signal } = controller
    const blocked = await barrier(t)
    const before = syncsSent(link)
    const first = connection.fetchValue('select 1 from pg_advisory_lock_shared($1)', [blocked.key])
    const second = reason(connection.fetchValue('select 1 from pg_sleep($1)', [60], { signal }))
    const third = connection.fetchValue('select 3 from pg_sleep($1)', [0])
    await untilBlocked(connection)
    await untilSent(link, before + 2)
    const begin = performance.now()
    controller.abort()
    // It does not wait for the one that runs, which is not cancelled.
    t.is((await second).name, 'AbortError')
    await blocked.open()
    t.is(await first, 1)
    // The second is given a moment of its own, then cancelled.
    t.is(await third, 3)
    t.true(performance.now() - begin < GUARD_MS)
  }
})

test('a call that ends by itself soon after its turn is not cancelled', async (t) => {
  const { connection, link, proxy } = await openWatched(t)
  await connection.execute('create temp table kept(a int)')
  await connection.fetch('insert into kept select $1 from pg_sleep(0.03)', [0])
  await connection.fetch('select pg_advisory_lock_shared($1)', [0])
  let cancels = 1
  // Within 100 ms of its turn, that is; a machine that pauses for longer is given other chances.
  for (let round = 1; round <= 20 && cancels > 0; round++) {
    const made = proxy.connections.length
    const controller = new AbortController()
    const blocked = await barrier(t)
    const before = syncsSent(link)
    const running = connection.fetch('select pg_advisory_lock_shared($1)', [blocked.key])
    const call = reason(
      connection.fetch('insert into kept select $1 from pg_sleep(0.03)', [round], {
        signal: controller.signal,
      }),
    )
    await untilBlocked(connection)
    await untilSent(link, before + 2)
    controller.abort()
    t.is((await call).name, 'AbortError')
    await blocked.open()
    t.is((await running).length, 1)
    const kept = await connection.fetch('select from kept where a = $1', [round])
    cancels = proxy.connections.length - made
    if (cancels === 0) t.is(kept.length, 1)
  }
  t.is(cancels, 0)
})

test('within a transaction an abort leaves it failed', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  const controller = new AbortController()
  const running = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
  await untilSleeping(connection)
  controller.abort()
  t.is((await running).name, 'AbortError')
  t.true((await reason(connection.fetch('select 1'))) instanceof InFailedSQLTransactionError)
  t.is(await connection.execute('rollback'), 'ROLLBACK')
})

test('one signal serves 10^4 calls, without a warning of too many listeners', async (t) => {
  const warnings: Error[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const connection = await open(t)
  const controller = new AbortController()
  const { signal } = controller
  const values = await Promise.all(
    Array.from({ length: 10_000 }, (_, n) => connection.fetchValue('select $1::int', [n], { signal })),
  )
  t.is(values.length, 10_000)
  const blocked = await barrier(t)
  const running = connection.fetch('select pg_advisory_lock_shared($1)', [blocked.key])
  const settled = Promise.allSettled(
    Array.from({ length: 10_000 }, (_, n) => connection.fetchValue('select $1::int', [n], { signal })),
  )
  await untilBlocked(connection)
  controller.abort()
  const reasons = (await settled).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  t.is(reasons.length, 10_000)
  t.true(reasons.every((rejected) => rejected.reason === signal.reason))
  await blocked.open()
  t.is((await running).length, 1)
  t.is(await connection.fetchValue('select 1'), 1)
  await turn()
  t.deepEqual(warnings, [])
})

test('what is no AbortSignal is refused', async (t) => {
  const connection = await open(t)
  for (const signal of [
    null,
    {},
    new AbortController(),
    'x',
    { aborted: true },
    new EventTarget(),
  ] as any[]) {
    for (const name of calls) {
      const error = await reason(call(connection, name, 'select 1', [], { signal }))
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /^invalid signal: expected an AbortSignal, got /)
    }
  }
})

test('aborts and results race without a loss: each call settles, and later ones are right', async (t) => {
  const connection = await open(t)
  for (let n = 0; n < 300; n++) {
    const controller = new AbortController()
    const value = connection
      .fetchValue('select 5 from pg_sleep(0.001)', [], { signal: controller.signal })
      .catch((error) => error.name)
    setTimeout(() => controller.abort(), n % 5)
    t.true([5, 'AbortError'].includes(await value))
    t.is(await connection.fetchValue('select $1::int', [n]), n)
  }
})
