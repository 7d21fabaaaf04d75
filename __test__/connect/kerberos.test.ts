// Kerberos against MIT's KDC and a PostgreSQL with GSSAPI. The library finds its configuration and tickets in the
// environment, which is one for the whole process: everything here is serial.
// SSPI, its counterpart on Windows, is written after Microsoft's documentation and has never been run.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { connect, InternalClientError, TimeoutError } from '../../index.ts'
import { outcome } from '../adversity/outcome.ts'
import { startDeafListener } from '../support/deaf-listener.ts'
import { kerberos, type Realm, startKerberosPostgres, startRealm } from '../support/kerberos.ts'
import { authGss, authGssContinue, authOk, greeting } from '../support/protocol-messages.ts'
import { requiring } from '../support/requirements.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import type { OwnServer } from '../support/server.ts'
import { eventually, until } from '../support/waiting.ts'
import { addNames } from './names.ts'
import { opened, reason, socketsTo, visit } from './opened.ts'

const kerberosTest = requiring(kerberos).serial

let realm: Realm
let server: OwnServer
let leave: () => void = () => {}

test.before(async () => {
  if (!kerberos.available) return
  realm = await startRealm({ hosts: ['db.cornac.test', 'db.example.com'] })
  leave = realm.enter()
  server = await startKerberosPostgres(realm)
  await server.admin('create role alice login; create role bob login')
  await realm.addPrincipal('alice', 'a secret')
  await realm.addPrincipal('carol', 'a secret')
})

test.after.always(async () => {
  leave()
  await server?.stop()
  await realm?.stop()
})

/** The name is what the ticket is for; the address is where the server really is. */
const dsn = (user: string, parameters: Record<string, string> = {}, host = 'localhost'): string =>
  `postgresql://${user}@${host}:${server.port}/postgres?${new URLSearchParams({
    hostaddr: '127.0.0.1',
    ...parameters,
  })}`

kerberosTest("the system's library is not even opened before a server asks for it", async (t) => {
  t.is(await visit(server.dsn(), (c) => c.fetchValue('select 1')), 1)
  t.false((await readFile('/proc/self/maps', 'utf8')).includes('gssapi'))
  await realm.kinit('alice', 'a secret')
  await visit(dsn('alice'), (c) => c.fetchValue('select 1'))
  t.true((await readFile('/proc/self/maps', 'utf8')).includes('gssapi'))
})

kerberosTest('with a ticket one is who the ticket says, and the server says so too', async (t) => {
  await realm.kinit('alice', 'a secret')
  const connection = await opened(t, dsn('alice'))
  t.deepEqual(
    await connection.fetchRow(
      'select principal, gss_authenticated, encrypted from pg_stat_gssapi where pid = pg_backend_pid()',
    ),
    { principal: `alice@${realm.name}`, gss_authenticated: true, encrypted: false },
  )
})

kerberosTest('requireAuth gss is met, and anything else refuses before a token is sent', async (t) => {
  await realm.kinit('alice', 'a secret')
  t.is(await visit(dsn('alice', { require_auth: 'gss' }), (c) => c.fetchValue('select 1')), 1)
  const error = await reason(connect(dsn('alice', { require_auth: 'scram-sha-256' })))
  t.is(error.name, 'InvalidAuthorizationSpecificationError')
  t.regex(error.message, /gss/i)
  // The superuser is asked for a password there, and must not be let in by it.
  const other = await reason(connect(dsn('postgres', { require_auth: 'gss' }), { password: server.password }))
  t.is(other.name, 'InvalidAuthorizationSpecificationError')
  t.regex(other.message, /scram/i)
})

kerberosTest('many connects at once share the ticket', async (t) => {
  await realm.kinit('alice', 'a secret')
  const users = await Promise.all(
    Array.from({ length: 10 }, () => visit(dsn('alice'), (c) => c.fetchValue('select current_user::text'))),
  )
  t.deepEqual(users, Array(10).fill('alice'))
})

kerberosTest(
  'without a ticket the error says so, with the remedy, and no host is left waiting',
  async (t) => {
    await realm.kdestroy()
    const error = await reason(connect(dsn('alice')))
    t.true(error instanceof InternalClientError)
    t.regex(error.message, /^unexpected error while performing authentication/)
    t.regex(error.message, /Kerberos authentication to 'postgres@localhost' failed/)
    t.regex(error.message, /[Nn]o (Kerberos )?credentials/)
    t.true(await eventually(() => socketsTo(server.port) === 0))
  },
)

kerberosTest('an expired ticket is an error that says so', async (t) => {
  await realm.kinit('alice', 'a secret', { lifetime: '1s' })
  let error: Error | undefined
  await until('the ticket has expired', async () => {
    const connected = await outcome(connect(dsn('alice')))
    if (connected.kind === 'fulfilled') connected.value.terminate()
    if (connected.kind === 'rejected') error = connected.error
    return connected.kind === 'rejected'
  })
  t.regex(error!.message, /Kerberos authentication to 'postgres@localhost' failed: .*expired/i)
})

kerberosTest('a service name that the KDC does not know is named', async (t) => {
  await realm.kinit('alice', 'a secret')
  const error = await reason(connect(dsn('alice', { krbsrvname: 'other' })))
  t.regex(error.message, /Kerberos authentication to 'other@localhost' failed/)
  t.regex(error.message, /not found/i)
})

kerberosTest('a host that is not the one of the ticket is refused', async (t) => {
  await realm.kinit('alice', 'a secret')
  const unknown = await reason(connect(dsn('alice', {}, 'db.cornac.test')))
  t.regex(unknown.message, /'postgres@db\.cornac\.test'/)
  // Known to the KDC but not this server's: the server cannot read the ticket.
  await realm.addPrincipal('postgres/db.cornac.test')
  const other = await reason(connect(dsn('alice', {}, 'db.cornac.test')))
  t.regex(other.message, /ticket isn't for us|[Ww]rong principal|GSSAPI authentication failed/)
})

kerberosTest('a server of another service name is reached by krbsrvname', async (t) => {
  await realm.kinit('alice', 'a secret')
  const other = await startKerberosPostgres(realm, { krbSrvName: 'pg' })
  await other.admin('create role alice login')
  const target = (parameters: object): string =>
    `postgresql://alice@localhost:${other.port}/postgres?${new URLSearchParams({ hostaddr: '127.0.0.1', ...parameters })}`
  t.is(await visit(target({ krbsrvname: 'pg' }), (c) => c.fetchValue('select current_user::text')), 'alice')
  const byOption = await opened(t, target({}), { krbsrvname: 'pg' })
  t.is(await byOption.fetchValue('select 1'), 1)
  byOption.terminate()
  await other.stop()
})

kerberosTest("the guide's example is true", async (t) => {
  const guide = await readFile(new URL('../../docs/guide/connecting.md', import.meta.url), 'utf8')
  const section = guide.slice(guide.indexOf('\n## Kerberos'))
  const [, code = ''] = /```ts no-run\n(.*?)```/s.exec(section) ?? []
  addNames({ 'db.example.com': ['127.0.0.1'] })
  const own = await startKerberosPostgres(realm, { host: 'db.example.com' })
  await own.admin('create role alice login')
  await own.admin('create database app')
  await realm.kinit('alice', 'a secret')
  process.env.PGPORT = String(own.port)
  const file = join(realm.folder, 'example.mjs')
  const entry = JSON.stringify(new URL('../../index.ts', import.meta.url).href)
  const told = code.replace('console.log(principal)', 'export { principal }')
  await writeFile(file, `import { connect } from ${entry}\n${told}`)
  const { principal } = await import(file).finally(() => delete process.env.PGPORT)
  t.is(principal, `alice@${realm.name}`)
  await own.stop()
})

kerberosTest('a principal may only be the user it is mapped to', async (t) => {
  await realm.kinit('carol', 'a secret')
  const error = await reason(connect(dsn('bob')))
  t.is(error.name, 'InvalidAuthorizationSpecificationError')
  t.is(error.sqlstate, '28000')
  t.regex(error.message, /GSSAPI authentication failed for user "bob"/)
})

kerberosTest('over a Unix socket there is no Kerberos, and the error says why', async (t) => {
  // PostgreSQL refuses such a line of pg_hba.conf.
  const path = join(realm.folder, '.s.PGSQL.1')
  await using scripted = await ScriptedServer.start(
    async (session) => {
      await session.startup()
      session.send(authGss())
    },
    { path },
  )
  const error = await reason(connect({ host: path, user: 'alice', database: 'postgres' }))
  t.regex(error.message, /GSSAPI authentication over a Unix socket/)
  t.is(scripted.sessions.length, 1)
})

kerberosTest('tokens that are none, and AuthenticationOk too early, are refused', async (t) => {
  await realm.kinit('alice', 'a secret')
  for (const answer of [
    () => [authGssContinue(Buffer.from('no token'))],
    () => [authOk(), greeting()],
    () => [authGssContinue(Buffer.alloc(0))],
  ]) {
    await using liar = await ScriptedServer.start(async (session) => {
      await session.startup()
      session.send(authGss())
      await session.expect('p')
      session.send(...answer())
    })
    const target = `postgresql://alice@localhost:${liar.port}/postgres?hostaddr=127.0.0.1&sslmode=disable`
    const error = await reason(connect(target, { timeout: 5_000 }))
    t.false(error instanceof TimeoutError)
    t.true(await eventually(() => socketsTo(liar.port) === 0), error.message)
  }
})

kerberosTest('gsslib sspi is refused outside Windows', async (t) => {
  await realm.kinit('alice', 'a secret')
  const error = await reason(connect(dsn('alice', { gsslib: 'sspi' })))
  t.regex(error.message, /SSPI exists on Windows only/)
})

kerberosTest('a KDC that is down is an error, and a ticket for the service still serves', async (t) => {
  await realm.kinit('alice', 'a secret')
  t.is(await visit(dsn('alice'), (c) => c.fetchValue('select 1')), 1)
  await realm.stopKdc()
  // The ticket for this service is in the cache by now.
  t.is(await visit(dsn('alice'), (c) => c.fetchValue('select 1')), 1)
  const error = await reason(connect(dsn('alice', { krbsrvname: 'never-met' })))
  t.regex(error.message, /Cannot contact any KDC/)
  await realm.startKdc()
})

kerberosTest('a KDC that does not answer blocks neither the event loop nor other connects', async (t) => {
  await using deaf = await startDeafListener()
  const silent = await startRealm()
  t.teardown(() => silent.stop())
  await silent.addPrincipal('alice', 'a secret')
  await silent.kinit('alice', 'a secret')
  const file = silent.env.KRB5_CONFIG as string
  const config = await readFile(file, 'utf8')
  await writeFile(file, config.replace(/kdc = 127\.0\.0\.1:\d+/, `kdc = 127.0.0.1:${deaf.port}`))
  const back = silent.enter()
  try {
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    let ended = false
    const hanging = reason(connect(dsn('alice'), { timeout: 2_000 })).finally(() => {
      ended = true
    })
    const password = await connect(server.dsn())
    t.false(ended, 'the other connect does not wait')
    await password.close()
    const error = await hanging
    clearInterval(timer)
    t.true(error instanceof TimeoutError, `${error}`)
    t.is(error.phase, 'authentication')
    t.true(ticks > 15, `${ticks}`)
    t.true(await eventually(() => socketsTo(server.port) === 0))
  } finally {
    back()
    realm.enter()
  }
})
