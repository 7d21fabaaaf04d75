// What a crowd of lying servers costs everybody else in the process. The crowd's own progress is the clock: each key
// that it has the driver derive is one tick.

import test, { type ExecutionContext } from 'ava'
import { connect } from '../../index.ts'
import { reason } from '../query/open.ts'
import { authSasl, authSaslContinue } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { AT_ONCE_MS, until, untilSleeping } from '../support/waiting.ts'
import { rejection } from './real-servers.ts'

const CROWD = 100

/** Keys that may be derived while another is served: those in work, and what a busy machine lets by. */
const FEW = CROWD / 5

interface Crowd {
  /** Keys derived for it so far. */
  readonly keys: () => number
  /** Gives the attempts up that still wait. */
  readonly leave: () => Promise<void>
}

/** Logins, each to a server that asks for the most expensive SCRAM, all waiting for their keys. */
async function crowd(t: ExecutionContext, size: number = CROWD): Promise<Crowd> {
  let challenged = 0
  let keys = 0
  const server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authSasl('SCRAM-SHA-256'))
    const { body } = await session.expect('p')
    const nonce = /r=([^,]*)/.exec(body.toString())![1]
    session.send(authSaslContinue(`r=${nonce}x,s=QSXCR+Q6sek8bf92,i=100000`))
    challenged++
    await session.expect('p')
    keys++
    session.end()
  })
  t.teardown(() => server.close())
  const controller = new AbortController()
  const dsn = `postgresql://someone:a-password@127.0.0.1:${server.port}/?sslmode=disable`
  const attempts = Array.from({ length: size }, () => rejection(connect(dsn, { signal: controller.signal })))
  t.teardown(() => Promise.all(attempts))
  await until('every one of them asks for a key', () => challenged === size)
  return {
    keys: () => keys,
    leave: async () => {
      t.true(keys < size, 'the crowd was served before anybody else asked')
      controller.abort()
      await Promise.all(attempts)
    },
  }
}

test.serial('a login does not wait for the keys of a hundred lying servers', async (t) => {
  const database = await testDatabase()
  const lying = await crowd(t)
  const before = lying.keys()
  const connection = await connect(database.dsn({ parameters: { require_auth: 'scram-sha-256' } }))
  t.true(lying.keys() - before < FEW, `${lying.keys() - before} of their keys came first`)
  connection.terminate()
  await lying.leave()
})

test.serial('a running session does not wait for the keys of a hundred lying servers', async (t) => {
  const database = await testDatabase()
  const connection = await connect(database.dsn())
  t.teardown(() => connection.terminate())
  const lying = await crowd(t)
  const before = lying.keys()
  for (let number = 0; number < 10; number++) await connection.fetchValue('select 1')
  t.true(lying.keys() - before < FEW, `${lying.keys() - before} of their keys came first`)
  await lying.leave()
})

test.serial('a cancel does not wait for the keys of a hundred lying servers', async (t) => {
  const database = await testDatabase()
  const connection = await connect(database.dsn())
  t.teardown(() => connection.terminate())
  const controller = new AbortController()
  const sleeper = connection.fetchValue('select pg_sleep(600)', [], { signal: controller.signal })
  await untilSleeping(connection)
  const lying = await crowd(t)
  const before = lying.keys()
  controller.abort()
  t.is(await reason(sleeper), controller.signal.reason)
  // Answered when the server has ended the sleep.
  await connection.fetchValue('select 1')
  t.true(lying.keys() - before < FEW, `${lying.keys() - before} of their keys came first`)
  await lying.leave()
})

test.serial('a key that many wait for is derived in the end', async (t) => {
  const many = 30
  const lying = await crowd(t, many)
  await until('every key is derived', () => lying.keys() === many)
  t.pass()
})

test.serial('attempts that are given up in the middle of a derivation end at once', async (t) => {
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
