import test from 'ava'
import fc from 'fast-check'
import { InterfaceError, type SqlPart, type SqlQuery, sql } from '../../index.ts'

/** Text and arguments, as a call sends them. */
const parts = ({ text, args }: SqlQuery<any>): [text: string, args: readonly unknown[]] => [text, args]

test('values become arguments in their order', (t) => {
  t.deepEqual(parts(sql`select 1`), ['select 1', []])
  t.deepEqual(parts(sql`${1}`), ['$1', [1]])
  t.deepEqual(parts(sql`select ${1} + ${'two'}, ${null}`), ['select $1 + $2, $3', [1, 'two', null]])
  const many = sql`${0},${1},${2},${3},${4},${5},${6},${7},${8},${9},${10}`
  t.is(many.text, '$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11')
})

test('no value becomes part of the text, whatever it looks like', (t) => {
  const hostile = [
    "'; drop table t; --",
    '$1',
    '"',
    '/*',
    { text: 'select 1', args: [] },
    ['a'],
    () => 'x',
    {},
  ]
  for (const value of hostile) t.deepEqual(parts(sql`select ${value}`), ['select $1', [value]])
})

test('a query among the values is spliced in and its arguments numbered anew', (t) => {
  const inner = sql`b = ${2} or c = ${3}`
  t.deepEqual(parts(sql`select ${1} where ${inner} and d = ${4}`), [
    'select $1 where b = $2 or c = $3 and d = $4',
    [1, 2, 3, 4],
  ])
  t.deepEqual(parts(sql`${inner} union ${inner}`), ['b = $1 or c = $2 union b = $3 or c = $4', [2, 3, 2, 3]])
  t.deepEqual(parts(sql`a ${sql`b ${sql`c ${1}`} ${2}`} ${3}`), ['a b c $1 $2 $3', [1, 2, 3]])
})

test('as many arguments as values, some of them spliced, are not mistaken for the values', (t) => {
  const template = (part: SqlPart, inner: SqlQuery) => sql`select * from ${part} where ${inner}`
  for (const n of [1, 2, 3]) {
    t.deepEqual(parts(template(sql.identifier('t'), sql`a = ${n} and b = ${-n}`)), [
      'select * from "t" where a = $1 and b = $2',
      [n, -n],
    ])
  }
})

test('one template that splices differently each time gives the text of what it splices', (t) => {
  const where = (condition: unknown) => sql`select 1 where ${condition}`
  for (let round = 0; round < 3; round++) {
    t.deepEqual(parts(where(sql`a = ${1}`)), ['select 1 where a = $1', [1]])
    t.deepEqual(parts(where(true)), ['select 1 where $1', [true]])
    t.deepEqual(parts(where(sql.raw('now() is null'))), ['select 1 where now() is null', []])
    t.deepEqual(parts(where(null)), ['select 1 where $1', [null]])
  }
})

test('a template gives the same text for all values', (t) => {
  const point = (id: unknown) => sql`select * from city where id = ${id}`
  for (const id of [1, 'two', null, new Date(0), [4], {}, undefined]) {
    t.deepEqual(parts(point(id)), ['select * from city where id = $1', [id]])
  }
})

test('identifiers are quoted, each by itself', (t) => {
  t.is(sql`${sql.identifier('shop', 'order')}`.text, '"shop"."order"')
  t.is(sql`${sql.identifier('a"b')}`.text, '"a""b"')
  t.is(sql`${sql.identifier('a.b')}`.text, '"a.b"')
  t.is(sql`${sql.identifier('naïve ☃')}`.text, '"naïve ☃"')
})

test('an identifier that PostgreSQL cannot have is refused', (t) => {
  for (const names of [[], [''], ['a', ''], ['a\0b'], [1 as never], [undefined as never]]) {
    const error = t.throws(() => sql.identifier(...names), { instanceOf: InterfaceError })
    t.regex(error.message, /^sql\.identifier\(\) /)
  }
})

test('join puts a separator between queries and parts', (t) => {
  const list = [sql`${1}`, sql`${2} + ${3}`, sql.raw('now()')]
  t.deepEqual(parts(sql.join(list)), ['$1, $2 + $3, now()', [1, 2, 3]])
  t.deepEqual(parts(sql.join(list, sql.raw(' or '))), ['$1 or $2 + $3 or now()', [1, 2, 3]])
  t.deepEqual(parts(sql.join([sql`a`])), ['a', []])
  t.deepEqual(parts(sql`values (${sql.join([sql`${1}`, sql`${2}`])}), (${3})`), [
    'values ($1, $2), ($3)',
    [1, 2, 3],
  ])
})

test('join refuses what it cannot join, and says what helps', (t) => {
  t.throws(() => sql.join([]), { instanceOf: InterfaceError, message: /empty list/ })
  const values = t.throws(() => sql.join([sql`a`, 'b' as never]), { instanceOf: InterfaceError })
  t.regex(values.message, /element 1 is neither/)
  t.regex(values.hint ?? '', /values\.map/)
  t.throws(() => sql.join('ab' as never), { instanceOf: InterfaceError })
  t.throws(() => sql.join([sql`a`], ' or ' as never), { instanceOf: InterfaceError, message: /separator/ })
  t.throws(() => sql.join([sql`a`], sql`${1}` as never), { instanceOf: InterfaceError })
})

test('raw text is taken as it is', (t) => {
  t.deepEqual(parts(sql`select 1 ${sql.raw('order by 1 desc')}`), ['select 1 order by 1 desc', []])
  t.throws(() => sql.raw(1 as never), { instanceOf: InterfaceError })
})

test('sql called as a function is refused', (t) => {
  const call = sql as unknown as (text: unknown) => unknown
  for (const text of ['select 1', ['select 1'], undefined, null, {}]) {
    const error = t.throws(() => call(text), { instanceOf: InterfaceError })
    t.regex(error.message, /template tag/)
  }
})

test('a template with an escape sequence that JavaScript does not know is refused', (t) => {
  const error = t.throws(() => sql`select '\u{zz}'`, { instanceOf: InterfaceError })
  t.regex(error.hint ?? '', /written twice/)
})

test('any nesting numbers arguments from 1 without a gap and keeps their order', (t) => {
  const { tree } = fc.letrec<{ tree: SqlQuery<any> }>((tie) => ({
    tree: fc
      .array(fc.oneof({ weight: 3, arbitrary: fc.integer() }, { weight: 1, arbitrary: tie('tree') }), {
        maxLength: 4,
      })
      .map((values) => {
        const strings = Array.from({ length: values.length + 1 }, (_, i) => `<${i}>`)
        return sql(Object.assign(strings, { raw: strings }) as never, ...values)
      }),
  }))
  fc.assert(
    fc.property(tree, ({ text, args }) => {
      const numbers = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number))
      return (
        numbers.every((number, index) => number === index + 1) &&
        numbers.length === args.length &&
        args.every((arg) => typeof arg === 'number')
      )
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
