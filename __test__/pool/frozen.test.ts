// A process that stood still while the network forgot its connections without a word.

import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { start } from '../runtime/child.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'

/** For how long it stands still: longer than a pool trusts the connections of a process that does. */
const FROZEN_MS = isLong ? 70_000 : 6_000

const canStop = process.platform !== 'win32'

const testWhereStopped = canStop ? test : test.skip

testWhereStopped('the first calls of a pool work after its process was stopped', async (t) => {
  t.timeout(FROZEN_MS + 600_000)
  const database = await testDatabase()
  const target = { host: database.server.host, port: database.server.port }
  const before = await ChaosProxy.start({ target })
  const after = await ChaosProxy.start({ target })
  t.teardown(async () => {
    await before.close()
    await after.close()
  })
  const url = new URL(database.dsn())
  const hosts = `${before.host}:${before.port},${after.host}:${after.port}`
  const dsn = `postgresql://${url.username}:${url.password}@${hosts}${url.pathname}?sslmode=disable`
  const child = start(t, 'frozen-pool', [dsn, String(FROZEN_MS / 2)])
  await child.line('ready')
  await until('both connections are there', () => before.open === 2)
  child.process.kill('SIGSTOP')
  // Nothing that it sends on them is heard any more, and it hears of nothing.
  before.set({ stall: 'both' })
  await before.refuse()
  await delay(FROZEN_MS)
  child.process.kill('SIGCONT')
  t.is(await child.line('ends'), 'shared alone')
  t.is(after.connections.length, 2)
})
