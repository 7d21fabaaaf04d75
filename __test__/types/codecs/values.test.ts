import test from 'ava'
import type { TypeCodec } from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { boxed, catalog, openWith, own } from './open.ts'

test('a text codec gets every value of its type as text, in both directions', async (t) => {
  const connection = await open(t)
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const value = { text: '1.50' }
  t.deepEqual(await connection.fetchValue('select $1::numeric', [value]), value)
  t.deepEqual(await connection.fetchValue('select 1.50'), value)
  t.is(await connection.fetchValue('select $1::numeric', [null]), null)
  t.deepEqual(
    await connection.fetch('select n::numeric as n, n::text as t, n as i from generate_series(1, 2) n'),
    [
      { n: { text: '1' }, t: '1', i: 1 },
      { n: { text: '2' }, t: '2', i: 2 },
    ],
  )
})

test('strings reach the codec of their type too, and no other', async (t) => {
  const connection = await open(t)
  const seen: unknown[] = []
  const encode = (value: unknown): string => {
    seen.push(value)
    return JSON.stringify(value)
  }
  await connection.setTypeCodec({ type: 'jsonb', schema: catalog, encode, decode: JSON.parse })
  t.is(await connection.fetchValue('select $1::jsonb', ['a string']), 'a string')
  t.deepEqual(await connection.fetchValue('select $1::jsonb', [[1, { a: 2 }]]), [1, { a: 2 }])
  t.is(await connection.fetchValue('select $1::text', ['another']), 'another')
  t.deepEqual(seen, ['a string', [1, { a: 2 }]])
})

test('a codec for an enum, found in its schema', async (t) => {
  const connection = await openWith(t, `create type mood as enum ('so', 'la la')`)
  const schema = await own(connection)
  const mood: TypeCodec = {
    type: 'mood',
    schema,
    encode: (value: symbol) => value.description,
    decode: (label) => Symbol.for(label),
  }
  await connection.setTypeCodec(mood)
  const so = Symbol.for('so')
  t.is(await connection.fetchValue('select $1::mood', [so]), so)
  t.deepEqual(await connection.fetchValue('select $1::mood[]', [[so, null]]), [so, null])
  t.is((await reason(connection.fetchValue('select $1::mood', [Symbol('up')]))).sqlstate, '22P02')
})

test('every call goes by codecs: query, cursors, many sets, records', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table price (n numeric, all_of numeric[])')
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const [one, two] = [{ text: '1' }, { text: '2' }]
  await connection.executeMany('insert into price values ($1, $2)', [
    [one, [one, two]],
    [two, null],
  ])
  t.is(await connection.copyRecordsToTable('price', { records: [[one, [two]]] }), 'COPY 1')
  const rows = [
    { n: one, all_of: [one, two] },
    { n: two, all_of: null },
    { n: one, all_of: [two] },
  ]
  t.deepEqual((await connection.query('select * from price')).rows, rows)
  t.deepEqual(
    (await connection.query('select * from price', [], { rows: 'array' })).rows,
    rows.map((row) => Object.values(row)),
  )
  t.deepEqual(await connection.fetchMany('select * from price where n > $1', [[one]]), [rows[1]])
  const found: unknown[] = []
  await connection.transaction(async () => {
    for await (const row of connection.cursor('select * from price where n < $1', [two])) found.push(row)
  })
  t.deepEqual(found, [rows[0], rows[2]])
})

test('arguments for a codec are taken as they stood at the call', async (t) => {
  const connection = await open(t)
  await connection.setTypeCodec({ type: 'numeric', schema: catalog, ...boxed })
  const value = { text: '1' }
  const call = connection.fetchValue('select $1::numeric + 0', [value])
  value.text = '2'
  t.deepEqual(await call, { text: '1' })
})
