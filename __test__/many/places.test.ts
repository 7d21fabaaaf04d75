// executeMany and fetchMany on prepared statements, on pools, and behind a pooler.

import test from 'ava'
import { connect, createPool, InterfaceError, UniqueViolationError } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { type PgBouncer, pgbouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { requiring } from '../support/requirements.ts'
import { type OwnServer, startServer, testDatabase } from '../support/server.ts'

const bouncerTest = requiring(pgbouncer)

let server: OwnServer | undefined
let bouncer: PgBouncer | undefined

test.before(async () => {
  if (!pgbouncer.available) return
  server = await startServer()
  bouncer = await startPgBouncer({ server, mode: 'transaction', settings: { default_pool_size: '3' } })
})

test.after.always(async () => {
  await bouncer?.stop()
  await server?.stop()
})

test('a prepared statement runs for many sets', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table item(a int primary key, b text)')
  const insert = await connection.prepare('insert into item values ($1, $2) returning b')
  t.is(
    await insert.executeMany([
      [1, 'a'],
      [2, 'b'],
    ]),
    undefined,
  )
  t.is(insert.getStatusMessage(), 'INSERT 0 1')
  t.deepEqual(
    await insert.fetchMany(
      [
        [3, 'c'],
        [4, 'd'],
      ].values(),
    ),
    [{ b: 'c' }, { b: 'd' }],
  )
  const error = await reason(
    insert.executeMany([
      [5, 'e'],
      [1, 'f'],
    ]),
  )
  t.true(error instanceof UniqueViolationError)
  t.is(error.element, 1)
  t.is(error.query, insert.getQuery())
  t.deepEqual(await insert.fetchMany([]), [])
  t.is((await reason(insert.fetchMany(7 as never))).query, insert.getQuery())
  t.is(await connection.fetchValue('select count(*)::int from item'), 4)
  await insert.close()
  const closed = await reason(insert.executeMany([[9, 'x']]))
  t.true(closed instanceof InterfaceError)
  t.regex(closed.message, /PreparedStatement.executeMany\(\)/)
})

test('a pool runs for many sets on one of its connections, which nobody waits behind', async (t) => {
  const database = await testDatabase()
  const pool = await createPool(database.dsn(), { maxSize: 3 })
  try {
    await pool.execute('create table pooled(a int primary key)')
    let go = (): void => {}
    const gone = new Promise<void>((resolve) => {
      go = resolve
    })
    const slow = pool.executeMany(
      'insert into pooled values ($1)',
      (async function* () {
        yield [1]
        await gone
        yield [2]
      })(),
    )
    // A source may use the pool that the sets go to.
    const rows = await pool.fetchMany(
      'insert into pooled values ($1) returning a',
      (async function* () {
        for (let i = 10; i < 13; i++) yield [await pool.fetchValue('select $1::int', [i])]
      })(),
    )
    t.deepEqual(rows, [{ a: 10 }, { a: 11 }, { a: 12 }])
    t.is(await pool.fetchValue('select count(*)::int from pooled'), 3)
    go()
    await slow
    t.is(await pool.fetchValue('select count(*)::int from pooled'), 5)
    t.is((await reason(pool.executeMany('insert into pooled values ($1)', [[7], [2]]))).element, 1)
    t.is(await pool.fetchValue('select count(*)::int from pooled'), 5)
    await pool.transaction((tx) => tx.executeMany('insert into pooled values ($1)', [[20], [21]]))
    t.is(await pool.fetchValue('select count(*)::int from pooled'), 7)
  } finally {
    await pool.close()
  }
})

bouncerTest(
  'behind a pooler in transaction mode a batch is all or nothing, also when its statement is lost',
  async (t) => {
    const pooler = bouncer as PgBouncer
    const connections = await Promise.all(Array.from({ length: 6 }, () => connect(pooler.dsn())))
    t.teardown(() => {
      for (const connection of connections) connection.terminate()
    })
    await connections[0]!.execute('create table shared(a int primary key, b text)')
    await Promise.all(
      connections.map(async (connection, place) => {
        for (let round = 0; round < 20; round++) {
          const first = (place * 20 + round) * 100
          const sets = Array.from({ length: 50 }, (_, i) => [first + i, 'x'])
          await connection.executeMany('insert into shared values ($1, $2)', sets)
          const twice = [...sets.map(([a, b]) => [Number(a) + 50, b]), sets[0]!]
          const error = await reason(connection.executeMany('insert into shared values ($1, $2)', twice))
          t.is(error.sqlstate, '23505')
          t.is(error.element, 50)
          const failing = await reason(
            connection.executeMany(
              'insert into shared values ($1, $2)',
              (function* () {
                for (let i = 0; i < 5_000; i++) yield [1_000_000 + first * 100 + i, 'x']
                throw new Error('the source is broken')
              })(),
            ),
          )
          t.is(failing.message, 'the source is broken')
        }
      }),
    )
    t.is(await connections[0]!.fetchValue('select count(*)::int from shared'), 6 * 20 * 50)
  },
)
