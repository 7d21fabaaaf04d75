import test from 'ava'
import { InterfaceError, PostgresError } from '../../index.ts'
import { openPool } from '../pool/open.ts'
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

test('a text that is no JSON, and a schema within the quotes of a name, have a hint', async (t) => {
  const connection = await open(t)
  const text = await reason(connection.fetch('select $1::jsonb', ['hello']))
  t.regex(text.hint, /json\(value\)/)
  await connection.execute('create table public.guest (name text)')
  for (const refused of [
    connection.copyRecordsToTable('public.guest', { records: [['Ada']] }),
    connection.copyFromTable('public.guest', { output: () => {} }),
    connection.fetch('select * from "public.guest"'),
  ]) {
    const error = await reason(refused)
    t.is(error.name, 'UndefinedTableError')
    t.regex(error.hint, /the option schema/)
  }
  t.is((await reason(connection.fetch('select * from public.guests'))).hint, undefined)
})

test('objects in place of lists, a body that is none and a controller for its signal have a hint', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table visit (name text)')
  const visit = { name: 'Ada' } as unknown as string[]
  for (const call of [
    connection.copyRecordsToTable('visit', { records: [visit] }),
    connection.executeMany('insert into visit values ($1)', [visit]),
  ]) {
    t.regex((await reason(call)).hint, /map\(\(\{ a, b \}\) => \[a, b\]\)/)
  }
  const signal = new AbortController() as unknown as AbortSignal
  t.regex((await reason(connection.fetch('select 1', [], { signal }))).hint, /controller\.signal/)
  const pool = await openPool(t)
  const body = undefined as unknown as () => void
  t.regex((await reason(pool.withConnection(body))).hint, /pool\.withConnection\(async \(connection\) =>/)
  t.regex((await reason(pool.transaction(body))).hint, /pool\.transaction\(async \(tx\) =>/)
})
