// What each method of a connection, and of what is made of it, sends: for the test that the order of the calls is the
// order on the wire. A method's words on the wire have the mark of its use in them.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { type Connection, type Cursor, type PreparedStatement, sql, type Transaction } from '../../index.ts'
import { collector } from '../copy/ends.ts'
import { readTrace, type TracedMessage } from '../support/wire-trace.ts'

/** What there is on the connection of a use before it is made. */
export interface Stage {
  readonly connection: Connection
  /** A name that no other use has. There is a table of it with a column `a int`. */
  readonly mark: string
}

export interface Use {
  /** The methods that it uses, as `Class.method`. */
  readonly of: readonly string[]
  /** Makes ready and gives what makes the call. */
  prepare(stage: Stage): Awaitable<() => Promise<unknown> | undefined>
  /** It is made within a transaction. */
  readonly inTransaction?: true
  /** It rejects. */
  readonly fails?: true
}

type Awaitable<T> = T | Promise<T>

/** Yields what is given when the event loop has turned: later than what is called in the same tick. */
async function* late<T>(...values: T[]): AsyncGenerator<T> {
  for (const value of values) {
    await turn()
    yield value
  }
}

/** Fails later than that. */
function failing(): AsyncIterable<never> {
  const next = async (): Promise<never> => {
    await turn()
    throw new Error('the source has failed')
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'order-')), 'rows')
  writeFileSync(path, text)
  return path
}

const now =
  (make: (stage: Stage) => Promise<unknown>): Use['prepare'] =>
  (stage) =>
  () =>
    make(stage)

const statement =
  (run: (statement: PreparedStatement, stage: Stage) => Promise<unknown>): Use['prepare'] =>
  async (stage) => {
    const { connection, mark } = stage
    const prepared = await connection.prepare(`insert into ${mark} values ($1) returning '${mark}'`, {
      name: `name_${mark}`,
    })
    return () => run(prepared, stage)
  }

const cursor =
  (run: (cursor: Cursor) => Promise<unknown>): Use['prepare'] =>
  async ({ connection, mark }) => {
    const opened = await connection.cursor(`select '${mark}' from generate_series(1, 9)`).open()
    return () => run(opened)
  }

const transaction =
  (run: (transaction: Transaction, stage: Stage) => Promise<unknown>): Use['prepare'] =>
  async (stage) => {
    const { connection, mark } = stage
    const tx = connection.transaction()
    await tx.start()
    await tx.execute(`select 'opened ${mark}'`)
    return () => run(tx, stage)
  }

const records = { of: ['Connection.copyRecordsToTable'] }

export const uses: readonly Use[] = [
  { of: ['Connection.query'], prepare: now(({ connection, mark }) => connection.query(`select '${mark}'`)) },
  {
    of: ['Connection.execute'],
    prepare: now(({ connection, mark }) => connection.execute(`select '${mark}'`)),
  },
  {
    of: ['Connection.execute'],
    prepare: now(({ connection, mark }) => connection.execute(`insert into ${mark} values ($1)`, [1])),
  },
  {
    of: ['Connection.fetch'],
    prepare: now(({ connection, mark }) => connection.fetch(sql`select ${mark}::text`)),
  },
  {
    of: ['Connection.fetchRow'],
    prepare: now(({ connection, mark }) => connection.fetchRow(`select '${mark}'`)),
  },
  {
    of: ['Connection.fetchValue'],
    prepare: now(({ connection, mark }) => connection.fetchValue(`select '${mark}'`)),
  },
  {
    of: ['Connection.executeMany'],
    prepare: now(({ connection, mark }) =>
      connection.executeMany(`insert into ${mark} values ($1)`, [[1], [2]]),
    ),
  },
  {
    of: ['Connection.executeMany'],
    prepare: now(({ connection, mark }) =>
      connection.executeMany(`insert into ${mark} values ($1)`, late([1], [2])),
    ),
  },
  {
    of: ['Connection.fetchMany'],
    prepare: now(({ connection, mark }) =>
      connection.fetchMany(`insert into ${mark} values ($1) returning a`, late([1])),
    ),
  },
  {
    of: ['Connection.copyFromQuery'],
    prepare: now(({ connection, mark }) =>
      connection.copyFromQuery(`select '${mark}'`, [], { output: collector().take }),
    ),
  },
  {
    of: ['Connection.copyFromQuery'],
    prepare: now(({ connection, mark }) =>
      connection.copyFromQuery(`select '${mark}', $1::int`, [1], { output: collector().take }),
    ),
  },
  {
    of: ['Connection.copyFromTable'],
    prepare: now(({ connection, mark }) => connection.copyFromTable(mark, { output: { path: fileOf('') } })),
  },
  {
    of: ['Connection.copyFromTable'],
    fails: true,
    prepare: now(({ connection, mark }) =>
      connection.copyFromTable(`none_${mark}`, { output: collector().take }),
    ),
  },
  {
    of: ['Connection.copyToTable'],
    prepare: now(({ connection, mark }) =>
      connection.copyToTable(mark, { source: { text: '1\n' }, where: 'a > 0' }),
    ),
  },
  {
    of: ['Connection.copyToTable'],
    prepare: now(({ connection, mark }) => connection.copyToTable(mark, { source: { path: fileOf('1\n') } })),
  },
  {
    of: ['Connection.copyToTable'],
    prepare: now(({ connection, mark }) =>
      connection.copyToTable(mark, { source: late(Buffer.from('1\n'), Buffer.from('2\n')) }),
    ),
  },
  {
    of: ['Connection.copyToTable'],
    fails: true,
    prepare: now(({ connection, mark }) => connection.copyToTable(mark, { source: failing() })),
  },
  {
    ...records,
    prepare: now(({ connection, mark }) => connection.copyRecordsToTable(mark, { records: [[1]] })),
  },
  {
    ...records,
    prepare: now(({ connection, mark }) => connection.copyRecordsToTable(mark, { records: late([1], [2]) })),
  },
  {
    ...records,
    fails: true,
    prepare: now(({ connection, mark }) => connection.copyRecordsToTable(mark, { records: failing() })),
  },
  {
    of: ['Connection.prepare'],
    prepare: now(({ connection, mark }) => connection.prepare(`select '${mark}'`)),
  },
  {
    of: ['Connection.prepare'],
    fails: true,
    prepare: now(({ connection, mark }) => connection.prepare(`select * from none_${mark}`)),
  },
  {
    of: ['Connection.transaction'],
    prepare: now(({ connection, mark }) => connection.transaction((tx) => tx.fetch(`select '${mark}'`))),
  },
  {
    of: ['Connection.addListener'],
    prepare: now(({ connection, mark }) => connection.addListener(mark, () => {})),
  },
  {
    of: ['Connection.removeListener'],
    async prepare({ connection, mark }) {
      const listener = (): void => {}
      await connection.addListener(mark, listener)
      return () => connection.removeListener(mark, listener)
    },
  },
  {
    of: ['Connection.notifications'],
    prepare:
      ({ connection, mark }) =>
      () => {
        connection.notifications(mark)
        return undefined
      },
  },
  {
    of: ['Connection.reset', 'Connection.getResetQuery'],
    prepare: ({ connection, mark }) => {
      connection.getResetQuery = () => `select '${mark}'`
      return () => connection.reset()
    },
  },
  {
    // Whether it has begun is known in its turn only.
    of: ['Connection.reset', 'Connection.transaction'],
    prepare: ({ connection, mark }) => {
      connection.getResetQuery = () => `select '${mark}'`
      return () => {
        connection.execute('begin')
        return connection.reset()
      }
    },
  },
  { of: ['PreparedStatement.fetch'], prepare: statement((prepared) => prepared.fetch([1])) },
  { of: ['PreparedStatement.fetchRow'], prepare: statement((prepared) => prepared.fetchRow([1])) },
  { of: ['PreparedStatement.fetchValue'], prepare: statement((prepared) => prepared.fetchValue([1])) },
  {
    of: ['PreparedStatement.executeMany'],
    prepare: statement((prepared) => prepared.executeMany(late([1], [2]))),
  },
  { of: ['PreparedStatement.fetchMany'], prepare: statement((prepared) => prepared.fetchMany([[1]])) },
  { of: ['PreparedStatement.explain'], prepare: statement((prepared) => prepared.explain([1])) },
  {
    of: ['PreparedStatement.explain'],
    prepare: statement((prepared) => prepared.explain([1], { analyze: true })),
  },
  {
    of: ['PreparedStatement.cursor', 'CursorFactory.open'],
    inTransaction: true,
    prepare: statement((prepared) => prepared.cursor([1]).open()),
  },
  {
    of: ['PreparedStatement.close', 'PreparedStatement.Symbol(Symbol.asyncDispose)'],
    prepare: statement((prepared) => prepared.close()),
  },
  {
    of: ['Connection.cursor', 'CursorFactory.Symbol(Symbol.asyncIterator)'],
    inTransaction: true,
    prepare: now(({ connection, mark }) => {
      const iterator = connection.cursor(`select '${mark}'`)[Symbol.asyncIterator]()
      return iterator.next()
    }),
  },
  { of: ['Cursor.fetch'], inTransaction: true, prepare: cursor((opened) => opened.fetch(1)) },
  { of: ['Cursor.fetchRow'], inTransaction: true, prepare: cursor((opened) => opened.fetchRow()) },
  { of: ['Cursor.forward'], inTransaction: true, prepare: cursor((opened) => opened.forward(1)) },
  {
    of: ['Cursor.close', 'Cursor.Symbol(Symbol.asyncDispose)'],
    inTransaction: true,
    prepare: cursor((opened) => opened.close()),
  },
  {
    of: ['Transaction.start', 'Transaction.execute'],
    prepare: now(({ connection, mark }) => {
      const tx = connection.transaction()
      tx.start()
      return tx.execute(`select '${mark}'`)
    }),
  },
  {
    of: ['Transaction.transaction'],
    prepare: transaction((tx, { mark }) => tx.transaction((inner) => inner.execute(`select '${mark}'`))),
  },
  {
    of: ['Transaction.copyRecordsToTable', 'Transaction.commit'],
    prepare: transaction((tx, { mark }) => {
      const copy = tx.copyRecordsToTable(mark, { records: late([1]) })
      return Promise.all([copy, tx.commit()])
    }),
  },
  {
    of: ['Transaction.copyToTable', 'Transaction.rollback', 'Transaction.Symbol(Symbol.asyncDispose)'],
    prepare: transaction((tx, { mark }) => {
      const copy = tx.copyToTable(mark, { source: { path: fileOf('1\n') } })
      return Promise.all([copy, tx.rollback()])
    }),
  },
]

/** Methods that send nothing, or whose place is the end. */
export const silent: ReadonlySet<string> = new Set([
  'isClosed',
  'isInTransaction',
  'getServerPid',
  'getServerVersion',
  'getSettings',
  'ref',
  'unref',
  'addLogListener',
  'removeLogListener',
  'addTerminationListener',
  'removeTerminationListener',
  'addQueryLogger',
  'removeQueryLogger',
  'queryLogger',
  'getName',
  'getQuery',
  'getStatusMessage',
  'getParameters',
  'getAttributes',
  'exhausted',
  'state',
  // Forgets what is known; the next call asks anew.
  'reloadSchemaState',
  'close',
  'terminate',
])

/** What a message of the driver says, for looking for marks in it. */
export function textOf(message: TracedMessage): string {
  return `${message.type} ${message.body.toString('latin1')}`
}

/** The driver's messages through a proxy, in the clear. */
export function messagesOf(captured: readonly Uint8Array[]): TracedMessage[] {
  return readTrace(captured, 1)
}
