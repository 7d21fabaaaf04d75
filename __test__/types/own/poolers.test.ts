// Types of the database behind PgBouncer in transaction mode.

import test from 'ava'
import { connect } from '../../../index.ts'
import { type PgBouncer, pgbouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { requiring } from '../../support/requirements.ts'
import { type OwnServer, startServer } from '../../support/server.ts'

const bouncerTest = requiring(pgbouncer)

let server: OwnServer
let bouncer: PgBouncer | undefined

test.before(async () => {
  if (!pgbouncer.available) return
  server = await startServer()
  bouncer = await startPgBouncer({ server, mode: 'transaction', settings: { default_pool_size: '3' } })
})

test.after.always(() => bouncer?.stop())

for (const options of [{}, { statementCacheSize: 0 }]) {
  bouncerTest(`ten connections on three, ${JSON.stringify(options)}: every type is found`, async (t) => {
    const schema = 'statementCacheSize' in options ? 'without_cache' : 'with_cache'
    await server.admin(`
      create schema ${schema};
      create type ${schema}.mood as enum ('ok');
      create type ${schema}.pair as (m ${schema}.mood, n int)`)
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const connection = await connect((bouncer as PgBouncer).dsn(), options)
        try {
          for (let round = 0; round < 20; round++) {
            const pair = { m: 'ok', n: round }
            const text = `select row('ok', ${round})::${schema}.pair as p, array['ok'::${schema}.mood] as m, $1::int as i`
            t.deepEqual(await connection.fetchRow(text, [index]), { p: pair, m: ['ok'], i: index })
            // With names a transaction may be the first to learn that there is a pooler.
            if (!('statementCacheSize' in options)) continue
            await connection.transaction(async (tx) => {
              t.deepEqual(await tx.fetchValue(`select row(row('ok', ${round})::${schema}.pair)`), [pair])
              t.is(await tx.fetchValue(`select $1::${schema}.mood`, ['ok']), 'ok')
            })
            if (round === 10) await connection.reloadSchemaState()
          }
        } finally {
          await connection.close()
        }
      }),
    )
  })
}
