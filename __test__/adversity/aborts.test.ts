// A call that is given up while its answer is on its way, at every byte of it: it rejects with the signal's reason,
// what is behind it gets its own answer, and the connection goes on as if nothing had been.

import test from 'ava'
import type { CallOptions, Connection } from '../../index.ts'
import { Line, untilThere } from './line.ts'
import { isValue, outcome, outcomes } from './outcome.ts'

const { serial } = test

interface Call {
  readonly make: (connection: Connection, options?: CallOptions) => Promise<unknown>
  readonly value: unknown
  /** It is a transaction: what is called while its body runs is part of it, and it ends with a ROLLBACK that is answered. */
  readonly isTransaction?: boolean
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
  'the first call of a transaction': {
    make: (connection, options) =>
      connection.transaction((tx) => tx.fetchRow('select n from generate_series(1, 3) n', [], options)),
    value: { n: 1 },
    isTransaction: true,
  },
}

const behind = (connection: Connection): Promise<unknown>[] =>
  [10, 20].map((n) => connection.fetchValue('select $1::int4 + 1', [n]))

for (const [name, { make, value, isTransaction = false }] of Object.entries(calls)) {
  serial(`giving up ${name} at any byte of its answer leaves the connection as it was`, async (t) => {
    t.timeout(600_000)
    const line = await Line.start(t)
    const exchange = await line.record(async (connection) =>
      t.true(isValue(await outcome(make(connection)), value)),
    )
    const length = exchange.length.toClient
    const reason = new Error('given up')
    let given = 0
    for (let after = 0; after <= length; after += 1) {
      const where = `after ${after} of ${length} bytes`
      const place = { direction: 'toClient', after } as const
      const session = await line.open()
      const { connection } = session
      line.hold(session, place)
      const controller = new AbortController()
      const first = outcome(make(connection, { signal: controller.signal }))
      const others = isTransaction ? undefined : outcomes(behind(connection))
      await untilThere(session, place, () => false)
      controller.abort(reason)
      if (isTransaction) line.free()
      const result = await first
      if (result.kind === 'rejected' && result.error === reason) given += 1
      else t.true(isValue(result, value), `${where}: ${result.kind}`)
      line.free()
      const [eleven, twentyOne] = await (others ?? outcomes(behind(connection)))
      t.true(isValue(eleven, 11) && isValue(twentyOne, 21), `${where}: ${eleven?.kind}, ${twentyOne?.kind}`)
      t.true(isValue(await outcome(make(connection)), value), where)
      t.false(connection.isInTransaction(), where)
      connection.terminate()
    }
    // Once the first call has its answer only COMMIT is waited for, which is not given up.
    t.true(isTransaction ? given > 0 : given >= length, `${given} of ${length}`)
    t.log(`given up at ${given} places`)
  })
}
