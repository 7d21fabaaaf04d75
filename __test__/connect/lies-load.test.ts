// What a crowd of lying servers costs everybody else in the process.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { connect } from '../../index.ts'
import { authSasl, authSaslContinue } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { AT_ONCE_MS, until } from '../support/waiting.ts'
import { rejection } from './real-servers.ts'

test('servers that ask for the most expensive SCRAM keep neither the event loop nor another session', async (t) => {
  const database = await testDatabase()
  const healthy = await connect(database.dsn())
  t.teardown(() => healthy.terminate())
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authSasl('SCRAM-SHA-256'))
    const { body } = await session.expect('p')
    const nonce = /r=([^,]*)/.exec(body.toString())![1]
    session.send(authSaslContinue(`r=${nonce}x,s=QSXCR+Q6sek8bf92,i=100000`))
    await session.expect('p')
    session.end()
  })
  const dsn = `postgresql://someone:a-password@127.0.0.1:${server.port}/?sslmode=disable`

  let over = false
  let slowest = 0
  const asking = (async () => {
    while (!over) {
      const started = performance.now()
      await healthy.fetchValue('select 1')
      slowest = Math.max(slowest, performance.now() - started)
      await delay(5)
    }
  })()
  const began = performance.now()
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  const errors = await Promise.all(Array.from({ length: 60 }, () => rejection(connect(dsn))))
  loop.disable()
  const took = performance.now() - began
  over = true
  await asking
  t.true(
    errors.every((error) => error?.name === 'ConnectionFailureError'),
    `${errors[0]}`,
  )
  // A derivation takes tens of milliseconds: in the event loop the sixty would hold it for seconds.
  t.true(loop.percentile(90) / 1e6 < 100, `event loop delay ${loop.percentile(90) / 1e6} ms`)
  t.true(slowest < Math.max(1_000, took / 2), `slowest query of the healthy session ${slowest} of ${took} ms`)
})

test('attempts that are given up in the middle of a derivation end at once', async (t) => {
  let challenged = 0
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authSasl('SCRAM-SHA-256'))
    const { body } = await session.expect('p')
    const nonce = /r=([^,]*)/.exec(body.toString())![1]
    session.send(authSaslContinue(`r=${nonce}x,s=QSXCR+Q6sek8bf92,i=100000`))
    challenged++
    await session.expect()
  })
  const dsn = `postgresql://someone:a-password@127.0.0.1:${server.port}/?sslmode=disable`
  const warnings: Error[] = []
  const warned = (warning: Error) => void warnings.push(warning)
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const reason = new Error('no longer wanted')
  const controller = new AbortController()
  const attempts = Array.from({ length: 20 }, () => rejection(connect(dsn, { signal: controller.signal })))
  await until('a challenge', () => challenged > 0)
  const aborted = performance.now()
  controller.abort(reason)
  for (const error of await Promise.all(attempts)) t.is(error, reason)
  t.true(performance.now() - aborted < AT_ONCE_MS, `${performance.now() - aborted} ms`)
  // Twenty attempts share a signal: they must not look like twenty forgotten listeners.
  t.deepEqual(warnings, [])
})
