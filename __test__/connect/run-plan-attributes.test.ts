import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { runPlan } from '../../src/connect/run-plan.ts'
import {
  ConnectionFailureError,
  type PostgresError,
  TargetServerAttributeNotMatched,
} from '../../src/errors/index.ts'
import { networkOf, server } from './network.ts'
import { errorsOf, runOn } from './run-on.ts'
import { planIn } from './world.ts'

const primary = { settings: { in_hot_standby: 'off', default_transaction_read_only: 'off' } }
const standby = { settings: { in_hot_standby: 'on', default_transaction_read_only: 'off' } }
const readOnly = { settings: { in_hot_standby: 'off', default_transaction_read_only: 'on' } }
const oldPrimary = { recovery: false }
const oldStandby = { recovery: true }
const HOSTS = 'postgres://192.0.2.1,192.0.2.2,192.0.2.3'

type Attrs = NonNullable<ConnectOptions['targetSessionAttrs']>
const CHOICES: [Attrs, accepted: object[], rejected: object[]][] = [
  ['any', [primary, standby, readOnly, oldPrimary, oldStandby], []],
  ['primary', [primary, readOnly, oldPrimary], [standby, oldStandby]],
  ['standby', [standby, oldStandby], [primary, readOnly, oldPrimary]],
  ['read-write', [primary, oldPrimary], [standby, readOnly, oldStandby]],
  ['read-only', [standby, readOnly, oldStandby], [primary, oldPrimary]],
  ['prefer-standby', [standby, oldStandby], [primary, readOnly, oldPrimary]],
]

for (const [targetSessionAttrs, accepted, rejected] of CHOICES) {
  test(`${targetSessionAttrs} takes ${accepted.length} of five kinds of server, and closes the others`, async (t) => {
    for (const yes of accepted) {
      const { link: first } = await runOn({ reactions: { '192.0.2.1': yes } }, HOSTS, { targetSessionAttrs })
      t.is(first?.to, '192.0.2.1:5432')
      for (const no of rejected) {
        const { link, io } = await runOn(
          { reactions: { '192.0.2.1': no, '192.0.2.2': yes, '192.0.2.3': yes } },
          HOSTS,
          { targetSessionAttrs },
        )
        t.is(link?.to, '192.0.2.2:5432')
        t.deepEqual(
          io.links.map(({ closed }) => closed),
          [true, false],
        )
      }
    }
    if (targetSessionAttrs === 'prefer-standby' || targetSessionAttrs === 'any') return
    for (const no of rejected) {
      const { error, io } = await runOn(
        { reactions: { '192.0.2.1': no, '192.0.2.2': no, '192.0.2.3': no } },
        HOSTS,
        { targetSessionAttrs },
      )
      t.true(error instanceof TargetServerAttributeNotMatched)
      t.is(errorsOf(error).length, 3)
      t.true(io.links.every(({ closed }) => closed))
    }
  })
}

test('the query is made only where the server does not report', async (t) => {
  const asked = (log: string[]) => log.filter((line) => line.startsWith('query'))
  const reported = await runOn({ reactions: { '192.0.2.1': primary } }, HOSTS, {
    targetSessionAttrs: 'primary',
  })
  t.deepEqual(asked(reported.log), [])
  const old = await runOn({ reactions: { '192.0.2.1': oldPrimary } }, HOSTS, {
    targetSessionAttrs: 'primary',
  })
  t.deepEqual(asked(old.log), ['query 192.0.2.1:5432 SELECT pg_catalog.pg_is_in_recovery()'])
  const any = await runOn({ reactions: { '192.0.2.1': oldPrimary } }, HOSTS)
  t.deepEqual(asked(any.log), [])
})

test('one host of the wrong kind: its own mismatch', async (t) => {
  const { error } = await runOn({ reactions: { '192.0.2.1': primary } }, 'postgres://192.0.2.1', {
    targetSessionAttrs: 'standby',
  })
  t.true(error instanceof TargetServerAttributeNotMatched)
  t.regex(error!.message, /"192.0.2.1" port 5432 does not match the target session attributes "standby"/)
})

test('some not reached and none matching: a connection failure with the mismatches among its errors', async (t) => {
  const { error } = await runOn({ reactions: { '192.0.2.2': primary } }, HOSTS, {
    targetSessionAttrs: 'standby',
  })
  t.true(error instanceof ConnectionFailureError)
  t.deepEqual(
    errorsOf(error).map(({ name }) => name),
    ['ConnectionFailureError', 'TargetServerAttributeNotMatched', 'ConnectionFailureError'],
  )
})

test('prefer-standby falls back on a random one of those reached and closes the others', async (t) => {
  for (const [random, chosen] of [
    [0, 0],
    [0.99, 1],
  ] as const) {
    const { link, io } = await runOn(
      { reactions: { '192.0.2.1': primary, '192.0.2.3': readOnly }, random: [random] },
      HOSTS,
      { targetSessionAttrs: 'prefer-standby' },
    )
    t.is(link, io.links[chosen])
    t.deepEqual(
      io.links.map(({ closed }) => closed),
      chosen === 0 ? [false, true] : [true, false],
    )
  }
})

test('prefer-standby closes what it kept when a later host ends the connect', async (t) => {
  const { error, io } = await runOn(
    { reactions: { '192.0.2.1': primary, '192.0.2.2': server('3D000') } },
    `${HOSTS}?sslmode=require`,
    { targetSessionAttrs: 'prefer-standby' },
  )
  t.is((error as PostgresError).sqlstate, '3D000')
  t.deepEqual(
    io.links.map(({ closed }) => closed),
    [true],
  )
})

test('a server that is lost while it is asked counts as not reached', async (t) => {
  const gone = new ConnectionFailureError('gone')
  const { link, io } = await runOn(
    { reactions: { '192.0.2.1': { recovery: gone }, '192.0.2.2': oldStandby } },
    HOSTS,
    { targetSessionAttrs: 'standby' },
  )
  t.is(link?.to, '192.0.2.2:5432')
  t.true(io.links[0]?.closed)
})

test('closing that fails disturbs nobody', async (t) => {
  const io = networkOf({ reactions: { '192.0.2.1': primary, '192.0.2.2': standby } })
  const broken = { ...io, close: () => Promise.reject(new Error('broken')) }
  const link = await runPlan(planIn({}, HOSTS, { targetSessionAttrs: 'standby' }), broken)
  t.is(link.to, '192.0.2.2:5432')
})

test('read-write and read-only ask the session itself where the server reports nothing', async (t) => {
  for (const [answer, wanted] of [
    ['off', 'read-write'],
    ['on', 'read-only'],
  ] as const) {
    const io = networkOf({ reactions: { '192.0.2.1': { recovery: answer } } })
    await runPlan(planIn({}, 'postgres://192.0.2.1', { targetSessionAttrs: wanted }), io)
    t.deepEqual(
      io.log.filter((entry) => entry.startsWith('query')),
      ["query 192.0.2.1:5432 SELECT pg_catalog.current_setting('transaction_read_only')"],
    )
  }
})
