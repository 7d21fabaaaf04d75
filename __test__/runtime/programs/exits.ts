// Ends in the way that its argument names, with a connection that nobody closed.

import { connect } from '../../../index.ts'

const [way, dsn] = process.argv.slice(2)
const options = { serverSettings: { client_connection_check_interval: '50ms' } }
const connection = await connect(dsn, options)
await connection.fetchValue('select 1')

/** What nothing has any more may be collected before the end, with a warning. */
const kept = [connection]

/** Calls of every kind in flight: the front runs, others wait on the wire and in the queue. */
function keepBusy(): void {
  for (let i = 0; i < 20; i++) connection.fetch('select pg_sleep(60)').catch(() => {})
  connection.execute('select pg_sleep(60); select 1').catch(() => {})
  connect(dsn, options).catch(() => {})
}

/** The same, once the server executes the call at the front. */
async function getBusy(): Promise<void> {
  const watcher = await connect(dsn)
  keepBusy()
  const sleeping = "select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'"
  while ((await watcher.fetch(sleeping, [connection.getServerPid()])).length === 0);
  watcher.terminate()
}

console.log(`pid ${connection.getServerPid()}`)

switch (way) {
  case 'idle':
    break
  case 'never-settling':
    await new Promise(() => {})
    break
  case 'ref':
    connection.ref()
    // It does not hold the process itself.
    setTimeout(() => console.log('alive'), 200).unref()
    break
  case 'unref':
    connection.ref().ref().unref()
    break
  case 'log-listener':
    connection.addLogListener(() => {})
    connection.removeLogListener(() => {})
    break
  case 'terminated':
    connection.ref()
    connection.terminate()
    break
  case 'refused-argument':
    await connection.fetch('select $1::text', [undefined]).catch(() => {})
    await connection
      .fetch('select $1::text, 1', [
        {
          toJSON: () => {
            throw new Error('no')
          },
        },
      ])
      .catch(() => {})
    break
  case 'reset':
    await connection.reset()
    break
  case 'pending':
    connection.fetchValue('select 7 from pg_sleep(0.3)').then((value) => console.log(`value ${value}`))
    break
  case 'abandoned':
    connection
      .fetchValue('select pg_sleep(60)', [], { timeout: 100 })
      .catch((error) => console.log(`error ${error.name}`))
    break
  case 'connecting':
    connect(dsn).then((second) => {
      kept.push(second)
      console.log('connected')
    })
    break
  case 'exit':
    await getBusy()
    console.log('leaving')
    process.exit(3)
    break
  case 'exit-at-once':
    keepBusy()
    console.log('leaving')
    process.exit(4)
    break
  case 'throw':
    await getBusy()
    setImmediate(() => {
      console.log('leaving')
      throw new Error('thrown by the program')
    })
    break
  case 'throw-in-reaction':
    connection.fetchValue('select 1').then(() => {
      console.log('leaving')
      throw new Error('thrown by the program')
    })
    break
  case 'signal':
    await getBusy()
    console.log('leaving')
    break
}
