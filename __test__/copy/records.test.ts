import test from 'ava'
import {
  DataError,
  InsufficientPrivilegeError,
  InterfaceError,
  InvalidTextRepresentationError,
  NotNullViolationError,
  TimeoutError,
  UndefinedColumnError,
  UndefinedTableError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { until } from '../support/waiting.ts'
import { openTable } from './table.ts'

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
