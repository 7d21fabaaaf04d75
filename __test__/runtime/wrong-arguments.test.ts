// What no method can take is refused by an error of this library, which says what is wrong: never by one of the runtime's
// own, and never by a throw where a promise is promised.

import test from 'ava'
import { createPool, InterfaceError, PostgresError } from '../../index.ts'
import { open } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

/** What is no promise, or gives a connection that somebody would have to release. */
const OTHERS: ReadonlySet<string> = new Set(
  `constructor isClosed isInTransaction terminate getResetQuery getServerPid getServerVersion getSettings ref unref cursor
  notifications addLogListener removeLogListener addTerminationListener removeTerminationListener addQueryLogger
  removeQueryLogger getName getQuery getStatusMessage getParameters getAttributes setConnectArgs getSize getMinSize
  getMaxSize getIdleSize getWaitingCount getStats isClosing transaction acquire withConnection close open`.split(
    /\s+/,
  ),
)

const WRONG: readonly unknown[] = [undefined, null, 5, Symbol('wrong'), {}, [], () => {}]

/** Its own and inherited methods that give a promise. */
function methodsOf(of: object): string[] {
  const names = new Set<string>()
  for (let at = Object.getPrototypeOf(of); at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && !OTHERS.has(name)) names.add(name)
    }
  }
  return [...names]
}

test('every method refuses what it cannot take in words of its own', async (t) => {
  const connection = await open(t)
  const database = await testDatabase()
  const pool = await createPool(database.dsn())
  t.teardown(() => pool.terminate())
  const statement = await connection.prepare('select 1')
  const outer = connection.transaction()
  await outer.start()
  const cursor = await connection.cursor('select 1').open()
  let calls = 0
  for (const [name, of] of Object.entries({ connection, pool, statement, cursor, outer })) {
    for (const method of methodsOf(of)) {
      for (const first of WRONG) {
        for (const second of WRONG) {
          calls++
          const where = `${name}.${method}(${String(first)}, ${String(second)})`
          const call = (of as any)[method](first, second, second) as Promise<unknown>
          t.true(call instanceof Promise, where)
          const error = await call.then(
            () => undefined,
            (error) => error,
          )
          const isOurs =
            error === undefined || error instanceof InterfaceError || error instanceof PostgresError
          t.true(isOurs, `${where}: ${error?.stack}`)
        }
      }
    }
  }
  t.true(calls > 1_500, String(calls))
})
