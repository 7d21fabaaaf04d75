// The table of states and calls: what may be called when, and where it leads.

import test from 'ava'
import { type Connection, InterfaceError, type Transaction, type TransactionState } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const CALLS = {
  start: (tx: Transaction) => tx.start(),
  commit: (tx: Transaction) => tx.commit(),
  rollback: (tx: Transaction) => tx.rollback(),
  fetch: (tx: Transaction) => tx.fetchValue('select 1'),
  transaction: (tx: Transaction) => tx.transaction((inner) => inner.fetchValue('select 1')),
  dispose: (tx: Transaction) => tx[Symbol.asyncDispose](),
} as const
type CallName = keyof typeof CALLS

/** How a transaction gets into each state. */
const WAYS: { readonly [state in TransactionState]: (connection: Connection) => Promise<Transaction> } = {
  new: async (connection) => connection.transaction(),
  started: async (connection) => {
    const tx = connection.transaction()
    await tx.start()
    await tx.fetch('select 1')
    return tx
  },
  failed: async (connection) => {
    const tx = await WAYS.started(connection)
    await connection.reset()
    return tx
  },
  committed: async (connection) => {
    const tx = await WAYS.started(connection)
    await tx.commit()
    return tx
  },
  rolledback: async (connection) => {
    const tx = await WAYS.started(connection)
    await tx.rollback()
    return tx
  },
}

/** The state that each call leads to; a text is the refusal. */
const TABLE: {
  readonly [state in TransactionState]: { readonly [call in CallName]: TransactionState | RegExp }
} = {
  new: {
    start: 'started',
    commit: /cannot commit; the transaction is not started/,
    rollback: /cannot roll back; the transaction is not started/,
    fetch: /cannot run a query; the transaction is not started/,
    transaction: /cannot start a transaction; the transaction is not started/,
    dispose: 'new',
  },
  started: {
    start: /cannot start; the transaction is already started/,
    commit: 'committed',
    rollback: 'rolledback',
    fetch: 'started',
    transaction: 'started',
    dispose: 'rolledback',
  },
  failed: {
    start: /cannot start; the transaction was ended by a reset/,
    commit: /cannot commit; the transaction was ended by a reset/,
    rollback: /cannot roll back; the transaction was ended by a reset/,
    fetch: /cannot run a query; the transaction was ended by a reset/,
    transaction: /cannot start a transaction; the transaction was ended by a reset/,
    dispose: 'failed',
  },
  committed: {
    start: /cannot start; the transaction is already committed/,
    commit: /cannot commit; the transaction is already committed/,
    rollback: /cannot roll back; the transaction is already committed/,
    fetch: /cannot run a query; the transaction is already committed/,
    transaction: /cannot start a transaction; the transaction is already committed/,
    dispose: 'committed',
  },
  rolledback: {
    start: /cannot start; the transaction is already rolled back/,
    commit: /cannot commit; the transaction is already rolled back/,
    rollback: /cannot roll back; the transaction is already rolled back/,
    fetch: /cannot run a query; the transaction is already rolled back/,
    transaction: /cannot start a transaction; the transaction is already rolled back/,
    dispose: 'rolledback',
  },
}

for (const [state, row] of Object.entries(TABLE) as [TransactionState, (typeof TABLE)['new']][]) {
  test(`a transaction that is ${state} takes the calls of that state and refuses all others`, async (t) => {
    for (const [name, end] of Object.entries(row) as [CallName, TransactionState | RegExp][]) {
      const connection = await open(t)
      const tx = await WAYS[state](connection)
      t.is(tx.state, state, name)
      if (end instanceof RegExp) {
        const error = await reason(CALLS[name](tx))
        t.true(error instanceof InterfaceError, `${name}: ${error}`)
        t.regex(error.message, end)
        t.is(tx.state, state, name)
      } else {
        await CALLS[name](tx)
        t.is(tx.state, end, name)
      }
      t.is(connection.isInTransaction(), tx.state === 'started', name)
      t.is(await connection.fetchValue('select 1'), 1)
    }
  })
}

test('a body may not end its own transaction, which its end does', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    await tx.fetch('select 1')
    for (const call of ['commit', 'rollback'] as const) {
      const error = await reason(tx[call]())
      t.true(error instanceof InterfaceError)
      t.regex(error.message, /the body's end decides/)
    }
    t.regex((await reason(tx.start())).message, /already started/)
    t.is(tx.state, 'started')
  })
})

test('a transaction in a manually started one is refused', async (t) => {
  const connection = await open(t)
  await connection.execute('begin')
  for (const begin of [
    () => connection.transaction().start(),
    () => connection.transaction(() => t.fail()),
  ]) {
    const error = await reason(begin())
    t.true(error instanceof InterfaceError)
    t.is(error.message, 'cannot use transaction() in a manually started transaction')
  }
  await connection.execute('rollback')
  t.is(await connection.transaction(() => 1), 1)
})

test('calls that meet its end are refused, and two transactions in a row need not wait for each other', async (t) => {
  const connection = await open(t)
  const tx = connection.transaction()
  await tx.start()
  await tx.fetch('select 1')
  const ending = tx.commit()
  t.regex((await reason(tx.fetch('select 1'))).message, /being ended/)
  t.regex((await reason(tx.commit())).message, /being ended/)
  const next = connection.transaction((inner) => inner.fetchValue('select 2'))
  await ending
  t.is(await next, 2)
  t.is(tx.state, 'committed')
})

test('a scope that is left rolls back what was not committed', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table scoped (n int)')
  {
    await using tx = connection.transaction()
    await tx.start()
    await tx.execute('insert into scoped values (1)')
  }
  {
    await using tx = connection.transaction()
    await tx.start()
    await tx.execute('insert into scoped values (2)')
    await tx.commit()
  }
  t.is(await connection.fetchValue('select array_agg(n)::text from scoped'), '{2}')
})

test('options that cannot be are refused, at once or as a rejection', async (t) => {
  const connection = await open(t)
  const wrong: [options: unknown, message: RegExp][] = [
    [{ isolation: 'chaos' }, /invalid isolation: expected one of serializable, .*, got "chaos"/],
    [{ readonly: 1 }, /invalid readonly/],
    [{ deferrable: 'yes' }, /invalid deferrable/],
    [{ readOnly: true }, /there is no option "readOnly"/],
    ['serializable', /must be an object/],
  ]
  for (const [options, message] of wrong) {
    t.throws(() => connection.transaction(options as never), { instanceOf: InterfaceError, message })
    const error = await reason(connection.transaction(() => t.fail(), options as never))
    t.true(error instanceof InterfaceError)
    t.regex(error.message, message)
  }
  for (const attempts of [0, -1, 1.5, '3']) {
    const error = await reason(connection.transaction(() => t.fail(), { attempts } as never))
    t.regex(error.message, /invalid attempts/)
  }
  t.throws(() => connection.transaction({ attempts: 2 }), { message: /attempts need a body/ })
  t.is(await connection.transaction(() => 1, { isolation: undefined, attempts: undefined }), 1)
})
