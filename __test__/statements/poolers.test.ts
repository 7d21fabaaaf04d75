// Statements and cursors behind PgBouncer, in session mode and in transaction mode.

import { tracingChannel } from 'node:diagnostics_channel'
import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  type ConnectOptions,
  connect,
  type PreparedStatement,
  type TraceMessage,
} from '../../index.ts'
import { reason } from '../query/open.ts'
import { type PgBouncer, pgbouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { requiring } from '../support/requirements.ts'
import { type OwnServer, startServer } from '../support/server.ts'

const bouncerTest = requiring(pgbouncer)

let server: OwnServer
const bouncers: PgBouncer[] = []

test.before(async () => {
  if (pgbouncer.available) server = await startServer()
})

test.after.always(async () => {
  await Promise.all(bouncers.map((bouncer) => bouncer.stop()))
})

async function bouncer(mode: 'session' | 'transaction'): Promise<PgBouncer> {
  const started = await startPgBouncer({ server, mode, settings: { default_pool_size: '3' } })
  bouncers.push(started)
  return started
}

/** The same work on several connections at once, so that they share those of the pooler. */
async function together(
  dsn: string,
  options: ConnectOptions,
  work: (connection: Connection, index: number) => Promise<void>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const connection = await connect(dsn, options)
      try {
        await work(connection, index)
      } finally {
        await connection.close()
      }
    }),
  )
}

/** Reads cursors of both kinds in a transaction, with other calls between. */
async function read(
  t: ExecutionContext,
  connection: Connection,
  statement: PreparedStatement<{ n: number }>,
): Promise<void> {
  await connection.transaction(async (tx) => {
    let seen = 0
    const series = 'select n from generate_series(1, $1::int) n'
    for await (const { n } of connection.cursor<{ n: number }>(series, [30], { prefetch: 7 })) {
      t.is(n, ++seen)
      if (n % 10 === 0) await tx.fetchValue('select $1::int', [n])
    }
    t.is(seen, 30)
    const cursor = await statement.cursor([0]).open()
    t.deepEqual(await cursor.fetchRow(), { n: 1 })
    await cursor.close()
  })
}

const rounds = Array.from({ length: 15 }, (_, round) => round)

for (const [mode, options] of [
  ['session', {}],
  ['session', { statementCacheSize: 0 }],
  ['transaction', {}],
  ['transaction', { statementCacheSize: 0 }],
] as const) {
  const with_ = 'statementCacheSize' in options ? 'without a cache' : 'with the defaults'
  bouncerTest(`statements and cursors in ${mode} mode ${with_}: none fails`, async (t) => {
    const { dsn } = await bouncer(mode)
    let told = 0
    await together(dsn(), options, async (connection, index) => {
      const statement = await connection.prepare<{ n: number }>(
        `select $1::int + n as n from generate_series(1, ${index + 1}) n`,
      )
      for (const round of rounds) {
        const [rows, other] = await Promise.all([
          statement.fetch([round]),
          connection.fetchValue('select $1::int * 2', [round]),
        ])
        t.deepEqual(
          rows,
          Array.from({ length: index + 1 }, (_, n) => ({ n: round + n + 1 })),
        )
        t.is(other, round * 2)
        // A pooler is learnt at its first loss, which a transaction is told of.
        for (;;) {
          const error = await read(t, connection, statement).catch((error) => error)
          if (error === undefined) break
          t.is(error.sqlstate, '26000', `${error}`)
          t.true(mode === 'transaction' && ++told <= 10, `${error}`)
        }
      }
      await statement.close()
    })
  })
}

bouncerTest('a name of one’s own is kept in session mode, and told of in transaction mode', async (t) => {
  const kept = await bouncer('session')
  await together(kept.dsn(), {}, async (connection, index) => {
    const statement = await connection.prepare('select $1::int', { name: `mine ${index}` })
    for (const round of rounds) t.is(await statement.fetchValue([round]), round)
    t.is(await connection.fetchValue(`execute "mine ${index}" (7)`), 7)
    await statement.close()
  })
  const shared = await bouncer('transaction')
  const holder = await connect(shared.dsn())
  const connection = await connect(shared.dsn())
  const statement = await connection.prepare('select $1::int', { name: 'mine' })
  t.is(await statement.fetchValue([1]), 1)
  const taken = await connect(shared.dsn())
  const clash = await reason(taken.prepare('select 2', { name: 'mine' }))
  t.is(clash.sqlstate, '42P05')
  t.regex(clash.hint, /pooler.*statementCacheSize/)
  for (const each of [holder, connection, taken]) each.terminate()
})

for (const mode of ['session', 'transaction'] as const) {
  bouncerTest.serial(`texts with comments in ${mode} mode: none fails, and each has its own`, async (t) => {
    const { start } = tracingChannel<unknown, TraceMessage>('cornac:query')
    const comment = (message: unknown): void => {
      const { args } = message as TraceMessage
      if (args?.length === 1) (message as TraceMessage).comment = `of ${args[0]}`
    }
    start.subscribe(comment)
    t.teardown(() => start.unsubscribe(comment))
    const text = 'select query from pg_stat_activity where pid = pg_backend_pid() and $1::int >= 0'
    await together((await bouncer(mode)).dsn(), {}, async (connection, index) => {
      for (const round of rounds) {
        const n = index * 100 + round
        const [value, same] = await Promise.all([
          connection.fetchValue(text, [n]),
          connection.fetchValue('select $1::int + $2::int', [n, 1]),
        ])
        t.is(value, `${text} /*of ${n}*/`)
        t.is(same, n + 1)
      }
    })
  })
}
