import test from 'ava'
import { DataError } from '../../index.ts'
import { reason } from '../query/open.ts'
import { openTable } from './table.ts'

test('a value that cannot be is named by record and column, without its text', async (t) => {
  const connection = await openTable(t, 'a int, "B c" text')
  const many = Array.from({ length: 20_000 }, (_, i) => [i, 'x'])
  const cases: [record: unknown, element: number, message: RegExp][] = [
    [
      [1, 2],
      20_000,
      /^invalid input for column "B c" in record #20000: 2 \(expected string for text, got number\)$/,
    ],
    [
      [1.5, 'x'],
      20_000,
      /^invalid input for column "a" in record #20000: 1\.5 \(expected an integer for int4\)$/,
    ],
    [[2 ** 40, 'x'], 20_000, /value out of int32 range/],
    [['secret', 'x'], 20_000, /^invalid input for column "a" in record #20000: a string of 6 characters \(/],
    [[undefined, 'x'], 20_000, /column "a" in record #20000: undefined cannot be sent/],
    [[1, Symbol('s')], 20_000, /column "B c" in record #20000: a symbol cannot be sent/],
    [[1, 'a\0b'], 20_000, /NUL/],
    [[1], 20_000, /^invalid record #20000: it has 1 value, there are 2 columns$/],
    [[1, 'x', 2], 20_000, /^invalid record #20000: it has 3 values, there are 2 columns$/],
    ['1x', 20_000, /^invalid record #20000: expected an array, got a string$/],
    [{ a: 1 }, 20_000, /expected an array, got an object$/],
    [null, 20_000, /expected an array, got null$/],
  ]
  for (const [record, element, message] of cases) {
    const error = await reason(connection.copyRecordsToTable('t', { records: [...many, record] as any }))
    t.true(error instanceof DataError, String(error))
    t.regex(error.message, message)
    t.is(error.element, element)
    t.is(error.sqlstate, '22000')
    t.regex(error.query, /^COPY "t" FROM STDIN/)
    t.false(JSON.stringify(error).includes('secret'))
  }
  // The same in the first records, before COPY is sent.
  const first = await reason(connection.copyRecordsToTable('t', { records: [[1, 'x'], [2]] }))
  t.is(first.element, 1)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('what is refused is told with its record, its column and its value, as an argument is', async (t) => {
  const connection = await openTable(t, 'a int, "B c" text, d jsonb')
  const fine = [1, 'x', null]
  const document = { n: 1n }
  const cases: [field: unknown, column: number, name: string][] = [
    [1.5, 1, 'a'],
    [['not', 'a', 'number'], 1, 'a'],
    [new Date(0), 2, 'B c'],
    [document, 3, 'd'],
    [undefined, 2, 'B c'],
  ]
  // In the first records, before anything is sent; behind some, when those are on their way; behind many.
  for (const before of [0, 3, 20_000]) {
    for (const [field, column, name] of cases) {
      // The same array each time: what was read counts, not what is in it later.
      const again: unknown[] = []
      const records = function* () {
        for (let i = 0; i <= before; i++) {
          again.splice(0, 3, ...fine)
          if (i === before) again[column - 1] = field
          yield again
        }
        again.splice(0, 3, 'later', 'later', 'later')
      }
      const error = await reason(connection.copyRecordsToTable('t', { records: records() as any }))
      t.true(error instanceof DataError, String(error))
      const { element, argument, columnName, value } = error
      t.deepEqual([element, argument, columnName], [before, column, name])
      t.is(value, field)
      t.false(Object.keys(error).includes('value'))
    }
    const whole = await reason(
      connection.copyRecordsToTable('t', { records: [...Array(before).fill(fine), [1, 'secret']] }),
    )
    t.deepEqual([whole.element, whole.argument, whole.value], [before, undefined, [1, 'secret']])
    t.false(JSON.stringify(whole).includes('secret'))
  }
  const named = await reason(
    connection.copyRecordsToTable('t', { columns: ['d', 'a'], records: [[null, true]] }),
  )
  t.deepEqual([named.argument, named.columnName, named.value], [2, 'a', true])
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})
