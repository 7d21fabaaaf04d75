// Logging in over a line that slices, delays and cuts: either it works, or it fails soon, with its own error.

import test from 'ava'
import { ConnectionFailureError, connect } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { ChaosProxy, type Direction } from '../support/chaos-proxy.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { reason, socketsTo } from './opened.ts'

let server: OwnServer

test.before(async () => {
  const authority = await CertificateAuthority.create()
  server = await startServer({ tls: serverTls(await authority.server()) })
})

const proxied = (options: object = {}): Promise<ChaosProxy> =>
  ChaosProxy.start({ target: { host: server.host, port: server.port }, ...options })

const dsn = (proxy: ChaosProxy, sslmode: string): string =>
  server.dsn({ port: proxy.port, parameters: { sslmode } })

async function bytesOfLogin(sslmode: string, direction: Direction): Promise<number> {
  const proxy = await proxied()
  const connection = await connect(dsn(proxy, sslmode))
  const bytes = direction === 'toClient' ? proxy.bytesToClient : proxy.bytesToServer
  connection.terminate()
  await proxy.close()
  return bytes
}

for (const sslmode of ['disable', 'require']) {
  test(`${sslmode}: a login in packets of one byte each works`, async (t) => {
    const proxy = await proxied({ slices: 1 })
    const connection = await connect(dsn(proxy, sslmode))
    t.is(await connection.fetchValue('select $1::text', ['x'.repeat(500)]), 'x'.repeat(500))
    await connection.close()
    await proxy.close()
  })

  test(`${sslmode}: a login over a slow line works`, async (t) => {
    const proxy = await proxied({ latency: 20, jitter: 15, slices: { upTo: 50 } })
    const connection = await connect(dsn(proxy, sslmode))
    t.is(await connection.fetchValue('select 1'), 1)
    await connection.close()
    await proxy.close()
  })

  for (const direction of ['toClient', 'toServer'] as Direction[]) {
    test.serial(`${sslmode}: a login that is cut ${direction} at any byte fails at once`, async (t) => {
      // PostgreSQL before 18 answers the first handshake with a HelloRetryRequest, for it wants another curve. Later ones
      // offer that at once, and are shorter.
      await bytesOfLogin(sslmode, direction)
      const bytes = await bytesOfLogin(sslmode, direction)
      // Every byte of the short messages at the start, then in steps.
      const step = Math.max(1, Math.floor(bytes / 60))
      // Signatures within a handshake differ in length by some bytes.
      const last = bytes - (sslmode === 'disable' ? 1 : 12)
      for (let after = 0; after <= last; after += after < 12 ? 1 : step) {
        const how = after % 2 === 0 ? 'fin' : 'reset'
        const proxy = await proxied({ cut: { after, how, direction } })
        const error = await reason(connect(dsn(proxy, sslmode), { timeout: 5_000 }))
        t.true(error instanceof ConnectionFailureError, `${how} after ${after} of ${bytes}: ${error}`)
        t.is(typeof error.cause.code, 'string')
        await proxy.close()
      }
    })
  }
}

test('a line that swallows what the server says ends with the budget, and leaves no socket', async (t) => {
  const proxy = await proxied({ stall: 'toClient' })
  for (const sslmode of ['disable', 'prefer', 'require']) {
    const error = await reason(connect(dsn(proxy, sslmode), { timeout: 100 }))
    t.is(error.name, 'TimeoutError')
  }
  t.true(await eventually(() => socketsTo(proxy.port) === 0))
  await proxy.close()
})
