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

test('rows around every limit of a chunk, of every width, keep their order and their texts', async (t) => {
  const connection = await open(t)
  const sizes = [
    1, 32_700, 32_800, 7, 100_000, 100_000, 515_956, 515_957, 1_031_913, 1_031_914, 1_031_915, 3, 40_000,
  ]
  for (const character of ['a', 'é', 'ж', '😀']) {
    const rows: any[] = await connection.fetch(
      'select n, repeat($1, size) || n as t, case when n % 3 = 0 then null else n::text end as s from unnest($2::int[]) with ordinality as u (size, n)',
      [character, sizes],
    )
    t.is(rows.length, sizes.length)
    for (const [i, { n, t: text, s }] of rows.entries()) {
      t.is(n, i + 1)
      t.true(text === character.repeat(sizes[i]!) + n, `${character} × ${sizes[i]}`)
      t.is(s, n % 3 === 0 ? null : String(n))
    }
    const values: any[] = await connection.fetch(
      "select array[repeat($1, 60000), 'x', null] as a, $2::bytea as b from generate_series(1, 30)",
      [character, Buffer.alloc(1000, 7)],
    )
    for (const { a, b } of values) {
      t.true(a[0] === character.repeat(60_000) && a[1] === 'x' && a[2] === null)
      t.is(b.readUInt8(999), 7)
    }
  }
})

// Serial: memory is the process's.
test.serial('what is kept of many large values keeps a megabyte each alive and nothing more', async (t) => {
  const connection = await open(t)
  const kept: string[] = []
  const sql = "select repeat('x', 100000) || n as t from generate_series($1::int, $1 + 8) n"
  for (let i = 0; i < 100; i++) kept.push(((await connection.fetch(sql, [i])) as any)[0].t)
  t.is(kept.filter((text, i) => text.endsWith(`x${i}`)).length, 100)
  // As much again as was kept ten times over goes through: a gigabyte in all.
  for (let i = 0; i < 1000; i++) await connection.fetch(sql, [i])
  globalThis.gc?.()
  const { external } = process.memoryUsage()
  t.true(external < 500_000_000, `${external} bytes outside of the heap`)
})
