// Types of extensions, whatever schema they are in.

import test from 'ava'
import { open } from '../../query/open.ts'

test('hstore is an object without prototype, citext and ltree are their text', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create schema "Ext"; set search_path = "Ext", public;
    create extension hstore; create extension citext; create extension ltree;
    create type held as (h hstore, c citext, l ltree);
    create domain label as citext`)
  const value = (sql: string): Promise<any> => connection.fetchValue(`select ${sql}`)
  const store = await value(`'a=>1, "b c"=>NULL, __proto__=>"x\\"y", ""=>"é"'::hstore`)
  t.is(Object.getPrototypeOf(store), null)
  t.deepEqual(Object.entries(store).sort(), [
    ['', 'é'],
    ['__proto__', 'x"y'],
    ['a', '1'],
    ['b c', null],
  ])
  t.deepEqual(await value("''::hstore"), Object.create(null))
  const two: any[] = await value("array['a=>1'::hstore, null, 'b=>2']")
  t.deepEqual(
    two.map((item) => item && { ...item }),
    [{ a: '1' }, null, { b: '2' }],
  )
  t.is(await value("'MiXed'::citext"), 'MiXed')
  t.deepEqual(await value("array['A'::citext, 'b'::label]"), ['A', 'b'])
  t.is(await value("'top.science'::ltree"), 'top.science')
  t.is(await value("'top.*{1}'::lquery"), 'top.*{1}')
  const held = await value("row('k=>v', 'C', 'a.b')::held")
  t.deepEqual({ ...held, h: { ...held.h } }, { h: { k: 'v' }, c: 'C', l: 'a.b' })
  const { columns } = await connection.query(
    "select 'x'::citext as c, 'a=>1'::hstore as h, array['b'::citext] as cs",
  )
  t.deepEqual(
    columns.map(({ type: { name, schema, kind } }) => [name, schema, kind]),
    [
      ['citext', 'Ext', 'scalar'],
      ['hstore', 'Ext', 'scalar'],
      ['citext[]', 'Ext', 'array'],
    ],
  )
})

test('any other type of an extension comes as its text, also in what is made of it', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create extension cube; create extension isn;
    create type boxed as (n int, c cube, i isbn13)`)
  const value = (sql: string): Promise<any> => connection.fetchValue(`select ${sql}`)
  t.is(await value("'(1,2)'::cube"), '(1, 2)')
  t.deepEqual(await value("array['(1,2)'::cube, '3']"), ['(1, 2)', '(3)'])
  t.is(await value("'978-0-393-04002-9'::isbn13"), '978-0-393-04002-9')
  t.deepEqual(await value("row(1, '(1,2)', null)::boxed"), { n: 1, c: '(1, 2)', i: null })
})

test('a type of somebody else that has the name of one of an extension is not taken for it', async (t) => {
  const connection = await open(t)
  await connection.execute(
    'create type hstore as (a int); create domain vector as text; create type citext as range (subtype = int4)',
  )
  t.deepEqual(await connection.fetchValue('select row(1)::hstore'), { a: 1 })
  t.deepEqual(await connection.fetchValue("select array['[1]'::vector]"), ['[1]'])
})
