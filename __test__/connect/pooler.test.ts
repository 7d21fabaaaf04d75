// PgBouncer in front of the server: what works in each of its modes, and what the errors say where something does not.

import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect, TimeoutError } from '../../index.ts'
import { outcome } from '../adversity/outcome.ts'
import { AdminSession } from '../support/admin.ts'
import { type PgBouncer, pgbouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { requiring } from '../support/requirements.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { reason } from './opened.ts'

const bouncerTest = requiring(pgbouncer)

let server: OwnServer
let session: PgBouncer
let transaction: PgBouncer

test.before(async () => {
  if (!pgbouncer.available) return
  server = await startServer()
  ;[session, transaction] = await Promise.all([
    startPgBouncer({ server, mode: 'session' }),
    // Few server connections for many clients, so that they are really shared.
    startPgBouncer({ server, mode: 'transaction', settings: { default_pool_size: '3' } }),
  ])
})

test.after.always(async () => {
  await Promise.all([session?.stop(), transaction?.stop()])
})

/** Runs the same work on several connections at once. */
async function together<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}

async function using<T>(
  bouncer: PgBouncer,
  options: ConnectOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(bouncer.dsn(), options)
  try {
    return await work(connection)
  } finally {
    connection.terminate()
  }
}

bouncerTest('session mode is as good as a server: cached statements, settings, reset, close', async (t) => {
  const results = await together(8, (index) =>
    using(session, {}, async (connection) => {
      for (let round = 0; round < 5; round++) {
        t.is(await connection.fetchValue('select $1::int + 1', [index]), index + 1)
      }
      await connection.execute("set work_mem = '9MB'")
      t.is(await connection.fetchValue("select current_setting('work_mem')"), '9MB')
      await connection.reset()
      await connection.close()
      return connection.isClosed()
    }),
  )
  t.true(results.every(Boolean))
})

bouncerTest('transaction mode works under concurrency with statementCacheSize 0', async (t) => {
  await together(12, (index) =>
    using(transaction, { statementCacheSize: 0 }, async (connection) => {
      for (let round = 0; round < 20; round++) {
        const value = index * 1_000 + round
        // Different parameter types for one text shape, so that a mixed-up statement could not go unseen.
        t.is(await connection.fetchValue('select $1::int', [value]), value)
        t.is(await connection.fetchValue('select $1::text', [`${value}`]), `${value}`)
        const both = await Promise.all([
          connection.fetchRow('select $1::int as a, $2::text as b', [value, 'x']),
          connection.fetch('select n from generate_series(1, $1::int) n', [3]),
        ])
        t.deepEqual(both, [{ a: value, b: 'x' }, [{ n: 1 }, { n: 2 }, { n: 3 }]])
      }
    }),
  )
})

bouncerTest('a transaction stays on one server connection', async (t) => {
  await together(6, () =>
    using(transaction, { statementCacheSize: 0 }, async (connection) => {
      await connection.execute('begin')
      const first = await connection.fetchValue('select pg_backend_pid()')
      for (let round = 0; round < 5; round++) {
        t.is(await connection.fetchValue('select pg_backend_pid() where $1', [true]), first)
      }
      await connection.execute('commit')
      t.false(connection.isInTransaction())
    }),
  )
})

/** Two server connections, and a client that holds the first of them whenever another is to get the second. */
async function split(t: ExecutionContext): Promise<{ bouncer: PgBouncer; hold(): Promise<Connection> }> {
  const bouncer = await startPgBouncer({ server, mode: 'transaction', settings: { default_pool_size: '2' } })
  t.teardown(() => bouncer.stop())
  return {
    bouncer,
    // A connection that was used last is handed out first.
    async hold() {
      const holder = await connect(bouncer.dsn(), { statementCacheSize: 0 })
      t.teardown(() => holder.terminate())
      await holder.execute('begin')
      return holder
    },
  }
}

const named = 'select count(*) from pg_prepared_statements where statement = $1'

bouncerTest('with the defaults no call fails behind a pooler in transaction mode', async (t) => {
  await using bouncer = await startPgBouncer({
    server,
    mode: 'transaction',
    settings: { default_pool_size: '3' },
  })
  await server.admin('create table points(id int primary key, name text)')
  await server.admin("insert into points select n, 'name ' || n from generate_series(0, 999) n")
  const sessions = await together(20, () => connect(bouncer.dsn()))
  const failed: unknown[] = []
  await together(60, async (caller) => {
    const connection = sessions[caller % sessions.length]!
    const texts = ['', ` -- ${caller % 4}`].map((note) => `select name from points where id = $1${note}`)
    for (let round = 0; round < 100; round++) {
      const id = (caller * 100 + round) % 1_000
      const result = await outcome(connection.fetchValue(texts[round % 2]!, [id]))
      if (result.kind !== 'fulfilled' || result.value !== `name ${id}`) failed.push(result)
    }
  })
  for (const connection of sessions) connection.terminate()
  t.is(failed.length, 0, `the first of 6,000: ${inspect(failed[0])}`)
})

bouncerTest('a pooler is learnt at the first loss, for the sessions that follow too', async (t) => {
  const { bouncer, hold } = await split(t)
  const sql = 'select $1::int -- learnt'
  const connection = await connect(bouncer.dsn())
  t.teardown(() => connection.terminate())
  t.is(await connection.fetchValue(sql, [1]), 1)
  t.is(await connection.fetchValue(named, [sql]), 1)
  const holder = await hold()
  t.is(await holder.fetchValue(named, [sql]), 1)
  // On the other one nothing is prepared, and nothing will be.
  const values = await Promise.all([2, 3, 4].map((n) => connection.fetchValue(sql, [n])))
  t.deepEqual(values, [2, 3, 4])
  const later = await connect(bouncer.dsn())
  t.teardown(() => later.terminate())
  for (const session of [connection, later]) {
    t.is(await session.fetchValue(sql, [5]), 5)
    t.is(await session.fetchValue(named, [sql]), 0)
  }
})

bouncerTest('a loss within a transaction is told, and the next transaction has none', async (t) => {
  const { bouncer, hold } = await split(t)
  const sql = 'select $1::int -- told'
  const connection = await connect(bouncer.dsn())
  t.teardown(() => connection.terminate())
  await connection.fetchValue(sql, [1])
  await hold()
  await connection.execute('begin')
  const error = await reason(connection.fetchValue(sql, [2]))
  t.is(error.sqlstate, '26000')
  t.regex(error.hint, /pooler/)
  await connection.execute('rollback; begin')
  t.is(await connection.fetchValue(sql, [3]), 3)
  await connection.execute('commit')
})

bouncerTest('a statementCacheSize that was asked for is kept behind a pooler', async (t) => {
  const { bouncer, hold } = await split(t)
  const sql = 'select $1::int -- kept'
  const connection = await connect(bouncer.dsn(), { statementCacheSize: 100 })
  t.teardown(() => connection.terminate())
  t.is(await connection.fetchValue(sql, [1]), 1)
  await hold()
  t.is(await connection.fetchValue(sql, [2]), 2)
  t.is(await connection.fetchValue(named, [sql]), 1)
})

bouncerTest('with the cache a clash of statements names poolers and the remedy', async (t) => {
  const errors: any[] = []
  for (let attempt = 0; attempt < 10 && errors.length === 0; attempt++) {
    await together(8, (index) =>
      using(transaction, { statementCacheSize: 100 }, async (connection) => {
        for (let round = 0; round < 20; round++) {
          // In a transaction nothing may be prepared again behind the caller's back.
          await connection.execute('begin')
          await connection.fetchValue(`select $1::int, ${index}`, [round])
          await connection.execute('commit')
        }
      }).catch((error) => void errors.push(error)),
    )
  }
  t.true(errors.length > 0, 'no clash was provoked')
  for (const error of errors) {
    t.true(['42P05', '26000', '25P02', '08P01'].includes(error.sqlstate), `${error.sqlstate} ${error}`)
  }
  const told = errors.filter(({ sqlstate }) => sqlstate === '42P05' || sqlstate === '26000')
  t.true(told.length > 0)
  for (const { hint } of told) {
    t.regex(hint, /pooler/i)
    t.regex(hint, /statementCacheSize/)
  }
})

bouncerTest('a call is cancelled through the pooler and nobody else is', async (t) => {
  await using(transaction, { statementCacheSize: 0 }, (victim) =>
    using(transaction, { statementCacheSize: 0 }, async (other) => {
      const holder = await AdminSession.open({ ...server, database: 'postgres' })
      t.teardown(() => holder.close())
      await holder.run('select pg_advisory_lock(1)')
      const unharmed = other.fetchValue('select 1 from pg_advisory_lock_shared(1)')
      const error = await reason(victim.execute('select pg_sleep(60)', [], { timeout: 300 }))
      t.true(error instanceof TimeoutError)
      t.is(await victim.fetchValue('select 2'), 2)
      await holder.run('select pg_advisory_unlock(1)')
      t.is(await unharmed, 1)
    }),
  )
})

bouncerTest('what the pooler does not know at the start is said by its name', async (t) => {
  const error = await reason(
    using(transaction, { serverSettings: { statement_timeout: '1s' } }, async () => {}),
  )
  t.is(error.sqlstate, '08P01')
  t.regex(error.message, /statement_timeout/)
})

bouncerTest('a wrong password is refused in the words of the pooler', async (t) => {
  const error = await reason(connect(session.dsn({ password: 'wrong' })))
  t.regex(error.sqlstate, /^(08P01|28P01)$/)
  t.regex(error.message, /authentication failed/)
})

bouncerTest(
  'a server that goes away behind the pooler ends the call with what the pooler says',
  async (t) => {
    const connection = await connect(session.dsn())
    t.teardown(() => connection.terminate())
    const pid = await connection.fetchValue('select pg_backend_pid()')
    await server.admin(`select pg_terminate_backend(${pid})`)
    const error = await reason(
      (async () => {
        await connection.fetchValue('select 1')
        await connection.fetchValue('select 1')
      })(),
    )
    t.true(
      ['08P01', '57P01', '08003', '08006'].includes(error.sqlstate) || error.message.includes('closed'),
      `${error}`,
    )
  },
)
