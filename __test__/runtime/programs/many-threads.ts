// Has all threads of the driver at work.

import { type Connection, connect } from '../../../index.ts'

const [plain, encrypted, root, socket] = process.argv.slice(2) as [string, string, string, string]

async function cancelled(connection: Connection): Promise<void> {
  const call = connection.fetch('select pg_sleep(600)', [], { timeout: 50 })
  await call.catch(() => {})
  await connection.fetchValue('select 1')
}

for (const [dsn, options] of [
  [plain, {}],
  [encrypted, { ssl: { ca: root } }],
  [socket, {}],
] as const) {
  const connections = await Promise.all([connect(dsn, options), connect(dsn, options), connect(dsn, options)])
  for (const connection of connections) await cancelled(connection)
  for (const connection of connections) await connection.close()
}
// Nothing leads from the roots of the system to that server.
await connect(encrypted, { ssl: true }).catch(() => {})
console.log('done')
