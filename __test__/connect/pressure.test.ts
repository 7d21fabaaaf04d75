// Connecting under pressure: no descriptors left, aborts at any moment, threads that end in the middle.

import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { connect } from '../../index.ts'
import { sharedServer } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { loader, run } from './child.ts'
import { sessionsOf, socketsTo } from './opened.ts'

test.serial(
  'without descriptors a connect fails with EMFILE, and works when some are free again',
  async (t) => {
    const { code, output, errors } = await run(
      t,
      `import { closeSync, openSync } from 'node:fs'
     // The threads and what they need are there before it gets tight.
     await (await connect(dsn)).close()
     const files = []
     try { for (;;) files.push(openSync('/dev/null')) } catch {}
     const error = await connect(dsn).catch((error) => error)
     for (const file of files) closeSync(file)
     console.log(error.name, error.cause?.code)
     const connection = await connect(dsn)
     console.log(await connection.fetchValue('select 1'))
     await connection.close()`,
      { descriptors: 100 },
    )
    t.is(output, 'ConnectionFailureError EMFILE\n1\n', errors)
    t.is(code, 0)
  },
)

test.serial('connects that are aborted at any moment leave no socket and no session', async (t) => {
  const server = await sharedServer()
  const application = 'cornac-aborted'
  const dsn = server.dsn({ parameters: { application_name: application } })
  const began = socketsTo(server.port)
  const reasons: unknown[] = []
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const controller = new AbortController()
        const attempt = connect(dsn, { signal: controller.signal })
        attempt.then(
          (connection) => connection.terminate(),
          (reason) => reasons.push(reason),
        )
        await delay((round * 10 + index) % 40)
        controller.abort('enough')
        await attempt.catch(() => {})
      }),
    )
  }
  // No connect takes less than the shortest of these times.
  t.true(reasons.length >= 5, `${reasons.length} were aborted`)
  t.deepEqual([...new Set(reasons)], ['enough'])
  t.true(await eventually(() => socketsTo(server.port) === began))
  t.true(await eventually(async () => (await sessionsOf(server, application)) === 0))
})

test.serial('a thread that ends while it connects harms neither the process nor the others', async (t) => {
  const { code, signal, output, errors } = await run(
    t,
    `import { isMainThread, parentPort, Worker } from 'node:worker_threads'
     if (!isMainThread) {
       parentPort.postMessage('begins')
       for (;;) {
         const connection = await connect(dsn)
         await connection.fetchValue('select 1')
         await connection.close()
       }
     }
     const own = await connect(dsn)
     for (let round = 0; round < 3; round++) {
       const worker = new Worker(new URL(import.meta.url), { execArgv: ['--import', ${JSON.stringify(loader)}] })
       await new Promise((resolve, reject) => {
         worker.once('message', resolve)
         worker.once('error', reject)
       })
       await delay(round * 15)
       await worker.terminate()
     }
     console.log(await own.fetchValue("select 'unharmed'"))
     await own.close()`,
  )
  t.is(signal, null)
  t.is(code, 0, errors)
  t.is(output, 'unharmed\n')
})
