import test from 'ava'
import { testDatabase } from '../support/server.ts'
import { start } from './child.ts'

test('the timers of test libraries, whose time stands still, do not stop the driver', async (t) => {
  const database = await testDatabase()
  const { code, stdout, stderr } = await start(t, 'fake-timers', [database.dsn()]).exited
  t.deepEqual({ code, stdout }, { code: 0, stdout: 'finished\n' }, stderr)
})
