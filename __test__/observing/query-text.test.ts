// What telemetry tells of a text: never a literal of it.

import test from 'ava'
import fc from 'fast-check'
import { readQueryText } from '../../src/opentelemetry/query-text.ts'

const masked = (text: string) => readQueryText(text).masked
const summary = (text: string) => readQueryText(text).summary

test('literals of every form become question marks', (t) => {
  const cases: [string, string][] = [
    ["select * from a where b = 'secret' and c = $1", 'select * from a where b = ? and c = $1'],
    ["select 'it''s', E'a\\'b', e'\\\\', B'01', x'ff', N'n', U&'\\0041'", 'select ?, ?, ?, ?, ?, ?, ?'],
    ['select $$a $ b$$, $tag$a $$ b$tag$, $1', 'select ?, ?, $1'],
    ['select 1, 1.5, .5, 1e10, 1e-5, 0xff, 1_000', 'select ?, ?, ?, ?, ?, ?, ?'],
    ['select a1, "col 1", t2.c3', 'select a1, "col 1", t2.c3'],
    ['select 1 -- secret\nfrom a /* more /* secret */ */ where b', 'select ?  \nfrom a   where b'],
    ["select 'not closed", 'select ?'],
    ["select E'not closed\\", 'select ?'],
    ['select $x$not closed', 'select ?'],
    ['select 1 /* not closed', 'select ?'],
    ['', ''],
  ]
  for (const [text, expected] of cases) t.is(masked(text), expected, text)
})

test('a summary has the operations and their targets', (t) => {
  const cases: [string, string][] = [
    ['select * from orders', 'select orders'],
    ['SELECT a FROM shop."Order items" AS o', 'SELECT shop."Order items"'],
    ['select * from a, b c, only d join e on f(x, y) where g in (1, 2)', 'select a b d e'],
    ['insert into orders (a, b) values ($1, $2)', 'insert orders'],
    ['insert into orders select * from items', 'insert orders select items'],
    ['insert into a values (1) on conflict do update set b = 2', 'insert a'],
    ['update only orders set a = 1 from items where x', 'update orders items'],
    ['delete from orders using items where x', 'delete orders items'],
    ['with x as (select 1 from a) select * from x', 'select a select x'],
    ['select (select 1 from b) from a where exists (select 1 from c)', 'select select b a select c'],
    ['select * from a for update', 'select a'],
    ['select extract(year from t) from a where b is distinct from c', 'select a'],
    ['merge into a using b on x when matched then delete', 'merge a b'],
    ['create table if not exists shop.orders (a int)', 'create table shop.orders'],
    ['drop index concurrently i', 'drop index i'],
    ['copy orders (a) from stdin', 'copy orders'],
    ['copy (select * from orders) to stdout', 'copy select orders'],
    ['BEGIN', 'BEGIN'],
    ['call shop."Do it"(1, $1)', 'call shop."Do it"'],
    ['call', 'call'],
    ['LISTEN "news"', 'LISTEN'],
    ["set search_path = 'x'", 'set'],
    ['(select 1 from a) union (select 2 from b)', 'select a select b'],
    ['select 1', 'select'],
    ['', ''],
    ['-- nothing', ''],
    ["'x'", ''],
  ]
  for (const [text, expected] of cases) t.is(summary(text), expected, text)
})

test('a procedure is known by the CALL that it is behind', (t) => {
  t.is(readQueryText('/* x */ CALL shop.work(1)').procedure, 'shop.work')
  for (const text of ['select call from work', '"call" work', 'call', ''])
    t.is(readQueryText(text).procedure, undefined)
})

test('a summary is no longer than 255 characters, and ends with a whole word', (t) => {
  const text = `select * from ${Array.from({ length: 100 }, (_, n) => `table_${n}`).join(', ')}`
  const words = summary(text).split(' ')
  t.true(summary(text).length <= 255)
  t.is(words.at(-1), `table_${words.length - 2}`)
})

test('no text whatever fails, loops or lets a string out', (t) => {
  const part = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    '/*',
    '*/',
    '--',
    '\n',
    '(',
    ')',
    ',',
    '.',
    '\\',
    "E'",
    'from ',
    'select ',
    'x',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
      const text = parts.join('')
      readQueryText(text)
      t.false(masked(`select '${text.replaceAll("'", "''")}'`).includes("'"))
    }),
  )
})

test('a long text is read in time that grows with its length', (t) => {
  const start = performance.now()
  for (const part of ['$a$', '/*', "'", '(', 'select from ', '$x$ $y$', '"'])
    readQueryText(part.repeat(100_000))
  t.true(performance.now() - start < 10_000)
})
