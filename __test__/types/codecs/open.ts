import type { ExecutionContext } from 'ava'
import type { Connection } from '../../../index.ts'
import { open } from '../../query/open.ts'

/** A connection whose session has these types of its own. */
export async function openWith(t: ExecutionContext, types: string): Promise<Connection> {
  const connection = await open(t, { serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(types)
  return connection
}

/** Where the types of a session are. */
export async function own(connection: Connection): Promise<string> {
  return connection.fetchValue('select pg_my_temp_schema()::regnamespace::text') as Promise<string>
}

export const catalog = 'pg_catalog'

/** Objects that hold the text. */
export const boxed = { encode: (value: { text: string }) => value.text, decode: (text: string) => ({ text }) }
