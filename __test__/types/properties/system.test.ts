// Types of the system's own tables.

import test from 'ava'
import fc from 'fast-check'
import type { Connection } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { system } from './families/system.ts'
import { column, eachIs, proveFamilies } from './judge.ts'

proveFamilies(system)

test('names of objects', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create schema "a.b""c"; create table "a.b""c"."{x,y} z" (); create role "r ""{},";
    create function "a.b""c"."f(x)"(int, text[]) returns int language sql return 1`)
  t.teardown(() => connection.execute('drop role "r ""{},"').catch(() => {}))
  for (const [type, from] of [
    ['regproc', 'pg_proc where prorettype <> 2281'],
    ['regprocedure', 'pg_proc'],
    ['regoper', 'pg_operator'],
    ['regoperator', 'pg_operator'],
    ['regclass', 'pg_class where oid < 16384 or relnamespace = to_regnamespace($$"a.b""c"$$)'],
    // Not those of temporary tables and of tests that run meanwhile.
    ['regtype', 'pg_type where oid < 16384'],
    ['regconfig', 'pg_ts_config'],
    ['regdictionary', 'pg_ts_dict'],
    ['regnamespace', 'pg_namespace'],
    ['regrole', 'pg_roles'],
    ['regcollation', 'pg_collation where collencoding in (-1, 6)'],
  ]) {
    const names: string[] = column(
      await connection.fetch(`select oid::${type} as v, format('%s', oid::${type}) as text from ${from}`),
      'text',
    )
    await checkNames(connection, type as string, `select oid::${type} as v from ${from}`, names)
  }
  t.pass()
})

test('items of access lists', async (t) => {
  const connection = await open(t)
  await connection.execute('create role "a,b {""}"')
  t.teardown(() => connection.execute('drop role "a,b {""}"').catch(() => {}))
  const sql = `select makeaclitem(r.oid, (select oid from pg_roles where rolname = current_user), p, g) as v
    from pg_roles r,
      unnest(array['select', 'update', 'usage', 'execute']) p, (values (true), (false)) v (g)
    where r.oid < 16384 or r.rolname = 'a,b {""}'`
  const names = column(await connection.fetch(`select format('%s', v) as text from (${sql}) s`), 'text')
  await checkNames(connection, 'aclitem', sql, names)
  t.pass()
})

/** What the query gives comes as the server prints it; names that are one object's only go in again. */
async function checkNames(
  connection: Connection,
  type: string,
  query: string,
  names: readonly string[],
): Promise<void> {
  eachIs(column(await connection.fetch(query), 'v'), names, (i) => `${type} ${names[i]}`)
  const array: any = await connection.fetchValue(`select array_agg(v) from (${query}) s`)
  eachIs(array, names, (i) => `${type} ${names[i]} in an array`)
  const single = names.filter((name, i) => names.indexOf(name) === i && names.lastIndexOf(name) === i)
  const isSure = type !== 'regproc' && type !== 'regoper'
  if (!isSure) return
  const back: any = await connection.fetchValue(`select $1::${type}[]`, [single])
  eachIs(back, single, (i) => `${type} ${single[i]} as an argument`)
  const some = single.slice(-50)
  const alone = await Promise.all(some.map((name) => connection.fetchValue(`select $1::${type}`, [name])))
  eachIs(alone, some, (i) => `${type} ${some[i]} as an argument of its own`)
}

test('vectors of int2 and oid', async (t) => {
  const connection = await open(t)
  for (const [type, most] of [
    ['int2vector', 32_767],
    ['oidvector', 4_294_967_295],
  ] as const) {
    const element = fc.oneof(fc.integer({ min: 0, max: most }), fc.constantFrom(0, most))
    const lists = fc.sample(fc.array(element, { maxLength: 9 }), 200)
    const sql = `select $1::${type} as v, format('%s', $1::${type}) as text, array[$1::${type}] as list`
    const rows = await Promise.all(lists.map((list) => connection.fetchRow(sql, [list])))
    const label = (i: number): string => `${type} of ${lists[i]}`
    eachIs(
      column(rows, 'text'),
      lists.map((list) => list.join(' ')),
      label,
    )
    eachIs(column(rows, 'v'), lists, (i) => `come back: ${label(i)}`)
  }
  t.pass()
})
