// Calls given up by the hundred, on connections with delays: the cancel that ends one never harms another.

import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { connect, TimeoutError } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { randomFrom } from '../support/random.ts'
import { testDatabase } from '../support/server.ts'
import { untilSleeping } from '../support/waiting.ts'
import { isLong, outcome } from './outcome.ts'

const { serial } = test

async function delayed(t: ExecutionContext, latency: number, jitter: number): Promise<string> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, latency, jitter })
  t.teardown(() => proxy.close())
  return database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
}

serial('timeouts alternate with queries, and no query is a victim', async (t) => {
  t.timeout(600_000)
  const dsn = await delayed(t, 1, 1)
  const lanes = 8
  const rounds = isLong ? 2_000 : 70
  let timeouts = 0
  const victims: unknown[] = []
  const lane = async (seed: number): Promise<void> => {
    const random = randomFrom(seed)
    const connection = await connect(dsn)
    for (let round = 0; round < rounds; round++) {
      // Its end falls before, into and after the cancel.
      const sleep = random() * 0.02
      const first = outcome(
        connection.fetchValue(`select $1::int from pg_sleep($2)`, [round, sleep], {
          timeout: 1 + random() * 14,
        }),
      )
      const second = outcome(connection.fetchValue('select $1::int', [round]))
      if (random() < 0.5) await first
      const third = outcome(connection.fetchValue('select $1::int from pg_sleep(0.001)', [round]))
      for (const result of await Promise.all([second, third])) {
        if (result.kind !== 'fulfilled' || result.value !== round) victims.push(result)
      }
      const given = await first
      if (given.kind === 'rejected' && given.error instanceof TimeoutError) timeouts++
      else if (given.kind !== 'fulfilled' || given.value !== round) victims.push(given)
    }
    await connection.close()
  }
  await Promise.all(Array.from({ length: lanes }, (_, i) => lane(i + 1)))
  t.deepEqual(victims, [])
  t.log(`${timeouts} timeouts among ${lanes * rounds * 3} calls, 0 victims`)
  t.true(timeouts > (isLong ? 3_000 : 150))
})

serial('many calls in flight and random aborts: every answer is the answer to its own call', async (t) => {
  const seconds = isLong ? 60 : 8
  t.timeout((seconds + 60) * 1_000)
  const dsn = await delayed(t, 1, 1)
  const counts = { right: 0, aborted: 0 }
  const wrong: unknown[] = []
  const end = performance.now() + seconds * 1_000
  let tag = 0
  const lane = async (seed: number): Promise<void> => {
    const random = randomFrom(seed)
    const connection = await connect(dsn)
    const one = async (): Promise<void> => {
      const mine = ++tag
      const controller = new AbortController()
      const aborts = random() < 0.15
      const kinds = random()
      const sql =
        kinds < 0.1
          ? 'select $1::int from pg_sleep(0.02)'
          : kinds < 0.4
            ? 'select $1::int from generate_series(1, 2000)'
            : 'select $1::int'
      const pending = outcome(connection.fetchValue(sql, [mine], { signal: controller.signal }), 20_000)
      if (aborts) {
        await delay(random() * 10)
        controller.abort(mine)
      }
      const result = await pending
      if (result.kind === 'fulfilled' && result.value === mine) counts.right++
      else if (result.kind === 'rejected' && aborts && result.error === mine) counts.aborted++
      else wrong.push(result)
    }
    while (performance.now() < end) await Promise.all(Array.from({ length: 12 }, one))
    t.is(await connection.fetchValue('select 1'), 1)
    await connection.close()
  }
  await Promise.all(Array.from({ length: 4 }, (_, i) => lane(i + 100)))
  t.deepEqual(wrong, [])
  t.log(`${counts.right} right, ${counts.aborted} aborted`)
  t.true(counts.aborted > 0 && counts.right > counts.aborted, JSON.stringify(counts))
})

serial('ten thousand calls share one signal without a warning', async (t) => {
  const database = await testDatabase()
  const connection = await connect(database.dsn())
  t.teardown(() => connection.terminate())
  const warnings: Error[] = []
  const onWarning = (warning: Error): number => warnings.push(warning)
  process.on('warning', onWarning)
  const controller = new AbortController()
  const { signal } = controller
  for (let i = 0; i < 10; i++) {
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => connection.fetchValue('select $1::int', [n], { signal })),
    )
  }
  const pending = Array.from({ length: 10 }, () =>
    outcome(connection.fetchValue('select pg_sleep(60)', [], { signal })),
  )
  await untilSleeping(connection)
  controller.abort('enough')
  for (const result of await Promise.all(pending)) t.deepEqual(result, { kind: 'rejected', error: 'enough' })
  t.is(await connection.fetchValue('select 5'), 5)
  process.off('warning', onWarning)
  t.deepEqual(warnings, [])
})
