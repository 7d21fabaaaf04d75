// What listeners mean for the life of their process: each case is a process of its own.

import test from 'ava'
import { run } from '../connect/child.ts'

test.serial('a listener keeps the process alive until it is removed', async (t) => {
  const { code, output } = await run(
    t,
    `const connection = await connect(dsn)
     const listener = (from, pid, channel, payload) => {
       console.log(payload)
       from.removeListener(channel, listener)
     }
     await connection.addListener('life', listener)
     setTimeout(() => connection.execute("notify life, 'heard'"), 400).unref()`,
  )
  t.is(code, 0)
  t.is(output, 'heard\n')
})

test.serial('a loop over notifications keeps it alive, and nothing else holds the connection', async (t) => {
  const { code, output, errors } = await run(
    t,
    `await (async () => {
       const stream = (await connect(dsn)).notifications('life')
       await stream.listening
       setTimeout(async () => {
         globalThis.gc()
         const other = await connect(dsn)
         await other.execute("notify life, 'heard'")
       }, 400).unref()
       for await (const { payload } of stream) {
         console.log(payload)
         break
       }
     })()`,
  )
  t.is(code, 0)
  t.is(output, 'heard\n')
  t.is(errors, '')
})

test.serial('after unref() a listener does not keep it alive, and after ref() again', async (t) => {
  const { code, output } = await run(
    t,
    `const connection = await connect(dsn)
     connection.unref()
     await connection.addListener('life', () => {})
     connection.ref()
     setTimeout(() => { console.log('let go'); connection.unref() }, 400).unref()`,
  )
  t.is(code, 0)
  t.is(output, 'let go\n')
})

test.serial('a listener on a connection that is lost lets the process go', async (t) => {
  const { code, output } = await run(
    t,
    `const connection = await connect(dsn)
     await connection.addListener('life', () => {})
     connection.addTerminationListener(() => console.log('lost'))
     const other = await connect(dsn)
     await other.execute('select pg_terminate_backend(' + connection.getServerPid() + ')')`,
  )
  t.is(code, 0)
  t.is(output, 'lost\n')
})
