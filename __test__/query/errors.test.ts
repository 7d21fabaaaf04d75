import test from 'ava'
import {
  CheckViolationError,
  DivisionByZeroError,
  ForeignKeyViolationError,
  InsufficientPrivilegeError,
  IntegrityConstraintViolationError,
  NotNullViolationError,
  NumericValueOutOfRangeError,
  PLPGSQLError,
  PostgresError,
  PostgresSyntaxError,
  RaiseError,
  StringDataRightTruncationError,
  UndefinedColumnError,
  UndefinedFunctionError,
  UniqueViolationError,
  UnknownPostgresError,
} from '../../index.ts'
import { open, reason } from './open.ts'

test('an error is of the class of its SQLSTATE', async (t) => {
  const connection = await open(t)
  await connection.execute(`
    create temp table parent(id int primary key check (id > 0));
    create temp table child(p int not null references pg_temp.parent, c varchar(3));
    insert into parent values (1)`)
  const cases: [sql: string, type: typeof PostgresError, sqlstate: string][] = [
    ['select 1/0', DivisionByZeroError, '22012'],
    ['selec', PostgresSyntaxError, '42601'],
    ['select nothing', UndefinedColumnError, '42703'],
    ['select nothing(1)', UndefinedFunctionError, '42883'],
    ['select 2147483648::int4', NumericValueOutOfRangeError, '22003'],
    ['insert into parent values (1)', UniqueViolationError, '23505'],
    ['insert into parent values (0)', CheckViolationError, '23514'],
    ['insert into child values (2)', ForeignKeyViolationError, '23503'],
    ['insert into child values (null)', NotNullViolationError, '23502'],
    ["insert into child values (1, 'long')", StringDataRightTruncationError, '22001'],
    ["do $$ begin raise 'mine'; end $$", RaiseError, 'P0001'],
    ["do $$ begin raise sqlstate 'P0XYZ'; end $$", PLPGSQLError, 'P0XYZ'],
    ["do $$ begin raise sqlstate '23ABC'; end $$", IntegrityConstraintViolationError, '23ABC'],
    ["do $$ begin raise sqlstate 'QQ123'; end $$", UnknownPostgresError, 'QQ123'],
    ['set role pg_monitor; create role x; ', InsufficientPrivilegeError, '42501'],
  ]
  for (const [sql, type, sqlstate] of cases) {
    for (const call of [connection.execute(sql), sql.includes(';') ? undefined : connection.fetch(sql)]) {
      if (call === undefined) continue
      const error = await reason(call)
      t.is(error.constructor, type, `${sql}: ${error}`)
      t.true(error instanceof PostgresError)
      t.is(error.sqlstate, sqlstate)
      t.is(error.code, sqlstate)
      t.is(error.query, sql)
      t.is(error.severity, 'ERROR')
    }
    await connection.execute('reset role')
  }
})

test('every field of the server’s report is there, and none that it did not send', async (t) => {
  const connection = await open(t)
  await connection.execute('create table reported(email text constraint reported_email_key unique)')
  await connection.execute("insert into reported values ('a')")
  const sql = 'insert into reported values ($1)'
  const error = await reason(connection.execute(sql, ['a']))
  t.like(error, {
    name: 'UniqueViolationError',
    message: 'duplicate key value violates unique constraint "reported_email_key"',
    detail: 'Key (email)=(a) already exists.',
    severity: 'ERROR',
    severityEn: 'ERROR',
    schemaName: 'public',
    tableName: 'reported',
    constraintName: 'reported_email_key',
    serverSourceFilename: 'nbtinsert.c',
    serverSourceFunction: '_bt_check_unique',
    query: sql,
  })
  for (const absent of ['hint', 'position', 'internalQuery', 'context', 'columnName', 'dataTypeName']) {
    t.false(absent in error, absent)
  }
  const raised = await reason(
    connection.execute(`do $$ begin
      raise exception using message = 'm', detail = 'd', hint = 'h', errcode = '22023', column = 'c',
        constraint = 'k', datatype = 'y', table = 't', schema = 's';
    end $$`),
  )
  t.like(raised, {
    message: 'm',
    detail: 'd',
    hint: 'h',
    sqlstate: '22023',
    columnName: 'c',
    constraintName: 'k',
    dataTypeName: 'y',
    tableName: 't',
    schemaName: 's',
  })
  t.regex(raised.context, /^PL\/pgSQL function inline_code_block line \d+ at RAISE$/)
})

test('a position counts characters of the query, an internal one those of the server’s own', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.fetch("select 'ä😀', nothing"))
  t.is(error.position, 14)
  t.is([...error.query].slice(error.position - 1).join(''), 'nothing')
  const inner = await reason(connection.execute("do $$ begin execute 'select 1, nowhere'; end $$"))
  t.is(inner.internalQuery, 'select 1, nowhere')
  t.is(inner.internalPosition, 11)
  t.is(inner.position, undefined)
})

test('the stack names the functions that were waiting', async (t) => {
  const connection = await open(t)
  async function innermost(call: () => Promise<unknown>): Promise<void> {
    await call()
  }
  async function outermost(call: () => Promise<unknown>): Promise<void> {
    await innermost(call)
  }
  const failing = [
    () => connection.fetch('select 1/0'),
    () => connection.fetchRow('select 1/$1::int', [0]),
    () => connection.fetchValue('selec'),
    () => connection.execute('select 1/0'),
    () => connection.fetch('select $1::int', [undefined]),
    () => connection.fetch('select $1::jsonb', [{ n: 1n }]),
    () => connection.fetch('select 1', [1]),
    () => connection.fetch('select pg_sleep(10)', [], { timeout: 30 }),
  ]
  for (const call of failing) {
    const error = await reason(outermost(call))
    t.regex(error.stack, /at (async )?innermost .*\n\s+at (async )?outermost /, String(call))
  }
})

test('an error of 100 kB is whole', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.execute("do $$ begin raise '%', repeat('ж', 100000); end $$"))
  t.is(error.message, 'ж'.repeat(100_000))
})

test('an error in the middle of many rows rejects the call, and the connection goes on', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.fetch('select 1 / (90000 - n) from generate_series(1, 100000) n'))
  t.true(error instanceof DivisionByZeroError)
  t.is((await connection.fetch('select generate_series(1, 10)')).length, 10)
})

test('an error is shown without the query, which may hold a secret', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.execute("alter role nobody_here password 'secret'"))
  t.true(error.query.includes('secret'))
  t.false(JSON.stringify(error).includes('secret'))
  t.false(String(error).includes('secret'))
  t.false((error.stack as string).includes('secret'))
})

test('every error of a call has its text, where no logger prints it', async (t) => {
  const connection = await open(t)
  const errors = [
    [reason(connection.fetch('select 1/0')), 'select 1/0'],
    [reason(connection.fetch('select $1::int', ['x'.repeat(3), 2])), 'select $1::int'],
    [reason(connection.fetch('select $1::int4', [true])), 'select $1::int4'],
    [reason(connection.fetch('select $1::text', [undefined])), 'select $1::text'],
    [reason(connection.fetch('select pg_sleep(9)', [], { timeout: 10 })), 'select pg_sleep(9)'],
    [reason(connection.fetch('select 2', [], { timeout: 0 })), 'select 2'],
    [reason(connection.fetch('select 3', 'no array' as never)), 'select 3'],
  ] as const
  for (const [error, text] of errors) {
    const { query } = await error
    t.is(query, text)
    t.false(Object.keys(await error).includes('query'))
    t.false(JSON.stringify(await error).includes(text))
  }
})

test('a call that timed out says whether it may have been executed', async (t) => {
  const connection = await open(t)
  const running = reason(connection.fetch('select pg_sleep(9)', [], { timeout: 200 }))
  const waiting = reason(connection.execute('select 1; select 2', undefined, { timeout: 20 }))
  t.is((await waiting).maybeExecuted, false)
  t.is((await running).maybeExecuted, true)
  t.is((await reason(connection.fetch('select 1', [], { timeout: 0 }))).maybeExecuted, false)
})
