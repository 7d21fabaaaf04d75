// A call that is given up while its answer is on its way, at every byte of it: it rejects with the signal's reason,
// what is behind it gets its own answer, and the connection goes on as if nothing had been.

import test from 'ava'
import { type CallOptions, type Connection, connect } from '../../index.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { isLong, type Outcome, outcome, outcomes } from './outcome.ts'

const { serial } = test

interface Call {
  readonly make: (connection: Connection, options?: CallOptions) => Promise<unknown>
  readonly value: unknown
}

/** With a description and without, with rows and with a limit, and what has the wire alone. */
const calls: Record<string, Call> = {
  'a first query': {
    make: (connection, options) =>
      connection.fetch('select n, $1::text t from generate_series(1, 3) n', ['x'], options),
    value: [1, 2, 3].map((n) => ({ n, t: 'x' })),
  },
  'a row': {
    make: (connection, options) => connection.fetchRow('select n from generate_series(1, 3) n', [], options),
    value: { n: 1 },
  },
  'a script': {
    make: (connection, options) => connection.execute('select 1; select 2, 3', [], options),
    value: 'SELECT 1',
  },
}

const behind = (connection: Connection): Promise<unknown>[] =>
  [10, 20].map((n) => connection.fetchValue('select $1::int4 + 1', [n]))

function is(result: Outcome | undefined, value: unknown): boolean {
  return result?.kind === 'fulfilled' && JSON.stringify(result.value) === JSON.stringify(value)
}

for (const [name, { make, value }] of Object.entries(calls)) {
  serial(`giving up ${name} at any byte of its answer leaves the connection as it was`, async (t) => {
    t.timeout(isLong ? 600_000 : 100_000)
    const database = await testDatabase()
    const { host, port } = database.server
    const proxy = await ChaosProxy.start({ target: { host, port } })
    t.teardown(() => proxy.close())
    const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
    const free = { after: Number.POSITIVE_INFINITY, how: 'hold', direction: 'toClient' } as const

    /** Where the answer begins and ends, in bytes of the session. */
    const recorded = await connect(dsn)
    const begin = proxy.connections.at(-1)?.bytesToClient ?? 0
    t.true(is(await outcome(make(recorded)), value))
    const length = (proxy.connections.at(-1)?.bytesToClient ?? 0) - begin
    await recorded.close()

    const reason = new Error('given up')
    let given = 0
    for (let after = 0; after <= length; after += 1) {
      const where = `after ${after} of ${length} bytes`
      const connection = await connect(dsn)
      const link = proxy.connections.at(-1)
      const start = link?.bytesToClient ?? 0
      proxy.set({ cut: { ...free, after: start + after } })
      const controller = new AbortController()
      const first = outcome(make(connection, { signal: controller.signal }))
      const others = outcomes(behind(connection))
      t.true(await eventually(() => (link?.bytesToClient ?? 0) >= start + after), where)
      controller.abort(reason)
      const result = await first
      if (result.kind === 'rejected' && result.error === reason) given += 1
      else t.true(is(result, value), `${where}: ${result.kind}`)
      proxy.set({ cut: free })
      const [eleven, twentyOne] = await others
      t.true(is(eleven, 11) && is(twentyOne, 21), `${where}: ${eleven?.kind}, ${twentyOne?.kind}`)
      t.true(is(await outcome(make(connection)), value), where)
      t.false(connection.isInTransaction(), where)
      connection.terminate()
    }
    t.true(given >= length, `${given} of ${length}`)
    t.log(`given up at ${given} places`)
  })
}
