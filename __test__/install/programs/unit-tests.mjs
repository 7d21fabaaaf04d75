// The tests of a project that uses the driver, as its test runner runs them; `fake` and `real` switch its timers.

import { connect, createPool, DivisionByZeroError, TimeoutError } from 'cornac'
import { fake, real } from './timers.mjs'

const dsn = process.env.TEST_DSN

test('rows, errors and arguments are of this world', async () => {
  const connection = await connect(dsn)
  const rows = await connection.fetch(
    "select 1 as n, 'x'::bytea as b, null as nothing, '{\"a\": [1]}'::jsonb as j",
  )
  expect(rows).toStrictEqual([{ n: 1, b: Buffer.from('x'), nothing: null, j: { a: [1] } }])
  expect(await connection.fetchValue('select $1::timestamptz', [new Date(0)])).toStrictEqual(new Date(0))
  expect(await connection.fetchValue('select $1::jsonb', [{ a: [1, { b: null }] }])).toStrictEqual({
    a: [1, { b: null }],
  })
  expect(await connection.fetchValue('select $1::bytea', [new Uint8Array([7])])).toStrictEqual(
    Buffer.from([7]),
  )
  await expect(connection.fetch('select 1 / 0')).rejects.toThrow(DivisionByZeroError)
  await connection.close()
})

test('fake timers do not stop the driver', async () => {
  fake()
  try {
    const connection = await connect(dsn, { timeout: 30_000 })
    expect(await connection.fetchValue('select 1')).toBe(1)
    await expect(connection.fetch('select pg_sleep(600)', [], { timeout: 20 })).rejects.toThrow(TimeoutError)
    await connection.close()
    const pool = await createPool(dsn, { maxSize: 2 })
    const calls = Array.from({ length: 20 }, (_, n) => pool.fetchValue('select $1::int4', [n]))
    expect((await Promise.all(calls))[19]).toBe(19)
    await pool.transaction(async (tx) => expect(await tx.fetchValue('select 1')).toBe(1))
    await pool.close()
  } finally {
    real()
  }
})
