// Several hosts, several addresses, and in which order they are tried. Servers are told apart by their port or, where
// several addresses share a port, by the address at which the server was reached.

import { createServer } from 'node:net'
import test from 'ava'
import { connect } from '../../index.ts'
import { freePort } from '../support/provisioner.ts'
import { type OwnServer, sharedServer, startServer } from '../support/server.ts'
import { addNames } from './names.ts'
import { opened, portOf, reason, visit } from './opened.ts'

/** Two servers with the same password; the second listens on several addresses. */
let first: OwnServer
let second: OwnServer
let closedPort: number

test.before(async () => {
  ;[first, second, closedPort] = await Promise.all([
    startServer(),
    startServer({
      settings: { listen_addresses: '127.0.0.1,127.0.0.2,127.0.0.3' },
      hba: ['local all all trust', 'host all all 127.0.0.0/8 scram-sha-256'],
    }),
    freePort(),
  ])
  for (const server of [first, second]) await server.admin("create role tester login password 'a secret'")
})

const dsn = (hosts: string, parameters = ''): string =>
  `postgresql://tester:a%20secret@${hosts}/postgres${parameters}`

/** The address by which the server was reached. */
const reached = (target: string): Promise<string | null> =>
  visit(target, (connection) => connection.fetchValue('select host(inet_server_addr())'))

test('the first host that can be reached is taken', async (t) => {
  const both = await opened(t, dsn(`127.0.0.1:${first.port},127.0.0.1:${second.port}`))
  t.is(await portOf(both), first.port)
  const turned = await opened(t, dsn(`127.0.0.1:${second.port},127.0.0.1:${first.port}`))
  t.is(await portOf(turned), second.port)
})

test('hosts that refuse are passed over, however many', async (t) => {
  const hosts = Array.from({ length: 20 }, () => `127.0.0.1:${closedPort}`)
  const connection = await opened(t, dsn([...hosts, `127.0.0.1:${second.port}`].join(',')))
  t.is(await portOf(connection), second.port)
})

test('hosts and ports can be lists of options, of the query part and of the environment', async (t) => {
  const account = { user: 'tester', password: 'a secret', database: 'postgres' }
  const ways = [
    () => connect({ ...account, host: ['127.0.0.1', '127.0.0.1'], port: [closedPort, second.port] }),
    () => connect(`postgresql:///?host=127.0.0.1,127.0.0.1&port=${closedPort},${second.port}`, account),
    () => connect(`postgresql:///?host=127.0.0.1:${closedPort},127.0.0.1:${second.port}`, account),
  ]
  for (const way of ways) {
    const connection = await way()
    t.teardown(() => connection.terminate())
    t.is(await portOf(connection), second.port)
  }
})

test.serial('PGHOST and PGPORT may name several hosts', async (t) => {
  Object.assign(process.env, { PGHOST: '127.0.0.1,127.0.0.1', PGPORT: `${closedPort},${first.port}` })
  t.teardown(() => {
    delete process.env.PGHOST
    delete process.env.PGPORT
  })
  const connection = await opened(t, { user: 'tester', password: 'a secret', database: 'postgres' })
  t.is(await portOf(connection), first.port)
})

test("a name's addresses are tried in the resolver's order", async (t) => {
  addNames({ 'in-order.test': ['127.0.0.3', '127.0.0.2', '127.0.0.1'] })
  t.is(await reached(dsn(`in-order.test:${second.port}`)), '127.0.0.3')
})

test('an address that refuses is followed by the next of the same name', async (t) => {
  addNames({ 'partly-down.test': ['127.0.0.9', '::1', '127.0.0.2'] })
  t.is(await reached(dsn(`partly-down.test:${second.port}`)), '127.0.0.2')
})

test('a name none of whose addresses answers is followed by the next host', async (t) => {
  addNames({ 'all-down.test': ['127.0.0.9', '127.0.0.8'] })
  t.is(await reached(dsn(`all-down.test:${second.port},127.0.0.2:${second.port}`)), '127.0.0.2')
})

test("one name alone with several addresses says each one's reason", async (t) => {
  addNames({ 'hopeless.test': ['127.0.0.9', '127.0.0.8'] })
  const error = await reason(connect(dsn(`hopeless.test:${second.port}`)))
  t.is(error.name, 'ConnectionFailureError')
  t.regex(error.message, /"hopeless\.test" port \d+ by any of its 2 addresses/)
  t.is(error.cause.code, 'ECONNREFUSED')
  const each = error.cause.errors as any[]
  t.deepEqual(
    each.map((one) => [one.cause.address, one.cause.port, one.cause.code]),
    [
      ['127.0.0.9', second.port, 'ECONNREFUSED'],
      ['127.0.0.8', second.port, 'ECONNREFUSED'],
    ],
  )
})

test('hostaddr is dialled and the name is not looked up', async (t) => {
  const target = dsn(`no-such-name.invalid:${second.port}`, '?hostaddr=127.0.0.2')
  t.is(await reached(target), '127.0.0.2')
})

test('a password function is asked once for each host attempted', async (t) => {
  const asked: string[] = []
  const connection = await opened(
    t,
    `postgresql://tester@127.0.0.1:${closedPort},127.0.0.1:${first.port}/postgres`,
    {
      password: async () => {
        asked.push('asked')
        return 'a secret'
      },
    },
  )
  t.is(await portOf(connection), first.port)
  t.is(asked.length, 2)
})

test('an IPv6 address in brackets is dialled as such', async (t) => {
  const listener = createServer((socket) => socket.destroy())
  const listening = await new Promise<boolean>((resolve) => {
    listener.once('error', () => resolve(false))
    listener.listen({ host: '::1', port: 0 }, () => resolve(true))
  })
  if (!listening) return t.pass('this machine has no ::1')
  const { port } = listener.address() as { port: number }
  t.teardown(() => listener.close())
  const error = await reason(connect(dsn(`[::1]:${port}`)))
  t.is(error.name, 'ConnectionFailureError')
  t.regex(error.message, /"::1" port \d+/)
})

test('loadBalanceHosts disable keeps the order, random shares the hosts out evenly', async (t) => {
  const hosts = `127.0.0.1:${first.port},127.0.0.1:${second.port}`
  const rounds = 60
  const count = async (parameters: string): Promise<number> => {
    let toFirst = 0
    for (let round = 0; round < rounds; round += 10) {
      const ports = await Promise.all(Array.from({ length: 10 }, () => visit(dsn(hosts, parameters), portOf)))
      toFirst += ports.filter((port) => port === first.port).length
    }
    return toFirst
  }
  t.is(await count('?load_balance_hosts=disable'), rounds)
  // Out of 60 fair coins, fewer than 10 or more than 50 heads come once in 10^7 runs.
  const random = await count('?load_balance_hosts=random')
  t.true(random >= 10 && random <= 50, `${random} of ${rounds}`)
})

test("random shuffles a name's addresses too", async (t) => {
  addNames({ 'shuffled.test': ['127.0.0.1', '127.0.0.2', '127.0.0.3'] })
  const target = dsn(`shuffled.test:${second.port}`, '?load_balance_hosts=random')
  const seen = new Set<string | null>()
  for (let round = 0; round < 8 && seen.size < 3; round++) {
    const addresses = await Promise.all(Array.from({ length: 10 }, () => reached(target)))
    for (const address of addresses) seen.add(address)
  }
  t.deepEqual([...seen].sort(), ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
})

test('a name that the system knows is looked up by it', async (t) => {
  const server = await sharedServer()
  const connection = await opened(t, server.dsn({ host: 'localhost' }))
  t.is(await connection.fetchValue('select 1'), 1)
})
