// When types are asked for, and what that costs.

import { readFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { type Connection, connect, createPool, InterfaceError } from '../../../index.ts'
import { bridge } from '../../../src/boundary/environment.ts'
import { reason } from '../../query/open.ts'
import { sharedServer } from '../../support/server.ts'
import { activityOf, until } from '../../support/waiting.ts'
import { asking } from './open.ts'

test('all types of a statement are asked for once, by whatever runs it', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  await connection.execute(`
    create type ways_a as enum ('x'); create type ways_b as (a ways_a, n int); create domain ways_c as ways_b;
    create table ways (a ways_a, b ways_b, c ways_c[])`)
  const rows = [{ a: 'x', b: { a: 'x', n: 1 }, c: [{ a: 'x', n: 2 }] }]
  await connection.execute("insert into ways values ('x', row('x', 1), array[row('x', 2)::ways_b])")
  const text = 'select a, b, c from ways where a = $1'
  t.is(way.questions(), 0)
  t.deepEqual(await connection.fetch(text, ['x']), rows)
  t.is(way.questions(), 1)
  t.deepEqual(await connection.fetch('select b, c, a from ways order by a'), rows)
  const statement = await connection.prepare(text)
  t.deepEqual(await statement.fetch(['x']), rows)
  t.deepEqual(
    statement.getAttributes().map(({ type }) => [type.name, type.kind]),
    [
      ['ways_a', 'enum'],
      ['ways_b', 'composite'],
      ['ways_c[]', 'array'],
    ],
  )
  t.is(way.questions(), 0)
})

const ways: { readonly [name: string]: (connection: Connection, type: string) => Promise<unknown> } = {
  fetch: (c, type) => c.fetch(`select 'x'::${type}`),
  'fetch with an argument': (c, type) => c.fetch(`select $1::${type}`, ['x']),
  query: async (c, type) => (await c.query(`select 'x'::${type}`)).columns,
  executeMany: (c, type) => c.executeMany(`select $1::${type}`, [['x'], ['x']]),
  fetchMany: (c, type) => c.fetchMany(`select $1::${type}`, [['x'], ['x']]),
  prepare: async (c, type) => (await c.prepare(`select $1::${type}`)).getParameters(),
  'a cursor': (c, type) => c.transaction(async () => (await c.cursor(`select 'x'::${type}`).open()).fetch(1)),
  'a loop over a cursor': (c, type) =>
    c.transaction(async () => {
      const text = `select 'x'::${type} from generate_series(1, 3)`
      for await (const row of c.cursor(text, [], { prefetch: 1 })) void row
    }),
  'a transaction': (c, type) => c.transaction((tx) => tx.fetchValue(`select 'x'::${type}`)),
}

for (const [name, run] of Object.entries(ways)) {
  for (const statementCacheSize of [100, 0]) {
    test(`${name} asks once, with ${statementCacheSize} statements kept`, async (t) => {
      const way = await asking(t)
      const connection = await way.connect({ statementCacheSize })
      const type = `once_${name.replace(/\W/g, '_')}_${statementCacheSize}`
      await connection.execute(`create type ${type} as enum ('x')`)
      await run(connection, type)
      t.is(way.questions(), 1)
      await run(connection, type)
      t.is(way.questions(), 0)
      t.deepEqual(await connection.fetchValue(`select array[null::${type}, 'x']`), [null, 'x'])
    })
  }
}

test('what one connection has found all others to the database know, as long as there is one', async (t) => {
  const way = await asking(t)
  const first = await way.connect()
  await first.execute("create type shared_mood as enum ('ok')")
  t.is(await first.fetchValue("select 'ok'::shared_mood"), 'ok')
  t.is(way.questions(), 1)
  const second = await way.connect()
  t.deepEqual(await second.fetchRow("select 'ok'::shared_mood as a, 1 as b"), { a: 'ok', b: 1 })
  const pool = await createPool(way.dsn, { minSize: 0, maxSize: 3 })
  t.teardown(() => pool.terminate())
  t.is((await pool.query("select 'ok'::shared_mood as a")).columns[0]?.type.name, 'shared_mood')
  t.is(way.questions(), 0)
})

test('a call that waits for types makes no other call wait, and calls keep their order', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  await connection.execute('create type order_pair as (a int)')
  const done: number[] = []
  const calls = Array.from({ length: 20 }, async (_, i) => {
    const sql = i % 5 === 0 ? `select row(${i})::order_pair as v` : `select ${i} as v`
    const value: any = await connection.fetchValue(sql)
    done.push(i)
    t.deepEqual(value, i % 5 === 0 ? { a: i } : i)
  })
  await Promise.all(calls)
  t.deepEqual(
    done,
    Array.from({ length: 20 }, (_, i) => i),
  )
  t.is(way.questions(), 1)
})

test('rows whose fields name their types hold up no other call, and come whole', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  await connection.execute("create type late_a as enum ('x'); create type late_b as (n int)")
  const sql = `select row(n, case when n > 2000 then 'x'::late_a end, case when n > 4000 then row(n)::late_b end) as v
    from generate_series(1, 5000) n`
  const [rows, one] = await Promise.all([
    connection.fetch<{ v: unknown[] }>(sql),
    connection.fetchValue('select 1'),
  ])
  t.is(one, 1)
  t.is(rows.length, 5000)
  for (const [i, { v }] of rows.entries()) {
    const n = i + 1
    t.deepEqual(v, [n, n > 2000 ? 'x' : null, n > 4000 ? { n } : null])
  }
  t.is(way.questions(), 1)
  // What wrote is not run again for that.
  await connection.execute("create type late_c as enum ('y'); create table written (c late_c)")
  t.deepEqual(await connection.fetch("insert into written values ('y') returning row(c) as v"), [
    { v: ['y'] },
  ])
  t.is(await connection.fetchValue('select count(*) from written'), 1)
})

test('a call that is given up while its types are asked for leaves the connection as it was', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  await connection.execute('create type given_up as (a int, b text)')
  for (let round = 0; round < 30; round++) {
    const controller = new AbortController()
    const given = connection
      .fetch(`select row(${round}, 'x')::given_up`, [], { signal: controller.signal })
      .then(
        () => 'in time',
        (error) => error.message,
      )
    const other = connection.fetchValue(`select ${round}`)
    // At another moment of it each time.
    for (let turn = 0; turn < round % 10; turn++) await new Promise(setImmediate)
    controller.abort(new Error('enough'))
    t.regex(await given, /^(in time|enough)$/)
    t.is(await other, round)
    if (round % 10 === 9) await connection.reloadSchemaState()
  }
  t.deepEqual(await connection.fetchValue("select row(1, 'x')::given_up"), { a: 1, b: 'x' })
})

test('in a transaction types are found as they are in it', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  const rolledBack = await reason(
    connection.transaction(async (tx) => {
      await tx.execute('create type inside as (a int)')
      t.deepEqual(await tx.fetchValue('select row(1)::inside'), { a: 1 })
      throw new Error('never mind')
    }),
  )
  t.is(rolledBack.message, 'never mind')
  await connection.execute('create type inside as (b text)')
  t.deepEqual(await connection.fetchValue("select row('x')::inside"), { b: 'x' })
})

test('who may not read the catalog gets text, and no transaction fails for that twice', async (t) => {
  const server = await sharedServer()
  const database = await server.createDatabase()
  await database.admin(`
    create type hidden as (a int);
    revoke select on pg_catalog.pg_type from public`)
  const role = `blind_${database.name}`
  await server.admin(`create role ${role} login password 'x'`)
  const way = await asking(t, database)
  const connection = await connect(way.dsn, { user: role, password: 'x' })
  t.is(await connection.fetchValue('select row(1)::hidden'), '(1)')
  t.is(way.questions(), 1)
  t.is(await connection.transaction((tx) => tx.fetchValue('select row(2)::hidden as v')), '(2)')
  t.deepEqual(await connection.fetchValue('select row(1, $1::text)', ['x']), [1, 'x'])
  const error = await reason(connection.fetch('select row(row(1)::hidden) as v'))
  t.regex(
    error.message,
    /^column "v" holds a row with a field of the type with OID \d+, which could not be looked up/,
  )
  t.is(way.questions(), 0)
  await connection.close()
  await database.drop()
  await server.admin(`drop role ${role}`)
})

test('a search path and operators of the user change nothing', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  await connection.execute(`
    create schema trap;
    create table trap.pg_type (oid oid); create table trap.pg_namespace (oid oid); create table trap.pg_attribute (a int);
    create function trap.never(oid, oid) returns bool language sql as 'select false';
    create operator trap.= (leftarg = oid, rightarg = oid, function = trap.never);
    create function trap.unnest(oid[]) returns setof oid language sql as 'select null::oid where false';
    create type trap.caught as (a int)`)
  await connection.execute('set search_path = trap, pg_catalog')
  t.deepEqual(await connection.fetchValue('select row(1)::trap.caught'), { a: 1 })
  t.is(way.questions(), 1)
})

test('with 5,000 tables the question is planned for little, so that nothing is compiled for it', async (t) => {
  const server = await sharedServer()
  const database = await server.createDatabase()
  const connection = await connect(database.dsn())
  for (let part = 0; part < 10; part++) {
    await connection.execute(`
      do $$ begin
        for i in 1..500 loop
          execute format('create table t_%s_%s (id int, name text, at timestamptz)', ${part}, i);
        end loop;
      end $$`)
  }
  await connection.execute('analyze')
  const file = new URL('../../../crates/wire/src/types/look_up.sql', import.meta.url)
  const question = readFileSync(file, 'utf8')
  const oids: any = await connection.fetchValue(
    "select array_agg(oid) from pg_type where typname ~ '^_?t_[0-9]+_[0-9]+$'",
  )
  t.is(oids.length, 10_000)
  for (const asked of [oids.slice(0, 3), oids]) {
    const plan: any = await connection.fetchValue(
      `explain (format json) ${question.replaceAll('$1', `'{${asked}}'`)}`,
    )
    const cost = plan[0].Plan['Total Cost']
    t.true(cost < 50_000, `${cost} for ${asked.length} types`)
  }
  t.deepEqual(await connection.fetchValue("select row(1, 'x', null)::t_9_500"), {
    id: 1,
    name: 'x',
    at: null,
  })
  await connection.close()
  await database.drop()
})

test('the setting of JIT compilation is after the question what it was before', async (t) => {
  const way = await asking(t)
  const connection = await way.connect()
  const jit = () => connection.fetchValue('show jit')
  const learns = async (type: string) => {
    t.deepEqual(await connection.fetchValue(`select row(1)::${type}`), { a: 1 })
    t.is(way.questions(), 1)
  }
  await connection.execute([1, 2, 3, 4, 5].map((n) => `create type jit_${n} as (a int)`).join(';'))
  for (const [type, before] of [
    ['jit_1', 'on'],
    ['jit_2', 'off'],
  ] as const) {
    await connection.execute(`set jit = ${before}`)
    await learns(type)
    t.is(await jit(), before)
  }
  await connection.execute('set jit = on')
  await connection.transaction(async (tx) => {
    await learns('jit_3')
    t.is(await jit(), 'on')
    // What it was is kept there, where the block is the caller's.
    t.is(await tx.fetchValue("select current_setting('cornac.jit')"), 'on')
    await tx.execute('set local jit = off')
    await learns('jit_4')
    t.is(await jit(), 'off')
    await tx.execute('set jit = off')
    await learns('jit_5')
  })
  t.is(await jit(), 'off')
})

/** The numbers that sessions of this process may have: a place, and above it how many there have been. */
function sessions(): number[] {
  return Array.from({ length: 400 * 64 }, (_, n) => Math.floor(n / 64) * 0x1_0000 + (n % 64))
}

test('a type that another connection forgets is still of use to who was told to write its values', async (t) => {
  const way = await asking(t)
  const [connection, other] = [await way.connect(), await way.connect()]
  await connection.execute('create type lost as (a int, b text)')
  t.deepEqual(await connection.fetchValue('select $1::lost', [{ a: 1, b: 'x' }]), { a: 1, b: 'x' })
  const oid = Number(await connection.fetchValue("select 'lost'::regtype::oid"))
  const names = () => sessions().map((session) => bridge().typeStructure(session, oid)?.names.join())
  const before = names()
  t.is(before.filter((attributes) => attributes === 'a,b').length, 2)
  t.is(way.questions(), 1)
  await other.reloadSchemaState()
  await other.execute('alter type lost add attribute c int')
  t.deepEqual(names(), before)
  // Whoever begins anew asks anew.
  t.deepEqual(await connection.fetchValue('select $1::lost', [{ a: 1, c: 2 }]), { a: 1, b: null, c: 2 })
  t.is(way.questions(), 1)
})

/** A connection whose question for types waits, since somebody has locked a part of the catalog. */
async function blocked(t: ExecutionContext): Promise<Blocked> {
  const server = await sharedServer()
  const database = await server.createDatabase()
  const way = await asking(t, database)
  const [connection, locker] = [await way.connect(), await way.connect()]
  await connection.execute('create type slow as (a int)')
  await locker.execute('begin; lock table pg_catalog.pg_range in access exclusive mode')
  return {
    connection,
    untilAsked: () =>
      until('the question for types', async () => {
        const activity = await activityOf(connection.getServerPid())
        return activity?.wait_event_type === 'Lock' && activity.query?.startsWith('with recursive') === true
      }),
    unlock: () => locker.execute('rollback'),
  }
}

interface Blocked {
  readonly connection: Connection
  untilAsked(): Promise<void>
  unlock(): Promise<string>
}

test('a call may be given up while the question for its types runs', async (t) => {
  const { connection, untilAsked, unlock } = await blocked(t)
  const controller = new AbortController()
  const given = reason(connection.fetch('select row(1)::slow', [], { signal: controller.signal }))
  await untilAsked()
  controller.abort(new Error('enough'))
  t.is((await given).message, 'enough')
  const late = await reason(connection.fetch('select row(2)::slow', [], { timeout: 300 }))
  t.is(late.name, 'TimeoutError')
  t.false(late.maybeExecuted)
  t.is(await connection.fetchValue('select 1'), 1)
  await unlock()
  t.deepEqual(await connection.fetchValue('select row(3)::slow'), { a: 3 })
})

test('a session that is closed or ended while types are asked for ends its calls', async (t) => {
  const server = await sharedServer()
  for (const [end, check] of [
    [
      (connection: Connection) => server.admin(`select pg_terminate_backend(${connection.getServerPid()})`),
      (error: any) => error.sqlstate === '57P01',
    ],
    [(connection: Connection) => connection.close(), (error: any) => error instanceof InterfaceError],
    [async (connection: Connection) => connection.terminate(), (error: any) => error.maybeExecuted === false],
  ] as const) {
    const { connection, untilAsked } = await blocked(t)
    const given = reason(connection.fetch('select row(1)::slow'))
    await untilAsked()
    await end(connection)
    const error = await given
    t.true(check(error), String(error))
  }
})
