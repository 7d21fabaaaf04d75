import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { open } from '../query/open.ts'
import { randomFrom } from '../support/random.ts'
import { untilSleeping } from '../support/waiting.ts'

for (const statementCacheSize of [100, 0]) {
  test(`calls among aborted ones run exactly once and in order, with a cache of ${statementCacheSize}`, async (t) => {
    const connection = await open(t, { statementCacheSize })
    await connection.execute('create temp table done(id serial, n int)')
    const random = randomFrom(7 + statementCacheSize)
    const wanted: number[] = []
    let next = 0
    for (let round = 0; round < 60; round++) {
      const calls = Array.from({ length: 1 + Math.floor(random() * 12) }, async () => {
        const n = next++
        const kind = random()
        if (kind < 0.3) {
          const controller = new AbortController()
          const { signal } = controller
          const sleeping = connection.fetch('select pg_sleep($1)', [random() * 0.02], { signal })
          setTimeout(() => controller.abort(), random() * 12)
          // Nothing else ends it: it is a read, and runs again if it was hit by the cancel of another.
          return sleeping.catch((error) => t.is(error, signal.reason))
        }
        wanted.push(n)
        if (kind < 0.4) return connection.execute(`insert into done(n) values (${n}); select 1`)
        if (kind < 0.5) return connection.fetch(`insert into done(n) values (${n})`)
        return connection.execute('insert into done(n) values ($1)', [n])
      })
      if (random() < 0.7) await Promise.all(calls)
      else await Promise.race([...calls, sleep(5)])
    }
    const rows = await connection.fetch('select n from done order by id')
    t.deepEqual(
      rows.map(({ n }) => n),
      wanted,
    )
  })
}

test('within a transaction an aborted call spoils its block only', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table kept(n int)')
  for (let round = 0; round < 30; round++) {
    const controller = new AbortController()
    const { signal } = controller
    const block = Promise.allSettled([
      connection.execute('begin'),
      connection.execute('insert into kept values ($1)', [-1]),
      connection.fetch('select pg_sleep($1)', [60], { signal }),
      connection.execute('insert into kept values ($1)', [-2]),
      connection.execute('commit'),
    ])
    const behind = connection.execute('insert into kept values ($1)', [round])
    // Before it is sent, on its way, and while it runs.
    if (round % 4 === 0) await untilSleeping(connection)
    else for (let n = 0; n < round; n++) await turn()
    controller.abort()
    await behind
    t.is((await block)[4]!.status, 'fulfilled')
    t.false(connection.isInTransaction())
  }
  const rows = await connection.fetch('select n from kept where n >= 0 order by n')
  t.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 30 }, (_, n) => n),
  )
})
