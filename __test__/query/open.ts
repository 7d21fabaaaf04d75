import type { ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import { testDatabase } from '../support/server.ts'

/** A connection to this test file's own database, dropped when the test ends. */
export async function open(t: ExecutionContext, options: ConnectOptions = {}): Promise<Connection> {
  const database = await testDatabase()
  const connection = await connect(database.dsn(), options)
  t.teardown(() => connection.terminate())
  return connection
}

/** What a promise rejects with; a promise that is fulfilled is a failure. */
export async function reason(promise: Promise<unknown>): Promise<any> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it was expected to reject')
}

/** The texts of the statements that are prepared on the server, oldest first; not the one that asks. */
export async function preparedTexts(connection: Connection): Promise<string[]> {
  // A script is never prepared, so that asking leaves no trace: its answer comes by way of a setting.
  await connection.execute(`
    select set_config('test.prepared',
      coalesce(jsonb_agg(statement order by prepare_time, name)::text, '[]'), false)
    from pg_prepared_statements`)
  const texts = await connection.fetchValue("select current_setting('test.prepared')")
  return (JSON.parse(texts) as string[]).filter((text) => !text.includes('test.prepared'))
}
