// What a connection means for the life of its process: each case is a process of its own.

import test from 'ava'
import { sharedServer } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { run } from './child.ts'
import { sessionsOf } from './opened.ts'

test.serial('an idle connection does not keep the process alive, and no warning comes of it', async (t) => {
  const { code, errors, output } = await run(
    t,
    `const connection = await connect(dsn)
     console.log(await connection.fetchValue('select 1'))`,
  )
  t.is(code, 0)
  t.is(output, '1\n')
  t.is(errors, '')
})

test.serial('a call in flight keeps the process alive to its end', async (t) => {
  const { code, output } = await run(
    t,
    `const connection = await connect(dsn)
     connection.fetchValue("select 'done' from pg_sleep(0.3)").then(console.log)`,
  )
  t.is(code, 0)
  t.is(output, 'done\n')
})

test.serial('connecting and closing keep it alive, too', async (t) => {
  const { code, output } = await run(
    t,
    `connect(dsn).then((connection) => connection.close()).then(() => console.log('closed'))`,
  )
  t.is(code, 0)
  t.is(output, 'closed\n')
})

test.serial('ref keeps the process alive until unref', async (t) => {
  const { code, output } = await run(
    t,
    `const connection = await connect(dsn)
     connection.ref().ref()
     setTimeout(() => { console.log('let go'); connection.unref() }, 400).unref()`,
  )
  t.is(code, 0)
  t.is(output, 'let go\n')
})

test.serial('a held connection that ends lets the process go', async (t) => {
  const { code } = await run(
    t,
    `const connection = await connect(dsn)
     connection.ref()
     setTimeout(() => connection.terminate(), 100).unref()`,
  )
  t.is(code, 0)
})

test.serial(
  'a connection that is collected without being closed is warned of and its session ended',
  async (t) => {
    const application = `cornac-unclosed-${process.pid}`
    const { code, errors, output } = await run(
      t,
      `process.on('warning', ({ code, message, detail }) => console.log(code, message, detail.split('\\n')[0]))
     async function forget() {
       const connection = await connect(dsn, { serverSettings: { application_name: '${application}' } })
       await connection.fetchValue('select 1')
     }
     await forget()
     const watch = await connect(dsn)
     const alive = () => watch.fetchValue('select count(*) from pg_stat_activity where application_name = $1', ['${application}'])
     while ((await alive()) > 0) { await delay(20); gc() }
     console.log('its session has ended')`,
    )
    t.is(code, 0, errors)
    t.regex(output, /CORNAC_UNCLOSED_CONNECTION unclosed connection .* set NODE_DEBUG=cornac/)
    t.regex(output, /its session has ended/)
  },
)

test.serial('with NODE_DEBUG the warning says where the connection was made', async (t) => {
  const { code, output } = await run(
    t,
    `process.on('warning', ({ detail }) => console.log(detail))
     async function placeOfTheCrime() {
       const connection = await connect(dsn)
       await connection.fetchValue('select 1')
     }
     let warned = false
     process.once('warning', () => { warned = true })
     await placeOfTheCrime()
     while (!warned) { await delay(20); gc() }`,
    { env: { NODE_DEBUG: 'cornac' } },
  )
  t.is(code, 0)
  t.regex(output, /placeOfTheCrime/)
})

test.serial('a connection that is closed is never warned of', async (t) => {
  const { code, errors } = await run(
    t,
    `for (let i = 0; i < 3; i++) { const connection = await connect(dsn); await connection.close() }
     for (let round = 0; round < 10; round++) { await delay(5); gc() }`,
  )
  t.is(code, 0)
  t.is(errors, '')
})

test.serial('a call keeps its connection from being collected', async (t) => {
  const { code, output } = await run(
    t,
    `async function forget() { return (await connect(dsn)).fetchValue("select 'kept' from pg_sleep(0.5)") }
     const promise = forget()
     const timer = setInterval(gc, 20)
     console.log(await promise)
     clearInterval(timer)`,
  )
  t.is(code, 0)
  t.is(output, 'kept\n')
})

test.serial(
  'process.exit in the middle of everything ends without a crash, and so do the sessions',
  async (t) => {
    const application = `cornac-exit-${process.pid}`
    const { code, signal, errors } = await run(
      t,
      `const options = { serverSettings: { application_name: '${application}' } }
     const all = await Promise.all([1, 2, 3].map(() => connect(dsn, options)))
     const [reader, ...writers] = all
     // Each has begun, and goes on only when its output is done, which is never.
     await Promise.all(writers.map((connection) => new Promise((resolve) => {
       const output = () => { resolve(); return new Promise(() => {}) }
       connection.copyFromQuery('select generate_series(1, 100000000)', [], { output }).catch(() => {})
     })))
     reader.fetch('select generate_series(1, 1000000)').catch(() => {})
     connect(dsn, options).catch(() => {})
     setImmediate(() => process.exit(7))`,
    )
    t.is(signal, null)
    t.is(code, 7, errors)
    const server = await sharedServer()
    t.true(await eventually(async () => (await sessionsOf(server, application)) === 0))
  },
)
