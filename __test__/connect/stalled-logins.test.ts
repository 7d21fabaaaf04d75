// What logins cost everybody else whose server falls silent: they hold no thread, whatever they wait for.

import { readdirSync, readFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { connect } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { authCleartext, authSasl } from '../support/protocol-messages.ts'
import { ScramServer } from '../support/scram-server.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { rejection } from './real-servers.ts'

const CROWD = 100

/** As many as `crates/driver/src/runtime.rs` says, those for files included. */
const MOST_LOGIN_THREADS = 2 + 4

/** Where a server falls silent; the script ends there. */
const silences: { [where: string]: { parameters: string; script: (session: ScriptedSession) => unknown } } = {
  'in the TLS handshake': {
    parameters: 'sslmode=require',
    script: async (session) => {
      await session.packet()
      session.send(Buffer.from('S'))
      await session.bytes(1)
    },
  },
  'after the start-up packet': { parameters: 'sslmode=disable', script: (session) => session.startup() },
  'instead of a verdict on the password': {
    parameters: 'sslmode=disable',
    script: async (session) => {
      await session.startup()
      session.send(authCleartext())
      await session.expect('p')
    },
  },
  'instead of its SASL proof': {
    parameters: 'sslmode=disable',
    script: async (session) => {
      await session.startup()
      session.send(authSasl('SCRAM-SHA-256'))
      session.send(new ScramServer({ password: 'a-password' }).first(await session.expect('p')))
      await session.expect('p')
    },
  },
}

/** The driver's threads of one kind; Linux only, elsewhere none. */
function threads(kind: string): number {
  if (process.platform !== 'linux') return 0
  const names = readdirSync('/proc/self/task').map((task) =>
    readFileSync(`/proc/self/task/${task}/comm`, 'utf8'),
  )
  return names.filter((name) => name.trim() === `cornac-${kind}`).length
}

let root: CertificateAuthority
let server: OwnServer

test.before(async () => {
  root = await CertificateAuthority.create()
  server = await startServer({ tls: serverTls(await root.server()) })
})

async function silentCrowd(t: ExecutionContext, where: string): Promise<{ ended: () => number }> {
  const { parameters, script } = silences[where]!
  let silent = 0
  const server = await ScriptedServer.start(async (session) => {
    await script(session)
    silent++
    session.leaveWithClient()
  })
  const controller = new AbortController()
  let ended = 0
  const dsn = `postgresql://someone:a-password@127.0.0.1:${server.port}/?${parameters}`
  const attempts = Array.from({ length: CROWD }, async () => {
    await rejection(connect(dsn, { signal: controller.signal, timeout: null }))
    ended++
  })
  t.teardown(async () => {
    controller.abort()
    await Promise.all(attempts)
    await server.close()
  })
  await until(`${CROWD} silent servers`, () => silent === CROWD)
  return { ended: () => ended }
}

for (const where of Object.keys(silences)) {
  test.serial(`a hundred servers that fall silent ${where} hold up no other login`, async (t) => {
    const { ended } = await silentCrowd(t, where)
    const dsn = `postgresql://${server.user}:${server.password}@127.0.0.1:${server.port}/postgres`
    // Options that nobody has used before: they are prepared while all the others wait.
    const ssl = { ca: [root.pem, (await CertificateAuthority.create(`Another ${where}`)).pem] }
    const connection = await connect(dsn, { ssl, requireAuth: 'scram-sha-256' })
    t.is(await connection.fetchValue('select 1'), 1)
    await connection.close()
    t.is(ended(), 0, 'a silent login ended first')
    t.true(threads('login') <= MOST_LOGIN_THREADS, `${threads('login')} threads`)
  })
}
