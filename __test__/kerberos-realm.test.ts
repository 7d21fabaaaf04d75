import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { kerberos, type Realm, startKerberosPostgres, startRealm } from './support/kerberos.ts'
import { findProgram } from './support/programs.ts'
import { requiring } from './support/requirements.ts'
import type { OwnServer } from './support/server.ts'
import { eventually } from './support/waiting.ts'

const kerberosTest = requiring(kerberos)
const support = fileURLToPath(new URL('./support/kerberos.ts', import.meta.url))

/** libpq with GSSAPI, which Debian's is: a second opinion on whether the realm and its server work. */
async function psql(realm: Realm, server: OwnServer, parameters: string, cache?: string): Promise<string> {
  const target = `host=localhost hostaddr=127.0.0.1 port=${server.port} dbname=postgres gssencmode=disable`
  const query = 'select principal, gss_authenticated from pg_stat_gssapi where pid = pg_backend_pid()'
  const env = { PATH: process.env.PATH, ...realm.env, ...(cache === undefined ? {} : { KRB5CCNAME: cache }) }
  const program = findProgram('psql') ?? 'psql'
  const { stdout } = await promisify(execFile)(program, ['-XAt', `${target} ${parameters}`, '-c', query], {
    env,
  })
  return stdout.trim()
}

kerberosTest('a realm and its PostgreSQL let libpq in by ticket, and by nothing else', async (t) => {
  await using realm = await startRealm()
  await using server = await startKerberosPostgres(realm)
  await server.admin('create role alice login; create role bob login')
  await realm.addPrincipal('alice', 'secret')
  await t.throwsAsync(psql(realm, server, 'user=alice'), { message: /No Kerberos credentials available/ })
  await realm.kinit('alice', 'secret')
  t.is(await psql(realm, server, 'user=alice'), `alice@${realm.name}|t`)
  await t.throwsAsync(psql(realm, server, 'user=bob'), { message: /GSSAPI authentication failed/ })
  await t.throwsAsync(psql(realm, server, 'user=alice krbsrvname=other'), { message: /not found/ })
  await realm.kdestroy()
  await t.throwsAsync(psql(realm, server, 'user=alice'), { message: /No Kerberos credentials available/ })
})

kerberosTest('the KDC can end and come back, and another service name and cache can be chosen', async (t) => {
  await using realm = await startRealm({ realm: 'OTHER.TEST', hosts: ['db.other.test'] })
  await using server = await startKerberosPostgres(realm, { krbSrvName: 'pg', host: 'db.other.test' })
  await server.admin('create role alice login')
  await realm.addPrincipal('alice', 'secret')
  const cache = `FILE:${realm.folder}/alice`
  await realm.kinit('alice', 'secret', { cache })
  await realm.stopKdc()
  const parameters = 'user=alice host=db.other.test krbsrvname=pg'
  await t.throwsAsync(psql(realm, server, parameters, cache), { message: /Cannot contact any KDC/ })
  await realm.startKdc()
  t.is(await psql(realm, server, parameters, cache), 'alice@OTHER.TEST|t')
})

kerberosTest('what a realm is asked in vain is an error with its reason', async (t) => {
  await using realm = await startRealm()
  await realm.addPrincipal('alice', 'secret')
  await t.throwsAsync(realm.kinit('alice', 'wrong'), { message: /Password incorrect/ })
  await t.throwsAsync(realm.kinit('nobody', 'secret'), { message: /not found in Kerberos database/ })
  await t.throwsAsync(realm.addPrincipal('alice'), { message: /already exists/ })
  await t.throwsAsync(realm.keytab('nobody/localhost'), { message: /does not exist/ })
})

kerberosTest.serial(
  'entering a realm sets the environment, leaving it restores what was there',
  async (t) => {
    await using realm = await startRealm()
    process.env.KRB5CCNAME = 'FILE:/nowhere'
    const leave = realm.enter()
    t.like(process.env, realm.env)
    leave()
    t.is(process.env.KRB5CCNAME, 'FILE:/nowhere')
    t.is(process.env.KRB5_CONFIG, undefined)
    delete process.env.KRB5CCNAME
  },
)

kerberosTest('a stopped realm leaves no files', async (t) => {
  const realm = await startRealm()
  t.true((await stat(realm.folder)).isDirectory())
  await realm.stop()
  await realm.stop()
  t.false(existsSync(realm.folder))
})

for (const [end, last] of [
  ['is killed', 'setInterval(() => {}, 1000)'],
  ['ends without stopping it', ''],
] as const) {
  kerberosTest(`a realm goes with the process that ${end}`, async (t) => {
    const script = `const realm = await (await import(${JSON.stringify(support)})).startRealm();
      process.stdout.write(realm.folder); ${last}`
    const child = spawn(
      process.execPath,
      ['--import', '@oxc-node/core/register', '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const ended = once(child, 'exit')
    const [folder] = await once(child.stdout, 'data')
    if (last !== '') child.kill('SIGKILL')
    await ended
    t.true(await eventually(() => !existsSync(String(folder))))
  })
}
