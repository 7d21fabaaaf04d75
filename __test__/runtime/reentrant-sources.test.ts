// Values of many sets and records, and of types of the database's own, whose code uses the driver while they are
// written: what it does there never changes what is sent.

import test, { type ExecutionContext } from 'ava'
import type { Connection } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { type Act, acting, deeds } from './deeds.ts'

/** Ways in which a table gets the numbers 1 to 4, of which one acts when it is written. */
const takers: { [name: string]: (connection: Connection, rows: Iterable<unknown[]>) => Promise<unknown> } = {
  executeMany: (c, rows) => c.executeMany('insert into pg_temp.t values ($1, $2)', rows),
  fetchMany: (c, rows) => c.fetchMany('insert into pg_temp.t values ($1, $2) returning a', rows),
  copyRecordsToTable: (c, records) => c.copyRecordsToTable('t', { schema: 'pg_temp', records }),
}

/** What makes the rows, by where code of the user's runs. */
const sources: { [name: string]: (act: Act) => Iterable<unknown[]> } = {
  'a value': (act) => [
    [1, {}],
    [2, acting(act, {})],
    [3, {}],
    [4, {}],
  ],
  'a getter of a row': (act) => [
    [1, {}],
    Object.defineProperty([2, {}], 0, { get: acting(act, 2).toJSON }),
    [3, {}],
    [4, {}],
  ],
  *'the source'(act) {
    for (let n = 1; n <= 4; n++) {
      if (n === 3) act()
      yield [n, {}]
    }
  },
}

for (const [taker, take] of Object.entries(takers)) {
  test(`what a source of ${taker} does with the driver while it is read changes nothing of it`, async (t) => {
    for (const [kind, make] of Object.entries(sources)) {
      for (const [deed, act] of Object.entries(deeds)) {
        for (const again of [false, true]) {
          const where = `${kind}, ${deed}${again ? ', its types being known' : ''}`
          const connection = await open(t)
          await connection.execute('create temp table t (a int, b jsonb)')
          if (again) await take(connection, [])
          const left: Promise<unknown>[] = []
          await take(
            connection,
            make(() => left.push(act(connection))),
          )
          const numbers = await connection.fetch('select a, b from pg_temp.t order by a')
          t.deepEqual(
            numbers,
            [1, 2, 3, 4].map((a) => ({ a, b: {} })),
            where,
          )
          t.true(left.length > 0, `${where}: its code did not run`)
          await Promise.all(left)
          await connection.close()
        }
      }
    }
  })

  test(`a source of ${taker} whose code ends its connection leaves nothing waiting`, async (t) => {
    for (const [kind, make] of Object.entries(sources)) {
      const connection = await open(t)
      await connection.execute('create temp table t (a int, b jsonb)')
      let acted = 0
      const end = (): void => {
        acted++
        connection.terminate()
      }
      const error = await reason(take(connection, make(end)))
      t.true(['ConnectionDoesNotExistError', 'InterfaceError'].includes(error.name), `${kind}: ${error}`)
      t.true(acted > 0, kind)
    }
  })
}

/** Values of own types whose code runs while they are written: their type, what makes them and what arrives. */
const kinds: { [name: string]: { type: string; make: (act: Act) => unknown; arrives: unknown } } = {
  'a getter of a composite': {
    type: 'pair',
    make: (act) => Object.defineProperty({ b: 2 }, 'a', { enumerable: true, get: acting(act, 1).toJSON }),
    arrives: { a: 1, b: 2 },
  },
  'a getter of a composite in an array': {
    type: 'pair[]',
    make: (act) => [
      { a: 0, b: 0 },
      Object.defineProperty({ b: 2 }, 'a', { enumerable: true, get: acting(act, 1).toJSON }),
      { a: 3, b: 4 },
    ],
    arrives: [
      { a: 0, b: 0 },
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ],
  },
  'an element of a composite': {
    type: 'lists',
    make: (act) => ({ numbers: Object.defineProperty([1, 2, 3], 1, { get: acting(act, 2).toJSON }), n: 4 }),
    arrives: { numbers: [1, 2, 3], n: 4 },
  },
  'a codec': {
    type: 'mood[]',
    make: (act) => ['sad', { act }, 'sad'],
    arrives: ['sad', 'glad', 'sad'],
  },
}

async function withTypes(t: ExecutionContext): Promise<Connection> {
  const connection = await open(t)
  await connection.execute(`create temp table t();
    create type pg_temp.pair as (a int, b int);
    create type pg_temp.lists as (numbers int[], n int);
    create type pg_temp.mood as enum ('sad', 'glad')`)
  const schema = (await connection.fetchValue('select pg_my_temp_schema()::regnamespace::text')) as string
  await connection.setTypeCodec({
    type: 'mood',
    schema,
    encode(value: string | { act: Act }) {
      if (typeof value === 'string') return value
      value.act()
      return 'glad'
    },
    decode: (text: string) => text,
  })
  return connection
}

test('what a value of an own type does with the driver while it is written changes nothing of it', async (t) => {
  for (const [kind, { type, make, arrives }] of Object.entries(kinds)) {
    for (const [deed, act] of Object.entries(deeds)) {
      const connection = await withTypes(t)
      const sql = `select $1::pg_temp.${type} as first, $2::int as second`
      for (const again of [false, true]) {
        const left: Promise<unknown>[] = []
        const row = await connection.fetchRow(sql, [make(() => left.push(act(connection))), 42])
        t.deepEqual(row, { first: arrives, second: 42 }, `${kind}, ${deed}, ${again}`)
        t.true(left.length > 0, `${kind}, ${deed}: its code did not run`)
        await Promise.all(left)
      }
      await connection.close()
    }
  }
})
