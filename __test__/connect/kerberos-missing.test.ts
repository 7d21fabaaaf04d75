// A machine without Kerberos: the binary loads and works, and a server that asks for it gets an error with the remedy.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { authGss } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { run } from './child.ts'

test('where no Kerberos library can be opened all else works, and gss says what to install', async (t) => {
  if (process.platform !== 'linux') return t.pass('the names and the search path are those of Linux')
  // Found before the system's own, and no libraries at all.
  const folder = mkdtempSync(join(tmpdir(), 'cornac-no-kerberos-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['libgssapi_krb5.so.2', 'libgssapi.so.3']) writeFileSync(join(folder, name), '')
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    session.send(authGss())
  })
  const target = `postgresql://alice@localhost:${server.port}/db?hostaddr=127.0.0.1&sslmode=disable`
  const { code, output, errors } = await run(
    t,
    `const connection = await connect(dsn)
     console.log(await connection.fetchValue('select 1'))
     const error = await connect(${JSON.stringify(target)}).catch((error) => error)
     console.log(error.message)
     console.log(error.hint)
     console.log(await connection.fetchValue('select 2'))`,
    { env: { LD_LIBRARY_PATH: folder } },
  )
  t.is(code, 0, errors)
  const [first, message = '', hint = '', second] = output.split('\n')
  t.deepEqual([first, second], ['1', '2'])
  t.regex(message, /could not open a GSSAPI library: .*libgssapi_krb5\.so\.2.*libgssapi\.so\.3/)
  t.regex(hint, /^install the Kerberos library/)
})
