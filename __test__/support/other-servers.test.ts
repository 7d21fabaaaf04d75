import { existsSync } from 'node:fs'
import test from 'ava'
import { AdminSession, runSql } from './admin.ts'
import { pgbouncer, startPgBouncer } from './pgbouncer.ts'
import { findProgram } from './programs.ts'
import { requiring } from './requirements.ts'
import { sharedServer } from './server.ts'
import { startReplicationPair } from './standby.ts'

test('a standby follows, is promoted, and changes places with its primary', async (t) => {
  const pair = await startReplicationPair()
  await pair.primary.admin('create table followed as select 1 as a')
  await pair.caughtUp()
  t.deepEqual(await pair.standby.admin('select a, pg_is_in_recovery() as r from followed'), [
    { a: '1', r: 't' },
  ])
  await t.throwsAsync(pair.standby.admin('insert into followed values (2)'), { code: '25006' })

  const { primary, standby } = pair
  await pair.switchOver()
  t.deepEqual([pair.primary.port, pair.standby.port], [standby.port, primary.port])
  await pair.primary.admin('insert into followed values (2)')
  await pair.caughtUp()
  t.deepEqual(await pair.standby.admin('select count(*) as n from followed'), [{ n: '2' }])

  await pair.primary.kill()
  await pair.promote()
  await pair.standby.admin('insert into followed values (3)')
  t.deepEqual(await pair.standby.admin('select pg_is_in_recovery() as r'), [{ r: 'f' }])
  await pair.stop()
})

const bouncerTest = requiring(pgbouncer)

bouncerTest('PgBouncer gives a transaction a backend, or a session', async (t) => {
  const server = await sharedServer()
  for (const mode of ['transaction', 'session'] as const) {
    const bouncer = await startPgBouncer({
      server,
      mode,
      settings: { default_pool_size: '1', query_wait_timeout: '1' },
    })
    t.deepEqual(
      await runSql({ ...bouncer, database: 'pgbouncer' }, 'show lists').then((rows) => rows.length > 0),
      true,
    )
    const first = await AdminSession.open(bouncer)
    const second = await AdminSession.open(bouncer)
    const pid = (session: AdminSession) => session.run('select pg_backend_pid() as pid')
    const mine = await pid(first)
    if (mode === 'transaction') t.deepEqual(await pid(second), mine)
    else await t.throwsAsync(pid(second), { message: /query_wait_timeout/ })
    await first.close()
    await second.close()
    await bouncer.stop()
    await t.throwsAsync(runSql(bouncer, 'select 1'), { code: 'ECONNREFUSED' })
    t.false(existsSync(bouncer.socketDirectory))
  }
})

bouncerTest('a wrong setting of PgBouncer is in the error', async (t) => {
  const server = await sharedServer()
  await t.throwsAsync(startPgBouncer({ server, mode: 'session', settings: { auth_type: 'nonsense' } }), {
    message: /pgbouncer ended while it started[\s\S]*auth_type/,
  })
})

test('programs are found by name', (t) => {
  t.true(findProgram('sh')?.endsWith('/sh'))
  t.is(findProgram('no-such-program'), undefined)
})
