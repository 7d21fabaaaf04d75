// A COPY that the server refuses, at whatever step, or that is given up: its session is as good as before.

import test from 'ava'
import type { Connection } from '../../index.ts'
import { open, reason } from '../query/open.ts'

const into = (c: Connection, table: string, text: string, columns?: string[]): Promise<unknown> =>
  c.copyToTable(table, { schema: 'pg_temp', source: [Buffer.from(text)], columns })
const output = (): void => {}

/** What is refused, by the name of the error. */
const copies: [name: string, copy: (connection: Connection) => Promise<unknown>][] = [
  ['WrongObjectTypeError', (c) => into(c, 'v', '1\n')],
  ['WrongObjectTypeError', (c) => c.copyRecordsToTable('v', { schema: 'pg_temp', records: [[1]] })],
  ['UndefinedTableError', (c) => into(c, 'nothing', '1\n')],
  ['UndefinedColumnError', (c) => into(c, 't', '1\n', ['nothing'])],
  ['InvalidColumnReferenceError', (c) => into(c, 't', '1\n', ['made'])],
  ['InvalidTextRepresentationError', (c) => into(c, 't', 'x\n')],
  ['BadCopyFileFormatError', (c) => into(c, 't', '1\t2\t3\n')],
  ['InterfaceError', (c) => c.execute('copy v from stdin')],
  ['InterfaceError', (c) => c.execute('copy v from stdin', [])],
  ['InterfaceError', (c) => c.fetch('copy t from stdin')],
  ['InterfaceError', (c) => c.execute('select 1; copy t from stdin; select 2')],
  ['InterfaceError', (c) => c.executeMany('copy t from stdin', [[]])],
  ['UndefinedFileError', (c) => c.execute("copy t from '/nothing'", [])],
  ['DivisionByZeroError', (c) => c.copyFromQuery('select 1 / 0', [], { output })],
  [
    'DivisionByZeroError',
    (c) => c.copyFromQuery('select 1 / (5000 - n) from generate_series(1, 9000) n', [], { output }),
  ],
  ['TimeoutError', (c) => c.copyFromQuery('select pg_sleep(60)', [], { output, timeout: 50 })],
  ['TimeoutError', (c) => c.execute('copy (select pg_sleep(60)) to stdout', [], { timeout: 50 })],
]

test('a COPY that is refused or cancelled leaves its session as it was', async (t) => {
  const connection = await open(t)
  await connection.execute(`create temp view v as select 1 as a;
    create temp table t(a int, made int generated always as (a) stored)`)
  for (const [name, copy] of copies) {
    const copying = reason(copy(connection))
    const behind = connection.fetchValue('select pg_backend_pid()')
    t.is((await copying).name, name, `${copy}`)
    t.is(await behind, connection.getServerPid(), `${copy}`)
    t.false(connection.isInTransaction(), `${copy}`)
    t.is(await connection.execute('insert into t values (1)'), 'INSERT 0 1', `${copy}`)
    t.is(await connection.execute('delete from t'), 'DELETE 1', `${copy}`)
  }
})
