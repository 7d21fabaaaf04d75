// Every method with the defaults behind PgBouncer in transaction mode, which nobody has told the driver of.

import { inspect } from 'node:util'
import test from 'ava'
import { type Connection, connect } from '../../index.ts'
import { outcome } from '../adversity/outcome.ts'
import { pgbouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { requiring } from '../support/requirements.ts'
import { type OwnServer, startServer } from '../support/server.ts'

const bouncerTest = requiring(pgbouncer)

const SESSIONS = 10
const CALLERS = 20
const ROUNDS = 20

let server: OwnServer

test.before(async () => {
  if (!pgbouncer.available) return
  server = await startServer()
  await server.admin(`create type mood as enum ('sad', 'glad'); create type pair as (a int, b mood);
    create table sink(a int, b text)`)
})

/** What is called with a number, by its name. */
const methods: { [name: string]: (connection: Connection, n: number) => Promise<unknown> } = {
  executeMany: (c, n) =>
    c.executeMany('insert into sink values ($1, $2)', [
      [n, 'a'],
      [n, 'b'],
    ]),
  fetchMany: (c, n) => c.fetchMany('select $1::int + $2::int', [[n, 1]]),
  copyRecordsToTable: (c, n) => c.copyRecordsToTable('sink', { records: [[n, 'x']] }),
  'copyFromQuery with arguments': (c, n) => c.copyFromQuery('select $1::int', [n], { output: () => {} }),
  'types of the database': (c, n) => c.fetchValue('select $1::pair', [{ a: n, b: 'sad' }]),
  query: (c, n) => c.query('select $1::int', [n]),
  async prepare(c, n) {
    const statement = await c.prepare('select $1::int')
    await statement.fetchValue([n])
    await statement.close()
  },
}

for (const [method, call] of Object.entries(methods)) {
  bouncerTest(`with the defaults no ${method} fails`, async (t) => {
    // What is learnt of one pooler is not known of the next one.
    await using bouncer = await startPgBouncer({
      server,
      mode: 'transaction',
      settings: { default_pool_size: '3' },
    })
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => connect(bouncer.dsn())))
    const failed: unknown[] = []
    const work = async (caller: number): Promise<void> => {
      const connection = sessions[caller % SESSIONS] as Connection
      for (let round = 0; round < ROUNDS; round++) {
        const result = await outcome(call(connection, caller * ROUNDS + round))
        if (result.kind !== 'fulfilled') failed.push(result)
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, (_, caller) => work(caller)))
    for (const connection of sessions) connection.terminate()
    t.is(failed.length, 0, inspect(failed[0]))
  })
}
