// Ends of transactions that have timed out: nothing that was given up stays open.

import test from 'ava'
import { TimeoutError, type Transaction } from '../../index.ts'
import { barrier, open, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

const unlimited = { timeout: null }

for (const isCommitted of [true, false]) {
  const end = isCommitted ? 'COMMIT' : 'ROLLBACK'

  test(`a ${end} that times out before its turn ends the transaction when that comes`, async (t) => {
    const { key, open: letGo } = await barrier(t)
    const connection = await open(t, { commandTimeout: 200 })
    await connection.execute('create temp table given_up (n int)', [], unlimited)
    const given = new Error('from the body')
    let script: Promise<string> | undefined
    const error = await reason(
      connection.transaction(async (tx) => {
        await tx.execute('insert into given_up values (1)', [], unlimited)
        // Nothing is sent behind a script before it has ended.
        script = tx.execute(`select pg_advisory_lock_shared(${key})`, undefined, unlimited)
        if (!isCommitted) throw given
      }),
    )
    const timeout = isCommitted ? error : error.suppressed
    t.is(error, isCommitted ? timeout : given)
    t.true(timeout instanceof TimeoutError)
    t.true(timeout.maybeExecuted)
    // The next one need not wait for it.
    let next: Transaction | undefined
    const read = (async () => {
      next = connection.transaction()
      await next.start()
      return next.fetchValue('select count(*) from given_up', [], unlimited)
    })()
    await letGo()
    await script
    t.is(await read, isCommitted ? 1 : 0)
    t.is(next?.state, 'started')
  })

  test(`after a ${end} that has timed out nobody has to ask for it to be over`, async (t) => {
    const { key, open: letGo } = await barrier(t)
    const connection = await open(t, { commandTimeout: 200 })
    let script: Promise<string> | undefined
    await reason(
      connection.transaction(async (tx) => {
        await tx.execute('select 1', [], unlimited)
        script = tx.execute(`select pg_advisory_lock_shared(${key})`, undefined, unlimited)
        if (!isCommitted) throw new Error('from the body')
      }),
    )
    t.true(connection.isInTransaction())
    await letGo()
    await script
    t.true(await eventually(() => !connection.isInTransaction()))
  })
}
