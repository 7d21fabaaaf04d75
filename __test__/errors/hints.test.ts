import test from 'ava'
import { InterfaceError, PostgresError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

test('the usual mistakes that the server refuses without a hint have one', async (t) => {
  const connection = await open(t)
  const hintOf = async (text: string, args: readonly unknown[] = []): Promise<string> => {
    const error = await reason(connection.fetch(text, args))
    t.true(error instanceof PostgresError, text)
    return String(error.hint)
  }
  t.regex(await hintOf('select 1; select 2'), /only execute\(\) without arguments takes several/)
  t.regex(await hintOf("select '🐘' where 1 in $1", [[1]]), /= any\(\$1\)/)
  t.regex(await hintOf('select 1 from $1', ['pg_class']), /sql\.identifier\(\)/)
  t.regex(await hintOf('select $1 is null', [1]), /\$1::int4/)
})

test('a call in a transaction that has failed has a hint that tells the way out', async (t) => {
  const connection = await open(t)
  const error = await reason(
    connection.transaction(async (tx) => {
      await reason(tx.execute('select 1 / 0'))
      await tx.execute('select 1')
    }),
  )
  t.is(error.name, 'InFailedSQLTransactionError')
  t.regex(error.hint, /an earlier statement .* has failed.*nested transaction/)
})

test('a hint of the server is left as it is, and a mistake that is unlike these has none', async (t) => {
  const connection = await open(t)
  const column = await reason(connection.fetch('select "id" from pg_class'))
  t.regex(column.hint, /pg_class\.oid/)
  t.is((await reason(connection.fetch('selec 1'))).hint, undefined)
  t.is((await reason(connection.fetch("select '$1' where 1 in 2"))).hint, undefined)
})

test('a call behind the end of its transaction, and a transaction beside another one, have a hint', async (t) => {
  const connection = await open(t)
  const kept = await connection.transaction(async (tx) => ({ tx }))
  const late = await reason(kept.tx.fetch('select 1'))
  t.true(late instanceof InterfaceError)
  t.regex(late.hint, /await each call/)
  const beside = await reason(
    connection.transaction((tx) =>
      Promise.all([1, 2].map((n) => tx.transaction((inner) => inner.fetchValue('select $1::int', [n])))),
    ),
  )
  t.true(beside instanceof InterfaceError)
  t.regex(beside.hint, /one after the other/)
})
