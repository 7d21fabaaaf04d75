// The examples of docs/guide/connecting.md that need a server of their own: sockets and certificates. The others run
// with all documents (__test__/docs), the one about Kerberos in kerberos.test.ts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Connection } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { encryptedKeyPem } from '../support/keys.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { addNames } from './names.ts'

const guide = await readFile(new URL('../../docs/guide/connecting.md', import.meta.url), 'utf8')
const entry = JSON.stringify(new URL('../../index.ts', import.meta.url).href)
const folder = mkdtempSync(join(tmpdir(), 'cornac-guide-'))
const authority = await CertificateAuthority.create()
let server: OwnServer

test.before('a server with TLS, whose name is in the guide', async () => {
  addNames({ 'db.example.com': ['127.0.0.1'] })
  const certificate = await authority.server({ dnsNames: ['db.example.com'] })
  server = await startServer({
    tls: serverTls(certificate, { ca: authority.pem }),
    hba: [
      'local all all trust',
      'hostssl all all 127.0.0.1/32 trust',
      'hostnossl postgres all 127.0.0.1/32 scram-sha-256',
    ],
  })
  await server.admin('create database app')
  const client = await authority.client('alice')
  writeFileSync(join(folder, 'root.pem'), authority.pem)
  writeFileSync(join(folder, 'client.pem'), client.chain)
  writeFileSync(join(folder, 'client.key'), encryptedKeyPem(client.key, 'a pass phrase'))
  Object.assign(process.env, {
    PGPORT: String(server.port),
    PGUSER: 'postgres',
    SSL_CERT_FILE: join(folder, 'root.pem'),
    KEY_PASSPHRASE: 'a pass phrase',
  })
})

test.after.always(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the example that contains `mark`, with the places of this test for the guide's, and gives its connections. */
async function run(t: ExecutionContext, mark: string, places: Record<string, string>): Promise<Connection[]> {
  const code = [...guide.matchAll(/```ts no-run\n(.*?)```/gs)].map(([, code]) => code as string)
  let example = code.find((text) => text.includes(mark)) ?? t.fail(`no example has ${mark}`)
  for (const [theirs, ours] of Object.entries(places)) example = String(example).replaceAll(theirs, ours)
  const file = join(folder, `example-${mark.replace(/\W/g, '')}.mjs`)
  writeFileSync(
    file,
    `import { connect as dial } from ${entry}
     export const opened = []
     const connect = async (...args) => {
       const connection = await dial(...args)
       opened.push(connection)
       return connection
     }
     ${example}`,
  )
  const { opened } = (await import(file)) as { opened: Connection[] }
  t.teardown(() => Promise.all(opened.map((connection) => connection.close())))
  return opened
}

async function encrypted(connection: Connection): Promise<boolean> {
  return (await connection.fetchValue('select ssl from pg_stat_ssl where pid = pg_backend_pid()')) as boolean
}

test('the ways to a Unix socket', async (t) => {
  const directory = server.socketDirectory
  const opened = await run(t, '%2Fvar%2Frun', {
    '/var/run/postgresql': directory,
    '%2Fvar%2Frun%2Fpostgresql:5433': `${encodeURIComponent(directory)}:${server.port}`,
    'requirepeer=postgres': `requirepeer=${userInfo().uid === 0 ? 'nobody' : userInfo().username}`,
  })
  t.is(opened.length, 4)
  for (const connection of opened) {
    t.is(await connection.fetchValue('select current_database()'), 'app')
    t.false(await encrypted(connection))
  }
})

test('verify-full with a root file, and with the roots of the system', async (t) => {
  const opened = await run(t, 'sslrootcert=/etc/ssl/db-root.pem', {
    '/etc/ssl/db-root.pem': join(folder, 'root.pem'),
  })
  t.is(opened.length, 2)
  for (const connection of opened) t.true(await encrypted(connection))
})

test('certificates as contents', async (t) => {
  const opened = await run(t, "readFile('client.key')", {
    "readFile('": `readFile('${folder}/`,
  })
  t.is(opened.length, 1)
  const sql = 'select client_dn from pg_stat_ssl where pid = pg_backend_pid()'
  t.is(await opened[0]?.fetchValue(sql), '/CN=alice')
})
