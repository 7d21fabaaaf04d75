// Transactions with a body: it commits when the body returns, and rolls back when it throws.

import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  ConnectionDoesNotExistError,
  DivisionByZeroError,
  InFailedSQLTransactionError,
  InterfaceError,
  SerializationError,
  type Transaction,
  TransactionRollbackError,
} from '../../index.ts'
import { open, openWatched, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'
import { syncsSent, untilGone, untilSent } from '../support/waiting.ts'

let tables = 0

/** A connection with a table of its own, which others see too. */
async function withTable(
  t: ExecutionContext,
): Promise<{ connection: Connection; table: string; rows(): Promise<number[]> }> {
  const connection = await open(t)
  const table = `body_${++tables}`
  await connection.execute(`create table ${table} (n int unique deferrable initially deferred)`)
  const other = await open(t)
  const rows = async (): Promise<number[]> =>
    (await other.fetch<{ n: number }>(`select n from ${table} order by n`)).map(({ n }) => n)
  return { connection, table, rows }
}

test('a body that returns commits, and gives what it returned', async (t) => {
  const { connection, table, rows } = await withTable(t)
  let kept: Transaction | undefined
  const result = await connection.transaction(async (tx) => {
    kept = tx
    t.is(tx.connection, connection)
    t.is(tx.state, 'started')
    t.true(connection.isInTransaction())
    await tx.execute(`insert into ${table} values (1)`)
    // What is called on the connection is part of it.
    await connection.execute(`insert into ${table} values (2)`)
    t.deepEqual(await rows(), [])
    return 'done'
  })
  t.is(result, 'done')
  t.is(kept!.state, 'committed')
  t.false(connection.isInTransaction())
  t.deepEqual(await rows(), [1, 2])
})

test('a body that throws rolls back, and its very error is thrown', async (t) => {
  const { connection, table, rows } = await withTable(t)
  for (const given of [new Error('no'), 'a string', null, undefined]) {
    const failing = connection.transaction(async (tx) => {
      await tx.execute(`insert into ${table} values (1)`)
      throw given
    })
    t.is(await reason(failing), given)
    t.false(connection.isInTransaction())
  }
  t.deepEqual(await rows(), [])
})

test('a body that throws at once, or calls nothing, leaves nothing behind', async (t) => {
  const { connection, link } = await openWatched(t)
  const before = syncsSent(link)
  const given = new Error('at once')
  t.is(await reason(connection.transaction(() => Promise.reject(given))), given)
  t.is(
    await reason(
      connection.transaction(() => {
        throw given
      }),
    ),
    given,
  )
  t.is(await connection.transaction(() => 1), 1)
  t.is(await connection.fetchValue('select 1'), 1)
  t.false(connection.isInTransaction())
  // Two rounds, of the statement's first use: no transaction has said anything.
  t.is(syncsSent(link) - before, 2)
})

test('a transaction of one known statement takes two round trips', async (t) => {
  const { connection, proxy } = await openWatched(t)
  await connection.fetchValue('select 1')
  const flow: string[] = []
  proxy.set({
    transform: (chunk, direction) => {
      if (flow.at(-1) !== direction) flow.push(direction)
      return chunk
    },
  })
  t.is(await connection.transaction((tx) => tx.fetchValue('select 1')), 1)
  t.deepEqual(flow, ['toServer', 'toClient', 'toServer', 'toClient'])
})

test('COMMIT of a block in which a statement failed is an error, also when the body caught what failed', async (t) => {
  const { connection, table, rows } = await withTable(t)
  let kept: Transaction | undefined
  const error = await reason(
    connection.transaction(async (tx) => {
      kept = tx
      await tx.execute(`insert into ${table} values (1)`)
      t.true((await reason(tx.execute('select 1 / 0'))) instanceof DivisionByZeroError)
      t.true((await reason(tx.fetch('select 1'))) instanceof InFailedSQLTransactionError)
    }),
  )
  t.true(error instanceof TransactionRollbackError)
  t.is(error.sqlstate, '40000')
  t.is(error.message, 'transaction was rolled back because an earlier statement failed')
  t.is(kept!.state, 'rolledback')
  t.false(connection.isInTransaction())
  t.deepEqual(await rows(), [])
})

test('what COMMIT itself meets is thrown', async (t) => {
  const { connection, table } = await withTable(t)
  let kept: Transaction | undefined
  const error = await reason(
    connection.transaction((tx) => {
      kept = tx
      return tx.execute(`insert into ${table} values (1), (1)`)
    }),
  )
  t.is(error.sqlstate, '23505')
  t.is(kept!.state, 'failed')
  t.false(connection.isInTransaction())
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a call that a body did not wait for belongs to it, one made after its end is refused', async (t) => {
  const { connection, table, rows } = await withTable(t)
  let late: Transaction | undefined
  let stray: Promise<string> | undefined
  await connection.transaction(async (tx) => {
    late = tx
    stray = tx.execute(`insert into ${table} values ($1)`, [1])
  })
  t.is(await stray, 'INSERT 0 1')
  const error = await reason(late!.execute(`insert into ${table} values (2)`))
  t.true(error instanceof InterfaceError)
  t.regex(error.message, /already committed/)
  t.true((await reason(late!.transaction(() => 1))) instanceof InterfaceError)
  t.deepEqual(await rows(), [1])
})

test('an aborted first call leaves no open block', async (t) => {
  const { connection, table, rows } = await withTable(t)
  const controller = new AbortController()
  const given = new Error('changed my mind')
  const failing = connection.transaction(async (tx) => {
    const call = tx.execute(`insert into ${table} values ($1)`, [1], { signal: controller.signal })
    controller.abort(given)
    await call
  })
  t.is(await reason(failing), given)
  t.false(connection.isInTransaction())
  await connection.execute(`insert into ${table} values ($1)`, [2])
  t.deepEqual(await rows(), [2])
})

test('a transaction that the server does not start runs nothing in it', async (t) => {
  const connection = await open(t)
  // In a block that has failed already, which nobody can begin anew: the savepoint is what fails.
  const error = await reason(
    connection.transaction(async (tx) => {
      await reason(tx.execute('select 1 / 0'))
      await tx.transaction(async (inner) => {
        t.true((await reason(inner.fetch('select 1'))) instanceof InFailedSQLTransactionError)
        const refused = await reason(inner.fetch('select 1'))
        t.true(refused instanceof InterfaceError)
        t.regex(refused.message, /could not be started/)
        throw refused.cause
      })
    }),
  )
  t.true(error instanceof InFailedSQLTransactionError)
  t.false(connection.isInTransaction())
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a session that is lost within a body rejects with what the body met', async (t) => {
  const database = await testDatabase()
  const connection = await open(t)
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.fetch('select 1')
      await database.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
      await untilGone(connection.getServerPid())
      await tx.fetch('select 2')
    }),
  )
  t.true(
    error.sqlstate === '57P01' ||
      error instanceof ConnectionDoesNotExistError ||
      error instanceof InterfaceError,
  )
  t.true(error.suppressed instanceof Error)
  t.false(connection.isInTransaction())
})

test('what an error has suppressed already stays when rolling back fails, too', async (t) => {
  const mine = new Error('mine')
  const errors = [
    Object.assign(new Error('own'), { suppressed: mine }),
    Object.defineProperty(new Error('fixed'), 'suppressed', { value: mine }),
    Object.freeze(new Error('frozen')),
  ]
  for (const given of errors) {
    const connection = await open(t)
    const error = await reason(
      connection.transaction(async (tx) => {
        await tx.fetch('select 1')
        connection.terminate()
        throw given
      }),
    )
    t.is(error, given)
    t.is(error.suppressed, Object.isFrozen(given) ? undefined : mine)
  }
})

test('a lost answer to COMMIT says that it may have been executed', async (t) => {
  const { connection, link, proxy } = await openWatched(t)
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.fetch('select 1')
      proxy.set({ stall: 'toClient' })
      const sent = syncsSent(link)
      void untilSent(link, sent + 1).then(() => link.drop('reset'))
    }),
  )
  t.true(error instanceof ConnectionDoesNotExistError, `${error}`)
  t.true(error.maybeExecuted)
})

test('attempts run the body again after a serialization failure or a deadlock, and after nothing else', async (t) => {
  const { connection, table, rows } = await withTable(t)
  for (const [sqlstate, runs] of [
    ['40001', 3],
    ['40P01', 3],
    ['23505', 1],
  ] as const) {
    let count = 0
    const error = await reason(
      connection.transaction(
        async (tx) => {
          count++
          await tx.execute(`insert into ${table} values ($1)`, [count])
          await tx.execute(`do $$ begin raise sqlstate '${sqlstate}'; end $$`)
        },
        { attempts: 3 },
      ),
    )
    t.is(error.sqlstate, sqlstate)
    t.is(count, runs)
  }
  t.deepEqual(await rows(), [])
  let count = 0
  const result = await connection.transaction(
    async (tx) => {
      if (++count < 3) await tx.execute("do $$ begin raise sqlstate '40001'; end $$")
      await tx.execute(`insert into ${table} values (7)`)
      return count
    },
    { attempts: 5, isolation: 'serializable' },
  )
  t.is(result, 3)
  t.deepEqual(await rows(), [7])
})

test('two serializable transactions that cannot both be are both done with attempts', async (t) => {
  const { connection, table, rows } = await withTable(t)
  const other = await open(t)
  let failures = 0
  const add = (on: Connection) =>
    on.transaction(
      async (tx) => {
        try {
          const most = await tx.fetchValue<number>(`select coalesce(max(n), 0) from ${table}`)
          await tx.execute(`insert into ${table} values ($1)`, [most! + 1])
        } catch (error) {
          failures++
          t.true(error instanceof SerializationError, `${error}`)
          throw error
        }
      },
      { isolation: 'serializable', attempts: 100 },
    )
  const tenTimes = async (on: Connection) => {
    for (let i = 0; i < 10; i++) await add(on)
  }
  await Promise.all([tenTimes(connection), tenTimes(other)])
  t.deepEqual(
    await rows(),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  t.log(`${failures} statements failed and were tried again`)
})

test('a transaction shows its state and options', async (t) => {
  const connection = await open(t)
  const tx = connection.transaction({ isolation: 'serializable', readonly: true })
  t.is(inspect(tx), "Transaction { state: 'new', isolation: 'serializable', readonly: true }")
})
