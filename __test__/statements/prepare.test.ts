import test from 'ava'
import {
  ConnectionDoesNotExistError,
  DataError,
  DuplicatePreparedStatementError,
  InFailedSQLTransactionError,
  InterfaceError,
  InvalidCachedStatementError,
  PostgresSyntaxError,
  sql,
  UndefinedColumnError,
  UniqueViolationError,
} from '../../index.ts'
import { open, prepared, preparedTexts, reason } from '../query/open.ts'
import { eventually } from '../support/waiting.ts'

test('a statement tells its name, text, parameters and columns, and runs', async (t) => {
  const connection = await open(t)
  const text = 'select $1::int as n, $2::text[] as words, now() as at'
  const statement = await connection.prepare<{ n: number; words: string[] }>(text)
  t.regex(statement.getName(), /^cornac_[0-9a-f]+_[0-9a-f]+$/)
  t.is(statement.getQuery(), text)
  t.deepEqual(
    statement.getParameters().map(({ name, kind, schema }) => `${schema}.${name} ${kind}`),
    ['pg_catalog.int4 scalar', 'pg_catalog.text[] array'],
  )
  t.deepEqual(
    statement.getAttributes().map(({ name, type }) => `${name} ${type.name}`),
    ['n int4', 'words text[]', 'at timestamptz'],
  )
  const rows = await statement.fetch([1, ['a', 'b']])
  t.like(rows[0], { n: 1, words: ['a', 'b'] })
  t.is((await statement.fetchRow([2, null]))?.n, 2)
  t.is(await statement.fetchValue([3, null], { column: 'n' }), 3)
  t.is(await statement.fetchValue([4, null], { column: 0 }), 4)
  t.deepEqual(await preparedTexts(connection), [text])
  await statement.close()
  t.deepEqual(await preparedTexts(connection), [])
})

test('the statement cache has no part in it', async (t) => {
  const connection = await open(t, { statementCacheSize: 1 })
  await connection.fetchValue('select 1')
  const statement = await connection.prepare('select 1')
  t.deepEqual(await preparedTexts(connection), ['select 1', 'select 1'])
  await connection.fetchValue('select 2')
  await connection.fetchValue('select 3')
  t.deepEqual(await preparedTexts(connection), ['select 1', 'select 3'])
  t.is(await statement.fetchValue(), 1)
  await connection.reset()
  t.is(await statement.fetchValue(), 1)
  t.true((await preparedTexts(connection)).includes('select 1'))
})

test('a statement under a name of its own is found by SQL, and one name is there once', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select $1::int + 1', { name: 'näme "quoted"' })
  t.is(statement.getName(), 'näme "quoted"')
  t.is(await connection.fetchValue('execute "näme ""quoted""" (1)'), 2)
  const clash = await reason(connection.prepare('select 2', { name: 'näme "quoted"' }))
  t.true(clash instanceof DuplicatePreparedStatementError)
  t.is(clash.query, 'select 2')
  t.is(await statement.fetchValue([1]), 2)
  await statement.close()
  const again = await connection.prepare('select 3', { name: 'näme "quoted"' })
  t.is(await again.fetchValue(), 3)
})

test('an empty name is that of the unnamed statement, which is parsed again before each use', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select $1::int', { name: '' })
  t.is(statement.getName(), '')
  for (let n = 0; n < 3; n++) {
    await connection.fetchValue(`select ${n}`)
    t.is(await statement.fetchValue([n]), n)
  }
  t.false((await preparedTexts(connection)).includes('select $1::int'))
  await statement.close()
})

test('without a statement cache it has no name and leaves nothing on the server', async (t) => {
  const connection = await open(t, { statementCacheSize: 0 })
  const statement = await connection.prepare('select $1::int as n')
  t.is(statement.getName(), '')
  t.deepEqual(
    statement.getParameters().map(({ name }) => name),
    ['int4'],
  )
  const values = await Promise.all([1, 2, 3].map((n) => statement.fetchValue([n])))
  t.deepEqual(values, [1, 2, 3])
  t.deepEqual(await preparedTexts(connection), [])
  await statement.close()
  const named = await connection.prepare('select 4', { name: 'kept' })
  t.deepEqual(
    (await prepared(connection)).map(({ name }) => name),
    ['kept'],
  )
  t.is(await named.fetchValue(), 4)
})

test('types that are not built in are told by their names', async (t) => {
  const connection = await open(t)
  await connection.execute(`create type mood as enum ('sad', 'ok');
    create type pair as (a int, b text); create domain small as int check (value < 10)`)
  const statement = await connection.prepare(
    'select $1::mood as m, $2::mood[] as ms, $3::pair as p, $4::small as s',
  )
  const named = ({ name, kind, schema }: { name: string; kind: string; schema: string }) =>
    `${schema}.${name} ${kind}`
  t.deepEqual(statement.getParameters().map(named), [
    'public.mood enum',
    'public.mood[] array',
    'public.pair composite',
    'public.small domain',
  ])
  t.deepEqual(
    statement.getAttributes().map(({ name, type }) => `${name} ${type.name}`),
    ['m mood', 'ms mood[]', 'p pair', 's int4'],
  )
  t.is(await statement.fetchValue(['ok', null, null, null]), 'ok')
})

test('a query of the sql tag is prepared when it has no arguments in it', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare(sql`select $1::int as ${sql.identifier('a b')}`)
  t.deepEqual(await statement.fetch([1]), [{ 'a b': 1 }])
  const error = await reason(connection.prepare(sql`select ${1}::int`))
  t.true(error instanceof InterfaceError)
  t.regex(error.message, /arguments when it is run, but the query has 1/)
})

test('the status message is the tag of the last call that succeeded', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table told(a int)')
  const insert = await connection.prepare('insert into told select generate_series(1, $1::int)')
  t.is(insert.getStatusMessage(), null)
  t.deepEqual(insert.getAttributes(), [])
  t.deepEqual(await insert.fetch([3]), [])
  t.is(insert.getStatusMessage(), 'INSERT 0 3')
  await reason(insert.fetch(['x']))
  t.is(insert.getStatusMessage(), 'INSERT 0 3')
  const select = await connection.prepare('select a from told')
  await select.fetchRow()
  t.is(select.getStatusMessage(), 'SELECT 3')
})

test('an empty text and a row without columns', async (t) => {
  const connection = await open(t)
  const empty = await connection.prepare('')
  t.deepEqual(await empty.fetch(), [])
  t.is(await empty.fetchRow(), null)
  t.is(await empty.fetchValue(), null)
  const bare = await connection.prepare('select')
  t.deepEqual(await bare.fetch(), [{}])
})

test('what cannot be prepared rejects and leaves the connection usable', async (t) => {
  const connection = await open(t)
  const unknown = await reason(connection.prepare('select nothing_such'))
  t.true(unknown instanceof UndefinedColumnError)
  t.is(unknown.query, 'select nothing_such')
  t.true((await reason(connection.prepare('selec 1'))) instanceof PostgresSyntaxError)
  t.true((await reason(connection.prepare('select 1; select 2'))) instanceof PostgresSyntaxError)
  for (const [query, options, message] of [
    [1, {}, /must be a string/],
    ['select \0', {}, /NUL/],
    ['select 1', { name: 1 }, /name of a prepared statement must be a string/],
    ['select 1', { name: 'a\0b' }, /name contains a NUL/],
    ['select 1', { names: 'x' }, /no option "names"/],
    ['select 1', { timeout: 'x' }, /invalid timeout value/],
  ] as const) {
    const error = await reason(connection.prepare(query as string, options as object))
    t.true(error instanceof InterfaceError, `${error}`)
    t.regex(error.message, message)
  }
  t.deepEqual(await preparedTexts(connection), [])
  t.is(await connection.fetchValue('select 1'), 1)
})

test('an error of the server leaves the statement usable', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table once(a int primary key)')
  const insert = await connection.prepare('insert into once values ($1) returning a')
  t.is(await insert.fetchValue([1]), 1)
  const twice = await reason(insert.fetchValue([1]))
  t.true(twice instanceof UniqueViolationError)
  t.is(twice.query, 'insert into once values ($1) returning a')
  t.is(await insert.fetchValue([2]), 2)
})

test('arguments that cannot be are refused before anything is sent', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select $1::int')
  const refused = await reason(statement.fetch([{}]))
  t.true(refused instanceof DataError)
  t.is(refused.argument, 1)
  for (const [args, options, message] of [
    [[], undefined, /expects 1 argument for this query, 0 were passed/],
    [1, undefined, /must be one array/],
    [[1], { column: 0 }, /no option "column"/],
  ] as const) {
    const error = await reason(statement.fetch(args as never, options as never))
    t.true(error instanceof InterfaceError, `${error}`)
    t.regex(error.message, message)
    t.is(error.query, 'select $1::int')
  }
  t.true((await reason(statement.fetchValue([1], { column: 3 }))) instanceof RangeError)
  t.is(await statement.fetchValue([7]), 7)
})

test('calls of statements are pipelined with others, in the order in which they are made', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table ordered(id serial, n int)')
  const insert = await connection.prepare('insert into ordered(n) values ($1)')
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      n % 3 === 0 ? connection.execute('insert into ordered(n) values ($1)', [n]) : insert.fetch([n]),
    ),
  )
  const rows = await connection.fetch('select n from ordered order by id')
  t.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 100 }, (_, n) => n),
  )
})

test('a statement that the server has lost is prepared again under its name, outside of a transaction', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select $1::int')
  for (const forgetting of ['deallocate all', 'discard all']) {
    await connection.execute(forgetting)
    t.is(await statement.fetchValue([1]), 1)
    t.deepEqual(
      (await prepared(connection)).map(({ name }) => name),
      [statement.getName()],
    )
  }
})

test('a result that changed is told, and the statement stays as it is', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table changing(a int)')
  const statement = await connection.prepare('table changing')
  t.deepEqual(await statement.fetch(), [])
  await connection.execute('alter table changing add b int')
  for (let n = 0; n < 2; n++) {
    t.true((await reason(statement.fetch())) instanceof InvalidCachedStatementError)
    t.deepEqual(await connection.fetch('table changing'), [])
  }
  await connection.execute('alter table changing drop b')
  t.deepEqual(await statement.fetch(), [])
})

test('prepare and run are part of a transaction whose BEGIN was not sent yet', async (t) => {
  const connection = await open(t)
  await connection
    .transaction(async (tx) => {
      const statement = await connection.prepare('select 1')
      t.true(connection.isInTransaction())
      t.is(await statement.fetchValue(), 1)
      await reason(tx.execute('select 1/0'))
      t.true((await reason(statement.fetchValue())) instanceof InFailedSQLTransactionError)
      throw new Error('roll back')
    })
    .catch(() => {})
  const statement = await connection.prepare('select txid_current_if_assigned() is null')
  const tx = connection.transaction({ isolation: 'repeatable_read' })
  await tx.start()
  t.true(await statement.fetchValue())
  t.is(await connection.fetchValue('show transaction_isolation'), 'repeatable read')
  await tx.rollback()
})

test('a statement that was closed, or whose connection was, says so of every method', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select 1')
  const cursor = statement.cursor()
  await Promise.all([statement.close(), statement.close()])
  await statement.close()
  t.is(await connection.fetchValue('select 1'), 1)
  const lost = await connection.prepare('select 2')
  const check = async (of: typeof statement, message: RegExp): Promise<void> => {
    for (const method of [
      'getName',
      'getQuery',
      'getStatusMessage',
      'getParameters',
      'getAttributes',
      'cursor',
    ] as const) {
      const error = t.throws(() => of[method](), { instanceOf: InterfaceError })
      t.regex(error.message, new RegExp(`cannot call PreparedStatement.${method}\\(\\): ${message.source}`))
    }
    for (const method of ['fetch', 'fetchRow', 'fetchValue', 'explain'] as const) {
      const error = await reason(of[method]())
      t.true(error instanceof InterfaceError)
      t.regex(error.message, new RegExp(`cannot call PreparedStatement.${method}\\(\\): ${message.source}`))
    }
  }
  await check(statement, /the prepared statement is closed/)
  t.regex((await reason(cursor.open())).message, /CursorFactory.open\(\): the prepared statement is closed/)
  await connection.close()
  await check(lost, /the underlying connection is closed/)
  await lost.close()
  t.regex((await reason(connection.prepare('select 1'))).message, /^connection is closed$/)
})

test('after a loss every method tells of it', async (t) => {
  const [connection, other] = [await open(t), await open(t)]
  const statement = await connection.prepare('select 1')
  await other.execute('select pg_terminate_backend($1)', [connection.getServerPid()])
  t.true(await eventually(() => connection.isClosed()))
  const error = await reason(statement.fetch())
  t.true(error instanceof ConnectionDoesNotExistError)
  t.false(error.maybeExecuted)
  t.regex(error.message, /cannot call PreparedStatement.fetch\(\): the underlying connection is closed/)
  t.is(error.cause.sqlstate, '57P01')
  await statement.close()
  await statement[Symbol.asyncDispose]()
})

test('a statement whose closing waits behind calls that run does not harm them', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare('select $1::int from pg_sleep(0.05)')
  const calls = [1, 2].map((n) => statement.fetchValue([n]))
  const closed = statement.close()
  t.deepEqual(await Promise.all(calls), [1, 2])
  await closed
  t.deepEqual(await preparedTexts(connection), [])
})

test('await using closes it', async (t) => {
  const connection = await open(t)
  {
    await using statement = await connection.prepare('select 1')
    t.is(await statement.fetchValue(), 1)
  }
  t.deepEqual(await preparedTexts(connection), [])
})

test('many statements on one connection, closed in any order', async (t) => {
  const connection = await open(t)
  const statements = await Promise.all(
    Array.from({ length: 500 }, (_, n) => connection.prepare(`select ${n} + $1::int`)),
  )
  const values = await Promise.all(statements.map((statement, n) => statement.fetchValue([n])))
  t.deepEqual(
    values,
    statements.map((_, n) => 2 * n),
  )
  await Promise.all(statements.toReversed().map((statement) => statement.close()))
  t.deepEqual(await preparedTexts(connection), [])
})
