// targetSessionAttrs on a primary with a hot standby: which server is chosen, and what becomes of the others.

import test from 'ava'
import { connect, InterfaceError, TargetServerAttributeNotMatched } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { freePort } from '../support/provisioner.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { type ReplicationPair, startReplicationPair } from '../support/standby.ts'
import { eventually } from '../support/waiting.ts'
import { opened, portOf, reason, sessionsOf, visit } from './opened.ts'

let pair: ReplicationPair
/** A primary whose sessions are read-only by default. */
let readOnly: OwnServer
let closedPort: number
const ports = { primary: 0, standby: 0, readOnly: 0 }

test.before(async () => {
  ;[pair, readOnly, closedPort] = await Promise.all([
    startReplicationPair(),
    startServer({ settings: { default_transaction_read_only: 'on' } }),
    freePort(),
  ])
  await pair.primary.admin(
    "create role tester login password 'a secret'; create table t (a int); grant all on t to tester",
  )
  await readOnly.admin("set transaction read write; create role tester login password 'a secret'")
  await pair.caughtUp()
  Object.assign(ports, {
    primary: pair.primary.port,
    standby: pair.standby.port,
    readOnly: readOnly.port,
  })
})

type Role = keyof typeof ports | 'down'

const hostsOf = (roles: readonly Role[]): string =>
  roles.map((role) => `127.0.0.1:${role === 'down' ? closedPort : ports[role]}`).join(',')

const dsn = (wanted: string, roles: readonly Role[], more = ''): string =>
  `postgresql://tester:a%20secret@${hostsOf(roles)}/postgres?target_session_attrs=${wanted}${more}`

// Which of the hosts is chosen; null when none is.
const choices: [wanted: string, roles: Role[], chosen: Role | null][] = [
  ['any', ['standby', 'primary'], 'standby'],
  ['any', ['readOnly', 'primary'], 'readOnly'],
  ['primary', ['standby', 'primary'], 'primary'],
  ['primary', ['readOnly', 'primary'], 'readOnly'],
  ['primary', ['standby'], null],
  ['standby', ['primary', 'standby'], 'standby'],
  ['standby', ['readOnly', 'primary', 'standby'], 'standby'],
  ['standby', ['primary', 'readOnly'], null],
  ['read-write', ['standby', 'readOnly', 'primary'], 'primary'],
  ['read-write', ['standby', 'readOnly'], null],
  ['read-only', ['primary', 'standby'], 'standby'],
  ['read-only', ['primary', 'readOnly', 'standby'], 'readOnly'],
  ['read-only', ['primary'], null],
  ['prefer-standby', ['primary', 'standby'], 'standby'],
  ['prefer-standby', ['readOnly', 'down', 'standby'], 'standby'],
  ['prefer-standby', ['primary'], 'primary'],
  ['prefer-standby', ['down', 'primary', 'down'], 'primary'],
  ['primary', ['down', 'standby', 'primary'], 'primary'],
]

for (const [wanted, roles, chosen] of choices) {
  test(`${wanted} of ${roles.join(', ')} is ${chosen ?? 'none'}`, async (t) => {
    if (chosen !== null && chosen !== 'down') {
      t.is(await visit(dsn(wanted, roles), portOf), ports[chosen])
      return
    }
    const error = await reason(connect(dsn(wanted, roles)))
    t.true(error instanceof TargetServerAttributeNotMatched)
    t.true(error instanceof InterfaceError)
    t.true(error.message.includes(`"${wanted}"`))
    if (roles.length === 1) return
    t.is(error.cause.errors.length, roles.length)
    for (const role of roles) t.true(error.detail.includes(String(ports[role as keyof typeof ports])))
  })
}

test('the option and the environment say the same as the DSN', async (t) => {
  const target = `postgresql://tester:a%20secret@${hostsOf(['primary', 'standby'])}/postgres`
  const byOption = await opened(t, target, { targetSessionAttrs: 'standby' })
  t.is(await portOf(byOption), ports.standby)
})

test.serial('PGTARGETSESSIONATTRS is honoured', async (t) => {
  process.env.PGTARGETSESSIONATTRS = 'standby'
  t.teardown(() => delete process.env.PGTARGETSESSIONATTRS)
  const target = `postgresql://tester:a%20secret@${hostsOf(['primary', 'standby'])}/postgres`
  t.is(await visit(target, portOf), ports.standby)
})

test('a mismatch beside a host that is down is a failure to reach, with both reasons in order', async (t) => {
  const error = await reason(connect(dsn('primary', ['standby', 'down'])))
  t.is(error.name, 'ConnectionFailureError')
  const [first, second] = error.cause.errors
  t.true(first instanceof TargetServerAttributeNotMatched)
  t.is(second.cause.code, 'ECONNREFUSED')
})

test('prefer-standby without a standby takes one of those that were reached, at random', async (t) => {
  const seen = new Set<number | null>()
  for (let round = 0; round < 40 && seen.size < 2; round++) {
    seen.add(await visit(dsn('prefer-standby', ['primary', 'down', 'readOnly']), portOf))
  }
  t.deepEqual([...seen].sort(), [ports.primary, ports.readOnly].sort())
})

test('connections that were not chosen are closed', async (t) => {
  const application = 'cornac-unchosen'
  const more = `&application_name=${application}`
  const chosen = await opened(t, dsn('standby', ['primary', 'readOnly', 'standby'], more))
  await opened(t, dsn('prefer-standby', ['primary', 'readOnly', 'standby'], more))
  await reason(connect(dsn('standby', ['primary', 'readOnly'], more)))
  t.is(await portOf(chosen), ports.standby)
  t.true(await eventually(async () => (await sessionsOf(pair.primary, application)) === 0))
  t.true(await eventually(async () => (await sessionsOf(readOnly, application)) === 0))
  t.is(await sessionsOf(pair.standby, application), 2)
})

test('a role whose own default is read-only counts as read-only', async (t) => {
  await pair.primary.admin(
    "create role reader login password 'a secret'; alter role reader set default_transaction_read_only = on",
  )
  const target = `postgresql://reader:a%20secret@${hostsOf(['primary'])}/postgres?target_session_attrs=`
  t.true((await reason(connect(`${target}read-write`))) instanceof TargetServerAttributeNotMatched)
  t.is(await visit(`${target}read-only`, portOf), ports.primary)
})

test('the setting can be given for this session alone', async (t) => {
  const error = await reason(
    connect(dsn('read-write', ['primary']), {
      serverSettings: { default_transaction_read_only: 'on' },
    }),
  )
  t.true(error instanceof TargetServerAttributeNotMatched)
})

test('a wrong password ends it, and no other host is asked', async (t) => {
  const target = dsn('standby', ['primary', 'standby']).replace('a%20secret', 'wrong')
  t.is((await reason(connect(target))).sqlstate, '28P01')
})

/** What PostgreSQL 14 and newer report and older ones do not, taken out of what the server says. */
function withoutReports(chunk: Buffer): Buffer {
  let text = chunk.toString('latin1')
  for (const name of ['in_hot_standby', 'default_transaction_read_only']) {
    // ParameterStatus: `S`, length, name, value.
    text = text.replace(new RegExp(`S\\0\\0\\0.${name}\\0(on|off)\\0`, 's'), '')
  }
  return Buffer.from(text, 'latin1')
}

test('servers that do not report what they are are asked', async (t) => {
  const proxies = await Promise.all(
    [pair.primary, pair.standby].map(({ host, port }) =>
      ChaosProxy.start({
        target: { host, port },
        transform: (chunk, direction) => (direction === 'toClient' ? withoutReports(chunk) : chunk),
      }),
    ),
  )
  t.teardown(() => Promise.all(proxies.map((proxy) => proxy.close())))
  const [primary = 0, standby = 0] = proxies.map(({ port }) => port)
  const target = (wanted: string, ports: number[]): string =>
    `postgresql://tester:a%20secret@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres?${new URLSearchParams(
      { sslmode: 'disable', target_session_attrs: wanted },
    )}`
  const seen = await opened(t, target('any', [standby]))
  t.is(seen.getSettings().get('in_hot_standby'), undefined)
  for (const [wanted, chosen] of [
    ['primary', ports.primary],
    ['read-write', ports.primary],
    ['standby', ports.standby],
    ['read-only', ports.standby],
    ['prefer-standby', ports.standby],
  ] as const) {
    t.is(await visit(target(wanted, [primary, standby]), portOf), chosen, wanted)
    t.is(await visit(target(wanted, [standby, primary]), portOf), chosen, wanted)
  }
  const error = await reason(connect(target('standby', [primary])))
  t.true(error instanceof TargetServerAttributeNotMatched)
})
