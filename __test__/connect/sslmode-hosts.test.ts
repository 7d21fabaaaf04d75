// TLS where there are several hosts, and where there is none: sockets of this machine.

import { userInfo } from 'node:os'
import test from 'ava'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  connect,
  InvalidAuthorizationSpecificationError,
} from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { connectIn, file, held, protection, rejection, VERSIONS } from './real-servers.ts'

let root: CertificateAuthority
let roots: string
let good: OwnServer
let strange: OwnServer
let plain: OwnServer

test.before(async () => {
  root = await CertificateAuthority.create()
  roots = file(root.pem)
  const stranger = await CertificateAuthority.create('Root of a stranger')
  const hba = ['local all all trust', 'host all all all trust']
  const settings = { listen_addresses: '127.0.0.1,::1' }
  good = await startServer({ tls: serverTls(await root.server()), hba, settings })
  strange = await startServer({ tls: serverTls(await stranger.server()), hba })
  plain = await startServer({ version: VERSIONS[0]!, hba })
})

const list = (...servers: { port: number }[]) =>
  `postgresql://postgres@${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/postgres`

test('a host that cannot be trusted, or has no TLS, is passed over for the next one', async (t) => {
  for (const ssl of ['verify-full', 'verify-ca', 'require'] as const) {
    const connection = await held(t, connect(list(plain, strange, good), { ssl, sslrootcert: roots }))
    t.true((await protection(connection)).ssl)
    t.is(await connection.fetchValue("select current_setting('port')::int"), good.port)
  }
  const byContents = await held(t, connect(list(strange, plain, good), { ssl: { ca: root.pem } }))
  t.is(await byContents.fetchValue("select current_setting('port')::int"), good.port)
})

test('where no host can be trusted, the error has one reason for each', async (t) => {
  const error = await rejection(connect(list(plain, strange), { ssl: 'verify-full', sslrootcert: roots }))
  t.true(error instanceof ConnectionFailureError, `${error}`)
  t.true(error.cause instanceof AggregateError)
  const [first, second] = error.cause.errors as Error[]
  t.regex(first!.message, /rejected SSL upgrade/)
  t.regex(second!.message, /no path leads from there to one of the configured roots/)
  t.true(error.message.includes(first!.message) && error.message.includes(second!.message))
})

test('prefer takes a host as it is, and does not go on to one with TLS', async (t) => {
  const connection = await held(t, connect(list(plain, good)))
  t.false((await protection(connection)).ssl)
})

test('a host answers by several addresses: each is asked in the same way', async (t) => {
  const dsn = `postgresql://postgres@[::1]:${good.port},127.0.0.1:${good.port}/postgres`
  const connection = await held(t, connect(dsn, { ssl: { ca: root.pem } }))
  t.true((await protection(connection)).ssl)
  t.is(await connection.fetchValue('select host(inet_client_addr())'), '::1')
  const named = `postgresql://postgres@localhost:${good.port}/postgres`
  t.true((await protection(await held(t, connect(named, { ssl: { ca: root.pem } })))).ssl)
})

test('no secret of one host goes to another', async (t) => {
  await using spy = await ScriptedServer.start(async (session) => {
    await session.startup()
    await session.expect()
  })
  const passfile = file(`127.0.0.1:${good.port}:*:*:secret-of-the-good-one\n`)
  const error = await rejection(
    connect(list(spy, good), { ssl: 'require', sslrootcert: roots, passfile, password: undefined as never }),
  )
  t.is(error, undefined, `${error}`)
  t.false(spy.sessions.some(({ received }) => received.includes('secret')))
})

test('sockets never use TLS, whatever is asked for, and need no roots for it', async (t) => {
  const { port, socketDirectory: host } = good
  const dsn = `postgresql://postgres@/postgres?host=${encodeURIComponent(host)}&port=${port}`
  for (const ssl of [
    'disable',
    'allow',
    'prefer',
    'require',
    'verify-ca',
    'verify-full',
    true,
    {},
  ] as const) {
    const connection = await held(t, connect(dsn, { ssl }))
    t.false((await protection(connection)).ssl, `${ssl}`)
  }
  const bound = await rejection(connect(dsn, { channelBinding: 'require' }))
  t.regex(`${bound?.message}`, /channel binding is required, but TLS is off/)
  const mixed = `postgresql://postgres@${encodeURIComponent(host)}:${port},127.0.0.1:${port}/postgres`
  const error = await rejection(connect(mixed, { ssl: 'verify-full' }))
  t.true(error instanceof ClientConfigurationError, `${error}`)
  const first = await held(t, connect(mixed, { ssl: 'verify-full', sslrootcert: roots }))
  t.false((await protection(first)).ssl)
})

test('requirepeer wants the owner of the socket to be who is named', async (t) => {
  const { port, socketDirectory: host } = good
  const dsn = `postgresql://postgres@/postgres?host=${encodeURIComponent(host)}&port=${port}`
  const owner = String(
    await (await held(t, connect(dsn))).fetchValue(
      `select substring(pg_read_file('/proc/self/status') from 'Uid:\\t([0-9]+)')`,
    ),
  )
  const isMine = owner === String(userInfo().uid)
  const mine = userInfo().username
  const error = await rejection(connect(`${dsn}&requirepeer=${mine}`))
  if (isMine) t.is(error, undefined, `${error}`)
  else {
    t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
    t.regex(error.message, /socket|peer|owner/)
  }
  const nobody = await rejection(connectIn({ PGREQUIREPEER: 'no-such-user-here' }, dsn))
  t.true(nobody instanceof Error)
  t.regex(nobody.message, /no-such-user-here/)
})
