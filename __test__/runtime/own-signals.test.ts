// Functions and sources of the user's that abort the very call that runs them: it ends with the signal's reason, so do
// others of that signal, and the connection goes on.

import test from 'ava'
import { type Connection, createPool } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

/** Calls with a signal, each of which runs `act` while it is under way. */
const calls: { [name: string]: (c: Connection, act: () => void, signal: AbortSignal) => Promise<unknown> } = {
  'a source of executeMany': (c, act, signal) =>
    c.executeMany('insert into pg_temp.t values ($1)', numbers(act), { signal }),
  'a source of fetchMany': (c, act, signal) =>
    c.fetchMany('insert into pg_temp.t values ($1) returning a', numbers(act), { signal }),
  'a value of executeMany': (c, act, signal) =>
    c.executeMany('select $1::jsonb', [[{ toJSON: act }]], { signal }),
  'an argument': (c, act, signal) => c.fetch('select $1::jsonb, pg_sleep(60)', [{ toJSON: act }], { signal }),
  'a source of records': (c, act, signal) =>
    c.copyRecordsToTable('t', { schema: 'pg_temp', records: numbers(act), signal }),
  'a source of a COPY': (c, act, signal) =>
    c.copyToTable('t', { schema: 'pg_temp', source: lines(act), signal }),
  'the output of a COPY': (c, act, signal) =>
    c.copyFromQuery('select generate_series(1, 1000000)', [], { output: act, signal }),
  'an argument of a COPY': (c, act, signal) =>
    c.copyFromQuery('select $1::jsonb', [{ toJSON: act }], { output: () => {}, signal }),
  'a loop over a cursor': (c, act, signal) =>
    c.transaction(async () => {
      for await (const _ of c.cursor('select generate_series(1, 1000)', [], { prefetch: 10, signal })) act()
    }),
  'a loop over notifications': async (c, act, signal) => {
    const heard = c.notifications('c', { signal })
    await c.execute('notify c')
    for await (const _ of heard) act()
  },
}

function* numbers(act: () => void): Generator<[number]> {
  yield [1]
  act()
  yield [2]
}

function* lines(act: () => void): Generator<Uint8Array> {
  yield Buffer.from('1\n')
  act()
  yield Buffer.from('2\n')
}

for (const [name, call] of Object.entries(calls)) {
  test(`${name} may abort the call that runs it, and others of the same signal end too`, async (t) => {
    const connection = await open(t)
    const other = await open(t)
    await connection.execute('create temp table t (a int)')
    const controller = new AbortController()
    const { signal } = controller
    const given = new Error('changed my mind')
    const before = reason(other.fetch('select pg_sleep(60)', [], { signal }))
    let acted = 0
    const act = (): void => {
      acted++
      controller.abort(given)
    }
    const calling = reason(call(connection, act, signal))
    const behind = reason(other.fetch('select pg_sleep(60)', [], { signal }))
    t.is(await calling, given)
    t.is(await before, given)
    t.is(await behind, given)
    t.true(acted > 0)
    t.is(await connection.fetchValue('select count(*) from pg_temp.t'), 0)
    t.is(await other.fetchValue('select 1'), 1)
  })
}

test('hooks of a pool may abort the acquire that runs them, and others of the same signal end too', async (t) => {
  const database = await testDatabase()
  const given = new Error('changed my mind')
  for (const hook of ['setup', 'init'] as const) {
    let controller = new AbortController()
    let acts = true
    const pool = await createPool(database.dsn(), {
      minSize: 0,
      maxSize: 1,
      async [hook]() {
        if (!acts) return
        controller.abort(given)
        await new Promise((resolve) => setImmediate(resolve))
      },
    })
    t.teardown(() => pool.terminate())
    for (const later of [false, true]) {
      controller = new AbortController()
      acts = true
      const { signal } = controller
      const calls = [
        pool.acquire({ signal }),
        pool.acquire({ signal }),
        pool.fetchValue('select 1', [], { signal }),
      ]
      const errors = await Promise.all(
        calls.map((call) =>
          call.then(
            () => 'fulfilled',
            (error) => error,
          ),
        ),
      )
      t.deepEqual(errors, [given, given, given], `${hook}, ${later}`)
      acts = false
      t.is(await pool.fetchValue('select 1'), 1)
      await pool.expireConnections()
    }
    await pool.close()
  }
})
