import test, { type ExecutionContext } from 'ava'
import {
  type Connection,
  DataError,
  InsufficientPrivilegeError,
  InterfaceError,
  InvalidTextRepresentationError,
  json,
  NotNullViolationError,
  TimeoutError,
  UndefinedColumnError,
  UndefinedTableError,
} from '../../index.ts'
import { open, openWatched, reason } from '../query/open.ts'
import { until } from '../support/waiting.ts'

async function openTable(t: ExecutionContext, columns: string): Promise<Connection> {
  const connection = await open(t)
  await connection.execute(`create temp table t (${columns})`)
  return connection
}

test('records go in, from lists and from iterables of both kinds', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const records = [
    [1, 'one'],
    [2, null],
    [null, 'a tab\t, a line\n, a \\ and \\N'],
  ]
  const sources = [
    records,
    new Set(records),
    records.values(),
    (async function* () {
      for (const record of records) {
        await new Promise((resolve) => setImmediate(resolve))
        yield record
      }
    })(),
  ]
  for (const source of sources) {
    t.is(await connection.copyRecordsToTable('t', { records: source }), 'COPY 3')
    t.deepEqual(await connection.fetch('select a, b from t order by a'), [
      { a: 1, b: 'one' },
      { a: 2, b: null },
      { a: null, b: records[2]![1] },
    ])
    await connection.execute('truncate t')
  }
  t.is(await connection.copyRecordsToTable('t', { records: [] }), 'COPY 0')
})

/** A type, and values for it with the text that the server makes of them. */
const BINARY: [type: string, values: [value: unknown, text: string][]][] = [
  [
    'bool',
    [
      [true, 'true'],
      [false, 'false'],
    ],
  ],
  [
    'int2',
    [
      [-32768, '-32768'],
      [5n, '5'],
    ],
  ],
  [
    'int4',
    [
      [2147483647, '2147483647'],
      [-0, '0'],
    ],
  ],
  [
    'int8',
    [
      [9007199254740991, '9007199254740991'],
      [2n ** 63n - 1n, '9223372036854775807'],
    ],
  ],
  ['oid', [[4294967295, '4294967295']]],
  [
    'float4',
    [
      [0.1, '0.1'],
      [Number.NaN, 'NaN'],
    ],
  ],
  [
    'float8',
    [
      [0.1, '0.1'],
      [-Infinity, '-Infinity'],
      [1e300, '1e+300'],
    ],
  ],
  [
    'text',
    [
      ['', ''],
      ['gr\u00fcn \u{1f418}', 'gr\u00fcn \u{1f418}'],
    ],
  ],
  ['varchar(5)', [['abc', 'abc']]],
  [
    'bytea',
    [
      [Buffer.from([0, 255]), '\\x00ff'],
      [new Uint8Array(0), '\\x'],
    ],
  ],
  [
    'json',
    [
      [{ a: [1, null] }, '{"a":[1,null]}'],
      ['{"b": 1}', '{"b": 1}'],
      [[1, 2], '[1,2]'],
    ],
  ],
  [
    'jsonb',
    [
      [{ a: 1 }, '{"a": 1}'],
      [[1], '[1]'],
      ['"s"', '"s"'],
      [json('text'), '"text"'],
    ],
  ],
  [
    'timestamptz',
    [
      [new Date(1.5e12), '2017-07-14 02:40:00+00'],
      [Infinity, 'infinity'],
    ],
  ],
  ['timestamp', [[new Date(1.5e12), '2017-07-14 02:40:00']]],
  [
    'uuid',
    [
      ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
      ['{A0EEBC999C0B4EF8BB6D6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ],
  ],
]

const TEXT: typeof BINARY = [
  [
    'numeric',
    [
      ['12345678901234567890.5', '12345678901234567890.5'],
      [0.1, '0.1'],
      [10n ** 30n, `1${'0'.repeat(30)}`],
    ],
  ],
  [
    'date',
    [
      ['2024-02-29', '2024-02-29'],
      [new Date(0), '1970-01-01'],
      ['infinity', 'infinity'],
    ],
  ],
  ['interval', [['1 day', '1 day']]],
  ['inet', [['10.0.0.1/8', '10.0.0.1/8']]],
  [
    'int4[]',
    [
      [[1, null, 3], '{1,NULL,3}'],
      ['{4}', '{4}'],
      [[], '{}'],
    ],
  ],
  ['text[]', [[['a,"b\\', null, '', 'x\ty'], '{"a,\\"b\\\\",NULL,"","x\ty"}']]],
  ['timestamptz[]', [[[new Date(0)], '{"1970-01-01 00:00:00+00"}']]],
  [
    'int4',
    [
      ['42', '42'],
      [7, '7'],
    ],
  ],
  [
    'bool',
    [
      ['yes', 'true'],
      [false, 'false'],
    ],
  ],
  ['timestamptz', [['2024-01-01 00:00+02', '2023-12-31 22:00:00+00']]],
  [
    'bytea',
    [
      ['\\x0102', '\\x0102'],
      [Buffer.from([3]), '\\x03'],
    ],
  ],
  ['pg_lsn', [[255, '0/FF']]],
  [
    'bit(8)',
    [
      [Buffer.from([0b10100101]), '10100101'],
      ['11110000', '11110000'],
    ],
  ],
  ['"char"', [['x', 'x']]],
]

for (const [format, table] of [
  ['binary', BINARY],
  ['text', TEXT],
] as const) {
  for (const [type, values] of table) {
    test(`${type} goes in, in ${format}, as ${values.map(([, text]) => text).join(' and ')}`, async (t) => {
      const { connection, link } = await openWatched(t)
      await connection.execute(
        `set timezone = 'UTC'; set bytea_output = hex; create temp table t (n int, v ${type})`,
      )
      const records = [...values.map(([value], index) => [index, value]), [values.length, null]]
      await connection.copyRecordsToTable('t', { records })
      const read = await connection.fetch('select v::text from t order by n')
      t.deepEqual(
        read.map(({ v }) => v),
        [...values.map(([, text]) => text), null],
      )
      const sent = Buffer.concat(link.captured.toServer).toString('latin1')
      t.true(sent.includes(`FROM STDIN WITH (FORMAT ${format})`))
    })
  }
}

test('columns and schema are taken as they are named, and rows may be chosen', async (t) => {
  const connection = await open(t)
  await connection.execute(
    `create schema "Odd"; create table "Odd"."T" ("A b" int, c text default 'given', d int)`,
  )
  const options = { schema: 'Odd', columns: ['d', 'A b'], where: '"A b" > 1' }
  t.is(
    await connection.copyRecordsToTable('T', {
      ...options,
      records: [
        [1, 1],
        [2, 2],
      ],
    }),
    'COPY 1',
  )
  t.deepEqual(await connection.fetch('select * from "Odd"."T"'), [{ 'A b': 2, c: 'given', d: 2 }])
})

test('enums, domains and composites of the database go in', async (t) => {
  const connection = await open(t)
  await connection.execute(`create type mood as enum ('sad', 'happy'); create domain small as int check (value < 10);
    create type pair as (a int, b text); create table made (m mood, s small, p pair)`)
  await connection.copyRecordsToTable('made', { records: [['happy', 3, '(1,x)']] })
  t.is(await connection.fetchValue('select made::text from made'), '(happy,3,"(1,x)")')
  const refused = await reason(connection.copyRecordsToTable('made', { columns: ['s'], records: [[10]] }))
  t.is(refused.sqlstate, '23514')
})

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

test('a source that fails, or a value whose own code does, keeps nothing', async (t) => {
  const connection = await openTable(t, 'a int, b jsonb')
  const failure = new Error('it has failed')
  const failing = function* (count: number): Generator<unknown[]> {
    for (let i = 0; i < count; i++) yield [i, {}]
    throw failure
  }
  for (const count of [0, 1, 50_000]) {
    t.is(await reason(connection.copyRecordsToTable('t', { records: failing(count) })), failure)
  }
  const hostile = {
    toJSON() {
      throw failure
    },
  }
  const records = [...Array.from({ length: 20_000 }, (_, i) => [i, {}]), [1, hostile]]
  const error = await reason(connection.copyRecordsToTable('t', { records }))
  t.true(error instanceof DataError)
  t.is(error.cause, failure)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('a record may call the connection while it is written', async (t) => {
  const connection = await openTable(t, 'a jsonb')
  const calls: Promise<unknown>[] = []
  const record = {
    toJSON() {
      calls.push(connection.fetchValue('select 1'))
      return { calls: calls.length }
    },
  }
  t.is(await connection.copyRecordsToTable('t', { records: [[record], [record]] }), 'COPY 2')
  t.deepEqual(await Promise.all(calls), [1, 1])
  t.deepEqual(await connection.fetch('select a from t'), [{ a: { calls: 1 } }, { a: { calls: 2 } }])
})

test('an iterable is closed when the COPY ends before it does', async (t) => {
  const connection = await openTable(t, 'a int not null')
  let closed = 0
  const endless = function* (value: unknown): Generator<unknown[]> {
    try {
      for (;;) yield [value]
    } finally {
      closed++
    }
  }
  t.true(
    (await reason(connection.copyRecordsToTable('t', { records: endless(null) }))) instanceof
      NotNullViolationError,
  )
  t.true(
    (await reason(connection.copyRecordsToTable('t', { records: endless('x') }))) instanceof
      InvalidTextRepresentationError,
  )
  const controller = new AbortController()
  const { signal } = controller
  const aborting = (function* () {
    for (const record of endless(1)) {
      yield record
      controller.abort()
    }
  })()
  t.is(await reason(connection.copyRecordsToTable('t', { records: aborting, signal })), signal.reason)
  t.is(closed, 3)
  const never = (async function* () {
    await new Promise(() => {})
    yield [1]
  })()
  t.true(
    (await reason(connection.copyRecordsToTable('t', { records: never, timeout: 50 }))) instanceof
      TimeoutError,
  )
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('an iterable is not run ahead of the server', async (t) => {
  const connection = await open(t)
  const holder = await open(t)
  await holder.execute('create table held (a text); select pg_advisory_lock(815)')
  await holder.execute(`create function waits() returns trigger language plpgsql as
    $$ begin perform pg_advisory_lock_shared(815); return new; end $$;
    create trigger waits before insert on held for each row execute function waits()`)
  let given = 0
  const text = 'x'.repeat(1_000)
  const records = (function* () {
    for (; given < 20_000; given++) yield [text]
  })()
  const copy = connection.copyRecordsToTable('held', { records })
  const waits = 'select count(*) from pg_locks where pid = $1 and not granted'
  await until(
    'the trigger waits',
    async () => (await holder.fetchValue(waits, [connection.getServerPid()])) === 1,
  )
  const before = given
  await holder.fetch('select n from generate_series(1, 1000) n')
  // What the socket's buffers hold on both sides comes on top of the driver's own.
  t.true(given < 20_000 && given - before < 20_000, `${given} records were taken`)
  await holder.execute('select pg_advisory_unlock(815)')
  t.is(await copy, 'COPY 20000')
  await holder.execute('drop table held')
})

test('many records, and large ones', async (t) => {
  const connection = await openTable(t, 'a int8, b text, c timestamptz')
  const at = new Date()
  const records = (function* () {
    for (let i = 0; i < 200_000; i++) yield [i, 'a name', at]
  })()
  t.is(await connection.copyRecordsToTable('t', { records }), 'COPY 200000')
  t.is(await connection.fetchValue('select sum(a)::int8 from t'), 19_999_900_000)
  const large = 'x'.repeat(5_000_000)
  t.is(
    await connection.copyRecordsToTable('t', {
      records: [
        [1, large, null],
        [2, large, at],
      ],
    }),
    'COPY 2',
  )
  t.is(await connection.fetchValue('select sum(length(b)) from t where length(b) > 10'), 10_000_000)
})

test('what the server does not know is told before any record is read, and a right to insert is enough', async (t) => {
  const connection = await openTable(t, 'a int')
  let read = 0
  const records = (): Iterable<unknown[]> =>
    (function* () {
      read++
      yield [1]
    })()
  t.true(
    (await reason(connection.copyRecordsToTable('none', { records: records() }))) instanceof
      UndefinedTableError,
  )
  const wrong = connection.copyRecordsToTable('t', { records: records(), columns: ['b'] })
  t.true((await reason(wrong)) instanceof UndefinedColumnError)
  const role = `copier_${connection.getServerPid()}`
  await connection.execute(`create table guarded (a int); create role ${role}; set role ${role}`)
  const denied = await reason(connection.copyRecordsToTable('guarded', { records: records() }))
  t.true(denied instanceof InsufficientPrivilegeError)
  await connection.execute(`reset role; grant insert on guarded to ${role}; set role ${role}`)
  t.is(await connection.copyRecordsToTable('guarded', { records: [[1]] }), 'COPY 1')
  await connection.execute(`reset role; drop table guarded; drop role ${role}`)
  t.is(read, 1, 'that of the COPY that was refused')
  for (const records of [undefined, null, 1, 'ab', {}] as any[]) {
    t.true((await reason(connection.copyRecordsToTable('t', { records }))) instanceof InterfaceError)
  }
  const format = connection.copyRecordsToTable('t', { records: records(), format: 'text' } as any)
  t.regex((await reason(format)).message, /there is no option "format"/)
})

test('progress counts records, and at the end rows', async (t) => {
  const connection = await openTable(t, 'a int')
  const told: { bytes: number; rows: number | undefined }[] = []
  const records = Array.from({ length: 100_000 }, (_, i) => [i])
  await connection.copyRecordsToTable('t', {
    records,
    where: 'a % 2 = 0',
    onProgress: (progress) => void told.push(progress),
  })
  t.is(told.at(-1)!.rows, 50_000)
  t.true(told.slice(0, -1).every(({ rows }) => rows! <= 100_000))
})
