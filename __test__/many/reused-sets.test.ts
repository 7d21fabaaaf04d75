// Sources that give the same array again and again, with other values in it: each set is what it was when it was given,
// also where it is written once more, by types that were not known or have changed.

import test from 'ava'
import { type Connection, DataError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const INSERT = 'insert into item values ($1, $2)'

/** Three sets in one array, the values of which are made by `value`. */
function* reused<T>(value: (n: number) => T): Generator<[number, T]> {
  const set: [number, T] = [0, value(0)]
  for (let n = 0; n < 3; n++) {
    set[0] = n
    set[1] = value(n)
    yield set
  }
}

async function* slowly<T>(sets: Iterable<T>): AsyncGenerator<T> {
  for (const set of sets) {
    await new Promise(setImmediate)
    yield set
  }
}

async function withItems(connection: Connection, type: string): Promise<Connection> {
  await connection.execute(`set search_path = pg_temp; create type place as (x int, y text);
    create table item(n int, v ${type})`)
  return connection
}

const items = async (connection: Connection): Promise<unknown> =>
  (
    await connection.fetch('with gone as (delete from item returning n, v::text) table gone order by n', [])
  ).map(({ n, v }) => `${n}: ${v}`)

test('one array for all sets is read at each of them, before the types are known and behind', async (t) => {
  const connection = await withItems(await open(t), 'place')
  const expected = ['0: (0,x)', '1: (1,x)', '2: (2,x)']
  for (const when of ['at first', 'when it is known']) {
    await connection.executeMany(
      INSERT,
      reused((n) => `(${n},x)`),
    )
    t.deepEqual(await items(connection), expected, when)
    await connection.executeMany(`${INSERT} -- slowly`, slowly(reused((n) => `(${n},x)`)))
    t.deepEqual(await items(connection), expected, `${when}, slowly`)
  }
})

test('sets that are written anew by types that have changed are those that were given', async (t) => {
  const connection = await withItems(await open(t), 'place')
  const place = { x: 0, y: '' }
  const places = (): Iterable<[number, object]> => reused((n) => Object.assign(place, { x: n, y: `y${n}` }))
  await connection.executeMany(INSERT, places())
  t.deepEqual(await items(connection), ['0: (0,y0)', '1: (1,y1)', '2: (2,y2)'])
  await connection.execute('alter type place add attribute z int')
  await connection.executeMany(INSERT, places())
  t.deepEqual(await items(connection), ['0: (0,y0,)', '1: (1,y1,)', '2: (2,y2,)'], 'a composite')
  await connection.execute('alter table item alter v type int[] using null')
  await connection.executeMany(
    INSERT,
    reused((n) => [n]),
  )
  t.deepEqual(await items(connection), ['0: {0}', '1: {1}', '2: {2}'], 'another type')
})

test('the value of a set that the server refuses is the one that it was given', async (t) => {
  const connection = await withItems(await open(t), 'int2')
  await connection.executeMany(INSERT, [])
  const error = await reason(
    connection.executeMany(
      INSERT,
      reused((n) => (n === 1 ? 70_000 : n)),
    ),
  )
  t.true(error instanceof DataError)
  t.is(error.value, 70_000)
  t.is(error.element, 1)
})
