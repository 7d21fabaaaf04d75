import test from 'ava'
import { BitString } from '../../index.ts'
import { open } from '../query/open.ts'
import { checkOutput, type Samples } from './round-trip.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
const p = (x: number, y: number) => ({ x, y })

const samples: Samples[] = [
  [
    'point',
    ['(1,2)', p(1, 2)],
    ['(-0,0.1)', p(-0, 0.1)],
    ['(NaN,-Infinity)', p(nan, -infinity)],
    ['(1e300,5e-324)', p(1e300, 5e-324)],
  ],
  ['line', ['{1,-2,3}', { a: 1, b: -2, c: 3 }]],
  ['lseg', ['[(1,2),(3,4)]', { p1: p(1, 2), p2: p(3, 4) }]],
  ['box', ['(3,4),(1,2)', { high: p(3, 4), low: p(1, 2) }], ['(1,2),(3,4)', { high: p(3, 4), low: p(1, 2) }]],
  [
    'path',
    ['[(1,2),(3,4)]', { points: [p(1, 2), p(3, 4)], isClosed: false }],
    ['((1,2),(3,4),(5,6))', { points: [p(1, 2), p(3, 4), p(5, 6)], isClosed: true }],
  ],
  ['polygon', ['((0,0),(1,1),(0,1))', { points: [p(0, 0), p(1, 1), p(0, 1)] }]],
  ['circle', ['<(1,2),3.5>', { center: p(1, 2), radius: 3.5 }]],
  ['tid', ['(0,1)', [0, 1]], ['(4294967295,65535)', [4_294_967_295, 65_535]]],
  [
    'pg_snapshot',
    ['10:20:10,14', { xmin: 10n, xmax: 20n, xip: [10n, 14n] }],
    ['1:1:', { xmin: 1n, xmax: 1n, xip: [] }],
    [
      '9223372036854775806:9223372036854775807:9223372036854775806',
      { xmin: 2n ** 63n - 2n, xmax: 2n ** 63n - 1n, xip: [2n ** 63n - 2n] },
    ],
  ],
  ['txid_snapshot', ['10:20:10,14', { xmin: 10n, xmax: 20n, xip: [10n, 14n] }]],
  ['varbit', ['', new BitString('')], ['1', new BitString('1')], ['010100111', new BitString('010100111')]],
  ['bit(4)', ['0101', new BitString('0101')]],
]

for (const row of samples) {
  test(`${row[0]}: texts and values`, async (t) => {
    await checkOutput(t, await open(t), row)
  })
}

test('the transactions of a snapshot go in as a list and as an array of 64-bit integers', async (t) => {
  const connection = await open(t)
  for (const xip of [[11n, 12n], new BigInt64Array([11n, 12n]), new BigUint64Array([11n, 12n])]) {
    const value = { xmin: 10n, xmax: 20n, xip }
    // The first time the types of the statement are not known.
    for (const _ of [1, 2]) {
      const sql = 'select $1::pg_snapshot::text as one, $2::txid_snapshot[]::text as list'
      t.deepEqual(await connection.fetchRow(sql, [value, [value]]), {
        one: '10:20:11,12',
        list: '{"10:20:11,12"}',
      })
    }
  }
})

test('-0 stays -0 in every container', async (t) => {
  const connection = await open(t)
  const row: any = await connection.fetchRow(
    `select '-0'::float8 as f, '-0'::float4 as r, array['-0'::float8, null] as a, array['-0'::float4] as b,
       array[['-0'::float8], ['-0'::float8]] as c, point '(-0,0)' as p, array[point '(-0,-0)'] as q, '-0'::json as j,
       '{"a": [-0]}'::json as k`,
  )
  const zeros = [
    row.f,
    row.r,
    row.a[0],
    row.b[0],
    row.c[0][0],
    row.c[1][0],
    row.p.x,
    row.q[0].y,
    row.j,
    row.k.a[0],
  ]
  for (const [i, zero] of zeros.entries()) t.true(Object.is(zero, -0), `${i}`)
})

test('a BitString is its digits', (t) => {
  const bits = new BitString('0101 1')
  t.is(bits.length, 5)
  t.is(String(bits), '01011')
  t.deepEqual(bits, new BitString('01011'))
  t.notDeepEqual(bits, new BitString('01010'))
  const wrong: any[] = ['012', 'x', 5, null, undefined]
  for (const value of wrong) t.throws(() => new BitString(value), { instanceOf: TypeError })
})

test('many of each in rows of many columns keep their places', async (t) => {
  const connection = await open(t)
  const rows: any[] = await connection.fetch(
    `select n, point(n, -n) as p, int4range(n, n + 5) as r, make_interval(days => n) as i, n::bit(16) as b,
       array[int4range(n, n + 1), null] as a, array[make_interval(secs => n), null] as s, n::text as t,
       case when n % 3 = 0 then null else int4multirange(int4range(n, n + 2)) end as m
     from generate_series(1, 5000) n`,
  )
  t.is(rows.length, 5000)
  const right = rows.every(
    ({ n, p, r, i, b, a, s, t, m }) =>
      p.x === n &&
      p.y === -n &&
      r.lower === n &&
      r.upper === n + 5 &&
      i.days === n &&
      Number.parseInt(String(b), 2) === n &&
      a[0].upper === n + 1 &&
      a[1] === null &&
      s[0].microseconds === BigInt(n) * 1_000_000n &&
      t === String(n) &&
      (n % 3 === 0 ? m === null : m[0].lower === n && m.length === 1),
  )
  t.true(right)
})
