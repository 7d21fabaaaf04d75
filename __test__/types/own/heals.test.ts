// Types that change after they were looked up.

import test from 'ava'
import {
  type Connection,
  createPool,
  OutdatedSchemaCacheError,
  PostgresError,
  Range,
} from '../../../index.ts'
import { open, reason } from '../../query/open.ts'
import { sharedServer } from '../../support/server.ts'
import { asking } from './open.ts'

/** A table with a column of a composite type, of a row each. */
async function make(connection: Connection, name: string): Promise<string> {
  await connection.execute(`
    create type ${name} as (a int, b text);
    create table ${name}_rows (id int primary key, v ${name});
    insert into ${name}_rows values (1, row(1, 'x'))`)
  return `select v from ${name}_rows where id = $1`
}

test('an attribute that was added, dropped or became another is there in the next read', async (t) => {
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  const sql = await make(connection, 'healing')
  t.deepEqual(await connection.fetchValue(sql, [1]), { a: 1, b: 'x' })
  for (const [change, expected] of [
    ['add attribute c bool', { a: 1, b: 'x', c: null }],
    ['drop attribute a', { b: 'x', c: null }],
    ['rename attribute b to d', { b: 'x', c: null }],
    ['add attribute e int', { d: 'x', c: null, e: null }],
  ] as const) {
    await owner.execute(`alter type healing ${change}`)
    t.deepEqual(await connection.fetchValue(sql, [1]), expected, change)
  }
  // A name is none of what a value tells.
  await owner.execute('alter type healing rename attribute d to f')
  t.deepEqual(await connection.fetchValue(sql, [1]), { d: 'x', c: null, e: null })
  await connection.reloadSchemaState()
  t.deepEqual(await connection.fetchValue(sql, [1]), { f: 'x', c: null, e: null })
})

test('arguments are taken by the attributes that their type has now, in a transaction too', async (t) => {
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await owner.execute('create type given as (a text, b int)')
  const sql = 'select $1::given::text'
  t.is(await connection.fetchValue(sql, [{ a: 'x', b: 1 }]), '(x,1)')
  const changes = [
    ['add attribute c int', { a: 'x', b: 1, c: 2 }, '(x,1,2)'],
    ['drop attribute b', ['x', 2], '(x,2)'],
    ['add attribute d text', ['x', 2, 'y'], '(x,2,y)'],
    ['rename attribute c to e', { a: 'x', e: 3, d: null }, '(x,3,)'],
    ['alter attribute e type text', { a: 'x', e: 'z', d: 'y' }, '(x,z,y)'],
    ['drop attribute d', { a: 'x', e: 'z' }, '(x,z)'],
  ] as const
  for (const [n, [change, value, text]] of changes.entries()) {
    await owner.execute(`alter type given ${change}`)
    if (n % 2 === 0) t.is(await connection.fetchValue(sql, [value]), text, change)
    // A text of its own is described for the first time, and its types are remembered all the same.
    else t.is(await connection.fetchValue(`${sql} as text${n}`, [value]), text, change)
  }
  await owner.execute('alter type given add attribute f int')
  await connection.transaction(async (tx) => {
    t.is(await tx.fetchValue(sql, [{ a: 'x', e: 'y', f: 1 }]), '(x,y,1)')
  })
  await owner.execute('alter type given add attribute g int')
  const sets = [1, 2].map((g) => [{ a: 'x', e: 'y', f: 1, g }])
  t.deepEqual(await connection.fetchMany('select ($1::given).g', sets), [{ g: 1 }, { g: 2 }])
  const wrong = await reason(connection.fetchValue(sql, [{ a: 'x', e: 'y', f: 1, g: 2, h: 3 }]))
  t.regex(wrong.message, /member #4 is no attribute of given, which has "a", "e", "f", "g"/)
})

test('what a server refuses for attributes of before heals with the next transaction', async (t) => {
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await owner.execute('create type refused as (a text, b int)')
  const sql = 'select $1::refused::text'
  t.is(await connection.fetchValue(sql, [{ a: 'x', b: 1 }]), '(x,1)')
  await owner.execute('alter type refused add attribute c int')
  const call = (): Promise<unknown> => connection.fetchValue(sql, [{ a: 'x', b: 1 }])
  const error = await reason(
    connection.transaction(async (tx) => {
      await tx.execute('select 1')
      await tx.fetchValue(sql, [{ a: 'x', b: 1 }])
    }),
  )
  t.true(error instanceof PostgresError, String(error))
  t.is(await call(), '(x,1,)')
})

test('a statement that was prepared for its own sake goes on with the type as it is', async (t) => {
  const [connection, owner] = [await open(t), await open(t)]
  const sql = await make(connection, 'kept_healing')
  const statement = await connection.prepare(sql)
  t.deepEqual(await statement.fetchValue([1]), { a: 1, b: 'x' })
  await owner.execute('alter type kept_healing add attribute c int[]')
  t.deepEqual(await statement.fetchValue([1]), { a: 1, b: 'x', c: null })
  t.deepEqual(await statement.fetchValue([1]), { a: 1, b: 'x', c: null })
})

test('a statement that was prepared for its own sake takes arguments of the type as it is', async (t) => {
  // What is known is shared: another test would have it forgotten.
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await owner.execute('create type taken as (a text)')
  const statement = await connection.prepare('select $1::taken::text as v')
  t.is(await statement.fetchValue([{ a: 'x' }]), '(x)')
  await owner.execute('alter type taken add attribute b int')
  t.is(await statement.fetchValue([{ a: 'x', b: 1 }]), '(x,1)')
  await owner.execute('alter type taken add attribute c int')
  await connection.transaction(async () => {
    t.is(await statement.fetchValue([{ a: 'x', c: 2 }]), '(x,,2)')
  })
  await owner.execute('alter type taken add attribute d int')
  t.deepEqual(await statement.fetchMany([[{ d: 3 }], [{ a: 'y' }]]), [{ v: '(,,,3)' }, { v: '(y,,,)' }])
  await owner.execute('alter type taken drop attribute b')
  t.is(await statement.fetchValue([{ a: 'x', c: 2, d: 3 }]), '(x,2,3)')
  const wrong = await reason(statement.fetchValue([{ b: 1 }]))
  t.regex(wrong.message, /member #0 is no attribute of taken, which has "a", "c", "d"/)
  // It is the same statement all the time.
  t.is(
    await connection.fetchValue('select count(*) from pg_prepared_statements where statement like $1', [
      '%taken%',
    ]),
    1,
  )
})

test('attributes that are new are written by what their own types are made of', async (t) => {
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await owner.execute('create type inner_part as (x int, y int); create type outer_part as (a text)')
  const sql = 'select $1::outer_part::text as v'
  const statement = await connection.prepare(sql)
  t.is(await statement.fetchValue([{ a: 'x' }]), '(x)')
  t.is(await connection.fetchValue(sql, [{ a: 'x' }]), '(x)')
  await owner.execute('alter type outer_part add attribute b inner_part')
  t.is(await statement.fetchValue([{ b: { x: 1, y: 2 } }]), '(,"(1,2)")')
  t.is(await connection.fetchValue(sql, [{ b: [1, 2] }]), '(,"(1,2)")')
  await owner.execute('alter type outer_part add attribute c inner_part[]')
  const sets = [[{ c: [{ x: 1, y: 2 }] }], [{ b: [3, 4] }]]
  const texts = [{ v: '(,,"{""(1,2)""}")' }, { v: '(,"(3,4)",)' }]
  t.deepEqual(await statement.fetchMany(sets), texts)
  await owner.execute('alter type inner_part add attribute z int[]')
  t.deepEqual(await connection.fetchMany(sql, [[{ c: [{ z: [5] }] }]]), [{ v: '(,,"{""(,,{5})""}")' }])
})

test('records that are refused for attributes of before heal with the next COPY', async (t) => {
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await owner.execute('create type copied as (a text); create table copied_rows (v copied)')
  const copy = (v: unknown): Promise<string> =>
    connection.copyRecordsToTable('copied_rows', { records: [[v]] })
  t.is(await copy({ a: 'x' }), 'COPY 1')
  await owner.execute('alter type copied add attribute b int')
  const refused = await reason(copy({ a: 'x', b: 1 }))
  t.regex(refused.message, /member #1 is no attribute of copied, which has "a"/)
  t.is(await copy({ a: 'x', b: 1 }), 'COPY 1')
  await owner.execute('alter type copied add attribute c int')
  const malformed = await reason(copy({ a: 'x', b: 2 }))
  t.true(malformed instanceof PostgresError, String(malformed))
  t.is(await copy({ a: 'x', b: 2 }), 'COPY 1')
})

test('what writes is not run again: it fails, and the next call is fine', async (t) => {
  // What is known is shared: another test would have it forgotten.
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  await make(connection, 'written')
  const sql = 'update written_rows set id = id + $1 returning v'
  t.deepEqual(await connection.fetchValue(sql, [1]), { a: 1, b: 'x' })
  await owner.execute('alter type written add attribute c int')
  const error = await reason(connection.fetchValue(sql, [1]))
  t.true(error instanceof OutdatedSchemaCacheError)
  t.deepEqual([error.schemaName, error.dataTypeName, error.position], ['public', 'written', 2])
  t.regex(
    error.message,
    /^column "v" holds a value of composite type written that has changed since it was looked up/,
  )
  t.deepEqual(await connection.fetchValue(sql, [1]), { a: 1, b: 'x', c: null })
  t.is(await connection.fetchValue('select id from written_rows'), 4)
})

test('in a transaction the call fails, and the transaction goes on', async (t) => {
  // What is known is shared: another test would have it forgotten.
  const way = await asking(t)
  const [connection, owner] = [await way.connect(), await way.connect()]
  const sql = await make(connection, 'within')
  await connection.fetchValue(sql, [1])
  await owner.execute('alter type within add attribute c int')
  await connection.transaction(async (tx) => {
    t.true((await reason(tx.fetchValue(sql, [1]))) instanceof OutdatedSchemaCacheError)
    t.deepEqual(await tx.fetchValue(sql, [1]), { a: 1, b: 'x', c: null })
  })
})

test('a change that is rolled back is forgotten as it was learnt', async (t) => {
  const connection = await open(t)
  const sql = await make(connection, 'undone')
  const never = await reason(
    connection.transaction(async (tx) => {
      await tx.execute('alter type undone add attribute c int')
      t.deepEqual(await tx.fetchValue(sql, [1]), { a: 1, b: 'x', c: null })
      throw new Error('never mind')
    }),
  )
  t.is(never.message, 'never mind')
  t.deepEqual(await connection.fetchValue(sql, [1]), { a: 1, b: 'x' })
})

test('a type that was made anew under its name is another one', async (t) => {
  const [connection, owner] = [await open(t), await open(t)]
  for (const [definition, literal, expected] of [
    ['(a int)', 'row(1)', { a: 1 }],
    ["enum ('x')", "'x'", 'x'],
    ['(a int)', 'row(2)', { a: 2 }],
    ['range (subtype = int8)', "'empty'", new Range(null, null, { empty: true })],
    ['(b text, c anew_too)', "row('y', row(1))", { b: 'y', c: { n: 1 } }],
  ] as const) {
    await owner.execute(`
      drop type if exists anew; drop type if exists anew_too;
      create type anew_too as (n int); create type anew as ${definition}`)
    for (let times = 0; times < 2; times++) {
      const row = await connection.fetchRow(`select ${literal}::anew as v, array[${literal}::anew] as vs`)
      t.deepEqual(row, { v: expected, vs: [expected] })
    }
  }
})

test('a label that was added to an enum needs nothing', async (t) => {
  const [connection, owner] = [await open(t), await open(t)]
  await connection.execute("create type growing as enum ('a')")
  t.is(await connection.fetchValue('select $1::growing', ['a']), 'a')
  await owner.execute("alter type growing add value 'b'")
  t.is(await connection.fetchValue('select $1::growing', ['b']), 'b')
})

test('a pool learns of a change with all its connections, and another database is untouched', async (t) => {
  const server = await sharedServer()
  const [here, there] = [await server.createDatabase(), await server.createDatabase()]
  const [way, other] = [await asking(t, here), await asking(t, there)]
  const [owner, stranger] = [await way.connect(), await other.connect()]
  const sql = await make(owner, 'pooled')
  await make(stranger, 'pooled')
  const pool = await createPool(way.dsn, { minSize: 4, maxSize: 4 })
  t.teardown(() => pool.terminate())
  const all = (): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 4 }, () => pool.withConnection((c) => c.fetchValue(sql, [1]))))
  t.deepEqual(await all(), Array(4).fill({ a: 1, b: 'x' }))
  await stranger.fetchValue(sql, [1])
  t.is(other.questions(), 1)
  for (let round = 0; round < 5; round++) {
    await owner.execute(`alter type pooled add attribute c${round} int`)
    const values: any[] = await all()
    for (const value of values) t.is(value[`c${round}`], null)
  }
  t.deepEqual(await stranger.fetchValue(sql, [1]), { a: 1, b: 'x' })
  t.is(other.questions(), 0)
})

test('calls under load see the type of their time, and none fails', async (t) => {
  const way = await asking(t)
  const owner = await way.connect()
  const sql = await make(owner, 'shifting')
  const connections = await Promise.all(Array.from({ length: 3 }, () => way.connect()))
  let isOver = false
  const calls: number[] = []
  const seen = new Set<string>()
  const callers = connections.flatMap((connection) =>
    Array.from({ length: 3 }, async () => {
      const caller = calls.push(0) - 1
      for (; !isOver; calls[caller]!++) {
        const value: any = await connection.fetchValue(sql, [1])
        seen.add(Object.keys(value).join())
        t.is(value.b, 'x')
      }
    }),
  )
  const failed = Promise.all(callers)
  // A call is run again once: each change waits until nobody is left whom the one before may have hit.
  const settled = async (): Promise<void> => {
    const before = [...calls]
    while (calls.some((count, caller) => count < before[caller]! + 2)) {
      await Promise.race([failed, new Promise(setImmediate)])
    }
  }
  for (let round = 0; round < 15; round++) {
    for (const change of ['add attribute c int', 'drop attribute c']) {
      await owner.execute(`alter type shifting ${change}`)
      await settled()
    }
  }
  isOver = true
  await failed
  t.deepEqual([...seen].sort(), ['a,b', 'a,b,c'])
})
