// In a network of its own: listens, loses the line without a word, and tells how the iteration ended.
// Arguments: parameters of the connection.

import { execFileSync } from 'node:child_process'
import { connect } from '../../../index.ts'
import {
  bindComplete,
  commandComplete,
  noData,
  parseComplete,
  readyForQuery,
} from '../../support/protocol-messages.ts'
import { ScriptedServer } from '../../support/scripted-server.ts'

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' })

ip('link', 'set', 'lo', 'up')
const server = await ScriptedServer.start(async (session) => {
  await session.login()
  while ((await session.expect()).type !== 'S');
  session.send(parseComplete(), bindComplete(), noData(), commandComplete('LISTEN'), readyForQuery())
  await session.expect()
})
const connection = await connect(server.dsn(process.argv[2]))
const stream = connection.notifications('half-open')
await stream.listening
// Nothing else tells of the end of a line: this one hears of nothing.
const other = await connect(server.dsn('?sslmode=disable&keepalives=0'))
const waits = other.notifications('half-open')
await waits.listening
let isOver = false
const settle = (): void => {
  isOver = true
}
waits.next().then(settle, settle)
ip('link', 'set', 'lo', 'down')
const start = performance.now()
try {
  await stream.next()
  console.log('it did not end')
} catch (error) {
  const { name, cause, maybeExecuted } = error as Error & { cause: { code: string }; maybeExecuted: boolean }
  const elapsed = Math.round(performance.now() - start)
  console.log(
    JSON.stringify({
      name,
      code: cause.code,
      maybeExecuted,
      closed: connection.isClosed(),
      withoutKeepalive: isOver ? 'it ended, too' : 'it waits',
      elapsed,
    }),
  )
}
process.exit()
