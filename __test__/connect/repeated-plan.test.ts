// A plan is made once for the same DSN in the same environment, and anew when anything may have changed.
import test from 'ava'
import { repeatedPlan } from '../../src/connect/repeated-plan.ts'
import { sourcesOf, summary, type World } from './world.ts'

const DSN = 'postgres://me:secret@192.0.2.1/db?sslmode=disable'

const planned = (dsn: string, world: World = {}) => repeatedPlan(dsn, sourcesOf(world))

test.serial('the same DSN in the same environment has the same plan', async (t) => {
  const plan = planned(DSN)
  t.is(planned(DSN), plan)
  t.is(await summary(plan), 'me:secret@192.0.2.1:5432/db')
  t.is(planned(DSN, { env: { HOME: '/nowhere' } }), plan)
})

test.serial('a variable that comes, changes or goes counts', async (t) => {
  planned(DSN)
  t.is(await summary(planned(DSN, { env: { PGPORT: '1' } })), 'me:secret@192.0.2.1:1/db')
  t.is(await summary(planned(DSN, { env: { PGPORT: '2' } })), 'me:secret@192.0.2.1:2/db')
  t.is(await summary(planned(DSN)), 'me:secret@192.0.2.1:5432/db')
  t.is(await summary(planned(DSN, { env: { PGTZ: 'UTC' } })), 'me:secret@192.0.2.1:5432/db?TimeZone=UTC')
  t.throws(() => planned(DSN, { env: { PGREQUIREAUTH: 'nonsense' } }))
  t.throws(() => planned(DSN, { env: { PGREQUIREAUTH: 'nonsense' } }))
})

test.serial('another DSN has another plan', async (t) => {
  planned(DSN)
  t.is(await summary(planned(DSN.replace('secret', 'other'))), 'me:other@192.0.2.1:5432/db')
})

test.serial('what comes from a file or from the system is looked up again', async (t) => {
  const dsn = 'postgres://me@192.0.2.1/db?sslmode=disable'
  const file = (password: string): World => ({ files: { '/home/me/.pgpass': `*:*:*:*:${password}` } })
  t.is(await summary(planned(dsn, file('one'))), 'me:one@192.0.2.1:5432/db')
  t.is(await summary(planned(dsn, file('two'))), 'me:two@192.0.2.1:5432/db')
  const nobody = 'postgres://:pw@192.0.2.1/db?sslmode=disable'
  t.regex(await summary(planned(nobody, { user: 'one' })), /^one:/)
  t.regex(await summary(planned(nobody, { user: 'two' })), /^two:/)
})
