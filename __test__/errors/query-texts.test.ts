// Every error of a call has the text that its caller gave, whichever way the call was made and whatever was in its way.

import test, { type ExecutionContext } from 'ava'
import { type Connection, createPool, type PreparedStatement } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

const SQL = 'select $1::int as a'

type Way = (on: Connection, options?: any, args?: any) => unknown

const ways: { [name: string]: Way } = {
  execute: (on, options, args = [1]) => on.execute(SQL, args, options),
  fetch: (on, options, args = [1]) => on.fetch(SQL, args, options),
  fetchRow: (on, options, args = [1]) => on.fetchRow(SQL, args, options),
  fetchValue: (on, options, args = [1]) => on.fetchValue(SQL, args, options),
  query: (on, options, args = [1]) => on.query(SQL, args, options),
  executeMany: (on, options, args = [1]) => on.executeMany(SQL, [args], options),
  fetchMany: (on, options, args = [1]) => on.fetchMany(SQL, [args], options),
  copyFromQuery: (on, options, args = [1]) => on.copyFromQuery(SQL, args, { output: () => {}, ...options }),
  prepare: (on, options) => on.prepare(SQL, options),
  cursor: async (on, options, args = [1]) => {
    for await (const _ of on.cursor(SQL, args, options)) break
  },
  'cursor to be opened': (on, options, args = [1]) => on.cursor(SQL, args, options).open(),
}

const ofStatements: { [name: string]: (on: PreparedStatement, options?: any) => unknown } = {
  fetch: (on, options) => on.fetch([1], options),
  executeMany: (on, options) => on.executeMany([[1]], options),
  explain: (on, options) => on.explain([1], options),
  cursor: (on, options) => on.cursor([1], options).open(),
}

async function hasText(t: ExecutionContext, what: string, call: () => unknown): Promise<void> {
  const error = await reason((async () => call())())
  t.is(error.query, SQL, `${what}: ${error}`)
  t.false(Object.keys(error).includes('query'), what)
}

test('whatever state its connection is in', async (t) => {
  const pool = await createPool((await testDatabase()).dsn(), { maxSize: 1 })
  t.teardown(() => pool.terminate())
  const opened: { [state: string]: Connection } = {
    closed: await open(t),
    lost: await open(t),
    released: await pool.acquire(),
    closing: await open(t),
  }
  const { closed, lost, released, closing } = opened as { [state: string]: Connection & { release(): any } }
  const states = []
  for (const [state, connection] of Object.entries(opened)) {
    states.push({ state, connection, statement: await connection.prepare(SQL) })
  }
  await closed!.close()
  const gone = new Promise<void>((resolve) => lost!.addTerminationListener(() => resolve()))
  await reason(lost!.execute('select pg_terminate_backend(pg_backend_pid())'))
  await gone
  await released!.release()
  const end = closing!.close()
  const made = states.flatMap(({ state, connection, statement }) => [
    ...Object.entries(ways).map(([name, way]) => hasText(t, `${name}, ${state}`, () => way(connection))),
    ...Object.entries(ofStatements).map(([name, way]) =>
      hasText(t, `${name} of a statement, ${state}`, () => way(statement)),
    ),
  ])
  await Promise.all([...made, end])
})

test('whatever its options and arguments are', async (t) => {
  const connection = await open(t)
  const statement = await connection.prepare(SQL)
  for (const options of [{ nonsense: 1 }, { timeout: 'soon' }, { signal: 1 }]) {
    const what = JSON.stringify(options)
    for (const [name, way] of Object.entries(ways)) {
      await hasText(t, `${name} with ${what}`, () => way(connection, options))
    }
    for (const [name, way] of Object.entries(ofStatements)) {
      await hasText(t, `${name} of a statement with ${what}`, () => way(statement, options))
    }
  }
  await connection.execute('begin')
  for (const args of [[true], [undefined], [1, 2]]) {
    for (const [name, way] of Object.entries(ways)) {
      if (name === 'prepare') continue
      await connection.execute('savepoint s')
      await hasText(t, `${name} with ${args}`, () => way(connection, {}, args))
      await connection.execute('rollback to s')
    }
  }
})
