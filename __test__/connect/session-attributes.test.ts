// targetSessionAttrs on a primary with a hot standby, whose roles change last.

import test from 'ava'
import { connect, InterfaceError, TargetServerAttributeNotMatched } from '../../index.ts'
import { freePort } from '../support/provisioner.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { type ReplicationPair, startReplicationPair } from '../support/standby.ts'
import { eventually, opened, portOf, reason, sessionsOf, visit } from './opened.ts'

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
  await readOnly.admin(
    "set transaction read write; create role tester login password 'a secret'",
  )
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
  const seen = new Set<number>()
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

/** Serial tests run first; what ends the pair's roles comes when all else is done. */
test.after('after a promotion the same address list leads to the new primary', async (t) => {
  const both: readonly Role[] = ['primary', 'standby']
  const writer = await opened(t, dsn('read-write', both))
  t.is(await portOf(writer), ports.primary)
  const reader = await opened(t, dsn('standby', both))
  t.is(reader.getSettings().get('in_hot_standby'), 'on')
  await writer.execute('insert into t values (1)')
  await pair.caughtUp()
  writer.terminate()
  await pair.primary.kill()
  await pair.promote()
  // The session that was there learns it by a report, without being asked.
  t.true(
    await eventually(async () => {
      await reader.fetchValue('select 1')
      return reader.getSettings().get('in_hot_standby') === 'off'
    }),
  )
  t.is(await visit(dsn('primary', both), portOf), ports.standby)
  const again = await opened(t, dsn('read-write', both))
  t.is(await again.execute('insert into t values (2)'), 'INSERT 0 1')
  t.deepEqual(await again.fetch('select a from t order by a'), [{ a: 1 }, { a: 2 }])
  const error = await reason(connect(dsn('standby', both)))
  t.is(error.name, 'ConnectionFailureError')
  reader.terminate()
  again.terminate()
})
