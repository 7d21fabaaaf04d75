import type { ExecutionContext } from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../../index.ts'
import { ChaosProxy } from '../../support/chaos-proxy.ts'
import { type TestDatabase, testDatabase } from '../../support/server.ts'

export interface Asking {
  readonly dsn: string
  /** How often types were asked for by all connections, since the last time. */
  questions(): number
  /** A connection that shares what it learns with no test but this one. */
  connect(options?: ConnectOptions): Promise<Connection>
}

const QUESTION = Buffer.from('with recursive level(oids, depth)')

/** A way to a database by an address that nothing is known of, where it is seen how often types are asked for. */
export async function asking(t: ExecutionContext, given?: TestDatabase): Promise<Asking> {
  const database = given ?? (await testDatabase())
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  const connections: Connection[] = []
  t.teardown(async () => {
    for (const connection of connections) connection.terminate()
    await proxy.close()
  })
  let seen = 0
  return {
    dsn,
    questions: () => {
      const before = seen
      seen = proxy.connections
        .map(({ captured }) => countOf(Buffer.concat(captured.toServer)))
        .reduce((sum, count) => sum + count, 0)
      return seen - before
    },
    connect: async (options) => {
      const connection = await connect(dsn, options)
      connections.push(connection)
      return connection
    },
  }
}

function countOf(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(QUESTION); at >= 0; at = bytes.indexOf(QUESTION, at + 1)) count++
  return count
}
