import test from 'ava'
import { open } from '../query/open.ts'

test('values of megabytes go both ways: texts of every width, bytes, documents', async (t) => {
  const connection = await open(t)
  for (const character of ['a', 'é', 'ж', '😀']) {
    const text = character.repeat(1_000_000)
    t.true((await connection.fetchValue('select $1::text', [text])) === text, character)
    t.is(await connection.fetchValue('select length($1::text)', [text]), 1_000_000)
  }
  const bytes = Buffer.alloc(5_000_000, 'cornac')
  t.true(bytes.equals((await connection.fetchValue('select $1::bytea', [bytes]))!))
  const parts = Array.from({ length: 10 }, (_, n) => 'x'.repeat(1 << 20) + n)
  t.true(
    (await connection.fetchValue('select $1::text[]', [parts])).every(
      (part: string, n: number) => part === parts[n],
    ),
  )
  const document = { text: 'ж'.repeat(1_000_000), list: Array(100_000).fill(1) }
  const back = await connection.fetchValue('select $1::json', [document])
  t.true(back.text === document.text && back.list.length === 100_000)
})

test('a text and bytes of 100 MB', async (t) => {
  const connection = await open(t)
  const length = 100_000_000
  const text: any = await connection.fetchValue("select repeat('0123456789', 10000000)")
  t.is(text.length, length)
  t.is(text.slice(-20), '01234567890123456789')
  const bytes: any = await connection.fetchValue("select repeat('0123456789', 10000000)::bytea")
  t.is(bytes.length, length)
  t.is(bytes[length - 1], 57)
  t.is(await connection.fetchValue('select length($1::bytea)', [bytes]), length)
  t.is(await connection.fetchValue('select length($1)', [text]), length)
  t.is(await connection.fetchValue('select 1'), 1)
})

test('many rows of large values', async (t) => {
  const connection = await open(t)
  const rows = await connection.fetch(
    "select n, repeat('x', 300000) || n as t, repeat('y', 300000)::bytea as b from generate_series(1, 60) n",
  )
  t.is(rows.length, 60)
  for (const { n, t: text, b } of rows) {
    t.is(text.length, 300_000 + String(n).length)
    t.true(text.endsWith(`x${n}`))
    t.is(b.length, 300_000)
    t.is(b[299_999], 121)
  }
})
