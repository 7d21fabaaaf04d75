import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { testDatabase } from '../support/server.ts'
import { checkHostileNames } from './hostile-names.ts'
import { open } from './open.ts'

test('column names of any kind are ordinary own properties', async (t) => {
  const connection = await open(t)
  t.is(await checkHostileNames(connection), 'fine')
})

test('decoders built of closures, where code generation is disallowed, make the same of them', async (t) => {
  const database = await testDatabase()
  const program = fileURLToPath(new URL('hostile-names.ts', import.meta.url))
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--disallow-code-generation-from-strings',
      '--import',
      '@oxc-node/core/register',
      program,
      database.dsn(),
    ],
    { encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH } },
  )
  t.is(stdout, 'fine', stderr)
  t.is(status, 0, stderr)
})
