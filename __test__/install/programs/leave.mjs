// Ends by process.exit with a query in flight.

import { connect } from 'cornac'

const [dsn] = process.argv.slice(2)
const connection = await connect(dsn)
connection.fetch('select pg_sleep(600)').catch(() => {})
await new Promise((resolve) => setTimeout(resolve, 20))
console.log('leaving')
process.exit(3)
