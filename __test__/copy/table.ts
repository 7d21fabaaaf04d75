import type { ExecutionContext } from 'ava'
import type { Connection } from '../../index.ts'
import { open } from '../query/open.ts'

/** A connection with a table `t` of these columns. */
export async function openTable(t: ExecutionContext, columns: string): Promise<Connection> {
  const connection = await open(t)
  await connection.execute(`create temp table t (${columns})`)
  return connection
}
