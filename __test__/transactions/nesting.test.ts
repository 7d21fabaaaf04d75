// Transactions within transactions are savepoints.

import test from 'ava'
import { DivisionByZeroError, InterfaceError, type TransactionOptions } from '../../index.ts'
import { open, reason } from '../query/open.ts'

test('what a nested body did is undone when it throws, and the transaction around it goes on', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table nested (n int)')
  await connection.transaction(async (tx) => {
    await tx.execute('insert into nested values (1)')
    const error = await reason(
      tx.transaction(async (inner) => {
        t.is(inner.connection, connection)
        await inner.execute('insert into nested values (2)')
        await inner.fetch('select 1 / 0')
      }),
    )
    t.true(error instanceof DivisionByZeroError)
    await tx.transaction((inner) => inner.execute('insert into nested values (3)'))
    // The connection's own method nests too.
    await connection.transaction((inner) => inner.execute('insert into nested values (4)'))
  })
  const rows = await connection.fetch('select n from nested order by n')
  t.deepEqual(
    rows.map(({ n }) => n),
    [1, 3, 4],
  )
})

test('an outer rollback undoes what nested ones had committed', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table undone (n int)')
  const given = new Error('no')
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.transaction((inner) => inner.execute('insert into undone values (1)'))
      throw given
    }),
  )
  t.is(error, given)
  t.is(await connection.fetchValue('select count(*) from undone'), 0)
})

test('a nested transaction that calls nothing sends nothing, and ten levels are fine', async (t) => {
  const connection = await open(t)
  const deep = (level: number): Promise<number> =>
    connection.transaction(async (tx) => {
      if (level > 0) return deep(level - 1)
      return (await tx.fetchValue<number>('select 42')) as number
    })
  t.is(await deep(10), 42)
  t.false(connection.isInTransaction())
  t.is(await connection.transaction((tx) => tx.transaction(() => 1)), 1)
})

test('options of a nested transaction that contradict the one around it are refused', async (t) => {
  const connection = await open(t)
  const contradictions: [outer: TransactionOptions, nested: TransactionOptions, message: RegExp][] = [
    [{}, { isolation: 'serializable' }, /cannot be serializable, the one around it is read_committed/],
    [
      { isolation: 'repeatable_read' },
      { isolation: 'read_committed' },
      /the one around it is repeatable_read/,
    ],
    [{}, { readonly: true }, /^readonly: /],
    [{ readonly: true }, { readonly: false }, /^readonly: /],
    [{}, { deferrable: true }, /^deferrable: /],
    [{}, { attempts: 2 }, /^attempts are for the outermost transaction/],
  ]
  for (const [outer, nested, message] of contradictions) {
    await connection.transaction(async (tx) => {
      await tx.fetch('select 1')
      const error = await reason(tx.transaction(() => t.fail(), nested))
      t.true(error instanceof InterfaceError, `${error}`)
      t.regex(error.message, message)
      t.is(await tx.fetchValue('select 1'), 1)
    }, outer)
  }
  await connection.execute("set default_transaction_isolation = 'serializable'")
  const agreeing: [TransactionOptions, TransactionOptions][] = [
    [{}, { isolation: 'serializable' }],
    [{ isolation: 'read_committed' }, { isolation: 'read_committed', readonly: false }],
    [{ readonly: true }, { readonly: true }],
  ]
  for (const [outer, nested] of agreeing) {
    t.is(await connection.transaction((tx) => tx.transaction(() => 'in', nested), outer), 'in')
  }
})

test('a body that ends while a nested transaction is open is rolled back', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table early (n int)')
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let inner: Promise<unknown> | undefined
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.execute('insert into early values (1)')
      inner = reason(
        tx.transaction(async (nested) => {
          await held
          await nested.execute('insert into early values (2)')
        }),
      )
    }),
  )
  t.true(error instanceof InterfaceError)
  t.regex(error.message, /a nested transaction is still open/)
  release()
  t.regex(((await inner) as Error).message, /the transaction was ended by .* the transaction around it/)
  t.is(await connection.fetchValue('select count(*) from early'), 0)
})

test('savepoints that were rolled back do not lie around those that follow', async (t) => {
  const connection = await open(t)
  await connection.transaction(async (tx) => {
    // PostgreSQL has one for each that is open.
    const open = () =>
      tx.fetchValue("select count(*) from pg_backend_memory_contexts where name = 'CurTransactionContext'")
    const before = await open()
    for (let i = 0; i < 20; i++) {
      await reason(
        tx.transaction(async (inner) => {
          await inner.execute('select 1')
          if (i % 2 === 0) await inner.execute('select 1 / 0')
          throw new Error('no')
        }),
      )
    }
    t.is(await open(), before)
  })
})

test('who starts transactions of one connection side by side is told that they lie within each other', async (t) => {
  const connection = await open(t)
  const one = (sql: string) => connection.transaction((tx) => tx.fetch(sql))
  const results = await Promise.allSettled([one('select 1'), one('select 2'), one('select 3')])
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  t.true(errors.length > 0)
  for (const error of errors) {
    t.true(error instanceof InterfaceError)
    t.regex(error.message, /a nested transaction is still open|with the transaction around it/)
    t.regex(error.hint, /wait for/)
  }
  t.false(connection.isInTransaction())
  t.deepEqual(await one('select 4 as n'), [{ n: 4 }])
})

test('the options of a transaction are those of its block', async (t) => {
  const connection = await open(t)
  const shown = (options: TransactionOptions) =>
    connection.transaction(
      (tx) =>
        tx.fetchRow(`select current_setting('transaction_isolation') as isolation,
          current_setting('transaction_read_only') as readonly, current_setting('transaction_deferrable') as deferrable`),
      options,
    )
  t.deepEqual(await shown({}), { isolation: 'read committed', readonly: 'off', deferrable: 'off' })
  for (const isolation of [
    'serializable',
    'repeatable_read',
    'read_committed',
    'read_uncommitted',
  ] as const) {
    const row = await shown({ isolation, readonly: true, deferrable: true })
    t.deepEqual(row, { isolation: isolation.replace('_', ' '), readonly: 'on', deferrable: 'on' })
  }
})
