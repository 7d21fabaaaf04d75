// A standby becomes the primary while a program goes on with one and the same list of hosts.

import test from 'ava'
import { type Connection, connect, TargetServerAttributeNotMatched } from '../../index.ts'
import { type ReplicationPair, startReplicationPair } from '../support/standby.ts'
import { eventually } from '../support/waiting.ts'
import { opened, portOf, reason, visit } from './opened.ts'

let pair: ReplicationPair
let hosts: string

test.before(async () => {
  pair = await startReplicationPair()
  hosts = `127.0.0.1:${pair.primary.port},127.0.0.1:${pair.standby.port}`
  await pair.primary.admin(`
    create role tester login password 'a secret';
    create table t (a int);
    grant all on t to tester`)
  await pair.caughtUp()
})

const dsn = (wanted: string): string =>
  `postgresql://tester:a%20secret@${hosts}/postgres?target_session_attrs=${wanted}`

const insert = (value: number) => (connection: Connection) =>
  connection.execute('insert into t values ($1)', [value])

test.serial('after each switch-over the same list leads to the servers of the other roles', async (t) => {
  for (let round = 1; round <= 4; round++) {
    const { primary, standby } = pair
    t.is(await visit(dsn('primary'), portOf), primary.port)
    t.is(await visit(dsn('read-write'), insert(round)), 'INSERT 0 1')
    t.is(await visit(dsn('standby'), portOf), standby.port)
    t.is(await visit(dsn('read-only'), portOf), standby.port)
    t.is(await visit(dsn('prefer-standby'), portOf), standby.port)
    await pair.caughtUp()
    await pair.switchOver()
  }
  const rows = await visit(dsn('primary'), (connection) => connection.fetch('select a from t order by a'))
  t.deepEqual(
    rows,
    [1, 2, 3, 4].map((a) => ({ a })),
  )
})

test.serial('a promotion is seen by a session that is there, and by each new connect', async (t) => {
  const { primary, standby } = pair
  const writer = await opened(t, dsn('read-write'))
  const reader = await opened(t, dsn('standby'))
  t.is(reader.getSettings().get('in_hot_standby'), 'on')
  t.is((await reason(insert(0)(reader))).sqlstate, '25006')
  await pair.caughtUp()
  await primary.kill()
  t.true(await eventually(() => writer.isClosed()))

  const meanwhile = await reason(connect(dsn('primary')))
  t.is(meanwhile.name, 'ConnectionFailureError')
  t.is(meanwhile.cause.errors[0].cause.code, 'ECONNREFUSED')
  t.true(meanwhile.cause.errors[1] instanceof TargetServerAttributeNotMatched)

  await pair.promote()
  // The server reports the change by itself, with the next answer at the latest.
  const reported = async (): Promise<boolean> => {
    await reader.fetchValue('select 1')
    return reader.getSettings().get('in_hot_standby') === 'off'
  }
  t.true(await eventually(reported))
  t.is(await insert(5)(reader), 'INSERT 0 1')
  t.is(await visit(dsn('primary'), portOf), standby.port)
  t.is(await visit(dsn('read-write'), insert(6)), 'INSERT 0 1')
  t.is(await visit(dsn('prefer-standby'), portOf), standby.port)
  const nobody = await reason(connect(dsn('standby')))
  t.is(nobody.name, 'ConnectionFailureError')
})
