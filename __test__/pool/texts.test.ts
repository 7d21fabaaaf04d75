// What a text may leave behind in its session, by its words.

import test from 'ava'
import { Texts, type Trace, traceOf } from '../../src/pool/texts.ts'

const TEXTS: { readonly [trace in Trace]: readonly string[] } = {
  none: [
    'select 1',
    '  -- a comment\n select 1',
    '/* one */ /* two */ (select 1)',
    'SELECT 1;',
    ';;',
    '',
    'with a as (select 1) insert into b select * from a',
    'insert into t values ($1) returning id',
    'update t set role = $1',
    'select role, temp from people',
    'begin',
    'begin isolation level serializable',
    'set local work_mem = 1',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'set constraints all deferred',
    'savepoint a',
    "select set_config('app.user', $1, true)",
    'select pg_advisory_xact_lock(1)',
    'select pg_try_advisory_xact_lock(1)',
    'notify somewhere',
    'create table temperature (n int)',
    'copy t to stdout',
    'explain select 1',
    'table t',
    'values (1)',
    "select 1 /*traceparent='00-aa-bb-01'*/",
    'select 1 -- and no more',
    'select a--b\n, temp from people',
    "select set_config('role', $1, true)",
    'with a as (select 1) update t set /* of a person */ role = $1',
  ],
  settings: [
    'set work_mem = 1',
    'SET SESSION work_mem = 1',
    'reset all',
    'listen somewhere',
    'unlisten *',
    'declare c cursor with hold for select 1',
    'do $$ begin end $$',
    'call p()',
    'deallocate all',
    'discard all',
    'execute q',
    "select set_config('work_mem', '1', false)",
    'select set_config($1, $2, $3)',
    "select set_config('a.b', '1', true), set_config('work_mem', '1', false)",
    'select pg_advisory_lock(1)',
    'select pg_try_advisory_lock_shared(1)',
    'select pg_advisory_unlock(1)',
    'select setseed(0.5)',
    "select dblink_connect('a', 'b')",
    'select 1; set work_mem = 1',
    'begin; listen x; commit',
    '/* /* nested */ */ select 1',
    'something new',
    "select '; set a = b'",
    'select set_config/* for the session */ ($1, $2, false)',
    'do $$ begin update t set role = 1; end $$',
    'do $$ begin set local role someone; end $$',
  ],
  lasting: [
    'set role someone',
    'SET SESSION ROLE someone',
    'set session authorization someone',
    'create temp table t (n int)',
    'create temporary view v as select 1',
    'create or replace temp view v as select 1',
    'create local temporary table t (n int)',
    'create table pg_temp.t (n int)',
    'select 1 into temp t',
    'prepare q as select 1',
    "load 'auto_explain'",
    'begin; create temp table t (n int); commit',
    'create /* of /* a */ session */ temp table t (n int)',
    'create -- of a session\ntemp table t (n int)',
    'explain analyze create temp table t as select 1',
    'do $$ begin create temp table t (n int); end $$',
    'do $$ begin if true then create temp table t (n int); end if; end $$',
    "do $$ begin execute 'create temp table t (n int)'; end $$",
    'do $$ begin set role someone; end $$',
    "do $$ begin execute 'prepare q as select 1'; end $$",
    'set /* a */ role someone',
    'set "role" to someone',
    "set session_authorization = 'someone'",
    "select set_config('role', 'someone', false)",
    "select pg_catalog.set_config ( 'session_authorization', $1, $2)",
  ],
}

for (const trace of ['none', 'settings', 'lasting'] as const) {
  test(`what leaves ${trace} behind is known by its words`, (t) => {
    for (const sql of TEXTS[trace]) t.is(traceOf(sql), trace, sql)
  })
}

test('what begins a transaction is known by its first word', (t) => {
  const texts = new Texts()
  for (const sql of [
    'begin',
    'START TRANSACTION',
    '/* a */ ; begin isolation level serializable',
    'begin/**/work',
  ])
    t.true(texts.get(sql).isBegin, sql)
  for (const sql of ['select 1', 'beginning', 'commit', 'select begin from t', ''])
    t.false(texts.get(sql).isBegin, sql)
})

test('no more than a thousand texts are remembered, and the oldest leaves first', (t) => {
  const texts = new Texts()
  const first = texts.get('select 0')
  first.duration = 7
  for (let n = 1; n < 1_000; n++) texts.get(`select ${n}`)
  t.is(texts.get('select 0'), first)
  texts.get('select 1000')
  t.not(texts.get('select 0'), first)
})

test('a hostile text takes no longer than its length asks for', (t) => {
  const long = 1_000_000
  for (const sql of [
    '('.repeat(long),
    '/*'.repeat(long),
    '-- \n'.repeat(long),
    ' '.repeat(long),
    `${';'.repeat(long)}x`,
  ]) {
    t.is(typeof traceOf(sql), 'string')
  }
})
