// Arrays of every number of dimensions, with lower bounds of every kind and NULL anywhere.

import test from 'ava'
import fc from 'fast-check'
import type { Connection } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { column, eachIs, prove } from './judge.ts'

interface Tree {
  /** The lengths of the dimensions. */
  readonly lengths: readonly number[]
  /** Where they begin. */
  readonly bounds: readonly number[]
  /** The elements, in order. */
  readonly elements: readonly unknown[]
}

/** Elements of a type: what goes in and comes out. */
const kinds: [type: string, elements: fc.Arbitrary<unknown>][] = [
  ['int4', fc.integer()],
  ['int2', fc.integer({ min: -32_768, max: 32_767 })],
  ['int8', fc.oneof(fc.integer(), fc.constantFrom(2n ** 62n, -(2n ** 63n), 2 ** 53 - 1))],
  ['float8', fc.double()],
  ['bool', fc.boolean()],
  ['text', fc.string({ unit: fc.constantFrom(...'ab{}",\\ \té', 'NULL'), maxLength: 4 })],
  ['numeric', fc.integer().map((n) => `${n}.50`)],
  ['timestamptz', fc.integer().map((n) => new Date(n))],
  ['bytea', fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes))],
  ['uuid', fc.uuid()],
  ['point', fc.record({ x: fc.integer(), y: fc.integer() }, { noNullPrototype: true })],
  ['tsvector', fc.constantFrom("'a' 'b'", `'"' ',':1 '{'`, '')],
  ['box', fc.integer().map((n) => ({ high: { x: n, y: n }, low: { x: n, y: n } }))],
]

function trees(elements: fc.Arbitrary<unknown>): fc.Arbitrary<Tree> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 5 })), {
      minLength: 1,
      maxLength: 6,
    })
    .filter((all) => all.reduce((count, [length]) => count * length, 1) <= 200)
    .chain((all) => {
      const count = all.reduce((product, [length]) => product * length, 1)
      return fc
        .array(fc.option(elements, { freq: 5 }), { minLength: count, maxLength: count })
        .map((list) => ({
          lengths: all.map(([length]) => length),
          bounds: all.map(([, bound]) => bound),
          elements: list,
        }))
    })
}

/** As nested lists. */
function nested({ lengths, elements }: Tree): unknown[] {
  let all = [...elements]
  for (const length of lengths.slice(1).toReversed()) {
    all = Array.from({ length: all.length / length }, (_, i) => all.slice(i * length, (i + 1) * length))
  }
  return all
}

for (const [type, elements] of kinds) {
  test(`arrays of ${type}`, async (t) => {
    const connection = await open(t)
    await prove(t, fc.array(trees(elements), { minLength: 1, maxLength: 40 }), (batch) =>
      check(connection, type, batch),
    )
  })
}

async function check(connection: Connection, type: string, batch: readonly Tree[]): Promise<void> {
  const values = batch.map(nested)
  const label = (i: number): string => `${type}[] of ${batch[i]?.lengths} from ${batch[i]?.bounds}`
  // array_fill and subscripts are the server's way to make an array whose bounds are not 1.
  const sql = `select a, array_dims(a) as dims, (select array_agg(format('%s', e) order by n)
        from unnest(a) with ordinality u (e, n)) as texts,
      format('%s=%s', $2::text, a)::${type}[] as moved
    from (select $1::${type}[] as a) s`
  const rows: any[] = await Promise.all(
    batch.map(({ bounds, lengths }, i) => {
      const dims = bounds.map((bound, d) => `[${bound}:${bound + (lengths[d] as number) - 1}]`)
      return connection.fetchRow(sql, [values[i], dims.join('')])
    }),
  )
  eachIs(
    column(rows, 'dims'),
    batch.map(({ lengths }) => lengths.map((length) => `[1:${length}]`).join('')),
    label,
  )
  eachIs(column(rows, 'a'), values, label)
  eachIs(column(rows, 'moved'), values, label)
  const flat = await Promise.all(
    batch.map(({ elements }) =>
      connection.fetchValue(
        `select array_agg(format('%s', e) order by n) from unnest($1::${type}[]) with ordinality u (e, n)`,
        [elements],
      ),
    ),
  )
  eachIs(column(rows, 'texts'), flat, (i) => `order of the elements of ${label(i)}`)
}

test('typed arrays are arrays of their numbers', async (t) => {
  const connection = await open(t)
  const views: [type: string, views: fc.Arbitrary<ArrayLike<number | bigint>>][] = [
    ['int2', fc.oneof(fc.int8Array(), fc.int16Array())],
    ['int4', fc.oneof(fc.int32Array(), fc.uint16Array(), fc.int16Array())],
    ['int8', fc.oneof(fc.bigInt64Array(), fc.uint32Array())],
    ['oid', fc.uint32Array()],
    ['xid8', fc.bigUint64Array()],
    ['float4', fc.float32Array()],
    ['float8', fc.oneof(fc.float64Array(), fc.float32Array())],
    ['numeric', fc.bigUint64Array()],
  ]
  for (const [type, arbitrary] of views) {
    await prove(t, fc.array(arbitrary, { minLength: 1, maxLength: 40 }), async (batch) => {
      const sql = `select $1::${type}[]::text as text, $2::${type}[]::text as plain`
      const rows: any[] = await Promise.all(
        batch.map((view) => connection.fetchRow(sql, [view, Array.from<unknown>(view)])),
      )
      eachIs(column(rows, 'text'), column(rows, 'plain'), (i) => `${type}[] of a typed array: ${batch[i]}`)
      t.false(rows.some(({ text }, i) => batch[i]!.length > 0 && text === '{}'))
    })
  }
})
