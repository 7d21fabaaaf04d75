// A cancel is never less protected than the session it is for; and the protocol versions that have its keys.

import assert from 'node:assert/strict'
import test from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { CANCEL_REQUEST, int32 } from '../support/protocol-messages.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { untilSleeping } from '../support/waiting.ts'
import { readTrace } from '../support/wire-trace.ts'
import { attempts, VERSIONS } from './real-servers.ts'

let root: CertificateAuthority
const servers = new Map<number, OwnServer>()

test.before(async () => {
  root = await CertificateAuthority.create()
  const tls = serverTls(await root.server())
  for (const version of VERSIONS) servers.set(version, await startServer({ version, tls }))
})

async function through(version: number): Promise<{ proxy: ChaosProxy; dsn: string; server: OwnServer }> {
  const server = servers.get(version)!
  const proxy = await ChaosProxy.start({ target: server, capture: true })
  const dsn = `postgresql://${server.user}:${server.password}@127.0.0.1:${proxy.port}/postgres`
  return { proxy, dsn, server }
}

/** A query that is cancelled while the server runs it, and the next one, which must not notice. */
async function cancelOne(connection: Connection, server: OwnServer): Promise<void> {
  await aborted(connection, server, 'select pg_sleep(60)')
  assert.equal(await connection.fetchValue('select 1'), 1)
}

/** Gives a query up that the server runs. */
async function aborted(connection: Connection, server: OwnServer, sleeper: string): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const rejected = assert.rejects(connection.fetch(sleeper, [], { signal }), /enough/)
  await untilSleeping(connection, server)
  controller.abort(new Error('enough'))
  await rejected
}

function inTheClear(proxy: ChaosProxy): boolean {
  return proxy.connections.some(({ captured }) =>
    Buffer.concat(captured.toServer).includes(int32(CANCEL_REQUEST)),
  )
}

for (const version of VERSIONS) {
  const ways: [title: string, options: () => ConnectOptions, each: string][] = [
    ['plain text', () => ({ ssl: false }), 'plain'],
    ['prefer', () => ({ ssl: 'prefer' }), 'SSLRequest S TLS'],
    ['require', () => ({ ssl: 'require' }), 'SSLRequest S TLS'],
    ['verified TLS', () => ({ ssl: { ca: root.pem } }), 'SSLRequest S TLS'],
    ['TLS 1.2', () => ({ ssl: { ca: root.pem, maxVersion: 'TLSv1.2' } }), 'SSLRequest S TLS'],
  ]
  if (version >= 17)
    ways.push(['direct TLS', () => ({ ssl: { ca: root.pem }, directTls: true }), 'direct TLS'])
  for (const [title, options, each] of ways) {
    test(`PostgreSQL ${version}: a session over ${title} is cancelled the same way`, async (t) => {
      const { proxy, dsn, server } = await through(version)
      t.teardown(() => proxy.close())
      const connection = await connect(dsn, options())
      await cancelOne(connection, server)
      await cancelOne(connection, server)
      await connection.close()
      // More than three where a cancel came so early that it had to be repeated.
      const made = attempts(proxy)
      t.true(made.length >= 3, `${made}`)
      t.deepEqual([...new Set(made)], [each])
      t.is(inTheClear(proxy), each === 'plain')
    })
  }

  test(`PostgreSQL ${version}: protocol 3.2 is spoken where it is known, negotiated down elsewhere`, async (t) => {
    for (const asked of ['3.0', '3.2', 'latest']) {
      const { proxy, dsn, server } = await through(version)
      t.teardown(() => proxy.close())
      const connection = await connect(`${dsn}?max_protocol_version=${asked}`, { ssl: false })
      t.teardown(() => connection.terminate())
      await cancelOne(connection, server)
      await connection.close()
      const [session, cancel] = proxy.connections.map(({ captured }) => captured)
      const startup = Buffer.concat(session!.toServer)
      t.is(startup.readUInt32BE(4), asked === '3.0' ? 0x3_0000 : 0x3_0002)
      const answers = readTrace(session!.toClient)
      t.is(
        answers.some(({ type }) => type === 'v'),
        asked !== '3.0' && version < 18,
      )
      const key = answers.find(({ type }) => type === 'K')!.body.subarray(4)
      t.is(key.length, asked !== '3.0' && version >= 18 ? 32 : 4)
      // The cancel connection says pid and key, and nothing else.
      const request = Buffer.concat(cancel!.toServer)
      t.is(request.length, 12 + key.length)
      t.deepEqual(request.subarray(12), key)
      await proxy.close()
    }
  })

  test.serial(
    `PostgreSQL ${version}: a renewed certificate is trusted for cancels as the mode trusts it for sessions`,
    async (t) => {
      const { proxy, dsn, server } = await through(version)
      t.teardown(() => proxy.close())
      const stranger = await CertificateAuthority.create('Root of a stranger')
      for (const [ssl, isTrusted] of [
        ['require', true],
        [{ ca: root.pem }, false],
      ] as const) {
        await server.reload({ tls: serverTls(await root.server()) })
        const connection = await connect(dsn, { ssl })
        await connection.execute('create temp table woken(n int)')
        const before = proxy.connections.length
        await server.reload({ tls: serverTls(await stranger.server()) })
        const sleeper = 'with nap as materialized (select pg_sleep(3)) insert into woken select 1 from nap'
        await aborted(connection, server, sleeper)
        // Nobody but its caller waits for a call whose cancel goes to a stranger: it ends by itself.
        const woken = Number(await connection.fetchValue('select count(*) from woken'))
        t.is(woken, isTrusted ? 0 : 1, isTrusted ? 'no cancel was delivered' : 'a stranger was told the key')
        t.true(proxy.connections.length > before, 'no cancel was tried')
        await connection.close()
      }
      t.false(inTheClear(proxy))
      await server.reload({ tls: serverTls(await root.server()) })
    },
  )
}
