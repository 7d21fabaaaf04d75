import { inspect } from 'node:util'
import test from 'ava'
import {
  CheckViolationError,
  ConnectionDoesNotExistError,
  createPool,
  DataError,
  DivisionByZeroError,
  ForeignKeyViolationError,
  InsufficientPrivilegeError,
  IntegrityConstraintViolationError,
  InterfaceError,
  NotNullViolationError,
  NumericValueOutOfRangeError,
  PLPGSQLError,
  PostgresError,
  PostgresSyntaxError,
  RaiseError,
  StringDataRightTruncationError,
  TimeoutError,
  UndefinedColumnError,
  UndefinedFunctionError,
  UniqueViolationError,
  UnknownPostgresError,
} from '../../index.ts'
import { testDatabase } from '../support/server.ts'
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

test('a server’s error shows its place as psql does', async (t) => {
  const connection = await open(t)
  const error = await reason(connection.fetch("select 'ä😀',\n\tnothing from pg_class"))
  t.is(error.excerpt(), ['LINE 2:  nothing from pg_class', '         ^'].join('\n'))
  const inner = await reason(connection.execute("do $$ begin execute 'select 1, nowhere'; end $$"))
  t.is(inner.excerpt(), ['LINE 1: select 1, nowhere', '                  ^'].join('\n'))
  t.is((await reason(connection.fetch('select 1/0'))).excerpt(), null)
})

test('every error of a call has its text, where no logger prints it', async (t) => {
  const connection = await open(t, { types: { int8: 'number' } })
  const ended = connection.transaction()
  await ended.start()
  await ended.rollback()
  const closed = await open(t)
  await closed.close()
  const lost = await open(t)
  await Promise.all([
    reason(lost.execute('select pg_terminate_backend(pg_backend_pid())')),
    new Promise<void>((resolve) => lost.addTerminationListener(() => resolve())),
  ])
  const dropped = await open(t)
  const running = reason(dropped.fetch('select pg_sleep(10)'))
  const waiting = reason(dropped.fetch('select 7'))
  dropped.terminate()
  const closing = await open(t)
  const cancelled = reason(closing.fetch('select pg_sleep(11)'))
  const unsent = reason(closing.execute('select 8; select 9'))
  const end = closing.close()
  const late = reason(closing.fetch('select 10'))
  await end
  const pool = await createPool((await testDatabase()).dsn(), { minSize: 0, maxSize: 1, acquireTimeout: 50 })
  t.teardown(() => pool.terminate())
  const holder = await pool.acquire({ timeout: null })
  const none = reason(pool.execute('select 11; select 12'))
  const shared = reason(pool.fetch('select 13'))
  for (const error of await Promise.all([none, shared])) t.false(error.maybeExecuted)
  await holder.release()
  await pool.close()
  const { signal } = new AbortController()
  const errors: readonly (readonly [error: Promise<any>, text: string, kind: unknown])[] = [
    [reason(connection.fetch('select 1/0')), 'select 1/0', DivisionByZeroError],
    [reason(connection.fetch('select $1::int', ['xxx', 2])), 'select $1::int', InterfaceError],
    [reason(connection.fetch('select $1::int4', [true])), 'select $1::int4', DataError],
    [reason(connection.fetch('select $1::text', [undefined])), 'select $1::text', DataError],
    [reason(connection.fetch('select $1::jsonb', [{ n: 1n }])), 'select $1::jsonb', DataError],
    [reason(connection.fetch('select pg_sleep(9)', [], { timeout: 10 })), 'select pg_sleep(9)', TimeoutError],
    [reason(connection.fetch('select 2', [], { timeout: 0 })), 'select 2', TimeoutError],
    [reason(connection.fetch('select 3', 'no array' as never)), 'select 3', InterfaceError],
    [reason(connection.fetch('select 4', [], { limit: 1 } as never)), 'select 4', InterfaceError],
    [reason(connection.fetch('select \0')), 'select \0', InterfaceError],
    [reason(connection.fetchValue('select 5', [], { column: 'a' })), 'select 5', InterfaceError],
    [reason(connection.fetchValue('select 6', [], { column: 1, signal })), 'select 6', RangeError],
    [reason(connection.fetch('select 1152921504606846976')), 'select 1152921504606846976', Error],
    [reason(connection.fetch('copy pg_class to stdout')), 'copy pg_class to stdout', InterfaceError],
    [reason(ended.fetch('select 14')), 'select 14', InterfaceError],
    [reason(closed.fetch('select 15')), 'select 15', InterfaceError],
    [reason(lost.fetch('select 16')), 'select 16', ConnectionDoesNotExistError],
    [running, 'select pg_sleep(10)', ConnectionDoesNotExistError],
    [waiting, 'select 7', ConnectionDoesNotExistError],
    [cancelled, 'select pg_sleep(11)', InterfaceError],
    [unsent, 'select 8; select 9', InterfaceError],
    [late, 'select 10', InterfaceError],
    [none, 'select 11; select 12', TimeoutError],
    [shared, 'select 13', TimeoutError],
    [reason(pool.fetch('select 17')), 'select 17', InterfaceError],
  ]
  for (const [promise, text, kind] of errors) {
    const error = await promise
    t.true(error instanceof (kind as typeof Error), `${text}: ${error}`)
    t.is(error.query, text)
    t.false(Object.keys(error).includes('query'), text)
    t.false(`${JSON.stringify(error)}${inspect(error)}`.includes(text), text)
  }
})

test('a call that timed out says whether it may have been executed', async (t) => {
  const connection = await open(t)
  // Prepared before, it is sent at once.
  await connection.fetch('select pg_sleep($1)', [0])
  const running = reason(connection.fetch('select pg_sleep($1)', [60], { timeout: 1_000 }))
  const waiting = reason(connection.execute('select 1; select 2', undefined, { timeout: 20 }))
  t.is((await waiting).maybeExecuted, false)
  t.is((await running).maybeExecuted, true)
  t.is((await reason(connection.fetch('select 1', [], { timeout: 0 }))).maybeExecuted, false)
})
