// What a pool means for the life of its process: each case is a process of its own.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { run } from '../connect/child.ts'
import { start } from '../runtime/child.ts'
import { authOk, backendKeyData, parameterStatus, readyForQuery } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'

test.serial('an idle pool does not keep the process alive, and no warning comes of it', async (t) => {
  const { code, errors, output } = await run(
    t,
    `const pool = await createPool(dsn, { minSize: 3 })
     console.log(await pool.fetchValue('select 1'))
     await pool.withConnection((connection) => connection.fetchValue('select 2'))`,
  )
  t.is(code, 0)
  t.is(output, '1\n')
  t.is(errors, '')
})

test.serial('calls in flight keep it alive to their end, and so do callers that wait', async (t) => {
  const { code, output } = await run(
    t,
    `const pool = await createPool(dsn, { maxSize: 1 })
     const tell = (name) => () => console.log(name)
     pool.transaction((tx) => tx.execute('select pg_sleep(0.2)')).then(tell('transaction'))
     pool.acquire().then((connection) => connection.release()).then(tell('acquire'))
     pool.fetchValue('select pg_sleep(0.2)').then(tell('call'))`,
  )
  t.is(code, 0)
  t.deepEqual(output.trim().split('\n').sort(), ['acquire', 'call', 'transaction'])
})

test.serial('a caller keeps it alive while the server is away, until its time is up', async (t) => {
  const { code, output } = await run(
    t,
    `const pool = await createPool('postgresql://nobody@127.0.0.1:1/nothing', { minSize: 0 })
     const errors = []
     for (let n = 0; n < 4; n++) await pool.fetchValue('select 1').catch((error) => errors.push(error.name))
     console.log(new Set(errors))
     const late = await pool.acquire({ timeout: 100 }).catch((error) => error)
     console.log(late instanceof Error)`,
  )
  t.is(code, 0)
  t.is(output, "Set(1) { 'ConnectionFailureError' }\ntrue\n")
})

test.serial('a pool that nobody waits for lets it end while the server is away', async (t) => {
  const { code, output } = await run(
    t,
    `const pool = await createPool(dsn, { minSize: 2 })
     pool.setConnectArgs('postgresql://nobody@127.0.0.1:1/nothing')
     await pool.expireConnections()
     // One who waits keeps it until it is told; the pool goes on to look for the server.
     const error = await pool.acquire().catch((error) => error)
     console.log(error.name)`,
  )
  t.is(code, 0)
  t.is(output, 'ConnectionFailureError\n')
})

/** A server that takes connections and says nothing, and a port that closes once it has one. Both end with the test. */
async function silentPorts(t: ExecutionContext): Promise<{ silent: number; reached: number }> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => {}))
  const listening = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }
  const silent = createServer(keep)
  const isReached = once(silent, 'connection')
  const reached = createServer((socket) => {
    keep(socket)
    void isReached.then(() => socket.end())
  })
  return { silent: await listening(silent), reached: await listening(reached) }
}

// Without limits of their own, so that nothing else ends them. The pool is on its way to the server from here on.
const SILENT = ({ silent, reached }: { silent: number; reached: number }): string => `
  import { once } from 'node:events'
  import { createConnection } from 'node:net'
  const pool = await createPool(dsn, { minSize: 2, timeout: null })
  pool.setConnectArgs({ host: '127.0.0.1', port: ${silent}, user: 'u', password: 'p', timeout: null, ssl: 'disable' })
  await pool.expireConnections()
  await once(createConnection(${reached}, '127.0.0.1').resume(), 'close')`

test.serial('a pool that nobody waits for lets it end while a server says nothing', async (t) => {
  for (const body of [
    '',
    // Who has waited waits no more.
    'console.log((await pool.acquire({ timeout: 100 }).catch((error) => error)).phase)',
  ]) {
    const { code, output, errors } = await run(t, `${SILENT(await silentPorts(t))}\n${body}`)
    t.is(code, 0, errors)
    t.is(output, body === '' ? '' : 'acquire\n')
  }
})

test.serial(
  'who waits keeps it alive while a server says nothing, be it asked before or after',
  async (t) => {
    const { code, output } = await run(
      t,
      `${SILENT(await silentPorts(t))}
     // The timer of this one is the only other thing there is, and it does not keep the process.
     const waiting = pool.acquire()
     setTimeout(() => pool.terminate(), 500).unref()
     console.log((await waiting.catch((error) => error)).message)
     const direct = connect({ host: '127.0.0.1', port: ${(await silentPorts(t)).silent}, user: 'u', timeout: 300, ssl: 'disable' })
     console.log((await direct.catch((error) => error)).name)`,
    )
    t.is(code, 0)
    t.is(output, 'pool is closed\nTimeoutError\n')
  },
)

test.serial(
  'who waits for the pool itself keeps it alive, however often the pool is looked after meanwhile',
  async (t) => {
    const { code, output } = await run(
      t,
      `const silent = { host: '127.0.0.1', port: ${(await silentPorts(t)).silent}, user: 'u', password: 'p', ssl: 'disable' }
     // Short lifetimes have it looked after every 20 ms.
     const pool = createPool({ ...silent, timeout: 500, maxInactiveConnectionLifetime: 200 })
     console.log((await pool.catch((error) => error)).name)`,
    )
    t.is(code, 0)
    t.is(output, 'TimeoutError\n')
  },
)

/** A server that lets its clients in and says nothing to the first thing that they ask, and a port that closes then. */
async function mutePorts(t: ExecutionContext): Promise<{ mute: number; asked: number }> {
  let ask = (): void => {}
  const isAsked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const mute = await ScriptedServer.start(async (session) => {
    await session.startup()
    // It does not tell what kind of server it is.
    session.send(authOk(), parameterStatus('server_version', '18.4'), backendKeyData(), readyForQuery())
    await session.expect()
    ask()
  })
  const asked = createServer((socket) => void isAsked.then(() => socket.on('error', () => {}).end()))
  await new Promise<void>((resolve) => asked.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    asked.close()
    await mute.close()
  })
  return { mute: mute.port, asked: (asked.address() as AddressInfo).port }
}

const ASKS: readonly (readonly [what: string, pool: string, connect: string])[] = [
  ['in its init hook', `init: (connection) => connection.execute('select 1')`, ''],
  ['for the types of codecs', '', `types: { codecs: [{ type: 'mood', encode: String, decode: String }] }`],
  ['what kind of server it is', '', `targetSessionAttrs: 'primary'`],
]

for (const [what, ofPool, ofConnect] of ASKS) {
  test.serial(`a pool that nobody waits for lets it end while a server is asked ${what}`, async (t) => {
    const { mute, asked } = await mutePorts(t)
    const { code, output, errors } = await run(
      t,
      `import { once } from 'node:events'
       import { createConnection } from 'node:net'
       const pool = await createPool(dsn, { minSize: 1, timeout: null, ${ofPool} })
       pool.setConnectArgs({ host: '127.0.0.1', port: ${mute}, user: 'u', timeout: null, ssl: 'disable', ${ofConnect} })
       await pool.expireConnections()
       await once(createConnection(${asked}, '127.0.0.1').resume(), 'close')
       // Who waits keeps it, and it ends as soon as nobody does.
       console.log((await pool.acquire({ timeout: 100 }).catch((error) => error)).phase)`,
    )
    t.is(code, 0, errors)
    t.is(output, 'acquire\n')
  })
}

test.serial('a connection that was told to keep it alive does so until it is released', async (t) => {
  const { code, output } = await run(
    t,
    `const pool = await createPool(dsn, { maxSize: 1 })
     const connection = await pool.acquire()
     connection.ref()
     setTimeout(async () => {
       console.log('kept')
       await connection.release()
     }, 300).unref()`,
  )
  t.is(code, 0)
  t.is(output, 'kept\n')
})

test.serial('a pool that is collected without being closed is warned of, and its sessions end', async (t) => {
  const application = `cornac-unclosed-pool-${process.pid}`
  const { code, errors, output } = await run(
    t,
    `process.on('warning', ({ code, message, detail }) => console.log(code, message.replace(/to .* was/, 'to it was'), detail.split('\\n')[0]))
     async function forget() {
       const pool = await createPool(dsn, { minSize: 3, serverSettings: { application_name: '${application}' } })
       await pool.fetchValue('select 1')
     }
     await forget()
     const watch = await connect(dsn)
     const alive = () => watch.fetchValue('select count(*) from pg_stat_activity where application_name = $1', ['${application}'])
     for (let round = 0; round < 200 && (await alive()) > 0; round++) { await delay(20); gc() }
     console.log('alive', await alive())
     await watch.close()`,
  )
  t.is(code, 0, errors)
  t.is(
    output,
    'CORNAC_UNCLOSED_POOL unclosed pool of connections to it was collected: they are dropped set NODE_DEBUG=cornac to see where it was made\nalive 0\n',
  )
})

const HOLDERS: readonly (readonly [what: string, body: string])[] = [
  ['a call', `return (await createPool(dsn)).fetchValue("select 'done' from pg_sleep(0.3)")`],
  [
    'a transaction',
    `return (await createPool(dsn)).transaction((tx) => tx.fetchValue("select 'done' from pg_sleep(0.3)"))`,
  ],
  [
    'a call that waits',
    `const pool = await createPool(dsn, { maxSize: 1 })
     pool.execute('select pg_sleep(0.3)')
     return pool.fetchValue("select 'done'")`,
  ],
  [
    'a connection',
    `const connection = await (await createPool(dsn)).acquire()
     await delay(300)
     return connection.fetchValue("select 'done'")`,
  ],
]

for (const [what, body] of HOLDERS) {
  test.serial(`${what} keeps its pool from being collected`, async (t) => {
    const { code, errors, output } = await run(
      t,
      `process.on('warning', ({ code }) => console.log(code))
       async function hold() { ${body} }
       setInterval(gc, 10)
       console.log(await hold())
       process.exit()`,
    )
    t.is(code, 0, errors)
    t.is(output, 'done\n')
  })
}

test.serial('a close that takes more than a minute warns of how many connections are in use', async (t) => {
  const { code, stdout, stderr } = await start(t, 'slow-close', [(await testDatabase()).dsn()]).exited
  t.is(code, 0, stderr)
  t.deepEqual(stdout.trim().split('\n'), [
    'keeps false',
    'warned closing a pool has taken 60 s: connections still in use: 2',
    'answered 7',
    'left false',
    'quick 0',
  ])
})
