// The driver in several worker threads at once, which end whenever they are told to.

import test, { type ExecutionContext } from 'ava'
import { isLong } from '../adversity/outcome.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { type Exit, start } from './child.ts'

const { serial } = test

async function play(t: ExecutionContext, scene: string, amount: number): Promise<Exit> {
  t.timeout(isLong ? 3_600_000 : 600_000)
  const database = await testDatabase()
  const parameters = { application_name: scene, options: '-c client_connection_check_interval=50ms' }
  const exit = await start(t, 'workers', [scene, database.dsn({ parameters }), String(amount)]).exited
  await until(`the sessions of "${scene}" end`, async () => {
    const rows = await database.admin(`select pid from pg_stat_activity where application_name = '${scene}'`)
    return rows.length === 0
  })
  return exit
}

serial('eight workers and the main thread query at once, each gets its own answers', async (t) => {
  const { code, stdout, stderr } = await play(t, 'together', 8)
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  const { answers, codes } = JSON.parse(stdout)
  t.deepEqual(answers, [...Array.from({ length: 8 }, () => 'done'), 1])
  t.deepEqual(
    codes,
    Array.from({ length: 8 }, () => 0),
  )
})

serial('workers terminated in mid-query leave the process and the server clean', async (t) => {
  const amount = isLong ? 2_000 : 12
  const { code, signal, stdout, stderr } = await play(t, 'terminations', amount)
  t.deepEqual(
    { code, signal, stdout, stderr },
    { code: 0, signal: null, stdout: `terminated ${amount}\n`, stderr: '' },
  )
})

serial('the main thread connects after the last worker with the driver has ended', async (t) => {
  const { code, signal, stdout, stderr } = await play(t, 'last', 4)
  t.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'main 42\n', stderr: '' })
})

serial('process.exit with eight busy workers ends with its code', async (t) => {
  const { code, signal, stderr } = await play(t, 'exit', 8)
  t.deepEqual({ code, signal, stderr }, { code: 6, signal: null, stderr: '' })
})
